from __future__ import annotations

import pytest

from api.schemas import VillageAnswer, VillagesAnswer
from tests.api.client import answer, problem
from tests.tiny_publication import HOSTILE_NAME, VILLAGES


def ids(response):
    return [row["unit_id"] for row in answer(response)["villages"]]


def test_one_village(client):
    body = answer(client.get("/v1/villages/v21"))
    assert body["name"] == HOSTILE_NAME
    assert body["need_class"] == "access_gap"
    assert body["map"].startswith("/maps/need.html?publication=")
    VillageAnswer.model_validate(body)


@pytest.mark.parametrize("unit_id", ["v44", "V00", "..%2F..", "%00", "v00%20", "1' OR 1=1--", "a" * 500])
def test_an_unknown_id_is_404(client, unit_id):
    response = client.get(f"/v1/villages/{unit_id}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_all_villages_by_id(client, tiny):
    body = answer(client.get("/v1/villages"))
    assert [row["unit_id"] for row in body["villages"]] == sorted(VILLAGES)
    assert body["total"] == 16
    assert body["next_cursor"] is None
    assert [row["score"] for row in body["villages"]] == list(tiny.villages["score"])
    VillagesAnswer.model_validate(body)


def test_filters(client):
    assert ids(client.get("/v1/villages?need_class=white_spot")) == ["v13", "v23", "v33"]
    assert ids(client.get("/v1/villages?commune_id=k00")) == ["v00", "v01", "v10", "v11"]
    assert ids(client.get("/v1/villages?commune_id=k11&need_class=white_spot")) == ["v23", "v33"]
    assert ids(client.get("/v1/villages?q=THON%2000")) == ["v00"]
    assert ids(client.get("/v1/villages?q=thôn 1")) == ["v10", "v11", "v12", "v13"]
    assert ids(client.get("/v1/villages?q=nowhere")) == []


def test_a_box_is_answered_on_the_published_coordinates(client, tiny):
    row = tiny.village("v11")
    near = 0.0001
    box = f"{row['lon'] - near},{row['lat'] - near},{row['lon'] + near},{row['lat'] + near}"
    assert ids(client.get(f"/v1/villages?bbox={box}")) == ["v11"]
    west, south, east, north = box.split(",")
    assert ids(client.get(f"/v1/villages?bbox={west},{north},{east},{south}")) == ["v11"]
    assert ids(client.get("/v1/villages?bbox=0,0,1,1")) == []
    bounds = ",".join(repr(round(float(v), 9)) for v in tiny.villages.total_bounds)
    assert len(ids(client.get(f"/v1/villages?bbox={bounds}"))) == 16


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "181,0,0,0", "0,91,0,0", "0,0,0,0,0", "nan,0,0,0", ""])
def test_a_box_has_four_numbers(client, box):
    problem(client.get(f"/v1/villages?bbox={box}"), 400, "bad-parameter")


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "need_class=bad", "q=", "cursor=!", "q=%01"])
def test_bad_values_are_400(client, query):
    problem(client.get(f"/v1/villages?{query}"), 400, "bad-parameter")


def test_an_unknown_commune_is_404_not_an_empty_list(client):
    problem(client.get("/v1/villages?commune_id=k99"), 404, "unknown-id")


@pytest.mark.parametrize("limit", [1, 3, 5, 16])
def test_pages_hold_every_village_once(client, limit):
    found, cursor = [], ""
    while True:
        body = answer(client.get(f"/v1/villages?limit={limit}{cursor}"))
        found += [row["unit_id"] for row in body["villages"]]
        assert len(body["villages"]) <= limit
        if body["next_cursor"] is None:
            break
        cursor = f"&cursor={body['next_cursor']}"
    assert found == sorted(VILLAGES)


def test_a_cursor_stays_with_its_publication(own, publish_later):
    first = answer(own.get("/v1/villages?limit=10"))
    publish_later()
    own.refresh()
    assert answer(own.get("/v1/villages?limit=10"))["publication"] != first["publication"]
    second = answer(own.get(f"/v1/villages?limit=10&cursor={first['next_cursor']}"))
    assert second["publication"] == first["publication"]
    assert len(first["villages"] + second["villages"]) == 16


def test_a_cursor_of_another_question_is_refused(client):
    cursor = answer(client.get("/v1/villages?limit=2"))["next_cursor"]
    problem(client.get(f"/v1/villages?limit=2&need_class=served&cursor={cursor}"), 400, "bad-parameter")
    problem(client.get(f"/v1/villages?limit=2&publication=other&cursor={cursor}"), 400, "bad-parameter")
    problem(client.get("/v1/villages?cursor=AAAAAAAAAAAA"), 404, "unknown-id")
