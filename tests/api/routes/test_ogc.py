"""OGC API - Features: cases of the abstract test suites of Part 1 and 2, and three clients of the field."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import orjson
import pytest
import shapely
from owslib.ogcapi.features import Features

from api.collections import IDS, queryables
from api.crs import CRS84, SYSTEMS
from tests.api.client import problem
from tests.api.server import serve

COUNTS = {"villages": 16, "communes": 4, "sites": 3, "assignments": 12}
LATLON = "http://www.opengis.net/def/crs/EPSG/0/4326"
READER = Path(__file__).resolve().parents[1] / "gdal_reader.py"
TM3 = "http://www.opengis.net/def/crs/EPSG/0/9218"


def get(client, path, status=200, **options):
    response = client.get(f"/ogc{path}", **options)
    assert response.status_code == status, response.text
    return response


def link(body, rel):
    return next((one for one in body["links"] if one["rel"] == rel), None)


def ids(client, path):
    return [feature["id"] for feature in get(client, path).json()["features"]]


def given(feature):
    return shapely.from_geojson(orjson.dumps(feature["geometry"]))


# A.2.2 general, landing page, API definition, conformance


@pytest.mark.parametrize("path", ["", "/"])
def test_the_landing_page_leads_on(client, path):
    body = get(client, path).json()
    for rel in ("self", "service-desc", "service-doc", "conformance", "data"):
        followed = client.get(link(body, rel)["href"])
        assert followed.status_code == 200
        assert followed.headers["content-type"].split(";")[0] == link(body, rel)["type"].split(";")[0]


def test_conformance_names_core(client):
    declared = get(client, "/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in declared
    assert "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" in declared


def test_the_definition_is_openapi_3_0_of_this_part(client):
    response = get(client, "/api")
    assert response.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    body = response.json()
    assert body["openapi"].startswith("3.0")
    assert set(body["paths"]) >= {"/", "/conformance", "/collections", *(f"/collections/{c}/items" for c in COUNTS)}
    text = response.text
    assert "$ref" not in text
    assert '"type":"null"' not in text
    for path_item in body["paths"].values():
        for parameter in path_item["get"].get("parameters", []):
            assert set(parameter["schema"]) <= {
                "type",
                "title",
                "enum",
                "pattern",
                "minimum",
                "maximum",
                "default",
                "minLength",
                "maxLength",
            }


# A.2.3 collections


def test_collections(client, tiny):
    body = get(client, "/collections").json()
    assert [c["id"] for c in body["collections"]] == list(COUNTS)
    for collection in body["collections"]:
        assert collection == get(client, f"/collections/{collection['id']}").json()
        assert collection["itemType"] == "feature"
        assert collection["crs"] == list(SYSTEMS)
        assert collection["storageCrs"] == CRS84
        assert link(collection, "items")["type"] == "application/geo+json"
    bounds = body["collections"][0]["extent"]["spatial"]["bbox"][0]
    assert bounds == pytest.approx(list(tiny.villages.total_bounds), abs=1e-6)
    assert body["collections"][0]["extent"]["temporal"]["interval"] == [["2025-07-01T00:00:00Z"] * 2]
    problem(client.get("/ogc/collections/roads"), 404, "unknown-id")


# A.2.7 features


@pytest.mark.parametrize("name", COUNTS)
def test_items_are_the_table(client, tiny, name):
    response = get(client, f"/collections/{name}/items")
    assert response.headers["content-type"] == "application/geo+json"
    assert response.headers["content-crs"] == f"<{CRS84}>"
    assert response.headers["x-publication"] == tiny.manifest.id
    body = response.json()
    assert body["type"] == "FeatureCollection"
    assert body["numberMatched"] == body["numberReturned"] == len(body["features"]) == COUNTS[name]
    table = tiny.table(name)
    for feature, (_, row) in zip(body["features"], table.iterrows(), strict=True):
        assert feature["type"] == "Feature"
        assert feature["id"] == ":".join(row[part] for part in IDS[name])
        shape = row.geometry
        if shape is None:
            assert feature["geometry"] is None
        else:
            assert shapely.equals_exact(given(feature), shape, tolerance=1e-7)
        for column in queryables(name):
            if column.name in table.columns and feature["properties"][column.name] is not None:
                assert feature["properties"][column.name] == row[column.name]


@pytest.mark.parametrize("name", COUNTS)
def test_one_feature_is_the_same_as_in_the_list(client, name):
    for listed in get(client, f"/collections/{name}/items").json()["features"]:
        response = get(client, f"/collections/{name}/items/{listed['id']}")
        one = response.json()
        assert {link["rel"] for link in one.pop("links")} == {"self", "collection"}
        assert one == listed
    problem(client.get(f"/ogc/collections/{name}/items/absent"), 404, "unknown-id")


def test_limit_and_paging(client):
    for limit in (1, 3, 5, 15, 16, 20_000):
        found, path = [], f"/ogc/collections/villages/items?limit={limit}"
        while path:
            body = client.get(path).json()
            assert body["numberReturned"] == len(body["features"]) <= min(limit, 16)
            assert body["numberMatched"] == 16
            found += [feature["id"] for feature in body["features"]]
            following = link(body, "next")
            path = following["href"] if following else None
        assert found == sorted(found)
        assert len(set(found)) == len(found) == 16


def test_pages_stay_with_their_publication(own, publish_later):
    first = get(own, "/collections/villages/items?limit=10").json()
    later = publish_later()
    own.refresh()
    assert get(own, "/collections/villages/items").headers["x-publication"] == later.path.name
    rest = own.get(link(first, "next")["href"])
    assert rest.headers["x-publication"] != later.path.name
    assert len(rest.json()["features"]) == 6


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=-1", "limit=x", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=1,2,3,4,5", "bbox=", "datetime=yesterday",
        "datetime=2025-13-01", "datetime=", "crs=EPSG:4326", "bbox-crs=nothing", "unknown=1", "need_clas=white_spot",
        "rank=first", "score=NaN", "limit=1&limit=2", "cursor=x",
    ],
)  # fmt: skip
def test_bad_and_unknown_parameters_are_400(client, query):
    body = problem(client.get(f"/ogc/collections/villages/items?{query}"), 400, "bad-parameter")
    if query == "need_clas=white_spot":
        assert body["errors"][0]["nearest"] == "need_class"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/conformance",
        "/api",
        "/collections",
        "/collections/sites",
        "/collections/sites/queryables",
        "/collections/sites/items/t1",
    ],
)
def test_unknown_parameters_are_400_everywhere(client, path):
    problem(client.get(f"/ogc{path}?unknown=1"), 400, "bad-parameter")
    assert client.request("HEAD", f"/ogc{path}").status_code == 200


# bbox on the published coordinates


def test_a_box_holds_what_it_touches(client):
    features = get(client, "/collections/villages/items").json()["features"]
    shapes = {feature["id"]: given(feature) for feature in features}
    for unit_id in ("v00", "v11", "v32"):
        west, south, east, north = shapes[unit_id].bounds
        for box in ((west, south, east, north), (east, north, east + 1, north + 1), (west, south, west, south)):
            touched = sorted(i for i, shape in shapes.items() if shape.intersects(shapely.box(*box)))
            assert ids(client, f"/collections/villages/items?bbox={','.join(f'{v:.7f}' for v in box)}") == touched
    assert ids(client, "/collections/villages/items?bbox=0,0,1,1") == []
    assert ids(client, "/collections/villages/items?bbox=0,0,-5,1,1,5") == []


def test_features_without_a_place_are_in_no_box(client):
    everything = ids(client, "/collections/assignments/items")
    assert "v00:t1" in everything
    assert "v00:t1" not in ids(client, "/collections/assignments/items?bbox=-180,-90,180,90")


# property filters and queryables


def test_property_filters(client):
    assert ids(client, "/collections/villages/items?need_class=white_spot") == ["v13", "v23", "v33"]
    assert ids(client, "/collections/villages/items?commune_id=k00&coverage_status=covered") == [
        "v00",
        "v01",
        "v10",
        "v11",
    ]
    assert ids(client, "/collections/villages/items?population_people=30") == ["v33"]
    assert ids(client, "/collections/sites/items?status=existing") == ["t1"]
    assert ids(client, "/collections/assignments/items?site_id=v13&minutes=0") == ["v13:v13"]
    assert ids(client, "/collections/villages/items?datetime=2024-01-01/..") != []
    assert ids(client, "/collections/villages/items?datetime=../2024-01-01") == []


@pytest.mark.parametrize("name", COUNTS)
def test_every_queryable_can_be_asked_by(client, name):
    response = get(client, f"/collections/{name}/queryables")
    assert response.headers["content-type"] == "application/schema+json"
    features = get(client, f"/collections/{name}/items").json()["features"]
    for prop in response.json()["properties"]:
        value = next((f["properties"][prop] for f in features if f["properties"].get(prop) is not None), None)
        if value is not None:
            found = client.get(f"/ogc/collections/{name}/items", params={prop: value}).json()["features"]
            assert found
            assert {f["properties"][prop] for f in found} == {value}


# Part 2


def test_answers_in_other_systems(client, tiny):
    row = tiny.sites.iloc[0]
    east_north = get(client, f"/collections/sites/items/t1?crs={TM3}")
    assert east_north.headers["content-crs"] == f"<{TM3}>"
    expected = gpd.GeoSeries([row.geometry], crs="EPSG:4326").to_crs("EPSG:9218").iloc[0]
    assert east_north.json()["geometry"]["coordinates"] == pytest.approx([expected.x, expected.y], abs=0.011)
    lat_lon = get(client, f"/collections/sites/items/t1?crs={LATLON}").json()["geometry"]["coordinates"]
    assert lat_lon == pytest.approx([row["lat"], row["lon"]], abs=1e-7)


def test_boxes_in_other_systems(client, tiny):
    row = tiny.village("v11")
    lat, lon, near = row["lat"], row["lon"], 0.0001
    in_latlon = f"bbox={lat - near:.6f},{lon - near:.6f},{lat + near:.6f},{lon + near:.6f}&bbox-crs={LATLON}"
    assert ids(client, f"/collections/villages/items?{in_latlon}") == ["v11"]
    point = gpd.GeoSeries([shapely.Point(lon, lat)], crs="EPSG:4326").to_crs("EPSG:9218").iloc[0]
    metres = f"bbox={point.x - 5:.2f},{point.y - 5:.2f},{point.x + 5:.2f},{point.y + 5:.2f}&bbox-crs={TM3}"
    assert ids(client, f"/collections/villages/items?{metres}") == ["v11"]
    assert ids(client, f"/collections/villages/items?{metres}&crs={TM3}") == ["v11"]


# links


def test_a_hostile_host_is_not_repeated(client):
    for host in ("evil.example/path", "a b", "<script>", "x" * 300 + "/"):
        text = client.get("/ogc", headers={"Host": host}).text
        assert host not in text
    assert "http://maps.example.vn/ogc/collections" in client.get("/ogc", headers={"Host": "maps.example.vn"}).text


# clients


@pytest.fixture(scope="module")
def address(tiny):
    with serve(tiny.path.parent) as server:
        yield f"{server.url}/ogc"


def test_gdal_reads_it(address, tiny):
    row = tiny.village("v11")
    command = [sys.executable, str(READER), address, str(row["lon"]), str(row["lat"]), TM3]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["counts"] == COUNTS
    assert found["scores"] == list(tiny.villages["score"])
    shapes = shapely.from_wkt(found["shapes"])
    assert shapely.equals_exact(shapes, tiny.villages.geometry.array, tolerance=1e-6).all()
    assert found["white"] == ["v13", "v23", "v33"]
    assert found["near"] == ["v11"]
    assert found["epsg"] == 9218
    assert shapely.from_wkt(found["first"]).distance(tiny.sites.geometry.iloc[0]) < 1e-6


def test_owslib_reads_it(address):
    service = Features(address)
    assert service.feature_collections() == list(COUNTS)
    assert service.api()["openapi"].startswith("3.0")
    assert service.collection("villages")["id"] == "villages"
    assert len(service.collection_items("villages", limit=5)["features"]) == 5
    assert service.collection_item("sites", "t1")["properties"]["status"] == "existing"
    assert "need_class" in service.collection_queryables("villages")["properties"]
