from __future__ import annotations

from api.schemas import PublicationsAnswer
from planner.products import MANIFEST
from tests.api.client import answer, problem


def test_newest_first_and_which_is_in_force(own, publish_later):
    before = answer(own.get("/v1/publications"))
    later = publish_later().manifest.id
    listed = answer(own.get("/v1/publications"))
    PublicationsAnswer.model_validate(listed)
    assert [(p["id"], p["in_force"]) for p in listed["publications"]] == [
        (later, False),
        (before["publication"], True),
    ]
    own.refresh()
    assert [p["in_force"] for p in answer(own.get("/v1/publications"))["publications"]] == [True, False]


def test_what_is_no_publication_is_not_listed(own, published):
    (published / "notes").mkdir()
    (published / ".staging").mkdir()
    (published / "half").mkdir()
    (published / "half" / MANIFEST).write_text("{")
    assert len(answer(own.get("/v1/publications"))["publications"]) == 1


def test_it_accepts_no_parameter(client):
    problem(client.get("/v1/publications?limit=1"), 400, "bad-parameter")
