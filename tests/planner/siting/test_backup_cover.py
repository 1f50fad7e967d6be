"""Backup cover: worked out by hand, against every choice, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import PlanError
from planner.siting import backup_cover, max_cover
from planner.siting.solvers import lagrangian
from planner.siting.solvers.backup_model import BackupModel
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.scip import solve as scip
from tests.planner.siting.strategies import problems
from tests.planner.siting.worlds import choices, dense, problem, shuffled

# a town of 100 that two sites reach, hamlets of 20 and 40 with a site each
TOWN = problem(
    [[1, 1, np.nan, np.nan], [np.nan, np.nan, 1, np.nan], [np.nan, np.nan, np.nan, 1]], [100, 20, 40], new_teams=2
)


def worth(world, sites, weight):
    count = (dense(world)[:, list(sites)] <= world.reach_minutes).sum(axis=1)
    return float(world.need_people @ ((count >= 1) + weight * (count >= 2)))


@pytest.mark.parametrize(
    ("weight", "sites", "value"), [(0.5, [0, 1], 150.0), (0.3, [0, 3], 140.0), (0.4, [0, 1], 140.0)]
)
def test_a_second_team_goes_where_it_counts_more_than_new_people(weight, sites, value):
    plan = backup_cover.solve(replace(TOWN, backup_weight=weight))
    assert plan.objective == plan.bound == value
    if weight != 0.4:  # a tie there
        assert plan.sites.tolist() == sites
    assert (plan.unit, plan.status) == ("weighted_people", "optimal")


def test_people_with_a_second_team_are_told_for_every_model():
    assert backup_cover.solve(TOWN).backup_people == 100.0
    assert max_cover.solve(TOWN).backup_people == 0.0
    assert (
        max_cover.solve(replace(TOWN, new_teams=4, existing=np.array([True, True, False, False]))).backup_people
        == 100.0
    )


def test_a_standing_team_is_the_first_and_one_more_its_backup():
    plan = backup_cover.solve(replace(TOWN, existing=np.array([True, False, False, False]), new_teams=1))
    assert plan.new_sites.tolist() == [1]
    assert plan.today_people == 100.0


def test_a_third_team_in_the_same_place_is_not_placed():
    world = problem([[1, 1, 1]], [10], new_teams=3)
    assert backup_cover.solve(world).new_sites.size == 2


def test_limits_are_refused_by_name():
    with pytest.raises(PlanError, match="knows no capacity, budget"):
        backup_cover.solve(replace(TOWN, capacity_people=np.full(4, 50.0)))
    with pytest.raises(PlanError, match="above 0 and up to 1"):
        backup_cover.solve(replace(TOWN, backup_weight=1.5))
    with pytest.raises(PlanError, match="backup_weight means nothing"):
        max_cover.solve(replace(TOWN, backup_weight=0.5))


@settings(deadline=None, max_examples=80)
@given(problems(), st.sampled_from([0.25, 0.5, 1.0]))
def test_equals_the_best_of_all_choices(world, weight):
    plan = backup_cover.solve(replace(world, backup_weight=weight))
    best = max(worth(world, sites, weight) for sites in choices(world))
    assert plan.objective == pytest.approx(best, abs=1e-6, rel=1e-7)
    assert plan.bound == pytest.approx(best, abs=1e-6, rel=1e-7)
    assert plan.objective == pytest.approx(worth(world, plan.sites, weight), abs=1e-6)
    assert plan.objective_people + plan.unserved_people == pytest.approx(world.need_people.sum())
    assert plan.backup_people == pytest.approx(worth(world, plan.sites, 1.0) - worth(world, plan.sites, 0.0))


@settings(deadline=None, max_examples=25)
@given(problems(), st.integers(0, 99))
def test_order_of_the_input_changes_nothing(world, seed):
    other = shuffled(world, seed)
    assert set(world.site_ids[backup_cover.solve(world).sites]) == set(other.site_ids[backup_cover.solve(other).sites])


def middle(seed: int):
    random = np.random.default_rng(seed)
    place = random.random((150, 2)) * 40
    away = np.hypot(*(place[:, None] - place[None, :60]).transpose(2, 0, 1))
    return problem(np.where(away <= 8, away, np.nan), random.integers(1, 300, 150), new_teams=7, gap=0.0)


@pytest.mark.parametrize("seed", range(4))
def test_a_middle_sized_world_is_solved_to_what_the_programme_alone_says(seed):
    world = middle(seed)
    plan = backup_cover.solve(world)
    matrix = world.minutes.copy()
    matrix.data = np.ones(matrix.nnz)
    whole = BackupModel(world.need_people, world.need_people * 0.5, matrix.T.tocsr())
    alone = scip(whole._programme(7, 1.0), first=None, slack=0.4, seconds=60.0)
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(alone.bound, abs=0.5)


@pytest.mark.parametrize("seed", range(4))
def test_the_relaxation_never_falls_below_the_best_plan(seed):
    world = middle(seed)
    matrix = world.minutes.copy()
    matrix.data = np.ones(matrix.nnz)
    model = BackupModel(world.need_people, world.need_people * 0.5, matrix.T.tocsr())
    found = lagrangian.bound(model, 7, sites=model.one_by_one(7), goal=Goal(0.0), clock=Clock(60.0), steps=200)
    assert found.value >= backup_cover.solve(world).objective - 1e-6
    assert found.value <= 1.1 * found.reached
