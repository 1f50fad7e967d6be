"""Capacity, budget and a least number of sites per commune, against every possible choice and assignment."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InfeasibleError, LayerError, PlanError
from planner.siting import max_cover, p_median
from tests.planner.siting import instances
from tests.planner.siting.worlds import choices, dense, line, problem, same, shuffled

NAN, INF = np.nan, np.inf
OPTIMA = {"p550-1": 713, "p550-2": 740, "p550-3": 751, "p550-4": 651, "p10100-11": 1006}


@st.composite
def limited(draw):
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    minute = st.one_of(st.just(NAN), st.integers(0, 12).map(float))
    table = np.array(draw(st.lists(st.lists(minute, min_size=m, max_size=m), min_size=n, max_size=n))).reshape(n, m)
    need = draw(st.lists(st.integers(0, 9).map(float), min_size=n, max_size=n))
    state = draw(st.lists(st.sampled_from(["", "", "", "existing", "locked_in", "locked_out"]), min_size=m, max_size=m))
    marks = {name: [j for j, s in enumerate(state) if s == name] for name in ("existing", "locked_in", "locked_out")}
    room = draw(st.none() | st.lists(st.one_of(st.just(INF), st.integers(0, 15).map(float)), min_size=m, max_size=m))
    cost = draw(st.none() | st.lists(st.integers(0, 5).map(float), min_size=m, max_size=m))
    communes = draw(st.none() | st.lists(st.sampled_from(["a", "b"]), min_size=m, max_size=m))
    return problem(
        table,
        need,
        new_teams=len(marks["locked_in"]) + draw(st.integers(0, 3)),
        capacity_people=None if room is None else np.array(room),
        cost=None if cost is None else np.array(cost),
        budget=None if cost is None else draw(st.integers(0, 12).map(float)),
        commune_ids=None if communes is None else np.array(communes),
        min_per_commune=0 if communes is None else draw(st.integers(0, 2)),
        **marks,
    )


def allowed(world):
    """Every choice within teams, budget and communes."""
    for sites in choices(world):
        new = [j for j in sites if not world.existing[j]]
        paid = world.budget is None or sum(world.cost[new]) <= world.budget
        communes = () if world.commune_ids is None else np.unique(world.commune_ids)
        enough = all(sum(world.commune_ids[sites] == name) >= world.min_per_commune for name in communes)
        if paid and enough:
            yield sites


def assignments(world, sites):
    """Every assignment of villages to open sites with room."""
    table = dense(world)
    near = [[-1, *(j for j in sites if row[j] <= world.reach_minutes)] for row in table]
    for chosen in product(*near):
        load = np.bincount(
            [j for j in chosen if j >= 0], [w for w, j in zip(world.need_people, chosen, strict=True) if j >= 0]
        )
        room = np.full(world.site_ids.size, INF) if world.capacity_people is None else world.capacity_people
        if (load <= room[: load.size]).all():
            yield np.array(chosen)


def people(world, chosen):
    return float(world.need_people[chosen >= 0].sum())


def minutes(world, chosen):
    table = dense(world)
    spent = [table[i, j] if j >= 0 else world.reach_minutes for i, j in enumerate(chosen)]
    return float(np.dot(spent, world.need_people))


def keeps(world, plan):
    """Assert that a plan keeps to every limit and says what it does."""
    sites = plan.sites.tolist()
    assert sites in [sorted(s) for s in allowed(world)]
    room = np.full(world.site_ids.size, INF) if world.capacity_people is None else world.capacity_people
    served = plan.assignments >= 0
    load = np.bincount(plan.assignments[served], world.need_people[served], minlength=room.size)
    assert (load <= room + 1e-9).all()
    assert set(plan.assignments[served]) <= set(sites)
    assert (plan.assigned_minutes[served] <= world.reach_minutes).all()
    assert people(world, plan.assignments) == plan.objective_people
    assert plan.unserved_people + plan.objective_people == world.need_people.sum()
    assert plan.loss_if_dropped_people.sum() <= plan.objective_people


@settings(deadline=None, max_examples=150)
@given(limited())
def test_max_cover_equals_the_best_of_all_choices_and_assignments(world):
    possible = [people(world, chosen) for sites in allowed(world) for chosen in assignments(world, sites)]
    if not possible:
        with pytest.raises(InfeasibleError):
            max_cover.solve(world)
        return
    plan = max_cover.solve(world)
    assert (plan.objective_people, plan.bound_people, plan.status) == (max(possible), max(possible), "optimal")
    assert plan.greedy_people <= plan.objective_people
    keeps(world, plan)


@settings(deadline=None, max_examples=100)
@given(limited())
def test_p_median_equals_the_best_of_all_choices_and_assignments(world):
    possible = [minutes(world, chosen) for sites in allowed(world) for chosen in assignments(world, sites)]
    if not possible:
        with pytest.raises(InfeasibleError):
            p_median.solve(world)
        return
    plan = p_median.solve(world)
    assert (plan.objective, plan.bound, plan.status) == (min(possible), min(possible), "optimal")
    assert minutes(world, plan.assignments) == plan.objective <= plan.greedy
    keeps(world, plan)


@settings(deadline=None, max_examples=40)
@given(limited(), st.integers(0, 2**32 - 1))
def test_order_of_the_input_changes_nothing(world, seed):
    turned = shuffled(world, seed)
    try:
        plan = max_cover.solve(world)
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            max_cover.solve(turned)
        return
    assert world.site_ids[plan.new_sites].tolist() == turned.site_ids[max_cover.solve(turned).new_sites].tolist()
    same(plan, max_cover.solve(world))


def test_capacity_is_kept_and_each_village_is_served_whole():
    # One site of 10: of villages of 6, 5 and 5 it serves the two of 5.
    plan = max_cover.solve(problem([[1.0], [2.0], [3.0]], [6, 5, 5], capacity_people=np.array([10.0])))
    assert plan.assignments.tolist() == [-1, 0, 0]
    assert (plan.objective_people, plan.greedy_people, plan.unserved_people) == (10.0, 6.0, 6.0)


def test_budget_pays_for_two_cheap_sites_rather_than_one_dear():
    world = problem(
        np.where(np.eye(3) > 0, 0.0, NAN), [5, 3, 3], new_teams=3, cost=np.array([4.0, 2.0, 2.0]), budget=4.0
    )
    assert max_cover.solve(world).sites.tolist() == [1, 2]


def test_communes_without_a_site_are_told():
    world = line(4, new_teams=2, commune_ids=np.array(["a", "a", "b", "b"]), min_per_commune=1, locked_out=[2, 3])
    with pytest.raises(
        InfeasibleError, match=r"communes b have fewer .* 1 too few in all\. Least change: min_per_commune = 0"
    ):
        max_cover.solve(world)
    with pytest.raises(
        InfeasibleError, match=r"min_per_commune = 1 needs 2 more .* 1 too few\. Least change: teams = 2"
    ):
        max_cover.solve(replace(world, new_teams=1, locked_out=np.zeros(4, dtype=bool)))


def test_budget_below_the_minimum_is_told():
    world = line(4, new_teams=3, cost=np.full(4, 5.0), budget=9.0, locked_in=[0, 1])
    with pytest.raises(InfeasibleError, match=r"budget = 9, .* cost 10: 1 too little\. Least change: budget = 10"):
        max_cover.solve(world)


def test_the_least_budget_that_helps_is_told_to_the_dong_and_does_help():
    cost = np.array([123_456_789.0, 234_567_891.0, 345_678_912.0])
    short = line(3, budget=1.0, cost=cost, commune_ids=np.array(["a", "b", "c"]), min_per_commune=1, new_teams=3)
    with pytest.raises(InfeasibleError, match=r"Least change: budget = 703703592$"):
        max_cover.solve(short)
    assert max_cover.solve(replace(short, budget=703_703_592.0)).new_sites.size == 3


def test_limits_that_make_no_sense_are_refused():
    with pytest.raises(LayerError, match="row 2, column 'capacity_people'"):
        max_cover.solve(line(3, capacity_people=np.array([1.0, -1.0, INF])))
    with pytest.raises(LayerError, match="column 'cost'"):
        max_cover.solve(line(3, cost=np.array([1.0, INF, 1.0]), budget=3.0))
    with pytest.raises(PlanError, match=r"deploy\.budget needs what a team costs"):
        max_cover.solve(line(3, budget=3.0))
    with pytest.raises(PlanError, match="needs the commune of each site"):
        max_cover.solve(line(3, min_per_commune=1))


@pytest.mark.real
@pytest.mark.parametrize("name", OPTIMA)
def test_published_capacitated_instances(real_data, name):
    far, sites, demand, capacity = instances.capacitated_p_median(real_data / "benchmarks" / "cpmp" / f"{name}.txt")
    # The instances count distance per node, the product person-minutes: as many minutes as make the two equal.
    world = problem(far / demand[:, None], demand, new_teams=sites, reach_minutes=INF, capacity_people=capacity)
    plan = p_median.solve(replace(world, unserved_minutes=1_000.0))
    assert plan.objective == pytest.approx(OPTIMA[name])
    assert (plan.status, plan.unserved_people) == ("optimal", 0.0)
