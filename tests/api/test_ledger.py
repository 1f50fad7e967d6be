from __future__ import annotations

import datetime as dt
import sqlite3
import threading

import pytest
import sqlalchemy as sa

from api.errors import LedgerError, ProblemError
from api.ledger import DISPUTES, Ledger, Report
from planner import products

NOW = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)


def report(**changes) -> Report:
    found = {
        "unit_id": "v13",
        "operator": "A",
        "technology": "4G",
        "seen": "no_signal",
        "seen_date": dt.date(2026, 2, 27),
        "rsrp_dbm": -118.5,
        "lat": 12.6774321,
        "lon": 108.2655678,
        "text": "không có sóng",
    }
    return Report(**{**found, **changes})


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "disputes.db"


@pytest.fixture
def ledger(file, clock):
    found = Ledger(f"sqlite:///{file}", keep_days=180, clock=clock)
    yield found
    found.close()


def stored(file):
    with sqlite3.connect(file) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute("SELECT * FROM disputes ORDER BY received_at")]
    connection.close()
    return rows


def test_what_is_kept_and_what_is_not(ledger, file):
    entry, new = ledger.add(report(), key="portal-0001")
    assert new
    (row,) = stored(file)
    assert (row["lat"], row["lon"]) == (12.677, 108.266)
    assert row["unit_id"] == "v13"
    assert row["received_at"] == "2026-03-01T08:00:00Z"
    assert b"12.6774" not in file.read_bytes()
    assert b"portal-0001" not in file.read_bytes()
    assert ledger.find(entry.dispute_id) == entry
    assert not hasattr(entry, "lat")


def test_every_published_column_of_disputes_is_stored():
    assert {column.name for column in products.DISPUTES} <= set(DISPUTES.columns.keys())


def test_the_file_is_durable(ledger):
    ledger.add(report(), key=None)
    with ledger._opened().connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_the_same_key_stores_the_same_report_once(ledger, file):
    first, new = ledger.add(report(), key="portal-0001")
    again, newer = ledger.add(report(lat=12.67741, lon=108.26559), key="portal-0001")  # the same at three decimals
    assert (new, newer) == (True, False)
    assert first == again
    assert len(stored(file)) == 1
    ledger.add(report(), key=None)
    ledger.add(report(), key="portal-0002")
    assert len(stored(file)) == 3


def test_the_same_key_for_another_report_is_refused(ledger):
    ledger.add(report(), key="portal-0001")
    with pytest.raises(ProblemError, match="another report"):
        ledger.add(report(seen="signal"), key="portal-0001")


def test_a_rush_under_one_key_stores_one(ledger, file):
    found = []
    threads = [threading.Thread(target=lambda: found.append(ledger.add(report(), key="portal-0001"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({entry.dispute_id for entry, _ in found}) == 1
    assert [new for _, new in found].count(True) == 1
    assert len(stored(file)) == 1


def test_after_180_days_position_and_text_are_gone(ledger, file, clock):
    old, _ = ledger.add(report(), key="portal-0001")
    clock.now = NOW + dt.timedelta(days=179)
    ledger.add(report(), key="portal-0002")
    assert ledger.forget() == 0
    clock.now = NOW + dt.timedelta(days=181)
    assert ledger.forget() == 1
    assert ledger.forget() == 0
    first, second = stored(file)
    for name in ("lat", "lon", "text", "idempotency_sha256", "content_sha256"):
        assert first[name] is None, name
        assert second[name] is not None, name
    assert ledger.find(old.dispute_id) == old


def test_a_database_that_cannot_be_opened_is_a_sentence_without_the_report(tmp_path, clock):
    broken = Ledger(f"sqlite:///{tmp_path}/absent/disputes.db", keep_days=180, clock=clock)
    with pytest.raises(LedgerError) as error:
        broken.add(report(), key=None)
    assert "12.677" not in str(error.value)
    assert "sóng" not in str(error.value)


def test_a_failing_statement_does_not_tell_the_report(ledger):
    ledger.add(report(), key=None)
    with ledger._opened().begin() as connection:
        connection.exec_driver_sql("DROP TABLE disputes")
    with pytest.raises(LedgerError) as error:
        ledger.add(report(), key=None)
    assert "12.677" not in str(error.value)
    assert "sóng" not in str(error.value)


@pytest.mark.postgres
def test_postgresql_keeps_reports_too(postgres_url, clock):
    ledger = Ledger(postgres_url, keep_days=180, clock=clock)  # postgresql://, as `planner disputes export` takes it
    try:
        entry, new = ledger.add(report(), key="portal-0001")
        again, newer = ledger.add(report(), key="portal-0001")
        assert (new, newer) == (True, False)
        assert entry == again == ledger.find(entry.dispute_id)
        clock.now = NOW + dt.timedelta(days=181)
        assert ledger.forget() == 1
    finally:
        with ledger._opened().begin() as connection:
            connection.execute(sa.delete(DISPUTES))
        ledger.close()
