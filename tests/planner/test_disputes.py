"""The ledger of the service, frozen into a file for a run."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from api.ledger import DISPUTES, Ledger, Report
from planner import cli, disputes, products
from planner.errors import PlanError

NOW = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)
NAMES = [column.name for column in products.DISPUTES]


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
        "text": "nhà tôi, số 5, không có sóng",
    }
    return Report(**{**found, **changes})


def filled(url: str, *, keep_days: int = 180) -> Ledger:
    """A ledger with three reports, the last without a measurement."""
    ledger = Ledger(url, keep_days=keep_days, clock=lambda: NOW)
    ledger.add(report(), key="portal-0001")
    ledger.add(report(unit_id="v02", operator="any", seen="signal"), key=None)
    ledger.add(report(unit_id="0v3", rsrp_dbm=None), key=None)
    return ledger


@pytest.fixture
def database(tmp_path):
    file = tmp_path / "a folder #1" / "disputes.db"
    file.parent.mkdir()
    ledger = filled(f"sqlite:///{file}")
    yield file
    ledger.close()


def test_the_file_holds_what_a_run_may_know_and_no_more(database, tmp_path):
    out = tmp_path / "disputes.parquet"
    assert disputes.export(str(database), out=out) == 3
    assert pq.read_schema(out).names == NAMES
    frame = pd.read_parquet(out)
    assert list(frame["dispute_id"]) == sorted(frame["dispute_id"])
    assert set(frame["unit_id"]) == {"v13", "v02", "0v3"}
    assert set(frame["seen_date"]) == {"2026-02-27"}
    assert set(zip(frame["lat"], frame["lon"], strict=True)) == {(12.677, 108.266)}
    assert sorted(frame["rsrp_dbm"].dropna()) == [-118.5, -118.5]
    content = out.read_bytes()
    for private in ("nhà tôi".encode(), b"portal-0001", b"2026-03-01"):
        assert private not in content


def test_the_same_reports_are_the_same_bytes(database, tmp_path):
    outs = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for out, name in zip(outs, (str(database), f"sqlite:///{database}"), strict=True):
        disputes.export(name, out=out)
    assert outs[0].read_bytes() == outs[1].read_bytes()
    disputes.export(str(database), out=outs[0])  # replaced, and nothing is left beside it
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a folder #1", "a.parquet", "b.parquet"]


def test_a_report_whose_position_was_deleted_keeps_its_village(database, tmp_path):
    later = Ledger(f"sqlite:///{database}", keep_days=180, clock=lambda: NOW + dt.timedelta(days=181))
    assert later.forget() == 3
    later.close()
    disputes.export(str(database), out=tmp_path / "old.parquet")
    frame = pd.read_parquet(tmp_path / "old.parquet")
    assert frame[["lat", "lon"]].isna().all(axis=None)
    assert frame["unit_id"].notna().all()


def test_an_empty_ledger_is_an_empty_file_of_the_same_columns(tmp_path):
    ledger = Ledger(f"sqlite:///{tmp_path / 'disputes.db'}", keep_days=180, clock=lambda: NOW)
    assert ledger.find("absent") is None
    assert disputes.export(str(tmp_path / "disputes.db"), out=tmp_path / "none.parquet") == 0
    assert pq.read_schema(tmp_path / "none.parquet").names == NAMES
    ledger.close()


def test_reading_does_not_wait_for_a_writer_nor_change_the_ledger(database, tmp_path):
    writer = Ledger(f"sqlite:///{database}", keep_days=180, clock=lambda: NOW)
    with writer._begin() as connection:
        connection.execute(sa.insert(DISPUTES), report().kept() | {"dispute_id": "f" * 32, "received_at": "x"})
        assert disputes.export(str(database), out=tmp_path / "out.parquet") == 3
    writer.close()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("absent.db", "out.parquet"), "there is no such file"),
        (("other.db", "out.parquet"), "no table 'disputes'"),
        (("text.db", "out.parquet"), "cannot be read"),
        (("other.db", "out.csv"), "ends in .parquet"),
        (("other.db", "nowhere/out.parquet"), "make it first"),
        (("mysql://a:secret@b/c", "out.parquet"), "'mysql' is no database of reports"),
        (("://", "out.parquet"), "looks like postgresql://"),
        (("postgresql://nobody:secret@127.0.0.1:1/none", "out.parquet"), "cannot be read"),
    ],
)
def test_what_is_at_fault_is_a_sentence_and_nothing_is_written(names, expected, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.db").write_text("no database at all" * 100, encoding="utf-8")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a)")
    engine.dispose()
    assert cli.main(["disputes", "export", *names]) == 1
    said = capsys.readouterr().err
    assert expected in said
    assert "secret" not in said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["other.db", "text.db"]


def test_the_ledger_itself_is_not_overwritten(tmp_path):
    ledger = tmp_path / "ledger.parquet"
    ledger.write_bytes(b"")
    with pytest.raises(PlanError, match="another name"):
        disputes.export(str(ledger), out=ledger)


def test_the_command_says_how_many(database, tmp_path, capsys):
    assert cli.main(["disputes", "export", str(database), str(tmp_path / "out.parquet")]) == 0
    assert capsys.readouterr().out == f"3 reports in {tmp_path / 'out.parquet'}\n"


@pytest.mark.postgres
def test_postgresql_gives_the_same_bytes(postgres_url, database, tmp_path):
    url = sa.make_url(postgres_url).set(drivername="postgresql+psycopg")
    ledger = filled(url.render_as_string(hide_password=False))
    source = sa.create_engine(f"sqlite:///{database}")
    try:
        with source.connect() as lite, ledger._opened().begin() as server:
            rows = [dict(row) for row in lite.execute(sa.select(DISPUTES)).mappings()]
            server.execute(sa.delete(DISPUTES))
            server.execute(sa.insert(DISPUTES), rows)
        assert disputes.export(postgres_url, out=tmp_path / "server.parquet") == 3
        disputes.export(str(database), out=tmp_path / "file.parquet")
        assert (tmp_path / "server.parquet").read_bytes() == (tmp_path / "file.parquet").read_bytes()
    finally:
        with ledger._opened().begin() as connection:
            connection.execute(sa.delete(DISPUTES))
        ledger.close()
        source.dispose()
