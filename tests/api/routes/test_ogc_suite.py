"""The abstract test suites of OGC API - Features, Part 1 and Part 2, case by case under the names that they have there.

The official suite cannot be had here. `REQUIREMENTS` lists every requirement of the classes that `/ogc/conformance` names,
each with the tests that hold it, here or in test_ogc.py; one without a test fails.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import orjson
import pytest
import shapely
from pyproj import Transformer

from api.crs import CRS84, SYSTEMS
from api.routes.ogc import CONFORMANCE
from tests.api.client import problem

COLLECTIONS = ("villages", "communes", "sites", "assignments")
REQUIREMENTS = {
    "core": {
        "root-op": "landing_page", "root-success": "landing_page", "api-definition-op": "landing_page",
        "api-definition-success": "definition_is_openapi", "conformance-op": "conformance", "conformance-success": "conformance",
        "http": "http_1_1", "query-param-unknown": "unknown_parameters_are_400", "query-param-invalid": "bad_and_unknown",
        "crs84": "coordinates_are_longitude_and_latitude", "fc-md-op": "test_collections", "fc-md-success": "test_collections",
        "fc-md-links": "collections_link", "fc-md-items": "test_collections", "fc-md-items-links": "collections_link",
        "fc-md-extent": "test_collections", "sfc-md-op": "test_collections", "sfc-md-success": "test_collections",
        "fc-op": "items_are_the_table", "fc-limit-definition": "parameters_are_defined", "fc-limit-response": "limit_and_paging",
        "fc-bbox-definition": "parameters_are_defined", "fc-bbox-response": "a_box_holds_what_it_touches",
        "fc-time-definition": "parameters_are_defined", "fc-time-response": "test_dates", "fc-response": "items_are_the_table",
        "fc-links": "pages_link", "fc-rel-type": "pages_link", "fc-timeStamp": "counts_and_times", "fc-numberMatched": "limit_and_paging",
        "fc-numberReturned": "limit_and_paging", "f-op": "one_feature_is_the_same", "f-success": "one_feature_is_the_same",
        "f-links": "one_feature_is_the_same",
    },
    "oas30": {
        "oas-definition-1": "definition_is_openapi", "oas-definition-2": "definition_is_openapi", "oas-impl": "definition_tells_the_truth",
        "completeness": "definition_tells_the_truth", "exceptions-codes": "definition_tells_the_truth", "security": "definition_is_openapi",
    },
    "geojson": {"definition": "items_are_the_table", "content": "items_are_the_table"},
    "crs": {
        "crs-uri": "systems_are_uris", "fc-md-crs-list": "test_collections", "fc-md-storageCrs": "systems_are_uris",
        "fc-md-storageCrs-valid-value": "systems_are_uris", "fc-md-crs-list-global": "systems_are_uris",
        "fc-bbox-crs-definition": "parameters_are_defined", "bbox-crs-action": "the_same_box_in_every_system",
        "fc-bbox-crs-valid-value": "unknown_system_is_400", "fc-bbox-crs-valid-defaultValue": "the_same_box_in_every_system",
        "fc-crs-definition": "parameters_are_defined", "fc-crs-valid-value": "unknown_system_is_400",
        "fc-crs-default-value": "coordinates_are_longitude_and_latitude", "fc-crs-action": "every_system_gives",
        "geojson": "every_system_gives", "ogc-crs-header": "every_system_gives", "ogc-crs-header-value": "every_system_gives",
    },
    "queryables": {"get": "every_queryable", "response": "every_queryable"},
    "queryables-query-parameters": {"parameters": "every_queryable", "definition": "parameters_are_defined"},
}  # fmt: skip


def get(client, path, **options):
    response = client.get(f"/ogc{path}", **options)
    assert response.status_code == 200, response.text
    return response


def test_every_requirement_of_every_class_has_its_test():
    assert {uri.rsplit("/", 1)[1] for uri in CONFORMANCE} == set(REQUIREMENTS)
    folder = Path(__file__).parent
    files = (folder / "test_ogc.py", folder / "test_ogc_suite.py", folder.parent / "test_features.py")
    names = re.findall(r"^def (test_\w+)", "\n".join(file.read_text(encoding="utf-8") for file in files), re.MULTILINE)
    for cases in REQUIREMENTS.values():
        for requirement, test in cases.items():
            assert any(test in name for name in names), requirement


# Core


def test_http_1_1_with_head_and_options(client):
    for path in ("", "/collections", "/collections/villages/items"):
        assert (
            client.request("HEAD", f"/ogc{path}").headers["content-length"]
            == get(client, path).headers["content-length"]
        )
        assert client.request("OPTIONS", f"/ogc{path}").headers["allow"] == "GET, HEAD, OPTIONS"
        problem(client.request("DELETE", f"/ogc{path}"), 405, "wrong-method")


@pytest.mark.parametrize("name", COLLECTIONS)
def test_coordinates_are_longitude_and_latitude_unless_told_otherwise(client, tiny, name):
    response = get(client, f"/collections/{name}/items")
    assert response.headers["content-crs"] == f"<{CRS84}>"
    west, south, east, north = tiny.villages.total_bounds + np.array([-1e-6, -1e-6, 1e-6, 1e-6])
    shapes = [shapely.from_geojson(orjson.dumps(f["geometry"])) for f in response.json()["features"] if f["geometry"]]
    assert shapes
    for shape in shapes:
        assert west <= shape.bounds[0] <= shape.bounds[2] <= east
        assert south <= shape.bounds[1] <= shape.bounds[3] <= north


@pytest.mark.parametrize("name", COLLECTIONS)
def test_collections_link_to_themselves_and_their_items(client, name):
    body = get(client, f"/collections/{name}").json()
    for one in body["links"]:
        assert {"href", "rel", "type"} <= one.keys()
        assert client.get(one["href"]).status_code == 200
    assert {"self", "items"} <= {one["rel"] for one in body["links"]}
    assert "self" in {one["rel"] for one in get(client, "/collections").json()["links"]}


def test_pages_link_to_themselves_and_what_follows(client):
    address = "/collections/villages/items?limit=5&need_class=white_spot"
    body = get(client, address).json()
    by_rel = {one["rel"]: one for one in body["links"]}
    assert {"self", "collection"} <= set(by_rel)
    assert by_rel["self"]["type"] == "application/geo+json"
    again = client.get(by_rel["self"]["href"]).json()
    assert again["features"] == body["features"]
    assert "next" not in by_rel  # three of them
    assert "next" in {one["rel"] for one in get(client, "/collections/villages/items?limit=5").json()["links"]}


def test_counts_and_times_of_a_page_are_true(client):
    body = get(client, "/collections/villages/items?limit=5").json()
    assert (body["numberReturned"], len(body["features"])) == (5, 5)
    assert "timeStamp" not in body  # optional: the same publication is the same bytes
    assert (
        get(client, "/collections/villages/items?limit=5").content
        == get(client, "/collections/villages/items?limit=5").content
    )


def test_parameters_are_defined_as_the_standard_has_them(client):
    definition = get(client, "/api").json()
    for name in COLLECTIONS:
        found = {p["name"]: p for p in definition["paths"][f"/collections/{name}/items"]["get"]["parameters"]}
        assert {"limit", "bbox", "datetime", "crs", "bbox-crs"} <= set(found)
        assert all(p["in"] == "query" and p["required"] is False for p in found.values())
        limit = found["limit"]["schema"]
        assert (limit["type"], limit["minimum"], limit["default"]) == ("integer", 1, 100)
        assert set(found["crs"]["schema"]["enum"]) == set(SYSTEMS) == set(found["bbox-crs"]["schema"]["enum"])
        declared = get(client, f"/collections/{name}/queryables").json()["properties"]
        assert set(declared) <= set(found)


def test_the_definition_tells_the_truth_about_what_is_answered(client):
    for path, item in get(client, "/api").json()["paths"].items():
        real = path.replace("{collection_id}", "sites").replace("{feature_id}", "t1")
        response = client.get(f"/ogc{real if real != '/' else ''}")
        declared = item["get"]["responses"]
        assert str(response.status_code) in declared
        assert response.headers["content-type"] in declared["200"]["content"]
        assert {"400", "404", "500"} <= set(declared)


# Part 2


def test_systems_are_uris_and_one_is_that_of_the_store(client):
    body = get(client, "/collections").json()
    assert body["crs"] == list(SYSTEMS)
    for collection in body["collections"]:
        assert collection["storageCrs"] in collection["crs"]
        assert all(uri.startswith("http://www.opengis.net/def/crs/") for uri in collection["crs"])
        assert collection["crs"][0] == CRS84


@pytest.mark.parametrize("parameter", ["crs", "bbox-crs"])
@pytest.mark.parametrize("value", ["http://www.opengis.net/def/crs/EPSG/0/32649", "EPSG:4326", "x", ""])
def test_an_unknown_system_is_400(client, parameter, value):
    response = client.get("/ogc/collections/villages/items", params={"bbox": "1,2,3,4", parameter: value})
    problem(response, 400, "bad-parameter")


@pytest.mark.parametrize("crs", SYSTEMS.values(), ids=lambda crs: crs.code)
@pytest.mark.parametrize("name", COLLECTIONS)
def test_every_system_gives_the_same_places_in_its_own_axes(client, name, crs):
    plain = get(client, f"/collections/{name}/items").json()["features"]
    response = get(client, f"/collections/{name}/items", params={"crs": crs.uri})
    assert response.headers["content-crs"] == f"<{crs.uri}>"
    move = Transformer.from_crs("OGC:CRS84", crs.code)  # in the axis order of the authority
    for before, after in zip(plain, response.json()["features"], strict=True):
        assert before["properties"] == after["properties"]
        if before["geometry"] is None:
            assert after["geometry"] is None
            continue
        here, there = (
            shapely.get_coordinates(shapely.from_geojson(orjson.dumps(f["geometry"]))) for f in (before, after)
        )
        expected = np.column_stack(move.transform(here[:, 0], here[:, 1]))
        assert np.abs(there - expected).max() <= (2e-7 if crs.decimals == 7 else 0.03)
    one = get(client, f"/collections/{name}/items/{plain[0]['id']}", params={"crs": crs.uri})
    assert one.headers["content-crs"] == f"<{crs.uri}>"


@pytest.mark.parametrize("crs", SYSTEMS.values(), ids=lambda crs: crs.code)
def test_the_same_box_in_every_system_holds_the_same_villages(client, tiny, crs):
    move = Transformer.from_crs("OGC:CRS84", crs.code)
    for unit_id in ("v00", "v12", "v33"):
        row = tiny.village(unit_id)
        (a, b), (c, d) = (move.transform(row["lon"] + s, row["lat"] + s) for s in (-1e-4, 1e-4))
        query = {"bbox": f"{a:.7f},{b:.7f},{c:.7f},{d:.7f}"} | ({} if crs.uri == CRS84 else {"bbox-crs": crs.uri})
        found = get(client, "/collections/villages/items", params=query).json()["features"]
        assert [feature["id"] for feature in found] == [unit_id]
