from __future__ import annotations

import numpy as np
import orjson
import pytest

from api.schemas import BatchAnswer
from tests.api.client import answer, problem
from tests.tiny_publication import VILLAGES


def ask(client, points, **options):
    body = answer(client.post("/v1/coverage/batch", json={"points": points}, **options))
    BatchAnswer.model_validate(body)
    assert [result["index"] for result in body["results"]] == list(range(len(points)))
    return body


def place(tiny, unit_id):
    row = tiny.village(unit_id)
    return {"lat": float(row["lat"]), "lon": float(row["lon"])}


def test_every_answer_is_that_of_a_single_question(client, tiny):
    points = [place(tiny, unit_id) for unit_id in sorted(VILLAGES)] + [{"lat": 0, "lon": 0}]
    results = ask(client, points)["results"]
    for point, result in zip(points, results, strict=True):
        single = answer(client.post("/v1/coverage", json=point))
        del single["publication"], single["sources"]
        assert result["answer"] == single


def test_a_point_at_fault_does_not_spoil_the_others(client, tiny):
    good = place(tiny, "v11")
    given = [
        {**good, "id": "a"},
        {"lat": 91, "lon": 108, "id": "b"},
        {"lat": good["lon"], "lon": good["lat"], "id": "c"},
        {"lat": "12", "lon": 108},
        {"lat": 12},
        {**good, "lng": 1},
        7,
        None,
        [good],
        {**good, "id": "z"},
    ]
    results = ask(client, given)["results"]
    assert [result["id"] for result in results] == ["a", "b", "c", None, None, None, None, None, None, "z"]
    assert [result["answer"] is not None for result in results] == [True, *[False] * 8, True]
    assert results[1]["problem"]["errors"][0] == {"parameter": "lat", "rule": "must be at most 90.0", "value": 91}
    assert results[2]["problem"]["type"].endswith("swapped-coordinates")
    assert results[5]["problem"]["errors"][0]["parameter"] == "lng"
    assert all(result["problem"]["status"] == 400 for result in results[1:-1])


def test_a_thousand_points(client, tiny):
    numbers = np.random.Generator(np.random.PCG64(3))
    west, south, east, north = tiny.villages.total_bounds
    points = [
        {"lon": float(x), "lat": float(y)}
        for x, y in zip(numbers.uniform(west, east, 1000), numbers.uniform(south, north, 1000), strict=True)
    ]
    results = ask(client, points)["results"]
    places = client.app.state.store.current().village_places
    assert [r["answer"]["unit_id"] for r in results] == [places.at(p["lon"], p["lat"]) for p in points]


@pytest.mark.parametrize(
    "body",
    [{}, {"points": []}, {"points": {}}, {"points": [{"lat": 1, "lon": 1}] * 1001}, {"points": [1], "more": 1}, []],
)
def test_what_is_no_batch_is_400(client, body):
    problem(client.post("/v1/coverage/batch", json=body), 400, "bad-body")


def test_it_speaks_the_language_asked_for(client, tiny):
    results = ask(client, [place(tiny, "v13"), {"lat": 99, "lon": 100}], headers={"Accept-Language": "en"})["results"]
    assert results[0]["answer"]["status_text"] == "This place has no usable mobile signal."
    assert "must be at most" in results[1]["problem"]["detail"]


def test_a_private_question_is_not_stored(client, tiny):
    for address, body in (
        ("/v1/coverage", place(tiny, "v11")),
        ("/v1/coverage/batch", {"points": [place(tiny, "v11")]}),
    ):
        response = client.post(address, json=body, headers={"If-None-Match": "*"})
        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"
        assert "etag" not in response.headers


def test_deep_json_is_refused(client):
    deep = b'{"points":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    response = client.post("/v1/coverage/batch", content=deep, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert orjson.loads(response.content)["errors"][0]["rule"] == "is not valid JSON"
