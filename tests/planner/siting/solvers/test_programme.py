"""Weak duality: whatever the prices, no point is worth more than the bound."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.siting.solvers import highs
from planner.siting.solvers.programme import Programme
from tests.planner.siting.solvers.test_scip import covering


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 50), st.lists(st.floats(-60, 60), min_size=31, max_size=31))
def test_no_prices_give_a_bound_below_the_best_point(seed, prices):
    programme = covering(seed)
    best = programme.cost @ highs.solve(programme, first=None, slack=1e-6, seconds=60.0).x
    assert programme.bound(np.array(prices)) >= best - 1e-6


def test_the_prices_of_the_optimum_give_its_value():
    # 3 x + 2 y with x + y <= 1.5, both up to 1: x whole, y half
    programme = Programme(
        cost=np.array([3.0, 2.0]),
        integer=np.zeros(2, dtype=bool),
        start=np.array([0, 2]),
        index=np.array([0, 1]),
        value=np.ones(2),
        lower=np.array([-np.inf]),
        upper=np.array([1.5]),
    )
    point, prices = highs.relaxed(programme, seconds=9.0)
    assert point == pytest.approx([1.0, 0.5])
    assert prices == pytest.approx([2.0])
    assert programme.bound(prices) == pytest.approx(4.0)
