"""p-center against every possible choice and a published figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InfeasibleError, LimitError
from planner.siting.p_center import solve
from tests.planner.siting.strategies import problems
from tests.planner.siting.worlds import choices, dense, line, problem, same, shuffled

NAN = np.nan


def longest(world, sites, voters):
    near = dense(world)[np.flatnonzero(voters)][:, list(sites)]
    near = np.where(near <= world.reach_minutes, near, np.nan)
    return float(np.fmin.reduce(near, axis=1, initial=np.inf).max(initial=0.0))


def test_hand_worked_line():
    # Nine villages 6 minutes apart, three teams: each in the middle of three.
    plan = solve(line(9, new_teams=3, reach_minutes=np.inf))
    assert (plan.objective, plan.bound, plan.unit, plan.status) == (6.0, 6.0, "minutes", "optimal")
    assert plan.sites.tolist() == [1, 4, 7]


def test_villages_without_need_or_without_any_site_have_no_say():
    world = problem([[2.0, NAN], [9.0, NAN], [NAN, NAN]], [5, 0, 4], new_teams=1)
    plan = solve(world)
    assert (plan.objective, plan.unserved_people) == (2.0, 4.0)


def test_too_few_teams_is_told_with_how_many_would_do():
    with pytest.raises(
        InfeasibleError, match=r"^2 new teams cannot .* 10 minutes: 1 too few\. Least change: teams = 3"
    ):
        solve(line(8, new_teams=2))
    assert solve(line(8, new_teams=3)).objective == 6.0


@settings(deadline=None, max_examples=100)
@given(problems())
def test_equals_the_best_of_all_choices(world):
    allowed = np.flatnonzero(~world.locked_out | world.existing)
    near = dense(world)[:, allowed] <= world.reach_minutes
    voters = near.any(axis=1) & (world.need_people > 0)
    best = min(longest(world, sites, voters) for sites in choices(world))
    if np.isinf(best):
        with pytest.raises(InfeasibleError):
            solve(world)
        return
    plan = solve(world)
    assert (plan.objective, plan.bound, plan.status) == (best, best, "optimal")
    assert longest(world, plan.sites, voters) == best
    assert np.isnan(plan.greedy) or plan.greedy >= best
    assert len(plan.new_sites) <= world.new_teams


@settings(deadline=None, max_examples=30)
@given(problems(most_teams=6), st.integers(0, 2**32 - 1))
def test_order_of_the_input_changes_nothing(world, seed):
    world = replace(world, reach_minutes=20.0, new_teams=7)
    plan, turned = solve(world), shuffled(world, seed)
    assert world.site_ids[plan.new_sites].tolist() == turned.site_ids[solve(turned).new_sites].tolist()
    same(plan, solve(world))


def test_san_francisco(san_francisco):
    minutes, need = san_francisco
    plan = solve(problem(minutes, need, new_teams=4, reach_minutes=np.inf))
    assert plan.objective == plan.bound == pytest.approx(7_403.064, abs=1e-3)


def test_without_time_a_plan_has_a_bound_or_there_is_none():
    plan = solve(line(9, new_teams=3, reach_minutes=np.inf, time_limit_s=1e-9))
    assert plan.bound <= 6.0 <= plan.objective
    # Sites in the middle tempt the one-by-one choice to take one too many.
    table = [[0.0, NAN, NAN], [0.0, 0.0, NAN], [NAN, 0.0, 0.0], [NAN, NAN, 0.0], [0.0, 0.0, NAN], [NAN, 0.0, 0.0]]
    tempted = problem(table, np.ones(6), new_teams=2)
    assert solve(tempted).sites.tolist() == [0, 2]
    with pytest.raises(LimitError, match="before any plan"):
        solve(replace(tempted, time_limit_s=1e-9))
