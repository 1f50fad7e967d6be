from __future__ import annotations

import json

from api.main import create_app
from api.schemas import CommuneAnswer, CommunesAnswer, MergedAnswer
from api.settings import Settings
from planner.products import FOUR, MANIFEST
from tests.api.client import Client, answer, problem


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


def test_a_former_commune_answers_with_all_its_successors_and_no_default(client):
    body = answer(client.get("/v1/communes/x2", headers={"Accept-Language": "en"}))
    assert body["status"] == "merged"
    assert body["unit_id"] == "x2"
    assert body["successors"] == [
        {"commune_id": "k01", "commune_name": "Xã 01", "population_share": 0.6, "low": 0.5, "high": 0.75},
        {"commune_id": "k00", "commune_name": "Xã 00", "population_share": 0.4, "low": 0.25, "high": 0.5},
    ]
    assert body["flags"] == ["split_share"]
    assert body["notes"] == ["Figures of a former commune that was divided are shared out by estimated shares."]
    MergedAnswer.model_validate(body)


def test_a_former_commune_that_was_not_divided(client):
    body = answer(client.get("/v1/communes/x1"))
    assert [(s["commune_id"], s["population_share"]) for s in body["successors"]] == [("k11", 1.0)]
    assert body["flags"] == []
    assert body["data_date"] == "2025-07-01"


def test_an_id_that_is_in_use_again_means_the_commune_of_today(client):
    assert "successors" not in answer(client.get("/v1/communes/k10"))


def test_a_publication_without_a_crosswalk_is_served(published):
    folder = next(p for p in published.iterdir() if p.is_dir())
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"] = [f for f in manifest["files"] if f["path"] != "crosswalk.parquet"]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    (folder / "crosswalk.parquet").unlink()
    with Client(create_app(Settings(published=published))) as client:
        problem(client.get("/v1/communes/x1"), 404, "unknown-id")
        answer(client.get("/v1/communes/k11"))


def test_an_unknown_commune(client):
    problem(client.get("/v1/communes/k99"), 404, "unknown-id")
