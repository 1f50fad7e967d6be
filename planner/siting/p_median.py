"""p-median: the sites that are nearest on average, person by person (Hakimi 1964; ReVelle and Swain 1970)."""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

from planner.errors import PlanError
from planner.siting.base import Float, Int, SitingPlan, SitingProblem
from planner.siting.check import check
from planner.siting.order import by_id
from planner.siting.outcome import Certificate, plan_of, snapped, within_reach
from planner.siting.sense import refuse
from planner.siting.solvers.certify import best_choice
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.service import Service, from_matrix, one_by_one
from planner.siting.start import Start, start_of, warmer
from planner.siting.within import has_limits, plan_within, within_plan


def solve(problem: SitingProblem) -> SitingPlan:
    """Place at most `new_teams` teams so that people spend the fewest minutes to their nearest open site.

    A site serves villages within `reach_minutes`, which may be infinite; every person whom none serves counts
    `unserved_minutes`, and a person of a weight counts that many times. The rest is as in `planner.siting.max_cover.solve`.

    Parameters
    ----------
    problem : SitingProblem

    Returns
    -------
    SitingPlan
        `objective`, `bound` and `greedy` in person-minutes, the unserved included; `bound_people` are the people with
        any allowed site within reach.

    Raises
    ------
    ValueError, LayerError, PlanError, InfeasibleError
        See `planner.siting.check.check`; also when `unserved_minutes` is below the longest way within reach.
    """
    clock = Clock(problem.time_limit_s)
    check(problem)
    refuse(problem, model="p_median")
    ordered = by_id(problem)
    return ordered.restore(_solved(ordered.problem, clock))


def _solved(problem: SitingProblem, clock: Clock) -> SitingPlan:
    unserved = _unserved_minutes(problem)
    whole_cost = float(counted(problem).sum()) * unserved
    service, start = _service(problem, unserved), start_of(problem)
    if has_limits(problem):
        return _limited(problem, service, start, whole_cost=whole_cost, clock=clock)
    part = service.part(keep=start.free, forced=start.fixed)
    model = part.model
    greedy = one_by_one(model, start.teams)
    goal = Goal(problem.gap, whole_cost - part.base)
    first = warmer(model, greedy, part.sites, problem.warm_sites, teams=start.teams)
    answer = best_choice(model, start.teams, start=first, goal=goal, clock=clock)
    new_sites = _in_order(service, start, part.sites[answer.sites])
    cost = whole_cost - service.total(np.concatenate([start.existing, new_sites]))
    bound = snapped(whole_cost - part.base - answer.bound, cost, scale=whole_cost)
    cover = within_reach(problem)
    certificate = Certificate(
        model="p_median",
        unit="person_minutes",
        objective=cost,
        bound=max(min(bound, cost), 0.0),
        greedy=max(whole_cost - part.base - model.total(greedy), cost),
        solver=answer.solver,
        seconds=clock.seconds,
        greedy_people=cover.reached(np.concatenate([start.fixed, part.sites[greedy]])),
        bound_people=cover.reached(start.allowed),
    )
    return plan_of(problem, cover, new_sites, certificate)


def _limited(problem: SitingProblem, service: Service, start: Start, *, whole_cost: float, clock: Clock) -> SitingPlan:
    cover = within_reach(problem)
    found = plan_within(problem, service, start, goal=Goal(problem.gap, whole_cost), clock=clock)
    cost = whole_cost - found.value
    bound = snapped(whole_cost - found.bound, cost, scale=whole_cost)
    certificate = Certificate(
        model="p_median",
        unit="person_minutes",
        objective=cost,
        bound=max(min(bound, cost), 0.0),
        greedy=max(whole_cost - found.greedy, cost),
        solver=found.solver,
        seconds=clock.seconds,
        greedy_people=found.greedy_people,
        bound_people=cover.reached(start.allowed),
    )
    return within_plan(problem, cover, found, certificate)


def _unserved_minutes(problem: SitingProblem) -> float:
    near = problem.minutes.data[problem.minutes.data <= problem.reach_minutes]
    longest = float(near.max(initial=0.0))
    if problem.unserved_minutes is None:
        return problem.reach_minutes if math.isfinite(problem.reach_minutes) else longest
    if problem.unserved_minutes < longest:
        message = (
            f"unserved_minutes = {problem.unserved_minutes}: a person nobody serves would count less than one who travels "
            f"{longest} minutes; it must be at least that, or reach_minutes at most {problem.unserved_minutes}"
        )
        raise PlanError(message)
    return problem.unserved_minutes


def counted(problem: SitingProblem) -> Float:
    """Return what each village counts: its people, by their weight where there is one."""
    return problem.need_people if problem.weight is None else problem.need_people * problem.weight


def _service(problem: SitingProblem, unserved: float) -> Service:
    """Return what each village saves at each site against not being served, in person-minutes."""
    matrix = problem.minutes
    village = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    near = matrix.data <= problem.reach_minutes
    saved = np.where(near, (unserved - matrix.data) * counted(problem)[village], 0.0)
    return from_matrix(sparse.csr_array((saved, (matrix.indices, village)), shape=matrix.shape[::-1]))


def _in_order(service: Service, start: Start, chosen: Int) -> Int:
    """Return the new sites in order of what they save; of the chosen ones only those that save anything."""
    sites = np.sort(np.concatenate([start.locked, chosen]))
    mask = np.zeros(service.sites, dtype=np.bool_)
    mask[sites] = True
    part = service.part(keep=mask, forced=start.existing)
    order = part.sites[one_by_one(part.model, sites.size)]
    return np.concatenate([order, np.setdiff1d(start.locked, order)])
