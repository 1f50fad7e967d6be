"""Every model with every limit at once, against trying everything."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from planner.errors import InfeasibleError
from planner.siting import MODELS, max_cover, min_teams, p_center, p_median
from planner.siting.base import SitingProblem
from tests.planner.siting.everything import best, fits, near, served, shared, states, worlds
from tests.planner.siting.worlds import same, shuffled

NEAR = {"abs": 1e-6, "rel": 1e-7}


def keeps(world, plan):
    """Assert that a plan is one of the allowed states, that rooms are kept and people add up."""
    opened = np.isin(np.arange(world.site_ids.size), plan.sites)
    rooms = [room for _, sites, room in states(world) if (sites == opened).all()]
    assert rooms
    if plan.parts is None:
        going = plan.assignments >= 0
        load = np.bincount(plan.assignments[going], world.need_people[going], minlength=opened.size)
    else:
        load = np.bincount(plan.parts.site, plan.parts.people, minlength=opened.size)
        per_village = np.bincount(plan.parts.village, plan.parts.people, minlength=world.unit_ids.size)
        assert (per_village <= world.need_people + 1e-6).all()
    assert any((load <= room + 1e-6).all() for room in rooms)
    table = near(world)
    for i, j in enumerate(plan.assignments):
        assert j < 0 or (opened[j] and plan.assigned_minutes[i] == table[i, j])
    assert plan.unserved_people + plan.objective_people == pytest.approx(world.need_people.sum(), **NEAR)
    assert (plan.teams >= 1).all()
    assert set(plan.closed) | set(plan.moved) == set(np.flatnonzero(world.existing)) - set(plan.sites)


@settings(deadline=None, max_examples=50)
@given(worlds(), st.none() | st.integers(0, 10).map(float), st.none() | st.integers(0, 3))
def test_max_cover(world, full_minutes, heavier):
    weight = None if heavier is None else np.array([1.0 + heavier * (i % 2) for i in range(world.unit_ids.size)])
    world = replace(world, full_minutes=full_minutes, weight=weight)
    part = np.ones_like(near(world))
    if full_minutes is not None and full_minutes < 10:
        part = np.minimum(1.0, (10.0 - near(world)) / (10.0 - full_minutes))
    people = world.need_people if weight is None else world.need_people * weight
    value = np.where(np.isnan(near(world)), np.nan, part * people[:, None])
    expected = best(world, value)
    if expected is None:
        with pytest.raises(InfeasibleError, match="Least change"):
            max_cover.solve(world)
        return
    plan = max_cover.solve(world)
    assert plan.objective == pytest.approx(expected, **NEAR)
    assert plan.bound == pytest.approx(expected, **NEAR)
    assert plan.greedy <= plan.objective + 1e-9
    assert plan.status == "optimal"
    keeps(world, plan)


@settings(deadline=None, max_examples=40)
@given(worlds())
def test_p_median(world):
    saved = np.where(np.isnan(near(world)), np.nan, (10.0 - near(world)) * world.need_people[:, None])
    expected = best(world, saved)
    if expected is None:
        with pytest.raises(InfeasibleError, match="Least change"):
            p_median.solve(world)
        return
    cost = 10.0 * world.need_people.sum() - expected
    plan = p_median.solve(world)
    assert plan.objective == pytest.approx(cost, **NEAR)
    assert plan.bound == pytest.approx(cost, **NEAR)
    assert plan.status == "optimal"
    keeps(world, plan)


def _reaches(world, demands, opened, room):
    """Whether a state can serve all demands: pairs of weights per village and least sum."""
    if world.split:
        return _shared_enough(world, demands, opened, room)
    ways = served(world)
    ways = ways[fits(world, ways, opened, room)]
    return any(all(weight[way >= 0].sum() >= least - 1e-9 for weight, least in demands) for way in ways)


def _shared_enough(world, demands, opened, room):
    from scipy.optimize import linprog  # noqa: PLC0415 - the oracle's own

    i, j = np.nonzero(~np.isnan(near(world)) & opened)
    if i.size == 0:
        return all(least <= 1e-9 for _, least in demands)
    full = np.flatnonzero(np.isfinite(room))
    rows = [(i == np.arange(world.unit_ids.size)[:, None]).astype(float), (j == full[:, None]) * world.need_people[i]]
    limits = [np.ones(world.unit_ids.size), room[full]]
    rows += [-weight[i][None, :] for weight, _ in demands]
    limits += [np.array([1e-7 - least]) for _, least in demands]
    return linprog(np.zeros(i.size), A_ub=np.vstack(rows), b_ub=np.concatenate(limits), bounds=(0, 1)).status == 0


@settings(deadline=None, max_examples=40)
@given(worlds(), st.sampled_from([0.3, 0.5, 0.8, 1.0]), st.sampled_from([0.0, 0.4, 1.0]))
def test_min_teams(world, share, per_commune):
    communes = np.array(["a", "b", "a", "b"])[: world.unit_ids.size]
    world = replace(world, share=share, share_per_commune=per_commune, unit_commune_ids=communes, new_teams=0)
    wide = replace(world, new_teams=99)
    need = world.need_people
    demands = [(need, np.ceil(share * need.sum() - 1e-9))]
    if per_commune:
        masks = [np.where(communes == name, need, 0.0) for name in np.unique(communes)]
        demands += [(mask, np.ceil(per_commune * mask.sum() - 1e-9)) for mask in masks]
    possible = [new for new, opened, room in states(wide) if _reaches(world, demands, opened, room)]
    if not possible:
        with pytest.raises(InfeasibleError, match=r"Least change|locked out"):
            min_teams.solve(world)
        return
    plan = min_teams.solve(world)
    assert (plan.objective, plan.bound, plan.status) == (min(possible), min(possible), "optimal")
    assert plan.objective_people >= demands[0][1] - 1e-6
    keeps(wide, plan)


def test_a_team_that_moves_to_a_locked_site_is_no_new_one():
    """One team stands and may move, one site is locked in and nobody is in need: no new team, and that is proven."""
    world = SitingProblem(
        unit_ids=np.array(["v0"]),
        site_ids=np.array(["s0", "s1"]),
        need_people=np.zeros(1),
        minutes=sparse.csr_array((1, 2)),
        new_teams=0,
        reach_minutes=10.0,
        existing=np.array([False, True]),
        locked_in=np.array([True, False]),
        locked_out=np.zeros(2, dtype=bool),
        movable=np.array([False, True]),
    )
    plan = min_teams.solve(world)
    assert (plan.objective, plan.bound, plan.status) == (0, 0, "optimal")
    assert (plan.moved.tolist(), plan.sites.tolist()) == ([1], [0])


@settings(deadline=None, max_examples=40)
@given(worlds())
def test_p_center(world):
    table = near(world)
    possible = []
    usable = np.zeros(world.site_ids.size, dtype=bool)
    usable[world.existing | ~world.locked_out] = True
    voters = (~np.isnan(table) & usable).any(axis=1) & (world.need_people > 0)
    found = list(states(world))
    for minutes in np.unique(np.append(table[~np.isnan(table)], 0.0)):
        nearer = replace(world, reach_minutes=minutes)
        if any(_everybody(nearer, voters, opened, room) for _, opened, room in found):
            possible.append(minutes)
            break
    if not possible:
        with pytest.raises(InfeasibleError, match="Least change"):
            p_center.solve(world)
        return
    plan = p_center.solve(world)
    assert (plan.objective, plan.bound, plan.status) == (possible[0], possible[0], "optimal")
    keeps(world, plan)


def _everybody(world, voters, opened, room):
    if world.split:
        return shared(world, np.zeros_like(near(world)), opened, room, everybody=voters) is not None
    ways = served(world)
    return bool((fits(world, ways, opened, room) & (ways[:, voters] >= 0).all(axis=1)).any())


@settings(deadline=None, max_examples=40)
@given(worlds(), st.integers(0, 2**32 - 1), st.sampled_from(sorted(set(MODELS) - {"backup_cover"})))
def test_order_of_the_input_changes_nothing(world, seed, model):
    # backup cover knows none of these limits, and says so
    turned = shuffled(world, seed)
    try:
        plan = MODELS[model](world)
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            MODELS[model](turned)
        return
    other = MODELS[model](turned)
    assert world.site_ids[plan.new_sites].tolist() == turned.site_ids[other.new_sites].tolist()
    assert sorted(world.site_ids[plan.moved]) == sorted(turned.site_ids[other.moved])
    same(plan, MODELS[model](world))


@settings(deadline=None, max_examples=40)
@given(worlds())
def test_more_of_anything_never_reaches_fewer(world):
    try:
        plan = max_cover.solve(world)
    except InfeasibleError:
        return
    more = [replace(world, new_teams=world.new_teams + 1)]
    if world.site_reach_minutes is None:
        more.append(replace(world, reach_minutes=world.reach_minutes + 2))
    if world.budget is not None:
        more.append(replace(world, budget=world.budget + 3))
    if world.capacity_people is not None:
        more.append(replace(world, capacity_people=world.capacity_people + 2))
    for wider in more:
        assert max_cover.solve(wider).objective_people >= plan.objective_people - 1e-6
