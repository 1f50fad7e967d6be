"""Reports: once per place, week and kind, less the older they are; one more never takes anything away."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import reports

TODAY = dt.date(2026, 1, 1)


def frame(*rows):
    """Reports: unit_id, seen, seen_date, x_m, y_m and perhaps rsrp_dbm."""
    columns = ["unit_id", "seen", "seen_date", "x_m", "y_m", "rsrp_dbm"]
    found = pd.DataFrame([(*row, *[math.nan] * (6 - len(row))) for row in rows], columns=columns)
    return found.assign(operator="any", technology="4G")


def count(given, *, half_life_days=90.0, apart=()):
    return reports.distinct(given, today=TODAY, threshold_dbm=-110.0, half_life_days=half_life_days, apart=apart)


def test_reports_of_one_place_week_and_kind_are_one_and_the_newest_counts():
    given = frame(
        ("v", "no_signal", dt.date(2025, 12, 29), 100.0, 100.0),
        ("v", "no_signal", dt.date(2026, 1, 1), 400.0, 499.0),  # the same square and week
        ("v", "no_signal", dt.date(2026, 1, 1), 501.0, 100.0),  # another square
        ("v", "no_signal", dt.date(2025, 12, 28), 100.0, 100.0),  # another week
        ("v", "weak_signal", dt.date(2026, 1, 1), 100.0, 100.0),  # another kind
        ("w", "no_signal", dt.date(2026, 1, 1), 100.0, 100.0),  # another village
    )
    found = count(given, half_life_days=4.0)
    assert found["kind"].tolist() == ["no_signal"] * 3 + ["weak_signal", "no_signal"]
    assert sorted(found["weight"]) == [0.5, 1.0, 1.0, 1.0, 1.0]


def test_a_village_without_positions_is_one_place():
    given = frame(*[("v", "signal", TODAY, math.nan, math.nan)] * 3, ("v", "signal", TODAY, -1.0, -1.0))
    assert len(count(given)) == 2


def test_a_measurement_decides_what_a_report_says():
    given = frame(
        ("a", "no_signal", TODAY, 0.0, 0.0, -110.0),
        ("b", "signal", TODAY, 0.0, 0.0, -110.1),
        ("c", "no_signal", TODAY, 0.0, 0.0, -130.0),
        ("d", "weak_signal", TODAY, 0.0, 0.0),
    )
    assert reports.kinds(given, threshold_dbm=-110.0).tolist() == ["signal", "weak_signal", "no_signal", "weak_signal"]


def test_operators_are_kept_apart_where_that_is_asked():
    given = frame(*[("v", "no_signal", TODAY, 0.0, 0.0)] * 2).assign(operator=["A", "B"])
    assert len(count(given)) == 1
    assert count(given, apart=("operator",))["operator"].tolist() == ["A", "B"]


def test_without_reports_there_is_an_empty_table():
    empty = count(frame(("v", "signal", TODAY, 0.0, 0.0)).iloc[:0], apart=("operator",))
    assert list(empty) == ["unit_id", "operator", "kind", "weight"]
    assert empty.empty


ONE = st.tuples(
    st.just("v"),
    st.sampled_from(["no_signal", "weak_signal", "signal"]),
    st.dates(dt.date(2025, 11, 1), TODAY),
    st.one_of(st.just(math.nan), st.floats(0, 1500)),
    st.just(10.0),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(ONE, max_size=8), ONE)
def test_one_report_more_never_takes_anything_away(rows, more):
    def totals(chosen):
        found = count(frame(*chosen)) if chosen else pd.DataFrame({"kind": [], "weight": []})
        return found.groupby("kind")["weight"].agg(["size", "sum"]).reindex(["no_signal", "weak_signal", "signal"])

    before, after = totals(rows).fillna(0), totals([*rows, more]).fillna(0)
    assert (after >= before - 1e-12).all(axis=None)
