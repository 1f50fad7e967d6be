"""The chance of usable signal, against Bayes' rule written out by hand and against brute force."""

from __future__ import annotations

import datetime as dt
import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import doubtful, evidence
from planner.evidence import DEFAULTS, Belief, Evidence, Rates

TODAY = dt.date(2026, 1, 1)
REPORT = Rates(0.7, 0.3)
BELIEF = Belief(0.5, 0.2, REPORT)


def shares(*rows):
    """Rows of unit, operator, evidence, share, and perhaps the day."""
    columns = ["unit_id", "operator", "evidence", "share", "data_date"]
    return pd.DataFrame([(*r, *[None] * (5 - len(r))) for r in rows], columns=columns).assign(technology="4G")


def said(*rows):
    """Reports of unit, operator, kind, weight."""
    return pd.DataFrame(list(rows), columns=["unit_id", "operator", "kind", "weight"]).assign(technology="4G")


def case(given, reports=None, *, rates=None, belief=BELIEF, units=("v",)):
    known = Evidence(given, rates or {}, said() if reports is None else reports, TODAY, belief)
    return known.of("4G", list(units))[0]


def chance(*args, belief=BELIEF, **more):
    found = case(*args, belief=belief, **more).of_any(belief)
    return tuple(float(v) for v in found.iloc[0])


def bayes(prior, *odds):
    """Return P by Bayes' rule from likelihood ratios."""
    total = prior / (1 - prior) * math.prod(odds)
    return total / (1 + total)


def test_a_claim_alone_holds_as_often_as_drive_tests_elsewhere_found():
    assert chance(shares(("v", "A", "declared", 1.0))) == pytest.approx((0.62, 0.62, 0.62))
    assert evidence.false_alarm(0.95, 0.62) == pytest.approx(0.95 * 0.38 / 0.62)


def test_a_declared_absence_and_a_half_covered_village():
    h, f = DEFAULTS["declared"].hit_rate, DEFAULTS["declared"].false_alarm_rate
    assert chance(shares(("v", "A", "declared", 0.0)))[0] == pytest.approx(bayes(0.5, (1 - h) / (1 - f)))
    half = (0.5 * h + 0.5 * (1 - h)) / (0.5 * f + 0.5 * (1 - f))
    assert chance(shares(("v", "A", "declared", 0.5)))[0] == pytest.approx(bayes(0.5, half))


def test_the_strongest_evidence_of_an_operator_votes_and_the_sum_is_the_independent_reading():
    given = shares(("v", "A", "declared", 1.0), ("v", "A", "measured", 0.0))
    measured, declared = 0.05 / 0.95, 0.62 / 0.38
    value, low, high = chance(given)
    assert value == low == pytest.approx(bayes(0.5, measured))
    assert high == pytest.approx(bayes(0.5, measured, declared))


def test_operators_with_signal_vote_together_and_one_without_is_no_witness_against_them():
    two = shares(("v", "A", "declared", 1.0), ("v", "B", "declared", 1.0))
    value, low, high = chance(two)
    assert value == pytest.approx(bayes(0.5, 0.62 / 0.38, 0.62 / 0.38))
    assert low == pytest.approx(0.62)
    assert high == pytest.approx(1 - 0.38**2)
    one = shares(("v", "A", "measured", 1.0), ("v", "B", "measured", 0.0))
    assert chance(one)[0] == pytest.approx(0.95)


def test_evidence_ages_by_its_half_life():
    rates = {("A", "4G", "measured"): Rates(0.9, 0.1, 100.0)}
    given = shares(("v", "A", "measured", 1.0, TODAY - dt.timedelta(days=200)))
    assert chance(given, rates=rates)[0] == pytest.approx(bayes(0.5, 9 ** (1 / 4)))


def test_nothing_is_said_where_there_is_only_a_prior():
    found = case(shares(("v", "A", "declared", math.nan))).of_any(BELIEF)
    assert found.isna().all(axis=None)
    assert chance(shares(), said(("v", "any", "no_signal", 1.0)))[0] == pytest.approx(bayes(0.5, 3 / 7))


def test_reports_lower_a_claim_no_further_than_the_cap_and_leave_what_lies_below_it():
    claim = shares(("v", "A", "declared", 1.0))
    one = chance(claim, said(("v", "A", "no_signal", 1.0)))[0]
    assert one == pytest.approx(bayes(0.5, 0.62 / 0.38, 3 / 7))
    assert chance(claim, said(("v", "A", "weak_signal", 0.5)))[0] == pytest.approx(
        bayes(0.5, 0.62 / 0.38, (3 / 7) ** 0.25)
    )
    assert chance(claim, said(*[("v", "A", "no_signal", 1.0)] * 40))[0] == pytest.approx(0.2)
    assert chance(claim, said(*[("v", "any", "no_signal", 1.0)] * 40))[0] == pytest.approx(0.2)
    absent = shares(("v", "A", "measured", 0.0))
    assert chance(absent, said(*[("v", "A", "no_signal", 1.0)] * 40))[0] == pytest.approx(0.05)
    assert chance(absent, said(*[("v", "A", "signal", 1.0)] * 40))[0] == pytest.approx(0.8)


def test_reports_as_one_witness_are_the_other_reading():
    found = chance(shares(("v", "A", "measured", 1.0)), said(*[("v", "A", "no_signal", 1.0)] * 3))
    assert found[0] == pytest.approx(bayes(0.5, 19, (3 / 7) ** 3))
    assert found[2] == pytest.approx(bayes(0.5, 19, 3 / 7))


def test_an_operator_counts_its_own_reports_and_those_that_name_nobody():
    given = shares(("v", "A", "declared", 1.0), ("v", "B", "declared", 1.0))
    reports = said(("v", "a", "no_signal", 1.0), ("v", "any", "no_signal", 1.0))
    found = case(given, reports)
    assert found.operators == ("A", "B")  # a report spells the name as it likes
    first, second = (found.of_operator(i, BELIEF).iloc[0, 0] for i in (0, 1))
    assert first == pytest.approx(bayes(0.5, 0.62 / 0.38, 3 / 7, 3 / 7))
    assert second == pytest.approx(bayes(0.5, 0.62 / 0.38, 3 / 7))


def test_votes_say_which_source_counts():
    given = shares(("v", "A", "declared", 1.0), ("v", "A", "measured", 0.0), ("v", "any", "declared", 1.0))
    known = Evidence(given, {}, said(("v", "any", "no_signal", 1.0)), TODAY, BELIEF)
    votes = known.of("4G", ["v"])[1]
    assert votes[["operator", "source", "counted"]].to_numpy().tolist() == [
        ["A", "measured", "yes"],
        ["A", "declared", "no"],
        ["any", "reports", "yes"],
    ]
    assert votes["log_odds"].tolist() == pytest.approx([math.log(1 / 19), math.log(0.62 / 0.38), math.log(3 / 7)])


VOTE = st.one_of(st.just(math.nan), st.floats(-5, 5))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(VOTE, min_size=1, max_size=3),
    st.floats(-4, 4),
    st.floats(-4, 4),
    st.floats(0, 3),
    st.builds(Belief, st.floats(0.05, 0.95), st.sampled_from([0.1, 0.2, 0.5]), st.just(REPORT)),
)
def test_more_evidence_for_signal_never_lowers_the_chance_and_the_interval_holds_it(votes, own, common, step, belief):
    size = len(votes)

    def value(first, of_reports, of_any):
        operators = np.array([[first], *[[v] for v in votes[1:]]])
        named = np.array([[of_reports], *[[0.0]] * (size - 1)])
        every = np.array([of_any])
        readings = [evidence.Reading(operators, named, every, union) for union in (False, True, False)]
        return evidence.Case(("v",), tuple("ABC"[:size]), *readings).of_any(belief).iloc[0]

    before = value(votes[0], own, common)
    if before.isna().any():
        return
    assert before.iloc[1] <= before.iloc[0] <= before.iloc[2]
    if not math.isnan(votes[0]):
        assert value(votes[0] + step, own, common).iloc[0] >= before.iloc[0] - 1e-9
        assert value(votes[0], own + step, common).iloc[0] >= before.iloc[0] - 1e-9
    assert value(votes[0], own, common + step).iloc[0] >= before.iloc[0] - 1e-9


@pytest.mark.parametrize(("settled_at", "cap"), [(0.25, 0.2), (0.1, 0.2), (0.05, 0.01)])
def test_the_number_of_reports_that_settles_a_claim_is_the_smallest_by_brute_force(settled_at, cap):
    belief = Belief(0.5, cap, REPORT)
    given = shares(*[("v", "A", "declared", 1.0), ("v", "B", "declared", 1.0), ("v", "A", "measured", 0.6)])
    before = [("v", "A", "no_signal", 1.0), ("v", "any", "weak_signal", 0.3), ("v", "B", "signal", 0.2)]
    found = case(given, said(*before), belief=belief)
    for position, name in ((0, "A"), (1, "B"), (None, "any")):
        needed = doubtful.reports_needed(found, belief, operator=position, settled_at=settled_at)[0]

        def after(number, position=position, name=name):
            further = case(given, said(*before, *[("v", name, "no_signal", 1.0)] * number), belief=belief)
            return doubtful.chance(further, belief, operator=position).iloc[0, 0]

        enough = [n for n in range(14) if after(n) <= settled_at + 1e-9]
        assert (None if pd.isna(needed) else needed) == (enough[0] if enough else None)


def test_claims_are_told_where_they_are_doubtful_only():
    units = ("v", "w", "x")
    rows = [(u, o, "declared", s) for u, s in zip(units, (1.0, 1.0, 0.5), strict=True) for o in ("A", "any")]
    given = shares(*rows)
    found = case(given, said(("v", "A", "no_signal", 1.0), ("x", "A", "no_signal", 1.0)), units=units)
    limits = {"covered_at": 0.95, "doubtful_below": 0.5, "settled_at": 0.25}
    claims = doubtful.claims(found, given, technology="4G", belief=BELIEF, **limits)
    assert claims[["unit_id", "operator", "negative_reports_needed"]].to_numpy().tolist() == [
        ["v", "A", 1],
        ["v", "any", 1],
    ]
    assert claims["usable_probability"].tolist() == pytest.approx([bayes(0.5, 0.62 / 0.38, 3 / 7)] * 2)
    none = doubtful.claims(case(given, units=units), given, technology="4G", belief=BELIEF, **limits)
    assert list(none) == list(doubtful.COLUMNS)
    assert none.empty


def test_the_order_of_reports_and_villages_changes_nothing():
    rows = [("v", "A", "declared", 1.0), ("w", "A", "declared", 0.0), ("w", "B", "measured", 0.4)]
    reports = [("v", "A", "no_signal", 0.5), ("w", "any", "weak_signal", 1.0)]
    first = case(shares(*rows), said(*reports), units=("v", "w")).of_any(BELIEF)
    for order in itertools.permutations(range(3)):
        again = case(shares(*[rows[i] for i in order]), said(*reversed(reports)), units=("w", "v")).of_any(BELIEF)
        pd.testing.assert_frame_equal(again.iloc[::-1].reset_index(drop=True), first)
