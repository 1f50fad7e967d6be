"""Waves: worked out by hand, and laws that hold for all."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.siting import max_cover
from planner.siting.waves import waves
from tests.planner.siting.strategies import problems
from tests.planner.siting.worlds import problem

NAN = np.nan
# four places of 40, 30, 20 and 10 people, a site at each; the first two also share a site of their own
WORLD = problem(
    [[1, NAN, NAN, NAN, 1], [NAN, 1, NAN, NAN, 1], [NAN, NAN, 1, NAN, NAN], [NAN, NAN, NAN, 1, NAN]],
    [40, 30, 20, 10],
    new_teams=3,
)


def test_the_site_that_reaches_most_opens_first_and_need_falls_where_it_works():
    plan = max_cover.solve(WORLD)
    found = waves(WORLD, plan, teams=[1, 2], falls=0.5, gap=0.0)
    assert [wave.sites.tolist() for wave in found] == [[4], [2, 3]]
    assert [wave.people_reached for wave in found] == [70.0, 100.0]
    assert [wave.bound_people for wave in found] == [70.0, 100.0]
    # 100 - 70 / 2, then 35 / 2 + 30 / 2 are settled
    assert [wave.need_left_people for wave in found] == [65.0, 32.5]


def test_waves_with_room_for_more_than_the_plan_stay_empty():
    found = waves(WORLD, max_cover.solve(WORLD), teams=[3, 5], falls=0.0, gap=0.0)
    assert [wave.sites.size for wave in found] == [3, 0]
    assert found[1].need_left_people == 100.0


def test_need_that_has_fallen_makes_room_for_others():
    # room for 40 at the only site: 40 first, then, once those are settled, 30 more
    world = problem([[1], [1]], [40, 30], new_teams=1, capacity_people=np.array([40.0]))
    found = waves(world, max_cover.solve(world), teams=[1, 1], falls=1.0, gap=0.0)
    assert [wave.people_reached for wave in found] == [40.0, 70.0]
    assert [wave.need_left_people for wave in found] == [30.0, 0.0]
    assert all(math.isnan(wave.bound_people) for wave in found)


def test_a_village_that_loses_its_place_again_counts_only_with_what_was_settled_there():
    # room for 40: the first site takes the 40, later the second one does, and 30 get a place; at no time more than 70
    world = problem([[1, 9], [2, NAN]], [40, 30], new_teams=2, capacity_people=np.full(2, 40.0))
    for falls in (0.0, 0.5):
        found = waves(world, max_cover.solve(world), teams=[1, 1], falls=falls, gap=0.0)
        assert [wave.people_reached for wave in found] == [40.0, 70.0]
    # one site alone, need half settled: then the others are more, and half of the first is what stays of it
    alone = problem([[1], [1]], [40, 30], new_teams=1, capacity_people=np.array([40.0]))
    found = waves(alone, max_cover.solve(alone), teams=[1, 1], falls=0.5, gap=0.0)
    assert [wave.people_reached for wave in found] == [40.0, 50.0]
    still = waves(alone, max_cover.solve(alone), teams=[1, 1], falls=0.0, gap=0.0)
    assert [wave.people_reached for wave in still] == [40.0, 40.0]


def test_of_a_split_village_only_the_part_that_is_served_counts():
    world = problem([[1]], [60], new_teams=1, capacity_people=np.array([40.0]), split=True)
    found = waves(world, max_cover.solve(world), teams=[1, 1], falls=0.5, gap=0.0)
    # 40 of 60 served, half of those settled: 40 left, which all have room then
    assert [wave.people_reached for wave in found] == pytest.approx([40.0, 60.0])
    assert [wave.need_left_people for wave in found] == pytest.approx([40.0, 20.0])


@settings(deadline=None, max_examples=60)
@given(problems(), st.lists(st.integers(1, 2), min_size=5, max_size=5), st.sampled_from([0.0, 0.25, 1.0]))
def test_nothing_is_undone_and_the_last_wave_is_the_plan(world, teams, falls):
    plan = max_cover.solve(world)
    found = waves(world, plan, teams=teams, falls=falls, gap=0.0)
    opened = np.concatenate([wave.sites for wave in found])
    assert sorted(opened.tolist()) == sorted(plan.new_sites.tolist())
    assert all(wave.sites.size <= most for wave, most in zip(found[:-1], teams, strict=False))
    reached = [plan.today_people, *(wave.people_reached for wave in found)]
    assert all(b >= a - 1e-9 for a, b in pairwise(reached))
    assert reached[-1] == pytest.approx(plan.objective_people)
    assert all(wave.people_reached <= wave.bound_people + 1e-6 for wave in found)
    left = [float(world.need_people.sum()), *(wave.need_left_people for wave in found)]
    assert all(b <= a + 1e-9 for a, b in pairwise(left))
    if falls == 0.0:
        assert left[-1] == pytest.approx(left[0])


def test_a_locked_site_opens_with_the_others():
    world = replace(WORLD, locked_in=np.array([False, False, False, True, False]), new_teams=2)
    found = waves(world, max_cover.solve(world), teams=[1, 1], falls=0.0, gap=0.0)
    assert [wave.sites.tolist() for wave in found] == [[4], [3]]
