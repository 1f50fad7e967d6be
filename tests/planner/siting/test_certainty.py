"""How sure a plan is, and what is lost without one of its sites, on a road whose answers can be worked out."""

from __future__ import annotations

import numpy as np
import pytest

from planner.siting import max_cover, min_teams
from planner.siting.certainty import certainty, groups
from planner.siting.dropped import losses_after_replacing
from tests.planner.siting.worlds import line, problem


def test_a_site_is_counted_in_the_draws_that_choose_it():
    # Two villages out of reach of each other, one team: where there are more people.
    world = problem([[0.0, np.nan], [np.nan, 0.0]], [10, 5])
    plan = max_cover.solve(world)
    found = certainty(
        world, plan, np.array([[10.0, 5.0], [9.0, 1.0], [1.0, 9.0], [np.nan, 3.0]]), solve=max_cover.solve
    )
    assert found.frequency.tolist() == [0.5, 0.5]
    assert found.group_frequency.tolist() == [0.5, 0.5]
    assert (found.draws, found.verdict(0)) == (4, "likely")


def test_near_equal_sites_are_one_group_and_count_together():
    # Sites 0 and 1 reach the same people, site 2 others; either of the first two is always chosen.
    world = problem([[0.0, 1.0, np.nan], [1.0, 0.0, np.nan], [np.nan, np.nan, 0.0]], [10, 10, 3])
    plan = max_cover.solve(world)
    assert plan.sites.tolist() == [0]
    assert groups(world, plan).tolist() == [0, 0, 2]
    found = certainty(world, plan, np.array([[10.0, 10.0, 3.0], [8.0, 4.0, 3.0]]), solve=max_cover.solve)
    assert found.group_frequency.tolist() == [1.0, 1.0, 0.0]
    assert (found.verdict(0), found.verdict(2)) == ("no_regret", "phone_first")


def test_certainty_without_draws_is_refused():
    world = line(3)
    with pytest.raises(ValueError, match="at least one draw"):
        certainty(world, max_cover.solve(world), np.zeros((0, 3)), solve=max_cover.solve)


def test_a_dropped_site_is_replaced_by_the_next_best():
    # Three villages apart with 10, 6 and 5 people, two teams: without the first the team goes to the third.
    world = problem(np.where(np.eye(3) > 0, 0.0, np.nan), [10, 6, 5], new_teams=2)
    plan = max_cover.solve(world)
    assert plan.loss_if_dropped_people.tolist() == [10.0, 6.0]
    assert losses_after_replacing(world, plan, solve=max_cover.solve).tolist() == [5.0, 1.0]


def test_a_standing_team_that_is_dropped_is_not_replaced_by_a_new_one():
    world = problem(np.where(np.eye(3) > 0, 0.0, np.nan), [10, 6, 5], new_teams=1, existing=[0])
    plan = max_cover.solve(world)
    assert losses_after_replacing(world, plan, solve=max_cover.solve).tolist() == [10.0, 1.0]


def test_a_site_that_its_commune_must_have_is_not_known_to_be_droppable():
    world = problem(
        np.where(np.eye(2) > 0, 0.0, np.nan), [10, 6], new_teams=2, commune_ids=np.array(["a", "b"]), min_per_commune=1
    )
    plan = max_cover.solve(world)
    assert np.isnan(losses_after_replacing(world, plan, solve=max_cover.solve)).all()


def test_models_that_do_not_start_from_a_plan_say_nothing():
    world = line(4, share=0.5)
    plan = min_teams.solve(world)
    assert np.isnan(losses_after_replacing(world, plan, solve=min_teams.solve)).all()
