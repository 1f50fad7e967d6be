"""Prices of the relaxation: the bound at them holds for every plan, and is near where room is scarce."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.siting import max_cover, min_teams
from planner.siting.solvers import limited_bound, limited_relaxation, limited_search
from planner.siting.solvers.clock import Clock
from tests.planner.siting.worlds import choices, line, problem


def limits(given):
    """Return what a problem hands to the search within limits, None where it has none, and its plan."""
    seen, search = [], limited_search.best_within

    def spy(limited, **options):
        seen.append(limited)
        return search(limited, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.siting.within.best_within", spy)
        plan = max_cover.solve(given)
    return seen[0] if seen else None, plan


def test_two_sites_of_scarce_room_are_priced_to_the_person():
    # villages of 60 and 50 near one site, 30 near the other; room for 60 each: 60 + 30 is best
    given = problem(
        [[1, np.nan], [1, np.nan], [np.nan, 1]], [60, 50, 30], new_teams=2, capacity_people=np.array([60.0, 60.0])
    )
    limited, plan = limits(given)
    prices = limited_relaxation.relaxed(limited, clock=Clock(60.0)).prices
    assert plan.objective == 90.0
    assert limited_bound.at(limited, prices) == pytest.approx(90.0)
    assert (prices >= 0).all()
    assert (prices <= 1).all()


def test_a_site_of_unlimited_room_has_no_prices():
    given = line(6, new_teams=2, capacity_people=np.array([9.0, np.inf, 9.0, 9.0, 9.0, 9.0]))
    assert limited_relaxation.relaxed(limits(given)[0], clock=Clock(60.0)) is None


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), room=st.integers(5, 40), teams=st.integers(1, 4))
def test_no_plan_exceeds_the_bound_at_these_prices(seed, room, teams):
    random = np.random.default_rng(seed)
    table = np.where(random.random((9, 6)) < 0.5, random.integers(0, 20, (9, 6)).astype(float), np.nan)
    given = problem(table, random.integers(0, 25, 9), new_teams=teams, capacity_people=np.full(6, float(room)))
    limited, plan = limits(given)
    if limited is None or not limited.service.pairs:
        return
    prices = limited_relaxation.relaxed(limited, clock=Clock(60.0)).prices
    best = max(limited.assigned(chosen_options(limited, sites)).value for sites in choices(given))
    assert plan.objective <= limited_bound.at(limited, prices) + 1e-6
    assert best <= limited_bound.at(limited, prices) + 1e-6


def chosen_options(limited, sites):
    return np.sort(limited.options.first[np.asarray(sites, dtype=np.int64)])


def test_teams_that_a_share_needs_at_least_follow_from_their_room():
    # ten villages of 30, each a site with room for 60: half of 300 people need three teams
    given = problem(np.ones((10, 10)), np.full(10, 30.0), new_teams=10, share=0.5, capacity_people=np.full(10, 60.0))
    plan = min_teams.solve(given)
    assert (plan.objective, plan.bound) == (3.0, 3.0)
    assert plan.solver == "greedy and linear relaxation"


def test_villages_are_split_among_the_open_sites_as_well_as_they_can_be():
    # the first site, nearest to both, has room for one of them; the other can go nowhere else
    given = problem([[1, 2], [1, np.nan]], [60, 60], new_teams=2, capacity_people=np.full(2, 60.0), split=True)
    limited, plan = limits(given)
    assert plan.objective == 120.0
    poor = limited.shared(np.sort(limited.options.first), np.where(limited.site == 0, [1.0, 0.0, 0.0], 0.0))
    assert poor.value == 60.0
    assert limited_relaxation.shared(limited, poor, clock=Clock(60.0)).value == pytest.approx(120.0)
