"""The curve never falls, and bends where a person sees it bend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from planner.errors import InfeasibleError
from planner.siting import max_cover
from planner.siting.curve import curve
from tests.planner.siting.strategies import problems
from tests.planner.siting.worlds import line, problem


def test_hand_worked_line():
    # Two teams take 6 + 7 + 8 and 3 + 4 + 5, the third 1 + 2.
    found = curve(line(), [3, 0, 1, 2, 2], solve=max_cover.solve)
    assert found.teams_added.tolist() == [0, 1, 2, 3]
    assert found.people_reached.tolist() == found.bound_people.tolist() == [0, 21, 33, 36]
    assert found.knee == 1  # 21 / 36 - 1 / 3 and 33 / 36 - 2 / 3 are both a quarter: the fewer teams


def test_straight_and_flat_curves_have_no_knee():
    apart = problem(np.where(np.eye(4) > 0, 0.0, np.nan), np.full(4, 5.0))
    assert curve(apart, range(5), solve=max_cover.solve).knee is None
    assert curve(line(existing=range(8)), range(3), solve=max_cover.solve).knee is None


@settings(deadline=None, max_examples=40)
@given(problems())
def test_nothing_falls_and_bounds_hold(world):
    least = int((world.locked_in & ~world.existing).sum())
    found = curve(world, range(least, least + 4), solve=max_cover.solve)
    for values in (found.people_reached, found.bound_people, found.greedy_people):
        assert (np.diff(values) >= -1e-9).all()
    assert (found.people_reached <= found.bound_people).all()
    assert (found.greedy_people <= found.people_reached + 1e-9).all()


def test_a_worse_plan_with_more_teams_is_not_kept():
    def careless(given):
        plan = max_cover.solve(given)
        return replace(plan, objective_people=5.0, bound_people=50.0) if given.new_teams == 2 else plan

    found = curve(line(), [1, 2, 3], solve=careless)
    assert found.people_reached.tolist() == [21, 21, 36]
    assert found.bound_people.tolist() == [21, 36, 36]


def test_locked_sites_need_their_teams():
    with pytest.raises(InfeasibleError):
        curve(line(locked_in=[1]), [0, 1], solve=max_cover.solve)
    with pytest.raises(ValueError, match="at least one number"):
        curve(line(), [], solve=max_cover.solve)
