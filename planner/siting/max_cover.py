"""Maximum cover: the sites from which most people in need are within reach (Church and ReVelle 1974)."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from planner.siting.base import Int, SitingPlan, SitingProblem
from planner.siting.check import check
from planner.siting.order import by_id
from planner.siting.outcome import Certificate, in_order, plan_of, snapped, within_reach
from planner.siting.sense import refuse
from planner.siting.solvers.certify import best_choice
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import Cover, reduce
from planner.siting.solvers.cover_model import CoverModel
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.greedy import one_by_one
from planner.siting.solvers.service import Service, from_matrix
from planner.siting.start import Start, start_of, warmer
from planner.siting.within import has_limits, plan_within, within_plan


def solve(problem: SitingProblem) -> SitingPlan:
    """Place at most `new_teams` teams so that most people have an open site within `reach_minutes`.

    Existing sites stay open unless they may move or close, `locked_in` sites open and count among the new teams,
    `locked_out` sites do not open. A team that would add nobody is not placed. With capacities every village goes to one
    site, whole, unless it may be split; budget and the least number of sites per commune are kept. Weights and a benefit
    that falls with the way make the objective `weighted_people`. The same problem in another order of villages or sites
    has the same plan.

    Parameters
    ----------
    problem : SitingProblem

    Returns
    -------
    SitingPlan
        Never below the one-by-one choice, never above its bound.

    Raises
    ------
    ValueError, LayerError, PlanError, InfeasibleError
        See `planner.siting.check.check` and `planner.siting.within.limits_of`.
    """
    clock = Clock(problem.time_limit_s)
    check(problem)
    refuse(problem, model="max_cover")
    ordered = by_id(problem)
    return ordered.restore(_solved(ordered.problem, clock))


def _solved(problem: SitingProblem, clock: Clock) -> SitingPlan:
    if has_limits(problem) or problem.full_minutes is not None or problem.weight is not None:
        return _limited(problem, clock)
    cover, start = within_reach(problem), start_of(problem)
    base = cover.covered(start.fixed)
    base_people = float(cover.need[base].sum())
    small = reduce(cover, keep=start.free, served=base | (cover.need == 0))
    greedy = one_by_one(small.cover, start.teams)
    goal = Goal(problem.gap, -base_people)
    model = CoverModel(small.cover)
    first = warmer(model, greedy, small.sites, problem.warm_sites, teams=start.teams)
    answer = best_choice(model, start.teams, start=first, goal=goal, clock=clock)
    new_sites = _worthwhile(cover, start, small.sites[answer.sites])
    people = cover.reached(np.concatenate([start.existing, new_sites]))
    bound = snapped(base_people + answer.bound, people, scale=float(cover.need.sum()))
    # The one-by-one choice is a plan too; its sum may only differ in the order of its parts.
    greedy_people = min(base_people + small.cover.reached(greedy), people)
    certificate = Certificate(
        model="max_cover",
        unit="people",
        objective=people,
        bound=max(bound, people),
        greedy=greedy_people,
        solver=answer.solver,
        seconds=clock.seconds,
        greedy_people=greedy_people,
        bound_people=max(bound, people),
    )
    return plan_of(problem, cover, new_sites, certificate)


def _limited(problem: SitingProblem, clock: Clock) -> SitingPlan:
    cover, start = within_reach(problem), start_of(problem)
    plain = problem.full_minutes is None and problem.weight is None
    found = plan_within(problem, benefits(problem), start, goal=Goal(problem.gap), clock=clock)
    worth = float(found.limited.service.most.sum())
    bound = max(snapped(found.bound, found.value, scale=worth), found.value)
    certificate = Certificate(
        model="max_cover",
        unit="people" if plain else "weighted_people",
        objective=found.value,
        bound=bound,
        greedy=min(found.greedy, found.value),
        solver=found.solver,
        seconds=clock.seconds,
        greedy_people=min(found.greedy, found.value) if plain else found.greedy_people,
        bound_people=bound if plain else cover.reached(start.allowed),
    )
    return within_plan(problem, cover, found, certificate)


def benefits(problem: SitingProblem) -> Service:
    """Return what each village contributes at each site: its people by their weight and by how near the site is."""
    matrix = problem.minutes
    village = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    part = (matrix.data <= problem.reach_minutes).astype(np.float64)
    if problem.full_minutes is not None:
        span = problem.reach_minutes - problem.full_minutes
        far = matrix.data > problem.full_minutes
        falling = (problem.reach_minutes - matrix.data) / span if span > 0 else np.zeros(matrix.nnz)
        part = np.where(far, np.maximum(falling, 0.0), part)
    people = problem.need_people if problem.weight is None else problem.need_people * problem.weight
    value = people[village] * part
    return from_matrix(sparse.csr_array((value, (matrix.indices, village)), shape=matrix.shape[::-1]))


def _worthwhile(cover: Cover, start: Start, chosen: Int) -> Int:
    """Return the new sites in order of what they add; of the chosen ones only those that add anybody."""
    sites = np.sort(np.concatenate([start.locked, chosen]))
    order, gains = in_order(cover, sites, served=cover.covered(start.existing))
    return order[(gains > 0) | np.isin(order, start.locked)]
