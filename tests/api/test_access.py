"""Clients' keys at the service: scopes, their own rate, the day's quota, revoked while it runs."""

from __future__ import annotations

import datetime as dt

import pytest

from api.access import Access
from api.limits import RateLimiter
from api.main import create_app
from api.settings import Settings
from planner import keys
from tests.api.client import Client, answer, problem

NOW = dt.datetime(2026, 3, 1, 23, 0, tzinfo=dt.UTC)


class Clocks:
    """Both clocks of the service, set by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.time = NOW

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> dt.datetime:
        return self.time


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def file(published):
    return published.parent / "keys.json"


def make(file, *scopes, **changes):
    options = {"name": "portal", "scopes": scopes, "per_second": 1.0, "per_day": None, "days": None, "now": NOW}
    return keys.add(file, **{**options, **changes})


def bearer(token):
    return {"type": "http", "headers": [(b"authorization", f"Bearer {token}".encode())]}


@pytest.fixture
def access(file, clocks):
    return Access(file, monotonic=clocks.monotonic, clock=clocks.now)


@pytest.fixture
def limiter(clocks):
    return RateLimiter(per_second=1, burst=1, trusted=(), clock=clocks.monotonic)


def test_a_key_has_its_own_rate(access, limiter, file):
    key, token = make(file, "read", per_second=3.0)
    assert access.of(bearer(token)) == key
    assert [access.wait_s(key, limiter) for _ in range(6)] == [0] * 6
    assert access.wait_s(key, limiter) == pytest.approx(1 / 3)


def test_the_quota_of_a_day_begins_anew_at_midnight(access, limiter, file, clocks):
    key, _ = make(file, "read", per_second=100.0, per_day=2)
    assert [access.wait_s(key, limiter) for _ in range(2)] == [0, 0]
    assert access.wait_s(key, limiter) == 3_600
    clocks.time += dt.timedelta(hours=1)
    assert access.wait_s(key, limiter) == 0


def test_the_file_is_read_anew_when_it_changes_and_kept_when_it_is_damaged(access, file, clocks, caplog):
    assert not access.accepts_reports()
    key, token = make(file, "reports")
    clocks.seconds += 1
    assert access.accepts_reports()
    file.write_text("{", encoding="utf-8")
    clocks.seconds += 1
    assert access.of(bearer(token)) == key
    assert "cannot be read" in caplog.text
    assert token not in caplog.text
    file.unlink()
    clocks.seconds += 1
    assert not access.accepts_reports()


REPORT = {"lat": 12.68, "lon": 108.26, "operator": "A", "seen": "no_signal", "seen_date": "2025-12-31"}


@pytest.fixture
def service(published, file, clocks):
    """A service whose anonymous readers may ask once a minute."""
    _, reader = make(file, "read", per_second=100.0)
    sender_key, sender = make(file, "reports", per_second=100.0)
    app = create_app(Settings(published=published, rate_per_second=1 / 60, rate_burst=1, trusted_proxies=()))
    app.state.access._monotonic, app.state.access._looked_at = clocks.monotonic, 0.0
    with Client(app) as client:
        yield client, reader, sender, sender_key.key_id
    app.state.ledger.close()


def authorized(token):
    return {"Authorization": f"Bearer {token}"}


def test_scopes(service, file, clocks):
    client, reader, sender, sender_id = service
    answer(client.get("/v1/communes"))
    problem(client.get("/v1/communes"), 429, "too-many")
    for _ in range(3):
        answer(client.get("/v1/communes", headers=authorized(reader)))
        assert client.post("/v1/disputes", json=REPORT, headers=authorized(sender)).status_code == 201
    problem(client.get("/v1/communes", headers=authorized(sender)), 429, "too-many")  # no scope to read: as anybody
    problem(client.post("/v1/disputes", json=REPORT, headers=authorized(reader)), 429, "too-many")
    place = answer(client.get("/v1/coverage?lat=12.68&lon=108.26", headers=authorized(reader)))
    assert place["dispute_address"] == "/v1/disputes"
    for wrong in ("pk_", "pk_00000000_x", reader + "x"):
        refused = client.get("/v1/communes", headers=authorized(wrong))
        problem(refused, 401, "no-key")
        assert refused.headers["www-authenticate"] == "Bearer"
    keys.revoke(file, sender_id, now=NOW)
    clocks.seconds += 1
    problem(client.post("/v1/disputes", json=REPORT, headers=authorized(sender)), 401, "no-key")


def test_a_reader_may_not_send_reports(published, file):
    _, reader = make(file, "read")
    with Client(create_app(Settings(published=published))) as client:
        problem(client.post("/v1/disputes", json=REPORT, headers=authorized(reader)), 401, "no-key")
    assert not (published.parent / "disputes.db").exists()
