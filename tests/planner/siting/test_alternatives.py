"""Other plans nearly as good: worked out by hand, and what holds for all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.siting import MODELS, max_cover, p_median
from planner.siting.alternatives import alternatives
from tests.planner.siting.strategies import problems
from tests.planner.siting.worlds import problem

NAN = np.nan
# two towns of 100 and 90; each has two sites, the second of the first town reaches 2 people fewer
WORLD = problem([[1, NAN, NAN, NAN], [1, 1, NAN, NAN], [NAN, NAN, 1, 1]], [2, 98, 90], new_teams=2)


def test_the_other_sites_of_both_towns_are_one_per_cent_behind():
    plan = max_cover.solve(WORLD)
    assert plan.sites.tolist() == [0, 2]
    first, *more = alternatives(WORLD, plan, count=3, within=0.02, solve=max_cover.solve)
    assert first.plan.sites.tolist() == [1, 3]
    assert first.shared.size == 0
    assert first.worse_share == pytest.approx(2 / 190)
    assert more == []  # every site is used by now: what is left is made of them


def test_a_site_that_cannot_be_done_without_comes_back_alone():
    plan = max_cover.solve(WORLD)
    (other,) = alternatives(WORLD, plan, count=1, within=0.005, solve=max_cover.solve)
    assert other.plan.sites.tolist() == [0, 3]
    assert other.shared.tolist() == [0]
    assert other.worse_share == 0.0


def test_locked_sites_stay_and_are_no_difference():
    locked = replace(WORLD, locked_in=np.array([True, False, False, False]))
    (other,) = alternatives(locked, max_cover.solve(locked), count=1, within=0.005, solve=max_cover.solve)
    assert other.plan.sites.tolist() == [0, 3]
    assert other.shared.size == 0


def test_fewer_minutes_are_better():
    world = problem([[1, 2, 9], [1, 2, 9]], [10, 10], new_teams=1, reach_minutes=20.0)
    (other,) = alternatives(world, p_median.solve(world), count=1, within=1.0, solve=p_median.solve)
    assert other.plan.sites.tolist() == [1]
    assert other.worse_share == pytest.approx(1.0)


@settings(deadline=None, max_examples=40)
@given(problems(), st.sampled_from(["max_cover", "p_median"]), st.sampled_from([0.05, 0.3]))
def test_no_alternative_is_farther_behind_than_asked_and_none_closes_what_must_stand(world, model, within):
    solve = MODELS[model]
    plan = solve(world)
    for other in alternatives(world, plan, count=2, within=within, solve=solve):
        better = max(plan.objective, 1e-12)
        behind = (plan.objective - other.plan.objective) / better
        assert (behind if model == "max_cover" else -behind) <= within + 1e-9
        assert set(np.flatnonzero(world.existing | world.locked_in)) <= set(other.plan.sites)
        assert set(other.shared) <= set(other.plan.new_sites)
