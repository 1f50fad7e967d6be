from __future__ import annotations

from api.schemas import CommuneAnswer, CommunesAnswer
from planner.products import FOUR
from tests.api.client import answer, problem


def test_all_communes(client, tiny):
    body = answer(client.get("/v1/communes"))
    assert [row["unit_id"] for row in body["communes"]] == list(tiny.communes["unit_id"])
    assert [row["score"] for row in body["communes"]] == list(tiny.communes["score"])
    assert body["flags"] == tiny.manifest.flags
    CommunesAnswer.model_validate(body)


def test_one_commune_adds_up(client):
    body = answer(client.get("/v1/communes/k11"))
    assert body["flags"] == ["pooled"]
    assert sum(body[name] for name in FOUR) == body["eligible_people"] == 3 * 800 + 24
    CommuneAnswer.model_validate(body)


def test_an_unknown_commune(client):
    problem(client.get("/v1/communes/k99"), 404, "unknown-id")
