"""Shares out of tests: looks, Wilson's interval, what nobody tested, and what yields to other evidence."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from shapely import Point, box

from planner import measured, operator_requests, overlay
from tests import tiny_world
from tests.planner.test_overlay import conclude, polygons, together
from tests.tiny_world import square


def drive(*rows: tuple[str, float, float, bool], technology: str = "4G") -> gpd.GeoDataFrame:
    """Drive tests from (operator, metres east, metres north, signal)."""
    return gpd.GeoDataFrame(
        {
            "operator": [r[0] for r in rows],
            "technology": technology,
            "evidence": "measured",
            "signal": ["yes" if r[3] else "no" for r in rows],
            "data_date": pd.Series([dt.date(2025, 5, 1)] * len(rows), dtype=object),
            "synthetic": False,
            "tests": 1.0,
            "with_signal": [float(r[3]) for r in rows],
        },
        geometry=[Point(tiny_world.X0 + r[1], tiny_world.Y0 + r[2]) for r in rows],
        crs=tiny_world.CRS,
    )


def tiles(*rows: tuple[str, object, float, float]) -> gpd.GeoDataFrame:
    """Tiles from (operator, polygon, tests, share with signal)."""
    frame = drive(*[(r[0], 0, 0, r[3] >= 0.5) for r in rows])
    frame = frame.assign(tests=[float(r[2]) for r in rows], with_signal=[float(r[3]) for r in rows])
    return frame.set_geometry(gpd.GeoSeries([r[1] for r in rows], crs=tiny_world.CRS))


def grid(operator: str, signal, *, east=0.0, north=0.0, side=8, step=250.0) -> gpd.GeoDataFrame:
    """Tests at the middle of every square of `step` metres, `side` squares each way; `signal` of (column, row)."""
    places = [(i, j) for i in range(side) for j in range(side)]
    return drive(*[(operator, east + (i + 0.5) * step, north + (j + 0.5) * step, signal(i, j)) for i, j in places])


def shares(coverage: gpd.GeoDataFrame, **options) -> pd.DataFrame:
    return overlay.coverage_shares(tiny_world.villages(), coverage, **options).set_index(["unit_id", "operator"])


def test_a_village_tested_all_over_has_the_share_of_its_squares():
    found = shares(grid("A", lambda i, _: i < 6)).loc[("v00", "A")]
    low, high = stats.binomtest(48, 64).proportion_ci(0.9, method="wilson")
    assert found["share"] == pytest.approx(0.75)
    assert (found["share_low"], found["share_high"]) == pytest.approx((low, high))
    assert found["flags"] == ()
    assert found["evidence"] == "measured"
    assert found["data_date"] == dt.date(2025, 5, 1)


def test_a_village_without_tests_is_unknown_not_zero():
    found = shares(grid("A", lambda *_: False))
    assert found.loc[("v00", "A"), "share"] == 0
    assert found.loc[("v01", "A"), ["share", "share_low", "share_high"]].isna().all()
    assert found.loc[("v01", "A"), "flags"] == ()


def test_a_thousand_tests_in_one_place_are_one_look():
    found = shares(drive(*[("A", 1010, 1010, True)] * 1000)).loc[("v00", "A")]
    low, _ = stats.binomtest(1, 1).proportion_ci(0.9, method="wilson")
    near = Point(1010, 1010).buffer(1000).intersection(box(0, 0, 2000, 2000)).area / 4e6
    assert found["share"] == 1
    assert found["share_low"] == pytest.approx(near * low, abs=0.01)
    assert "few_tests" in found["flags"]


def test_a_corner_does_not_speak_for_the_village():
    corner = shares(grid("A", lambda *_: True, side=4, step=100.0)).loc[("v00", "A")]
    assert "tested_in_part" in corner["flags"]
    assert corner["share_low"] < 0.4
    assert corner["share_high"] == 1
    nothing = shares(grid("A", lambda *_: False, side=4, step=100.0)).loc[("v00", "A")]
    assert nothing["share_low"] == 0
    assert nothing["share_high"] > 0.6


def test_few_tests_yield_to_other_evidence_and_still_contradict_it():
    declared = polygons(("A", "declared", "yes", square(0, 0, columns=2)))
    few = drive(("A", 300, 300, False), ("A", 900, 900, False))
    found = conclude(together(declared, few)).loc["v00"]
    assert (found["covered_share"], found["coverage_evidence"]) == (1, "declared")
    assert "contradicted" in found["flags"]
    many = conclude(together(declared, grid("A", lambda *_: False))).loc["v00"]
    assert (many["covered_share"], many["coverage_evidence"]) == (0, "measured")
    alone = conclude(few).loc["v00"]
    assert (alone["covered_share"], alone["coverage_evidence"]) == (0, "measured")
    assert {"few_tests"} <= set(alone["flags"])
    assert alone["covered_share_high"] > 0.5


def test_any_has_signal_where_one_operator_has():
    both = together(grid("A", lambda i, _: i < 4), grid("B", lambda i, _: i >= 4))
    found = shares(both)["share"]
    assert (found["v00", "A"], found["v00", "B"], found["v00", "any"]) == (0.5, 0.5, 1)


def test_an_unnamed_operator_counts_for_any_and_is_nobodys():
    found = conclude(grid("unnamed", lambda *_: True)).loc["v00"]
    assert found["covered_share"] == 1
    assert found["operators"] == ()
    assert np.isnan(conclude(grid("unnamed", lambda *_: True), operators="best").loc["v00", "covered_share"])


def test_tiles_count_by_the_part_that_lies_in_the_village():
    """A tile over the border of v00 and v01 is half a look in each; its tests are shared alike."""
    frame = tiles(("A", square(0, 0), 20, 1.0), ("A", square(0, 0.75, columns=0.5), 8, 0.0))
    found = shares(frame)
    assert found.loc[("v00", "A"), "share"] == pytest.approx(1 / 1.5)
    assert found.loc[("v01", "A"), "share"] == 0
    assert found.loc[("v01", "A"), "flags"] == ("few_tests", "tested_in_part")


def test_polygons_that_were_measured_go_before_tests():
    measured_map = polygons(("A", "measured", "no", square(0, 0)))
    found = shares(together(measured_map, grid("A", lambda *_: True)))
    assert found.loc[("v00", "A"), "share"] == 0


def test_technologies_of_tests_are_told_apart():
    two = together(grid("A", lambda i, _: i < 4), grid("A", lambda i, _: i < 2).assign(technology="3G"))
    assert conclude(two).loc["v00", "covered_share"] == 0.5


@settings(deadline=None, max_examples=25)
@given(share=st.floats(0, 1), looks=st.floats(0.01, 1e4))
def test_wilson_holds_its_share_and_narrows(share, looks):
    low, high = measured.wilson(np.array([share]), np.array([looks]))
    narrow_low, narrow_high = measured.wilson(np.array([share]), np.array([looks * 2]))
    assert 0 <= low[0] <= share + 1e-12
    assert share - 1e-12 <= high[0] <= 1
    assert narrow_high[0] - narrow_low[0] <= high[0] - low[0] + 1e-12


PLACES = st.lists(
    st.tuples(st.sampled_from("AB"), st.floats(1, 7999), st.floats(1, 7999), st.booleans()), min_size=1, max_size=25
)


@settings(deadline=None, max_examples=25)
@given(places=PLACES)
def test_shares_of_tests_are_shares_and_finding_signal_never_lowers_one(places):
    found = shares(drive(*places))
    known = found.dropna(subset="share")
    assert (known["share_low"] <= known["share"] + 1e-12).all()
    assert (known["share"] <= known["share_high"] + 1e-12).all()
    assert known[["share_low", "share_high"]].melt()["value"].between(0, 1).all()
    better = shares(drive(*[(name, x, y, True) for name, x, y, _ in places]))
    assert (better["share"].fillna(-1) >= found["share"].fillna(-1) - 1e-12).all()
    of = found.reset_index().pivot_table(index="unit_id", columns="operator", values="share", dropna=False)
    for name in of.columns.drop("any"):
        both = of[["any", name]].dropna()
        assert (both["any"] >= both[name]).all()


def test_nobody_is_asked_for_the_signal_of_an_operator_without_a_name():
    """Tests that name no operator count for any, and no request goes to them."""
    found = overlay.coverage_shares(
        tiny_world.villages(), together(grid("unnamed", lambda *_: False), grid("A", lambda *_: False))
    )
    rows = pd.DataFrame(
        {"unit_id": ["v00"], "response": ["operator_request"], "eligible_people": [10], "without_signal_people": [10]}
    )
    assert operator_requests.requests(rows, found, technology="4G")["operator"].tolist() == ["A"]
