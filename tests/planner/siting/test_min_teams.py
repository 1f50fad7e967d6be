"""The fewest teams against every possible choice and published figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.errors import InfeasibleError
from planner.siting.min_teams import solve
from tests.planner.siting.strategies import problems
from tests.planner.siting.worlds import choices, line, problem, reached, same, shuffled

NAN = np.nan


def anywhere(world):
    """The same problem with as many teams as sites."""
    return replace(world, new_teams=world.site_ids.size)


def test_hand_worked_line():
    # A site reaches itself and its neighbours: 8 villages take 3; 34 of 36 people take 3, 33 only sites 3 and 6.
    plan = solve(line(new_teams=0))
    assert (plan.objective, plan.bound, plan.unit, plan.status, plan.unserved_people) == (3, 3, "teams", "optimal", 0)
    fewer = solve(line(share=33 / 36))
    assert (fewer.objective, fewer.sites.tolist(), fewer.objective_people) == (2, [3, 6], 33)
    assert solve(line(share=0.95)).objective == 3
    assert solve(line(existing=[6], locked_in=[0])).objective == 2


def test_a_share_that_cannot_be_reached_is_told_with_what_can():
    world = problem([[3.0, NAN], [NAN, 14.0], [NAN, NAN]], [60, 30, 10], reach_minutes=5)
    with pytest.raises(
        InfeasibleError, match=r"asks for 100 of 100 people.*40 too few.*v0001, v0002.*share = 0\.6; no longer"
    ):
        solve(world)
    with pytest.raises(InfeasibleError, match=r"share = 0\.6, or reach_minutes = 14"):
        solve(replace(world, share=0.9))
    assert solve(replace(world, share=0.6)).objective == 1


def test_no_advice_asks_for_a_share_of_nothing():
    with pytest.raises(InfeasibleError, match=r"Least change: another place for sites.*reach_minutes = 14") as told:
        solve(problem([[14.0, NAN]], [60], reach_minutes=5))
    assert "share = 0" not in str(told.value)
    full = problem([[3.0]], [60], reach_minutes=5, capacity_people=np.array([20.0]))
    with pytest.raises(InfeasibleError, match=r"Least change: more people per team, or split = true$"):
        solve(full)


@settings(deadline=None, max_examples=100)
@given(problems(), st.sampled_from([1.0, 0.8, 0.5]))
def test_equals_the_best_of_all_choices(world, share):
    world = replace(anywhere(world), share=share)
    wanted = share * world.need_people.sum() - 1e-9 * world.need_people.sum()
    if reached(world, np.flatnonzero(~world.locked_out | world.existing)) < wanted:
        with pytest.raises(InfeasibleError):
            solve(world)
        return
    new = ~world.existing
    best = min(int(new[sites].sum()) for sites in choices(world) if reached(world, sites) >= wanted)
    plan = solve(world)
    assert (plan.objective, plan.bound, plan.status) == (best, best, "optimal")
    assert plan.objective == len(plan.new_sites) <= plan.greedy
    assert plan.objective_people >= wanted
    assert set(np.flatnonzero(world.locked_in | world.existing)) <= set(plan.sites)


@settings(deadline=None, max_examples=30)
@given(problems(), st.integers(0, 2**32 - 1))
def test_order_of_the_input_changes_nothing(world, seed):
    world = replace(world, share=0.5)
    try:
        plan = solve(world)
    except InfeasibleError:
        assume(False)
    turned = shuffled(world, seed)
    assert world.site_ids[plan.new_sites].tolist() == turned.site_ids[solve(turned).new_sites].tolist()
    same(plan, solve(world))


@pytest.mark.parametrize(("metres", "teams"), [(5_000, 8), (8_000, 3), (10_000, 2)])
def test_san_francisco(san_francisco, metres, teams):
    minutes, need = san_francisco
    plan = solve(problem(minutes, need, reach_minutes=metres))
    assert (plan.objective, plan.bound, plan.status) == (teams, teams, "optimal")


def test_time_limit_still_gives_a_plan_and_a_bound():
    random = np.random.default_rng(5)
    place = random.random((300, 2)) * 100
    minutes = np.hypot(*(place[:, None] - place[None]).T)
    world = problem(minutes, np.ones(300), reach_minutes=9)
    plan, exact = solve(replace(world, time_limit_s=1e-6)), solve(world)
    assert plan.bound <= exact.objective <= plan.objective == plan.greedy
    assert plan.status == "time_limit"
    assert exact.status == "optimal"
