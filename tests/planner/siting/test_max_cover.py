"""Maximum cover against every possible choice, published figures and the laws it must keep."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from planner.errors import InfeasibleError, LayerError, PlanError
from planner.siting import MODELS
from planner.siting.max_cover import solve
from tests.planner.siting.strategies import problems
from tests.planner.siting.worlds import choices, dense, line, problem, reached, same, shuffled

NAN = np.nan


def test_hand_worked_line():
    # Villages of 1 to 8 people, 6 minutes apart, reach 10: a site reaches itself and its two neighbours.
    plan = solve(line(new_teams=2))
    assert plan.objective_people == 8 + 7 + 6 + 5 + 4 + 3
    assert plan.sites.tolist() == [3, 6]
    assert plan.new_sites.tolist() == [6, 3]
    assert plan.assignments.tolist() == [-1, -1, 3, 3, 3, 6, 6, 6]
    assert_array_equal(plan.assigned_minutes, [NAN, NAN, 6, 0, 6, 6, 0, 6])
    assert plan.loss_if_dropped_people.tolist() == [3 + 4 + 5, 6 + 7 + 8]
    assert (plan.status, plan.gap, plan.unserved_people, plan.today_people) == ("optimal", 0.0, 1 + 2, 0.0)


def test_existing_site_stands_and_is_not_counted():
    plan = solve(line(new_teams=1, existing=[6]))
    assert (plan.sites.tolist(), plan.new_sites.tolist()) == ([3, 6], [3])
    assert (plan.today_people, plan.objective_people) == (21.0, 33.0)


def test_no_team_leaves_today():
    plan = solve(line(new_teams=0, existing=[6]))
    assert (plan.sites.tolist(), plan.new_sites.tolist()) == ([6], [])
    assert plan.objective_people == plan.bound_people == plan.greedy_people == plan.today_people == 21.0


def test_locked_in_opens_even_when_it_adds_nobody_and_locked_out_never():
    plan = solve(line(new_teams=2, existing=[6], locked_in=[7], locked_out=[3]))
    assert plan.sites.tolist() == [2, 6, 7]
    assert plan.new_sites.tolist() == [2, 7]
    assert plan.objective_people == 21 + 2 + 3 + 4


def test_team_that_adds_nobody_is_not_placed():
    plan = solve(problem([[0.0, 0.0], [0.0, NAN]], [5, 5], new_teams=2))
    assert plan.sites.tolist() == [0]
    assert plan.status == "optimal"


def test_stored_zero_is_a_real_zero_and_absent_is_out_of_reach():
    plan = solve(problem([[0.0, NAN], [NAN, NAN]], [5, 7], new_teams=1))
    assert (plan.objective_people, plan.unserved_people, plan.assigned_minutes[0]) == (5.0, 7.0, 0.0)


def test_ties_go_to_the_smaller_site_id_whatever_the_order():
    world = problem([[3.0, 3.0], [3.0, 3.0]], [5, 5], new_teams=1)
    turned = replace(world, site_ids=world.site_ids[::-1].copy())
    assert world.site_ids[solve(world).sites].tolist() == ["s0000"]
    assert turned.site_ids[solve(turned).sites].tolist() == ["s0000"]


def test_greedy_figure_is_the_one_by_one_choice():
    # The middle site takes 6 first; then either side adds 3. The two sides together reach all 10 people.
    table = [[0.0, NAN, NAN], [0.0, 0.0, NAN], [NAN, 0.0, 0.0], [NAN, NAN, 0.0]]
    plan = solve(problem(table, [2, 3, 3, 2], new_teams=2))
    assert (plan.greedy_people, plan.objective_people, plan.sites.tolist()) == (8.0, 10.0, [0, 2])


def test_nothing_to_do():
    empty = solve(problem(np.empty((0, 0)), [], new_teams=3))
    assert (empty.objective_people, empty.bound_people, empty.gap, empty.status) == (0.0, 0.0, 0.0, "optimal")
    assert solve(problem([[NAN, NAN]], [9], new_teams=2)).unserved_people == 9.0


@settings(deadline=None, max_examples=150)
@given(problems())
def test_equals_the_best_of_all_choices(world):
    plan = solve(world)
    best = max(reached(world, sites) for sites in choices(world))
    slack = 1e-9 * (1 + world.need_people.sum())
    assert plan.objective_people == pytest.approx(best, abs=slack)
    assert plan.bound_people >= best - slack
    assert plan.objective_people == pytest.approx(reached(world, plan.sites), abs=slack)
    assert plan.greedy_people - slack <= plan.objective_people <= plan.bound_people
    assert plan.status == "optimal"
    opened = np.isin(np.arange(world.site_ids.size), plan.sites)
    assert opened[world.existing].all()
    assert opened[world.locked_in].all()
    assert not opened[world.locked_out].any()
    assert (opened & ~world.existing).sum() <= world.new_teams
    assert sorted(plan.new_sites) == np.flatnonzero(opened & ~world.existing).tolist()


@settings(deadline=None, max_examples=60)
@given(problems())
def test_assignments_and_losses_follow_from_the_open_sites(world):
    plan = solve(world)
    table = dense(world)[:, plan.sites]
    table[table > world.reach_minutes] = NAN
    for i, row in enumerate(table):
        if np.isnan(row).all():
            assert plan.assignments[i] == -1
            assert np.isnan(plan.assigned_minutes[i])
        else:
            assert plan.assignments[i] == plan.sites[np.nanargmin(row)]
            assert plan.assigned_minutes[i] == np.nanmin(row)
    assert plan.unserved_people + plan.objective_people == pytest.approx(world.need_people.sum())
    for site, loss in zip(plan.sites, plan.loss_if_dropped_people, strict=True):
        left = reached(world, [j for j in plan.sites if j != site])
        assert loss == pytest.approx(plan.objective_people - left, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(problems(), st.integers(0, 2**32 - 1))
def test_order_of_the_input_changes_nothing(world, seed):
    turned = shuffled(world, seed)
    plan, other = solve(world), solve(turned)
    assert sorted(world.site_ids[plan.sites]) == sorted(turned.site_ids[other.sites])
    assert world.site_ids[plan.new_sites].tolist() == turned.site_ids[other.new_sites].tolist()
    where = dict(zip(turned.unit_ids, other.assignments, strict=True))
    for unit, site in zip(world.unit_ids, plan.assignments, strict=True):
        expected = where[unit]
        assert (site == expected == -1) or world.site_ids[site] == turned.site_ids[expected]
    for name in ("objective_people", "bound_people", "greedy_people", "gap", "status"):
        assert getattr(plan, name) == getattr(other, name)
    same(plan, solve(world))


@settings(deadline=None, max_examples=60)
@given(problems())
def test_one_more_team_or_a_longer_reach_never_lowers(world):
    before = solve(world).objective_people
    slack = 1e-9 * (1 + world.need_people.sum())
    assert solve(replace(world, new_teams=world.new_teams + 1)).objective_people >= before - slack
    assert solve(replace(world, reach_minutes=world.reach_minutes + 3)).objective_people >= before - slack


@pytest.mark.parametrize("gap", [0.0, 0.005, 0.05])
@pytest.mark.parametrize("seed", range(3))
def test_middle_sized_world_keeps_its_certificate(seed, gap):
    random = np.random.default_rng(seed)
    place = random.random((300, 2)) * 100
    minutes = np.hypot(*(place[:, None] - place[None, :80]).T).T
    world = problem(minutes, random.integers(1, 400, 300), new_teams=12, reach_minutes=11, existing=[0, 1], gap=gap)
    plan, exact = solve(world), solve(replace(world, gap=0.0))
    assert exact.status == "optimal"
    assert plan.gap <= gap
    assert plan.greedy_people <= plan.objective_people <= exact.objective_people <= plan.bound_people
    same(plan, solve(world))


def test_time_limit_still_gives_a_plan_and_a_bound():
    random = np.random.default_rng(5)
    place = random.random((400, 2)) * 100
    minutes = np.hypot(*(place[:, None] - place[None]).T)
    world = problem(minutes, random.integers(1, 400, 400), new_teams=20, reach_minutes=9, time_limit_s=1e-6)
    plan = solve(world)
    assert plan.status == "time_limit"
    assert plan.greedy_people <= plan.objective_people < plan.bound_people <= world.need_people.sum()


@pytest.mark.parametrize(("teams", "people"), [(2, 671_938), (3, 791_499), (4, 875_247), (5, 927_402)])
def test_san_francisco(san_francisco, teams, people):
    minutes, need = san_francisco
    plan = solve(problem(minutes, need, new_teams=teams, reach_minutes=5_000))
    assert (plan.objective_people, plan.bound_people, plan.status) == (people, people, "optimal")


def test_locked_in_and_out_is_told():
    with pytest.raises(InfeasibleError, match="locked in and locked out at once: s0002"):
        solve(line(new_teams=2, locked_in=[2, 3], locked_out=[2]))


def test_too_many_locked_in_says_by_how_much_and_what_helps():
    with pytest.raises(InfeasibleError, match=r"3 new sites are locked in .*allows 1: 2 too many.*teams = 3"):
        solve(line(new_teams=1, locked_in=[1, 2, 3]))


def test_existing_sites_among_the_locked_in_need_no_team():
    assert solve(line(new_teams=0, locked_in=[6], existing=[6])).objective_people == 21.0


def test_closing_a_standing_team_is_told():
    with pytest.raises(InfeasibleError, match="a team stands there: s0006"):
        solve(line(existing=[6], locked_out=[6]))


@pytest.mark.parametrize("people", [NAN, -1.0, np.inf])
def test_need_that_is_no_number_of_people_is_refused(people):
    with pytest.raises(LayerError, match=r"row 2, column 'people'.*village v0001") as caught:
        solve(problem([[0.0], [1.0]], [5, people]))
    assert caught.value.issues[0].row == 2


@pytest.mark.parametrize("minutes", [NAN, -1.0, np.inf])
def test_minutes_that_are_no_minutes_are_refused(minutes):
    world = line(3)
    world.minutes.data[4] = minutes
    with pytest.raises(LayerError, match="from village v0001 to site s0001"):
        solve(world)


def test_many_faults_are_counted():
    with pytest.raises(LayerError, match="10 more of the same kind"):
        solve(problem(np.zeros((30, 1)), np.full(30, -1.0)))


def test_repeated_ids_and_pairs_are_refused():
    world = line(3)
    with pytest.raises(LayerError, match="'v0000'; an id stands once; this one stands 2 times"):
        solve(replace(world, unit_ids=np.array(["v0000", "v0000", "v0002"])))
    world.minutes.indices[1] = 0
    with pytest.raises(LayerError, match="a pair of village and site stands once"):
        solve(world)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"new_teams": -1}, r"deploy\.teams = -1"),
        ({"new_teams": 1.5}, r"deploy\.teams = 1\.5"),
        ({"reach_minutes": NAN}, r"deploy\.reach_minutes = nan"),
        ({"gap": 1.0}, r"deploy\.gap = 1\.0"),
        ({"share": 0.0}, r"deploy\.share = 0\.0"),
        ({"unserved_minutes": -1.0}, r"deploy\.unserved_minutes = -1\.0"),
        ({"time_limit_s": 0.0}, r"deploy\.time_limit_s = 0\.0"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(change, words):
    with pytest.raises(PlanError, match=words):
        solve(replace(line(3), **change))


def test_shapes_that_do_not_fit_are_the_callers_fault():
    with pytest.raises(ValueError, match=r"need_people has shape \(2,\); 3 villages and 3 sites need \(3,\)"):
        solve(replace(line(3), need_people=np.ones(2)))


def test_input_is_left_as_it_was():
    world = line(5, new_teams=2)
    copies = [world.minutes.data.copy(), world.minutes.indices.copy(), world.need_people.copy()]
    solve(world)
    for now, before in zip([world.minutes.data, world.minutes.indices, world.need_people], copies, strict=True):
        assert_array_equal(now, before)


def test_models_are_named():
    assert MODELS["max_cover"] is solve
