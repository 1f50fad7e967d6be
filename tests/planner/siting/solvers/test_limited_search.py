"""When HiGHS is asked to close a plan within limits: never with less time than it takes to begin."""

from __future__ import annotations

import numpy as np
import pytest

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
