"""p-median against every possible choice, published optima and the laws it must keep."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import PlanError
from planner.siting.p_median import solve
from tests.planner.siting import instances
from tests.planner.siting.strategies import problems
from tests.planner.siting.worlds import choices, dense, line, problem, same, shuffled

NAN = np.nan
# Beasley 1985, proven there and by others since
OPTIMA = {
    "pmed1": 5819,
    "pmed2": 4093,
    "pmed3": 4250,
    "pmed4": 3034,
    "pmed5": 1355,
    "pmed6": 7824,
    "pmed7": 5631,
    "pmed8": 4445,
    "pmed9": 2734,
    "pmed10": 1255,
    "pmed11": 7696,
    "pmed16": 8162,
}


def cost(world, sites, unserved):
    near = dense(world)[:, list(sites)]
    near = np.where(near <= world.reach_minutes, near, np.nan)
    nearest = np.fmin.reduce(near, axis=1, initial=unserved)
    return float((nearest * world.need_people).sum())


def test_hand_worked_line():
    # Villages of 1 to 6 people, 6 minutes apart. Sites 2 and 5: 12 + 12 + 0 + 24 + 30 + 0 = 78 person-minutes; alone
    # site 5 costs 210 and site 2 216.
    plan = solve(line(6, new_teams=2, reach_minutes=np.inf))
    assert (plan.objective, plan.bound, plan.unit, plan.status) == (78.0, 78.0, "person_minutes", "optimal")
    assert (plan.sites.tolist(), plan.new_sites.tolist()) == ([2, 5], [5, 2])
    assert plan.assignments.tolist() == [2, 2, 2, 2, 5, 5]
    assert plan.unserved_people == 0


def test_unserved_people_count_as_told():
    world = problem([[4.0, NAN], [NAN, 9.0]], [10, 1], new_teams=1, reach_minutes=9)
    assert solve(world).objective == 10 * 4 + 1 * 9  # by default as much as the reach
    plan = solve(replace(world, unserved_minutes=60.0))
    assert (plan.objective, plan.unserved_people, plan.objective_people, plan.bound_people) == (100.0, 1.0, 10.0, 11.0)
    assert solve(replace(world, unserved_minutes=600.0)).objective == 40 + 600


def test_unserved_minutes_below_a_way_within_reach_are_refused():
    with pytest.raises(PlanError, match=r"unserved_minutes = 5\.0.*12\.0 minutes"):
        solve(line(3, reach_minutes=20, unserved_minutes=5.0))


@settings(deadline=None, max_examples=100)
@given(problems(), st.sampled_from([None, 20.0, 33.5]))
def test_equals_the_best_of_all_choices(world, unserved):
    plan = solve(replace(world, unserved_minutes=unserved))
    counted = world.reach_minutes if unserved is None else unserved
    best = min(cost(world, sites, counted) for sites in choices(world))
    slack = 1e-8 * (1 + world.need_people.sum() * counted)
    assert plan.objective == pytest.approx(best, abs=slack)
    assert plan.objective == pytest.approx(cost(world, plan.sites, counted), abs=slack)
    assert plan.bound <= plan.objective <= plan.greedy
    assert plan.bound >= best - slack
    assert plan.status == "optimal"
    opened = np.isin(np.arange(world.site_ids.size), plan.sites)
    assert opened[world.existing | world.locked_in].all()
    assert not opened[world.locked_out].any()
    assert len(plan.new_sites) <= world.new_teams
    assert plan.objective_people <= plan.bound_people


@settings(deadline=None, max_examples=40)
@given(problems(), st.integers(0, 2**32 - 1))
def test_order_of_the_input_changes_nothing(world, seed):
    turned = shuffled(world, seed)
    plan, other = solve(world), solve(turned)
    assert world.site_ids[plan.new_sites].tolist() == turned.site_ids[other.new_sites].tolist()
    assert (plan.objective, plan.bound, plan.greedy) == (other.objective, other.bound, other.greedy)
    same(plan, solve(world))


@settings(deadline=None, max_examples=40)
@given(problems())
def test_one_more_team_never_costs(world):
    more = replace(world, new_teams=world.new_teams + 1)
    assert solve(more).objective <= solve(world).objective + 1e-8 * (1 + solve(world).objective)


def test_san_francisco(san_francisco):
    minutes, need = san_francisco
    plan = solve(problem(minutes, need, new_teams=4, reach_minutes=np.inf))
    assert plan.objective == pytest.approx(2_848_268_129.715, abs=1e-3)
    assert plan.status == "optimal"


@pytest.mark.real
@pytest.mark.parametrize("name", OPTIMA)
def test_or_library(real_data, name):
    far, sites = instances.p_median(real_data / "benchmarks" / "orlib_pmed" / f"{name}.txt")
    plan = solve(problem(far, np.ones(len(far)), new_teams=sites, reach_minutes=np.inf))
    assert (plan.objective, plan.bound, plan.status) == (OPTIMA[name], OPTIMA[name], "optimal")
    assert plan.greedy > plan.objective
