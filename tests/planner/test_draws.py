"""Draws: official totals in each of them, shared errors, and nothing of a suppressed count."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import draws, estimate, needs
from tests import tiny_world

LIMITS = needs.Limits(ratio=1.0, covered_at=0.95, not_covered_at=0.05, skills_gap_at=0.25, reach_minutes=30.0)
ELIGIBLE = np.full(16, 500.0)


def counts(adoption: pd.DataFrame | None = None) -> estimate.Counts:
    frame = uneven() if adoption is None else adoption
    return estimate.counts(frame, tiny_world.villages(), indicator="vneid_activated", min_people=20)


def uneven() -> pd.DataFrame:
    """The tiny world's counts, moved so that villages of a commune differ; v33 stays suppressed."""
    frame = tiny_world.adoption()
    step = np.tile([-15.0, 5.0, 15.0, -5.0], 4)
    kept = frame["unit_id"] == "v33"
    return frame.assign(numerator=(frame["numerator"] + step).clip(20, 80).where(~kept, frame["numerator"]))


def rate_of(adoption: pd.DataFrame, *, shrink: bool = True) -> np.ndarray:
    found = estimate.rates(adoption, tiny_world.villages(), min_people=20, shrink=shrink)
    return found["rate"].to_numpy(dtype=float)


def drawn_rates(adoption: pd.DataFrame, count: int = 60, seed: int = 1) -> np.ndarray:
    rng = draws.generator(seed, "rate x")
    return draws.rates(counts(adoption), rate_of(adoption), ELIGIBLE, count=count, rng=rng)


def test_smoothed_rates_lie_nearer_their_commune_and_keep_its_total():
    adoption = uneven()
    plain, leaned = rate_of(adoption, shrink=False), rate_of(adoption)
    found = estimate.rates(adoption, tiny_world.villages(), min_people=20, shrink=True)
    assert set(found["status"]) == {"smoothed", "suppressed"}
    given = counts(adoption)
    for group in range(given.groups):
        here = (given.group == group) & given.safe
        assert np.ptp(leaned[here]) < np.ptp(plain[here])
        assert (leaned * given.denominator)[here].sum() == pytest.approx(given.numerator[here].sum())
    assert leaned[~given.safe].tolist() == plain[~given.safe].tolist()


def test_equal_villages_have_nothing_to_be_smoothed():
    found = estimate.rates(tiny_world.adoption(), tiny_world.villages(), min_people=20, shrink=True)
    assert set(found["status"]) == {"observed", "suppressed"}
    assert found["rate"].tolist() == rate_of(tiny_world.adoption(), shrink=False).tolist()


def test_every_draw_keeps_the_official_totals():
    adoption = uneven()
    given, drawn = counts(adoption), drawn_rates(adoption)
    assert drawn.shape == (60, 16)
    for group in range(given.groups):
        here = (given.group == group) & given.safe
        people = (drawn * given.denominator)[:, here].sum(axis=1)
        assert people == pytest.approx(np.full(60, given.numerator[here].sum()))
    assert np.ptp(drawn[:, ~given.safe]) > 0


@settings(deadline=None, max_examples=20)
@given(numerator=st.integers(0, 19), denominator=st.integers(19, 400), seed=st.integers(0, 99))
def test_a_suppressed_count_changes_nothing_that_is_derived(numerator, denominator, seed):
    """The attacker compares two publications that differ in a hidden count alone: they are the same to the last digit."""
    first = uneven()
    at = first["unit_id"] == "v33"
    second = first.copy()
    second.loc[at, ["numerator", "denominator"]] = [float(numerator), float(denominator)]
    villages = tiny_world.villages()
    one, two = (estimate.rates(f, villages, min_people=20, shrink=True) for f in (first, second))
    pd.testing.assert_frame_equal(one, two)
    assert drawn_rates(first, 20, seed).tolist() == drawn_rates(second, 20, seed).tolist()


def test_a_commune_rate_is_spread_over_its_villages_and_keeps_its_total():
    frame = pd.DataFrame(
        {
            "unit_id": ["k00", "k01", "k10"],
            "level": "commune",
            "indicator": "vneid_activated",
            "numerator": [800.0, 500.0, 300.0],
            "denominator": 1000.0,
            "data_date": tiny_world.DATE,
            "synthetic": False,
        }
    )
    drawn, rate = drawn_rates(frame), rate_of(frame)
    commune = tiny_world.villages()["commune_id"].to_numpy()
    assert np.isnan(drawn[:, commune == "k11"]).all()
    assert drawn[:, commune == "k00"].mean(axis=1) == pytest.approx(np.full(60, 0.8))
    assert np.ptp(drawn[:, commune == "k00"], axis=0).min() > 0.01
    province = frame.iloc[:1].assign(unit_id="66", level="province")
    assert np.ptp(drawn_rates(province), axis=0).max() == 0
    assert rate[commune == "k00"].tolist() == [0.8] * 4


def coverage(share, low, high, operators, *, shared=0.5, count=4000):
    arrays = [np.array(v, dtype=float) for v in (share, low, high)]
    return draws.covered(*arrays, operators, shared=shared, count=count, rng=draws.generator(1, "coverage"))


def test_coverage_stays_in_its_interval_and_has_the_triangle_s_mean():
    found = coverage([0.5, 1.0, 0.0, math.nan], [0.2, 0.4, 0.0, math.nan], [0.6, 1.0, 0.0, math.nan], [("A",)] * 4)
    assert found[:, 0].min() >= 0.2
    assert found[:, 0].max() <= 0.6
    assert found[:, 0].mean() == pytest.approx((0.2 + 0.5 + 0.6) / 3, abs=0.01)
    assert found[:, 1].mean() == pytest.approx((0.4 + 1.0 + 1.0) / 3, abs=0.01)
    assert set(found[:, 2]) == {0.0}
    assert np.isnan(found[:, 3]).all()


def test_villages_of_one_operator_share_its_error():
    operators = [("A",), ("A",), ("B",), ()]
    found = coverage([0.5] * 4, [0.0] * 4, [1.0] * 4, operators, shared=0.5)
    likeness = np.corrcoef(found.T)
    assert likeness[0, 1] == pytest.approx(0.48, abs=0.06)
    assert abs(likeness[0, 2]) < 0.06
    assert abs(likeness[0, 3]) < 0.06
    alone = coverage([0.5] * 2, [0.0] * 2, [1.0] * 2, [("A",)] * 2, shared=1.0)
    assert alone[:, 0] == pytest.approx(alone[:, 1])


def test_minutes_share_one_error_and_out_of_reach_stays_out_of_reach():
    status = ["reached", "reached", "unreachable", "unknown"]
    found = draws.minutes(
        np.array([10.0, 20.0, math.nan, math.nan]), status, speed_error=0.1, count=50, rng=draws.generator(1, "speed")
    )
    assert found[:, 1] == pytest.approx(2 * found[:, 0])
    assert np.isinf(found[:, 2]).all()
    assert np.isnan(found[:, 3]).all()


def test_streams_do_not_move_each_other():
    assert draws.generator(1, "a").random() == draws.generator(1, "a").random()
    assert len({draws.generator(s, n).random() for s in (1, 2) for n in ("a", "b")}) == 4


@settings(deadline=None, max_examples=60)
@given(
    covered=st.one_of(st.just(math.nan), st.integers(0, 20).map(lambda k: k / 20)),
    adopted=st.one_of(st.just(math.nan), st.integers(0, 20).map(lambda k: k / 20)),
    minutes=st.sampled_from([5.0, 30.0, 31.0, math.inf, math.nan]),
)
def test_a_draw_has_the_class_that_a_village_with_its_values_has(covered, adopted, minutes):
    row = pd.DataFrame(
        {
            "eligible_people": [400_000],  # so many that rounding to people decides nothing
            "covered_share": [covered],
            "x_rate": [adopted],
            "coverage_status": [
                "unknown"
                if math.isnan(covered)
                else "covered"
                if covered >= 0.95
                else "not_covered"
                if covered <= 0.05
                else "partial"
            ],
            "support_minutes": [minutes if math.isfinite(minutes) else math.nan],
            "support_status": [
                "unknown" if math.isnan(minutes) else "reached" if math.isfinite(minutes) else "beyond_cutoff"
            ],
        }
    )
    row = row.join(needs.split(row, adoption="x"))
    wanted = needs.classify(row, skills_gap_at=0.25, reach_minutes=30.0)["need_class"].iloc[0]
    code = needs.class_codes(np.array(covered), np.array(adopted), np.array(minutes), limits=LIMITS)
    assert needs.CLASSES[int(code)] == wanted


def test_chance_of_the_published_class_by_hand():
    world = draws.Draws(
        np.array([[0.0, 1.0, math.nan], [0.5, 1.0, math.nan]]),
        np.array([[0.9, 0.9, 0.9], [0.9, 0.5, 0.9]]),
        np.full((2, 3), 5.0),
    )
    found = draws.class_probability(world, ["white_spot", "served", "unknown"], limits=LIMITS)
    assert found[:2].tolist() == [0.5, 0.5]
    assert math.isnan(found[2])


def test_bounds_hold_the_split_and_widen_with_the_draws():
    row = pd.DataFrame({"eligible_people": [100, 100], "covered_share": [0.5, math.nan], "x_rate": [0.6, 0.6]})
    row = row.join(needs.split(row, adoption="x"))
    found = needs.whole_bounds(row, adoption="x")
    assert found.iloc[0].tolist() == [0, 20, 20, 40]
    assert found.iloc[1].isna().all()
    world = draws.Draws(
        np.array([[0.4, math.nan], [0.7, math.nan]]), np.array([[0.6, 0.6], [0.5, 0.6]]), np.full((2, 2), 5.0)
    )
    wider = needs.whole_bounds(row, adoption="x", drawn=draws.need_bounds(world, np.array([100.0, 100.0]), level=0.9))
    # not adopted: 0 to 0.7 x 0.5; no signal: 0.3 x 0.5 to min(0.6, 0.4)
    assert wider.iloc[0].tolist() == [0, 35, 15, 40]
