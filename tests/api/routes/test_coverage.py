from __future__ import annotations

import math

import pandas as pd
import pytest

from api.schemas import CoverageAnswer
from planner.products import FOUR, VILLAGES, expand
from tests.api.client import answer, problem
from tests.tiny_publication import INDICATORS, PILLARS
from tests.tiny_publication import VILLAGES as TINY

COLUMNS = [c.name for c in expand(VILLAGES, indicators=INDICATORS, pillars=list(PILLARS))]


def same(published, answered) -> bool:
    if isinstance(answered, list):
        return list(published) == answered
    if answered is None:
        return bool(pd.isna(published))
    return published == answered


def point(tiny, unit_id):
    row = tiny.village(unit_id)
    return f"lat={float(row['lat'])!r}&lon={float(row['lon'])!r}"


@pytest.mark.parametrize("unit_id", sorted(TINY))
def test_every_number_is_that_of_the_table(client, tiny, unit_id):
    body = answer(client.get(f"/v1/coverage?{point(tiny, unit_id)}"))
    row = tiny.village(unit_id)
    assert body["status"] == row["coverage_status"] == TINY[unit_id][1]
    assert body["resolution"] == "village"
    for column in COLUMNS:
        assert same(row[column], body[column]), column
    CoverageAnswer.model_validate(body)


@pytest.mark.parametrize("unit_id", sorted(TINY))
def test_the_laws_of_the_domain_hold_in_the_answer(client, tiny, unit_id):
    body = answer(client.get(f"/v1/coverage?{point(tiny, unit_id)}"))
    assert sum(body[name] for name in FOUR) == body["eligible_people"]
    points = [body[f"contribution_{p}"] for p in PILLARS if body[f"contribution_{p}"] is not None]
    assert math.isclose(sum(points), body["score"], abs_tol=1e-9)
    if body["support_status"] != "reached":
        assert body["support_minutes"] is None


def test_every_status_is_200(client, tiny):
    points = [point(tiny, unit_id) for unit_id in sorted(TINY)]
    found = {answer(client.get(f"/v1/coverage?{p}"))["status"] for p in [*points, "lat=0&lon=0"]}
    assert found == {"covered", "partial", "not_covered", "unknown", "outside_area"}


def test_outside_the_area_nothing_is_made_up(client, tiny):
    body = answer(client.get("/v1/coverage?lat=48.85&lon=2.35"))
    assert body["unit_id"] is None
    assert body["resolution"] is None
    assert "score" not in body
    assert body["publication"] == tiny.manifest.id
    CoverageAnswer.model_validate(body)


def test_the_nearest_team_stands_today(client, tiny):
    body = answer(client.get(f"/v1/coverage?{point(tiny, 'v20')}"))
    assert body["nearest_team"]["site_id"] == "t1"  # v20 itself is planned only
    assert body["nearest_team"]["minutes"] == 12.0 == body["support_minutes"]
    assert body["assigned_site"]["site_id"] == "v20"
    assert "12 phút" in body["next_step"]
    nobody = answer(client.get(f"/v1/coverage?{point(tiny, 'v23')}"))
    assert nobody["nearest_team"] is None
    assert nobody["support_status"] == "unreachable"


def test_operators_are_listed_without_their_union(client, tiny):
    body = answer(client.get(f"/v1/coverage?{point(tiny, 'v12')}"))
    found = sorted((c["operator"], c["evidence"], c["share"]) for c in body["coverage"])
    assert found == [("A", "declared", 0.5), ("B", "declared", 0.0), ("B", "measured", 0.5)]


def test_both_languages(client, tiny):
    where = f"/v1/coverage?{point(tiny, 'v13')}"
    vi, en = client.get(where), client.get(where, headers={"Accept-Language": "en"})
    assert vi.headers["content-language"] == "vi"
    assert en.headers["content-language"] == "en"
    assert answer(vi)["status_text"] == "Nơi này chưa có sóng di động dùng được."
    assert answer(en)["status_text"] == "This place has no usable mobile signal."
    assert answer(en)["notes"] == ["Contains synthetic data: an illustration, not a basis for decisions."]
    assert vi.headers["vary"] == en.headers["vary"] == "Accept-Language, Accept-Encoding"


def test_a_position_in_the_body_gets_the_same_answer(client, tiny):
    row = tiny.village("v11")
    asked = client.post("/v1/coverage", json={"lat": row["lat"], "lon": row["lon"]})
    assert asked.content == client.get(f"/v1/coverage?{point(tiny, 'v11')}").content
    assert asked.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "parameter", "rule"),
    [
        ("lat=12.7", "lon", "is required"),
        ("lat=abc&lon=108", "lat", "must be a number"),
        ("lat=1_2&lon=108", "lat", "must be a number"),
        ("lat=NaN&lon=108", "lat", "must be a finite number"),
        ("lat=inf&lon=108", "lat", "must be a finite number"),
        ("lat=-91&lon=108", "lat", "must be at least -90.0"),
        ("lat=12.7&lon=181", "lon", "must be at most 180.0"),
        ("lat=12.7&lon=108&publication=../x", "publication", "does not have the documented form"),
        ("lat=12.7&lon=108&lat=13", "lat", "is given more than once"),
    ],
)
def test_bad_parameters_are_named(client, query, parameter, rule):
    body = problem(client.get(f"/v1/coverage?{query}"), 400, "bad-parameter")
    assert [(e["parameter"], e["rule"]) for e in body["errors"]] == [(parameter, rule)]


def test_an_unknown_parameter_gets_the_nearest_name(client):
    body = problem(client.get("/v1/coverage?lat=12.7&lon=108&publicaton=x"), 400, "bad-parameter")
    assert body["errors"][0]["nearest"] == "publication"
    body = problem(client.post("/v1/coverage", json={"lat": 1, "lon": 2, "lng": 3}), 400, "bad-body")
    assert body["errors"][0]["nearest"] == "lon"


def test_swapped_coordinates_are_named(client, tiny):
    row = tiny.village("v11")
    problem(client.get(f"/v1/coverage?lat={row['lon']}&lon={row['lat']}"), 400, "swapped-coordinates")
    problem(client.post("/v1/coverage", json={"lat": row["lon"], "lon": row["lat"]}), 400, "swapped-coordinates")
    problem(client.get("/v1/coverage?lat=108&lon=108"), 400, "bad-parameter")  # no exchange makes this right


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b"null",
        b"{",
        b"[" * 5_000,
        b"\xff\xfe",
        b'{"lat":NaN,"lon":1}',
        b'{"lat":true,"lon":1}',
        b'{"lat":"1","lon":1}',
    ],
)
def test_bad_bodies_are_refused(client, body):
    response = client.post("/v1/coverage", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


def test_a_body_must_be_json(client):
    problem(
        client.post("/v1/coverage", content=b"lat=1", headers={"Content-Type": "text/plain"}), 415, "wrong-media-type"
    )


def test_an_older_publication_answers_when_asked(own, publish_later):
    before = answer(own.get("/v1/coverage?lat=0&lon=0"))["publication"]
    after = publish_later().manifest.id
    own.refresh()
    assert answer(own.get("/v1/coverage?lat=0&lon=0"))["publication"] == after
    assert answer(own.get(f"/v1/coverage?lat=0&lon=0&publication={before}"))["publication"] == before
    problem(own.get("/v1/coverage?lat=0&lon=0&publication=nothing"), 404, "unknown-id")
