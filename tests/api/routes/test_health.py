from __future__ import annotations

from api.main import create_app
from api.settings import Settings
from planner.products import CURRENT
from tests.api.client import Client, problem


def test_alive_and_ready(client, tiny):
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").json() == {"status": "ready", "publication": tiny.manifest.id, "refused": None}


def test_without_a_publication_it_lives_but_is_not_ready(tmp_path):
    with Client(create_app(Settings(published=tmp_path))) as empty:
        assert empty.get("/health/live").status_code == 200
        ready = empty.get("/health/ready")
        assert ready.status_code == 503
        assert ready.json()["publication"] is None
        assert str(tmp_path) not in ready.text
        response = empty.get("/v1/coverage?lat=1&lon=1")
        problem(response, 503, "not-ready")
        assert response.headers["retry-after"] == "5"
        assert empty.get("/").status_code == 503


def test_ready_says_what_was_refused(own, published, tiny):
    (published / CURRENT).write_text("20990101T000000Z-00000000\n")
    own.refresh()
    ready = own.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json()["publication"] == tiny.manifest.id
    assert ready.json()["refused"]["publication"] == "20990101T000000Z-00000000"
    assert str(published) not in ready.text
