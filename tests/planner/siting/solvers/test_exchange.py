"""Swaps within limits, worked out by hand and against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.siting.fewest_within import people_of
from planner.siting.kernels import leaving
from planner.siting.solvers import exchange, limited_bound
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.goal import Goal
from planner.siting.within import limited_of, rules_of
from tests.planner.siting.worlds import problem

NAN = np.nan


def limited(world):
    return limited_of(world, people_of(world), rules_of(world, clock=Clock(60.0)))


def better(given_limits, sites):
    options = given_limits.options.first[np.asarray(sites)]
    plan = given_limits.assigned(np.sort(options), search=False)
    return exchange.improved(given_limits, plan, bound=np.inf, goal=Goal(0.0), clock=Clock(60.0))


def open_sites(limits, plan):
    return limits.options.site[plan.chosen].tolist()


def town(**options):
    """Site 0 reaches 6 people, site 1 and site 2 reach two villages of 5 each; a team serves 10."""
    table = [[1, NAN, NAN], [NAN, 1, 2], [NAN, 1, NAN], [NAN, NAN, 1]]
    return problem(table, [6, 5, 5, 4], capacity_people=np.full(3, 10.0), **options)


def test_a_team_moves_to_where_it_serves_more():
    limits = limited(town())
    plan = better(limits, [0])
    assert (plan.value, open_sites(limits, plan)) == (10, [1])


def test_a_swap_keeps_to_budget_and_communes():
    dear = limited(town(cost=np.array([1.0, 9.0, 2.0]), budget=2.0))
    assert open_sites(dear, better(dear, [0])) == [2]
    communes = limited(town(new_teams=2, commune_ids=np.array(["a", "b", "b"]), min_per_commune=1))
    plan = better(communes, [0, 2])
    assert (plan.value, open_sites(communes, plan)) == (16, [0, 1])


def standing(**options):
    """A team stands at site 0, which reaches 3 people; sites 1 and 2 reach 10 and 9, and nothing new may be placed."""
    table = [[1, NAN, NAN], [NAN, 1, NAN], [NAN, NAN, 1]]
    world = {"new_teams": 0, "existing": np.array([True, False, False]), "movable": np.array([True, False, False])}
    return limited(problem(table, [3, 10, 9], capacity_people=np.full(3, 10.0), **(world | options)))


def stay(limits):
    """Return the plan in which everybody stays where they stand."""
    plan = limits.assigned(limits.options.first[limits.options.required.nonzero()[0]], search=False)
    return exchange.improved(limits, plan, bound=np.inf, goal=Goal(0.0), clock=Clock(60.0))


def test_a_standing_team_moves_to_where_it_serves_most():
    limits = standing()
    plan = stay(limits)
    assert (plan.value, open_sites(limits, plan)) == (10, [0, 1])  # 0: what is done there is to leave
    assert limits.options.sent[plan.chosen].tolist() == [1, 0]


def test_a_move_keeps_to_the_budget_and_a_commune_keeps_its_site():
    dear = standing(budget=5.0, cost=np.zeros(3), move_cost=np.array([6.0, 0.0, 0.0]))
    assert stay(dear).value == 3
    kept = standing(
        commune_ids=np.array(["a", "b", "b"]), min_per_commune=0, min_per_priority_commune=1, priority_communes=("a",)
    )
    assert stay(kept).value == 3


def test_teams_and_moves_are_bounded_together():
    limits = standing(new_teams=1)
    goal, clock = Goal(0.0), Clock(60.0)
    start = limits.assigned(limits.options.first[:1], search=False)
    found = limited_bound.bound(limits, best=start, most=np.inf, goal=goal, clock=clock)
    assert found.value == pytest.approx(19, abs=0.01)  # two teams: the standing one may go to 2 and the new one to 1


def test_a_village_larger_than_every_site_there_says_nothing():
    limits = limited(problem([[1.0, 1.0], [1.0, NAN]], [50, 5], capacity_people=np.array([10.0, 60.0])))
    assert limits.service.most.tolist() == [50, 5]
    limits = limited(problem([[1.0, 1.0], [1.0, NAN]], [70, 5], capacity_people=np.array([10.0, 60.0])))
    assert limits.service.most.tolist() == [0, 5]


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 10_000))
def test_losses_are_those_of_a_plain_loop(seed):
    random = np.random.default_rng(seed)
    n, m = random.integers(1, 9), random.integers(1, 6)
    table = np.where(random.random((n, m)) < 0.6, random.integers(0, 9, (n, m)), NAN)
    room = random.integers(5, 30, m).astype(float)
    limits = limited(problem(table, random.integers(1, 12, n), new_teams=int(m), capacity_people=room))
    plan = limits.assigned(limits.options.first[np.arange(m)], search=False)
    left, now = limits.left(plan.chosen, plan.sites), limits.saved(plan.sites)
    found = leaving.losses(limits.by_village, limits.load, left, plan.sites, now)
    start, site, value = limits.by_village
    for j in range(m):
        free, lost = left.copy(), 0.0
        for i in np.flatnonzero(plan.sites == j):
            lost += now[i]
            for k in range(start[i], start[i + 1]):
                if site[k] != j and free[site[k]] >= limits.load[i]:
                    free[site[k]] -= limits.load[i]
                    lost -= value[k]
                    break
        assert found[j] == lost


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000))
def test_swaps_never_lose_and_keep_to_the_limits(seed):
    random = np.random.default_rng(seed)
    n, m = random.integers(2, 12), random.integers(2, 8)
    table = np.where(random.random((n, m)) < 0.5, random.integers(0, 9, (n, m)), NAN)
    teams = int(random.integers(1, m))
    limits = limited(problem(table, random.integers(0, 12, n), new_teams=teams, capacity_people=np.full(m, 15.0)))
    first = limits.assigned(np.sort(limits.options.first[random.permutation(m)[:teams]]), search=False)
    plan = exchange.improved(limits, first, bound=np.inf, goal=Goal(0.0), clock=Clock(60.0))
    assert plan.value >= first.value
    assert limits.kept(plan.chosen)
    room = limits.room(plan.chosen)
    served = plan.sites >= 0
    used = np.bincount(plan.sites[served], limits.load[served], minlength=int(m))
    assert (used[room >= 0] <= room[room >= 0]).all()
    assert (used[room < 0] == 0).all()
    assert plan.value == limits.load[served].sum()
