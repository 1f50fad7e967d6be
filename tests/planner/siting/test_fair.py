"""Fair ways: worked out by hand, against every choice, and what fairness costs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import PlanError
from planner.siting import fair, fairness, max_cover, p_median
from planner.siting.burden import Burden, averse
from tests.planner.siting.strategies import problems
from tests.planner.siting.worlds import choices, dense, problem, same, shuffled

# a town of 90 and a hamlet of 10, a site at each and one between: 0 and 20, 20 and 0, 8 and 12 minutes
TOWN = problem([[0.0, 20.0, 8.0], [20.0, 0.0, 12.0]], [90, 10], reach_minutes=30.0)


def test_the_way_that_would_be_as_bad_for_all_by_hand():
    burden = Burden("fair", "minutes", 0.1)
    total = 90 * math.expm1(0.0) / 0.1 + 10 * math.expm1(2.0) / 0.1
    assert 90 * burden.of(np.array(0.0)) + 10 * burden.of(np.array(20.0)) == pytest.approx(total)
    assert burden.told(total, people=100) == pytest.approx(10 * math.log(0.9 + 0.1 * math.e**2))


def test_the_scale_is_that_of_the_ways():
    # mean 2, mean of squares 20 * 20 / 10 = 40: an aversion of 1 is 0.05 a minute
    burden = averse(np.array([0.0, 20.0]), np.array([90.0, 10.0]), aversion=1.0, unserved_minutes=30.0)
    assert burden.rate_per_minute == pytest.approx(0.05)


def test_the_town_wins_while_minutes_count_alike_and_the_middle_once_long_ways_count_more():
    assert p_median.solve(TOWN).new_sites.tolist() == [0]
    gentle, strict = (fair.solve(replace(TOWN, aversion=a)) for a in (0.5, 6.0))
    assert gentle.new_sites.tolist() == [0]
    assert strict.new_sites.tolist() == [2]
    rate = 6.0 * 0.05
    assert strict.objective == pytest.approx(math.log(0.9 * math.exp(rate * 8) + 0.1 * math.exp(rate * 12)) / rate)
    assert (strict.unit, strict.status) == ("minutes", "optimal")


def test_no_aversion_is_the_p_median():
    plain, none = p_median.solve(TOWN), fair.solve(replace(TOWN, aversion=0.0))
    assert none.sites.tolist() == plain.sites.tolist()
    assert none.objective * 100 == pytest.approx(plain.objective)


def test_too_much_aversion_names_the_most_that_can_be():
    with pytest.raises(PlanError, match=r"Least change: aversion = 13\.33"):
        fair.solve(replace(TOWN, aversion=50.0))
    with pytest.raises(PlanError, match="0 or more"):
        fair.solve(replace(TOWN, aversion=-1.0))
    with pytest.raises(PlanError, match=r"aversion means nothing to deploy\.model = 'max_cover'"):
        max_cover.solve(replace(TOWN, aversion=1.0))


@settings(deadline=None, max_examples=60)
@given(problems(), st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_equals_the_best_of_all_choices(world, aversion):
    asked = replace(world, aversion=aversion)
    plan = fair.solve(asked)
    people = world.need_people
    if people.sum() == 0:
        return
    burden, unserved = fair.burden_of(asked), p_median.unserved_minutes(world)
    table = np.where(dense(world) <= world.reach_minutes, dense(world), np.nan)

    def told(sites):
        ways = np.fmin(
            table[:, list(sites)].min(axis=1, initial=np.inf, where=~np.isnan(table[:, list(sites)])), unserved
        )
        return burden.told(float(people @ burden.of(ways)), people=float(people.sum()))

    best = min(told(sites) for sites in choices(world))
    assert plan.objective == pytest.approx(best, abs=1e-6, rel=1e-7)
    assert plan.bound <= plan.objective
    assert plan.bound == pytest.approx(best, abs=1e-6, rel=1e-7)
    mean = float(people @ np.where(plan.assignments >= 0, plan.assigned_minutes, unserved)) / float(people.sum())
    assert plan.objective >= mean - 1e-9  # unequal ways are never better than equal ones


@settings(deadline=None, max_examples=25)
@given(problems(), st.integers(0, 99))
def test_order_of_the_input_changes_nothing(world, seed):
    other = fair.solve(shuffled(world, seed))
    plan = fair.solve(world)
    assert set(world.site_ids[plan.sites]) == set(shuffled(world, seed).site_ids[other.sites])
    same(plan, fair.solve(world))


def test_room_is_kept_and_a_gap_asked_for_holds_for_the_minutes():
    random = np.random.default_rng(3)
    table = random.uniform(1, 60, (40, 25))
    given_ = problem(table, random.integers(1, 50, 40), new_teams=6, reach_minutes=60.0, gap=0.02)
    limited = fair.solve(replace(given_, capacity_people=np.full(25, 220.0), aversion=1.0))
    load = np.bincount(limited.assignments[limited.assignments >= 0], given_.need_people[limited.assignments >= 0], 25)
    assert load.max() <= 220.0
    for plan in (limited, fair.solve(given_)):
        assert plan.status in {"optimal", "gap_reached"}
        assert plan.gap <= 0.02


def test_what_fairness_costs():
    asked = replace(TOWN, aversion=6.0)
    rows = fairness.prices(asked, (0.0, 6.0, 1_000.0), plan=fair.solve(asked))
    assert [row.aversion for row in rows] == [0.0, 6.0]
    assert [row.mean_minutes for row in rows] == pytest.approx([2.0, 8.4])
    assert [row.longest_minutes for row in rows] == [20.0, 12.0]
    assert [row.people_reached for row in rows] == [100.0, 100.0]
    assert rows[0].fair_minutes == pytest.approx(2.0)
