"""Draws that add to official totals: SciPy's root finder as oracle, and the laws of raking."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit, logit

from planner import raking


def test_by_hand():
    # Two villages of 100 at even odds and at 4 to 1; odds x 2 make 2/3 and 8/9, together 155.56 people.
    found = raking.rake(
        np.array([0.5, 0.8]), np.array([100, 100]), np.array([0, 0]), totals=np.array([100 * (2 / 3 + 8 / 9)])
    )
    assert found == pytest.approx([2 / 3, 8 / 9], abs=1e-10)


def test_equals_a_root_finder():
    rng = np.random.Generator(np.random.PCG64(2))
    rates, people = rng.beta(2, 1, (5, 9)), rng.integers(1, 500, 9)
    found = raking.rake(rates, people, np.zeros(9, dtype=np.intp), totals=np.array([0.2 * people.sum()]))
    for row, raked in zip(rates, found, strict=True):
        step = brentq(lambda t, r=row: people @ expit(logit(r) + t) - 0.2 * people.sum(), -50, 50, xtol=1e-14)
        assert raked == pytest.approx(expit(logit(row) + step), abs=1e-10)


def test_leaves_alone_what_has_no_total():
    rates = np.array([[0.1, 0.2, 0.3, 0.4]])
    group = np.array([0, 1, -1, 0])
    found = raking.rake(rates, np.full(4, 10), group, totals=np.array([8.0, np.nan]))
    assert found[0, 1:3].tolist() == [0.2, 0.3]
    assert found[0, [0, 3]].sum() == pytest.approx(0.8)
    assert rates.tolist() == [[0.1, 0.2, 0.3, 0.4]]


def test_nothing_to_rake():
    rates = np.array([[0.1, 0.2]])
    assert raking.rake(rates, np.ones(2), np.array([-1, -1]), totals=np.array([])).tolist() == rates.tolist()


@pytest.mark.parametrize(("total", "expected"), [(0.0, [0.0, 0.0]), (30.0, [1.0, 1.0])])
def test_ends_are_exact(total, expected):
    found = raking.rake(np.array([0.3, 0.9]), np.array([10, 20]), np.array([0, 0]), totals=np.array([total]))
    assert found.tolist() == expected


def test_a_group_of_nobody_keeps_its_rates():
    found = raking.rake(np.array([0.3, 0.9]), np.zeros(2), np.array([0, 0]), totals=np.array([0.0]))
    assert found.tolist() == [0.3, 0.9]


@pytest.mark.parametrize("total", [-1.0, 31.0])
def test_refuses_an_impossible_total(total):
    with pytest.raises(ValueError, match="the group has 30 people"):
        raking.rake(np.array([0.3, 0.9]), np.array([10, 20]), np.array([0, 0]), totals=np.array([total]))


@pytest.mark.parametrize("rate", [-0.1, 1.1, np.nan])
def test_refuses_what_is_no_share(rate):
    with pytest.raises(ValueError, match="between 0 and 1"):
        raking.rake(np.array([rate]), np.array([10]), np.array([0]), totals=np.array([5.0]))


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_totals_are_met_in_every_draw_and_order_is_kept(data):
    units, rows = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 40))
    seed = data.draw(st.integers(0, 2**32))
    rng = np.random.Generator(np.random.PCG64(seed))
    shape = data.draw(st.sampled_from([0.05, 1.0, 30.0]))
    rates = rng.beta(shape, shape, (rows, units))
    people, group = rng.integers(0, 1_000, units), rng.integers(0, 3, units)
    whole = np.bincount(group, weights=people, minlength=3)
    totals = whole * np.array(data.draw(st.lists(st.floats(0, 1), min_size=3, max_size=3)))
    found = raking.rake(rates, people, group, totals=totals)
    assert ((found >= 0) & (found <= 1)).all()
    for g in range(3):
        inside = group == g
        assert found[:, inside] @ people[inside] == pytest.approx(np.full(rows, totals[g]), abs=1e-7)
        if whole[g] > 0 and inside.any():
            ordered = np.take_along_axis(found[:, inside], np.argsort(rates[:, inside], axis=1), axis=1)
            assert (np.diff(ordered, axis=1) >= -1e-12).all()
