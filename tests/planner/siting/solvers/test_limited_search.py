"""When HiGHS is asked to close a plan within limits: never with less time than it takes to begin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.siting import MODELS
from planner.siting.solvers import highs, limited_search
from tests.planner.siting.worlds import problem


def narrow():
    """One site with room for 10 people, villages of 7 and 6: 7 are served at best, prices alone allow 10."""
    return problem([[1.0], [1.0]], [7, 6], capacity_people=np.array([10.0]), gap=0.0)


def test_highs_closes_what_prices_leave_open():
    plan = MODELS["max_cover"](narrow())
    assert (plan.objective, plan.bound) == (7, 7)
    assert "HiGHS" in plan.solver


def test_with_too_little_time_it_is_not_asked_and_the_plan_says_so(monkeypatch: pytest.MonkeyPatch):
    asked = []
    real = highs.solve
    monkeypatch.setattr(
        limited_search.highs, "solve", lambda *a, **k: (asked.append(a[0].integer.size), real(*a, **k))[1]
    )
    monkeypatch.setattr(limited_search, "PAIRS_PER_SECOND", 0)
    plan = MODELS["max_cover"](narrow())
    assert plan.objective == 7
    assert 7 < plan.bound <= 10
    assert plan.solver.endswith("too little time left for HiGHS")
    assert max(asked, default=0) < 3  # what it is asked beforehand chooses options, and serves no village


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000))
def test_prices_of_another_problem_change_neither_what_is_allowed_nor_the_proof(seed: int):
    random = np.random.default_rng(seed)
    n, m = random.integers(2, 8), random.integers(2, 5)
    table = np.where(random.random((n, m)) < 0.6, random.integers(0, 9, (n, m)), np.nan)
    world = problem(
        table,
        random.integers(1, 12, n),
        new_teams=int(random.integers(1, m)),
        capacity_people=np.full(m, 12.0),
        gap=0.0,
    )
    cold = MODELS["max_cover"](world)
    warm = MODELS["max_cover"](replace(world, warm_prices=random.uniform(-1, 2, n), warm_sites=cold.sites))
    assert warm.objective == cold.objective == pytest.approx(warm.bound)


def test_the_plan_hands_its_prices_on_by_village_in_any_order():
    table = [[1.0, 2.0], [1.0, np.nan], [np.nan, 1.0]]
    world = problem(table, [7, 6, 5], capacity_people=np.array([10.0, 10.0]), new_teams=1, gap=0.0)
    plan = MODELS["max_cover"](world)
    assert plan.prices is not None
    assert ((plan.prices >= 0) & (plan.prices <= 1)).all()
    turned = replace(
        world, unit_ids=world.unit_ids[::-1], need_people=world.need_people[::-1], minutes=world.minutes[::-1]
    )
    order = np.argsort(world.unit_ids)
    again = MODELS["max_cover"](turned)
    assert again.prices[::-1][order] == pytest.approx(plan.prices[order])
