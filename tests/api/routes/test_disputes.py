from __future__ import annotations

import json
import logging
import threading
from contextlib import closing

import httpx
import pytest
import sqlalchemy as sa

from api.main import create_app
from api.schemas import DisputeAnswer
from api.settings import Settings
from planner.products import MANIFEST
from tests.api.client import Client, answer, problem
from tests.api.server import serve

KEY = "a-key-of-the-portal"
AUTHORIZED = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def app(published):
    found = create_app(Settings(published=published, write_key=KEY))
    yield found
    found.state.ledger.close()


@pytest.fixture
def portal(app):
    with Client(app) as client:
        yield client


@pytest.fixture
def seen(tiny):
    row = tiny.village("v13")
    return {
        "lat": float(row["lat"]),
        "lon": float(row["lon"]),
        "operator": "A",
        "seen": "no_signal",
        "seen_date": "2025-12-31",
        "rsrp_dbm": -120,
        "text": "không có sóng",
    }


def test_a_report_gets_a_tracking_id(portal, seen, published):
    response = portal.post("/v1/disputes", json=seen, headers=AUTHORIZED)
    assert response.status_code == 201
    body = response.json()
    DisputeAnswer.model_validate(body)
    assert body["unit_id"] == "v13"
    assert body["state"] == "received"
    assert response.headers["location"] == f"/v1/disputes/{body['dispute_id']}"
    again = answer(portal.get(response.headers["location"]))
    assert again == body
    assert "text" not in again
    assert (published.parent / "disputes.db").is_file()


def test_the_state_comes_from_the_manifests(portal, seen, published, tiny):
    tracking = portal.post("/v1/disputes", json=seen, headers=AUTHORIZED).json()["dispute_id"]
    folder = published / "20260201T000000Z-00000000"
    (published / tiny.manifest.id).rename(folder)
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "id": folder.name, "disputes": [tracking]}))
    body = answer(portal.get(f"/v1/disputes/{tracking}"))
    assert body["state"] == "considered"
    assert body["considered_in"] == folder.name


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong-key-of-nobody"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer"},
    ],
)
def test_without_the_key_nothing_is_stored(portal, seen, published, headers):
    response = portal.post("/v1/disputes", json=seen, headers=headers)
    problem(response, 401, "no-key")
    assert response.headers["www-authenticate"] == "Bearer"
    assert not (published.parent / "disputes.db").exists()


def test_a_service_without_a_key_accepts_nothing_and_makes_no_file(own, seen, published):
    problem(own.post("/v1/disputes", json=seen, headers=AUTHORIZED), 401, "no-key")
    problem(own.get("/v1/disputes/0"), 404, "unknown-id")
    assert not (published.parent / "disputes.db").exists()


def test_idempotency(portal, seen):
    headers = {**AUTHORIZED, "Idempotency-Key": "portal-00001"}
    first = portal.post("/v1/disputes", json=seen, headers=headers)
    again = portal.post("/v1/disputes", json=seen, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    problem(portal.post("/v1/disputes", json={**seen, "seen": "signal"}, headers=headers), 409, "key-reused")
    bad = {**AUTHORIZED, "Idempotency-Key": "a b"}
    problem(portal.post("/v1/disputes", json=seen, headers=bad), 400, "bad-request")


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"lat": 0, "lon": 0}, 404, "unknown-place"),
        ({"seen_date": "2999-01-01"}, 409, "in-the-future"),
        ({"seen_date": "yesterday"}, 400, "bad-body"),
        ({"seen": "nothing"}, 400, "bad-body"),
        ({"operator": "<script>"}, 400, "bad-body"),
        ({"rsrp_dbm": 5}, 400, "bad-body"),
        ({"text": "x" * 501}, 400, "bad-body"),
        ({"phone": "0900000000"}, 400, "bad-body"),
        ({"lat": "12.6"}, 400, "bad-body"),
    ],
)
def test_what_is_refused(portal, seen, change, status, kind):
    problem(portal.post("/v1/disputes", json={**seen, **change}, headers=AUTHORIZED), status, kind)


def test_an_unknown_tracking_id(portal):
    problem(portal.get("/v1/disputes/0123456789abcdef"), 404, "unknown-id")


def test_a_database_that_fails_is_503_and_its_log_tells_no_report(app, portal, seen, caplog):
    app.state.ledger._url = "sqlite:////nowhere/at/all/disputes.db"
    with caplog.at_level(logging.DEBUG):
        response = portal.post("/v1/disputes", json=seen, headers=AUTHORIZED)
    problem(response, 503, "ledger-unavailable")
    assert response.headers["retry-after"]
    assert "không có sóng" not in caplog.text
    assert str(seen["lat"])[:6] not in caplog.text


@pytest.fixture
def database(postgres_url):
    """A URL of an empty schema of the server, which is gone afterwards."""
    url = sa.make_url(postgres_url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA IF EXISTS ledger CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA ledger"))
    plain = url.set(drivername="postgresql").update_query_dict({"options": "-csearch_path=ledger"})
    yield plain.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA ledger CASCADE"))
    engine.dispose()


def test_what_was_acknowledged_survives_kill_9(published, seen):
    with serve(published, PLANNER_WRITE_KEY=KEY) as server:
        acknowledged = killed_under_load(server, seen)
    assert lost(acknowledged, Settings(published=published, write_key=KEY)) == []


@pytest.mark.postgres
def test_workers_share_idempotency_keys_and_lose_nothing_to_kill_9_on_postgresql(published, seen, database):
    with serve(published, "--workers", "2", PLANNER_WRITE_KEY=KEY, PLANNER_DISPUTES=database) as server:
        assert len(set(sent_at_once(server, seen, key="portal-00001", times=12))) == 1
        acknowledged = killed_under_load(server, seen)
    assert lost(acknowledged, Settings(published=published, write_key=KEY, disputes=database)) == []


def killed_under_load(server, seen) -> list[str]:
    """Send reports from four sides, kill the service while it answers, and return the ids that it acknowledged."""
    acknowledged: list[str] = []
    enough = threading.Event()

    def send(worker: int) -> None:
        with httpx.Client(base_url=server.url, headers=AUTHORIZED) as client:
            try:
                for i in range(10_000):
                    headers = {"Idempotency-Key": f"worker-{worker}-{i}"}
                    response = client.post("/v1/disputes", json=seen, headers=headers)
                    assert response.status_code == 201, response.text
                    acknowledged.append(response.json()["dispute_id"])
                    if len(acknowledged) >= 40:
                        enough.set()
            except httpx.TransportError:
                return

    threads = [threading.Thread(target=send, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    server.kill()
    for thread in threads:
        thread.join()
    assert len(acknowledged) >= 40
    return acknowledged


def lost(acknowledged, settings) -> list[str]:
    """Return the reports that a service which starts anew does not know."""
    app = create_app(settings)
    with closing(app.state.ledger), Client(app) as client:
        return [tracking for tracking in acknowledged if client.get(f"/v1/disputes/{tracking}").status_code != 200]


def sent_at_once(server, seen, *, key: str, times: int) -> list[str]:
    """Send the same report under one key, each time over a connection of its own: any worker may take it."""
    found: list[str] = []
    headers = {**AUTHORIZED, "Idempotency-Key": key, "Connection": "close"}
    with httpx.Client(base_url=server.url, headers=headers) as client:

        def send() -> None:
            response = client.post("/v1/disputes", json=seen)
            assert response.status_code in (200, 201), response.text
            found.append(response.json()["dispute_id"])

        threads = [threading.Thread(target=send) for _ in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == times
    return found
