"""Who needs what: people are conserved, the split stays within its bounds, classes by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import needs
from planner.products import FOUR

share = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))
village = st.tuples(st.integers(0, 5_000), st.one_of(st.none(), share), st.one_of(st.none(), share))


def frame(rows):
    return pd.DataFrame(
        {
            "eligible_people": pd.array([r[0] for r in rows], dtype="Int64"),
            "covered_share": np.array([r[1] for r in rows], dtype=float),
            "x_rate": np.array([r[2] for r in rows], dtype=float),
        }
    )


def split(rows, **options):
    return needs.split(frame(rows), adoption="x", **options)


def people(found, position=0):
    return [None if pd.isna(v) else int(v) for v in found.iloc[position]]


@pytest.mark.parametrize(
    ("c", "a", "ratio", "expected"),
    [
        # Independent: 75 % covered, 40 % adopted: 400; 600 x 0.75; 600 x 0.25.
        (0.75, 0.4, 1.0, [400, 450, 150, 0, 250, 450]),
        # Nobody without signal adopts: all 400 adopters have signal, 750 - 400 do not adopt.
        (0.75, 0.4, 0.0, [400, 350, 250, 0, 250, 350]),
        # Half as likely: 0.4 / 0.875 of 750 adopt with signal, 342.857…; 407.14… do not; 192.857… have neither.
        (0.75, 0.4, 0.5, [400, 407, 193, 0, 250, 407]),
        # More adopters than people with signal: the ratio is cut, all 250 with signal adopt.
        (0.25, 0.4, 0.0, [400, 0, 600, 0, 750, 0]),
        (0.0, 0.4, 0.0, [400, 0, 600, 0, 1000, 0]),
        (0.0, 0.0, 0.0, [0, 0, 1000, 0, 1000, 0]),
        (1.0, 0.4, 0.0, [400, 600, 0, 0, 0, 600]),
        (1.0, 1.0, 1.0, [1000, 0, 0, 0, 0, 0]),
        (None, 0.4, 1.0, [400, 0, 0, 600, None, None]),
        (0.75, None, 1.0, [0, 0, 0, 1000, 250, None]),
        (None, None, 1.0, [0, 0, 0, 1000, None, None]),
    ],
)
def test_split_by_hand(c, a, ratio, expected):
    assert people(split([(1000, c, a)], ratio=ratio)) == expected


@pytest.mark.parametrize(("need", "expected"), [("not_adopted", 450), ("no_signal", 150), ("both", 600)])
def test_what_counts_as_need(need, expected):
    assert people(split([(1000, 0.75, 0.4)], need=need))[-1] == expected


def test_an_observed_count_comes_back_to_the_person():
    # A rate is numerator / denominator; with the denominator as eligible people it must give the numerator again.
    rows = [(d, 0.37, n / d) for d in (1, 7, 29, 997, 61_104) for n in range(0, d, max(1, d // 11))]
    found = split(rows)["adopted_people"].tolist()
    assert found == [n for d in (1, 7, 29, 997, 61_104) for n in range(0, d, max(1, d // 11))]


def test_without_an_adoption_layer_everything_but_signal_is_unknown():
    found = needs.split(frame([(100, 0.5, 0.5)]), adoption="absent")
    assert people(found) == [0, 0, 0, 100, 50, None]


@settings(deadline=None, max_examples=200)
@given(rows=st.lists(village, min_size=1, max_size=12), ratio=st.floats(0, 1))
def test_people_are_conserved_and_nested(rows, ratio):
    villages, found = frame(rows), split(rows, ratio=ratio)
    assert (found[list(FOUR)] >= 0).all(axis=None)
    assert (found[list(FOUR)].sum(axis=1) == villages["eligible_people"]).all()
    without = found["without_signal_people"]
    assert (found["no_signal_people"] <= without.fillna(10**9)).all()
    assert (found["not_adopted_people"] + without.fillna(0) <= villages["eligible_people"]).all()
    unknown = villages["covered_share"].isna() | villages["x_rate"].isna()
    assert (found["need_people"].isna() == unknown).all()
    assert (without.isna() == villages["covered_share"].isna()).all()


@settings(deadline=None, max_examples=200)
@given(rows=st.lists(village, min_size=1, max_size=12), ratio=st.floats(0, 1))
def test_split_lies_within_its_bounds_to_the_person(rows, ratio):
    villages, found = frame(rows), split(rows, ratio=ratio)
    limits = needs.bounds(villages, adoption="x")
    known = found["need_people"].notna().to_numpy()
    for name in ("not_adopted_people", "no_signal_people"):
        value = found.loc[known, name].astype(float)
        assert (value > limits.loc[known, f"{name}_low"] - 1.5).all()
        assert (value < limits.loc[known, f"{name}_high"] + 1.5).all()
    assert (limits.isna().all(axis=1) == ~known).all()


@settings(deadline=None, max_examples=200)
@given(c=share, a=share, ratio=share)
def test_exact_split_lies_within_its_bounds(c, a, ratio):
    covered, adopted = np.array([c]), np.array([a])
    no_signal = needs._no_signal_share(covered, adopted, ratio)[0]
    not_adopted = 1 - a - no_signal
    low, high, low_n, high_n = needs.bounds(frame([(1, c, a)]), adoption="x").iloc[0]
    assert low - 1e-12 <= not_adopted <= high + 1e-12
    assert low_n - 1e-12 <= no_signal <= high_n + 1e-12
    # The ends are reached: independence at 1, and nobody who could have signal lacks it at 0.
    assert 1 - a - needs._no_signal_share(covered, adopted, 1.0)[0] == pytest.approx(high, abs=1e-12)
    assert 1 - a - needs._no_signal_share(covered, adopted, 0.0)[0] == pytest.approx(low, abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(e=st.integers(0, 5_000), c=share, a=share, ratio=st.floats(0, 1))
def test_adopted_and_without_signal_are_rounded_to_the_nearest(e, c, a, ratio):
    found = split([(e, c, a)], ratio=ratio).iloc[0].astype(float)
    assert abs(found["adopted_people"] - a * e) <= 0.5 + 1e-8
    assert abs(found["without_signal_people"] - (1 - c) * e) <= 0.5 + 1e-8
    exact = needs._no_signal_share(np.array([c]), np.array([a]), ratio)[0] * e
    assert abs(found["no_signal_people"] - exact) <= 1.0 + 1e-8
    assert abs(found["not_adopted_people"] - (e - a * e - exact)) <= 1.5 + 1e-8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"covered_share": 1.5}, "covered_share = 1.5"),
        ({"x_rate": -0.1}, "x_rate = -0.1"),
        ({"eligible_people": -1}, "eligible_people"),
        ({"eligible_people": pd.NA}, "eligible_people"),
        ({"eligible_people": 1.5}, "eligible_people"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        needs.split(frame([(100, 0.5, 0.5)]).assign(**change), adoption="x")


@pytest.mark.parametrize("ratio", [-0.1, 1.1, math.nan])
def test_refuses_a_ratio_outside_its_range(ratio):
    with pytest.raises(ValueError, match="ratio"):
        split([(100, 0.5, 0.5)], ratio=ratio)


def classified(**changes):
    one = {
        "eligible_people": 100,
        "coverage_status": "covered",
        "support_minutes": 10.0,
        "support_status": "reached",
        "not_adopted_people": 10,
        "no_signal_people": 5,
        "need_people": 10,
        **changes,
    }
    villages = pd.DataFrame({k: [v] for k, v in one.items()}, index=["v"])
    whole = ["eligible_people", "not_adopted_people", "no_signal_people", "need_people"]
    villages[whole] = villages[whole].astype("Int64")
    found = needs.classify(villages, skills_gap_at=0.25, reach_minutes=30.0)
    assert found.index.tolist() == ["v"]
    return tuple(found.iloc[0])


FAR = {"support_minutes": 31.0}
SKILLS = {"not_adopted_people": 25}
WEAK = {"coverage_status": "partial"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("served", "none")),
        ({"support_minutes": 30.0}, ("served", "none")),
        ({"not_adopted_people": 24}, ("served", "none")),
        (WEAK, ("weak_spot", "operator_request")),
        (SKILLS, ("skills_gap", "community_team")),
        (FAR, ("access_gap", "rapid_response_visit")),
        ({"support_status": "unreachable", "support_minutes": math.nan}, ("access_gap", "rapid_response_visit")),
        ({"support_status": "beyond_cutoff", "support_minutes": math.nan}, ("access_gap", "rapid_response_visit")),
        ({"support_status": "unknown", "support_minutes": math.nan}, ("served", "none")),
        (WEAK | SKILLS, ("several", "community_team")),
        (WEAK | SKILLS | {"no_signal_people": 26}, ("several", "operator_request")),
        (WEAK | FAR | {"not_adopted_people": 5}, ("several", "community_team")),
        (SKILLS | FAR, ("several", "community_team")),
        ({"coverage_status": "unknown", "need_people": pd.NA} | FAR, ("unknown", "survey")),
        ({"need_people": pd.NA}, ("unknown", "survey")),
        ({"coverage_status": "not_covered"}, ("white_spot", "operator_request")),
        ({"coverage_status": "not_covered"} | SKILLS | FAR, ("white_spot", "operator_request")),
        ({"coverage_status": "not_covered", "need_people": pd.NA}, ("white_spot", "operator_request")),
        ({"eligible_people": 0, "not_adopted_people": 0}, ("served", "none")),
    ],
)
def test_classes_by_hand(changes, expected):
    assert classified(**changes) == expected


@settings(deadline=None, max_examples=50)
@given(rows=st.lists(village, min_size=1, max_size=12), data=st.data())
def test_communes_and_the_province_keep_their_people(rows, data):
    villages, found = frame(rows), split(rows)
    commune = data.draw(st.lists(st.sampled_from("abc"), min_size=len(rows), max_size=len(rows)))
    sums = found[list(FOUR)].groupby(commune).sum().sum(axis=1)
    assert sums.to_dict() == villages["eligible_people"].groupby(commune).sum().to_dict()
