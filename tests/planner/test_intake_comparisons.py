"""Layers beside each other, and dates of rows: what cannot be is told and kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from planner import intake
from planner.config import PlanFile
from tests.test_flow import write_inputs
from tests.tiny_world import adoption


@pytest.fixture
def plan(tmp_path) -> Path:
    write_inputs(tmp_path)
    return tmp_path / "plan.toml"


def told(plan: Path, code: str, *, day: int = 2) -> list:
    now = dt.datetime(2026, 1, day, tzinfo=dt.UTC)
    return [issue for issue in intake.gather(PlanFile(plan), seed=1, now=now).issues if issue.code == code]


def write_adoption(plan: Path, counted: dict[str, float]) -> None:
    frame = adoption()[["unit_id", "numerator", "denominator"]].set_index("unit_id")
    for unit, count in counted.items():
        frame.loc[unit, "denominator"] = count
    frame.to_csv(plan.parent / "adoption.csv")


def test_counts_that_go_with_the_people_are_not_told(plan):
    assert told(plan, "more_than_people") == []


def test_more_people_counted_than_live_in_a_village(plan):
    write_adoption(plan, {"v33": 31, "v00": 1000})
    issues = told(plan, "more_than_people")
    assert [issue.value for issue in issues] == ["v33: 31 counted, 30 people"]
    assert issues[0].severity == "warning"


def test_more_people_counted_than_live_in_all_villages(plan):
    write_adoption(plan, {"v00": 20_000})
    assert [issue.value for issue in told(plan, "more_than_people")] == ["v00: 20,000 counted, 1,000 people", "21,415"]


def test_counts_per_commune_are_compared_with_the_sum_of_its_villages(plan):
    (plan.parent / "adoption.csv").write_text("unit_id,numerator,denominator\nk11,10,3031\nk00,10,4000\n")
    text = plan.read_text(encoding="utf-8").replace(
        'path = "adoption.csv"\nlevel = "village"', 'path = "adoption.csv"\nlevel = "commune"'
    )
    plan.write_text(text, encoding="utf-8")
    assert [issue.value for issue in told(plan, "more_than_people")] == ["k11: 3,031 counted, 3,030 people"]


def drive(plan: Path, *days: str, keys: str = "") -> None:
    rows = "".join(f"108.25,12.66,-90,{day}\n" for day in days)
    (plan.parent / "drive.csv").write_text(f"lon,lat,rsrp,date\n{rows}", encoding="utf-8")
    section = f'\n[layers.coverage.drive]\npath = "drive.csv"\nkind = "drive_tests"\nthreshold_dbm = -110.0\n{keys}'
    plan.write_text(plan.read_text(encoding="utf-8") + section, encoding="utf-8")


def test_rows_dated_in_the_future_are_told(plan):
    drive(plan, "2025-12-01", "2026-03-01", "2026-05-01")
    assert [issue.value for issue in told(plan, "future_date")] == ["2026-05-01 in 2 of 3 rows, published 2026-01-02"]


def test_a_layer_without_a_date_is_as_old_as_its_newest_row(plan):
    drive(plan, "2024-01-01", "2025-12-01", keys="max_age_days = 30\n")
    assert [issue.value for issue in told(plan, "stale")] == ["2025-12-01 (32 days)"]
    assert told(plan, "stale", day=1)[0].value == "2025-12-01 (31 days)"
