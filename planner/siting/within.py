"""Plans within capacity, budget and a least number of sites per commune: what max_cover and p_median share then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.errors import InfeasibleError, PlanError
from planner.siting.base import Float, Int, SitingPlan, SitingProblem
from planner.siting.check import named
from planner.siting.kernels import fill
from planner.siting.outcome import Assignments, Certificate, nearest, plan_of
from planner.siting.solvers.certify import best_choice
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Cover
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.limited import Assigned, Limited, LimitedAnswer, best_within
from planner.siting.solvers.limits import Limits
from planner.siting.solvers.service import Service, one_by_one
from planner.siting.start import Start


def has_limits(problem: SitingProblem) -> bool:
    """Return whether anything but the number of teams limits a plan."""
    capacity = problem.capacity_people is not None and bool(np.isfinite(problem.capacity_people).any())
    return capacity or problem.budget is not None or problem.min_per_commune > 0


def refuse_limits(problem: SitingProblem, *, model: str) -> None:
    """Refuse limits that a model does not keep, rather than leave them out in silence.

    Raises
    ------
    PlanError
        When capacity, budget or a minimum per commune is given.
    """
    if has_limits(problem):
        message = (
            f"deploy.model = {model!r} keeps no capacity, budget or min_per_commune; "
            "take them out of the plan, or use 'max_cover' or 'p_median'"
        )
        raise PlanError(message)


def limits_of(problem: SitingProblem, start: Start) -> Limits:
    """Return the limits on the sites that are free to choose.

    Raises
    ------
    InfeasibleError
        When a commune has too few sites, or teams or budget cannot pay for the communes' minimum and the locked sites.
    """
    m = problem.site_ids.size
    fixed = np.zeros(m, dtype=np.bool_)
    fixed[start.fixed] = True
    cost = np.zeros(m) if problem.cost is None else problem.cost.astype(np.float64)
    spent = float(cost[start.locked].sum())
    names, group = np.unique(_communes(problem), return_inverse=True)
    standing = np.bincount(group[start.fixed], minlength=names.size)
    missing = np.maximum(problem.min_per_commune - standing, 0).astype(np.int64)
    _enough_sites(problem, names, missing=missing, possible=np.bincount(group[start.free], minlength=names.size))
    _enough_teams(problem, names, missing=missing, teams=start.teams)
    budget = np.inf if problem.budget is None else problem.budget - spent
    limits = Limits(
        fixed=fixed,
        free=start.free,
        teams=start.teams,
        capacity=_capacity(problem),
        cost=cost,
        budget=budget,
        group=group.astype(np.int64),
        missing=missing,
    )
    _enough_money(problem, limits, spent=spent)
    return limits


def _communes(problem: SitingProblem) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    if problem.commune_ids is None or problem.min_per_commune == 0:
        return np.full(problem.site_ids.size, "", dtype=np.str_)
    return problem.commune_ids


def _capacity(problem: SitingProblem) -> Float:
    if problem.capacity_people is None:
        return np.full(problem.site_ids.size, np.inf)
    return problem.capacity_people.astype(np.float64)


def _enough_sites(
    problem: SitingProblem, names: np.ndarray[tuple[int, ...], np.dtype[np.str_]], *, missing: Int, possible: Int
) -> None:
    short = np.flatnonzero(possible < missing)
    if short.size:
        least = int((problem.min_per_commune - missing + possible)[short].min())
        message = (
            f"min_per_commune = {problem.min_per_commune}, but communes {named(names[short])} have fewer sites that can open: "
            f"{int((missing - possible)[short].sum())} too few in all. Least change: min_per_commune = {least}, or more candidates there"
        )
        raise InfeasibleError(message)


def _enough_teams(
    problem: SitingProblem, names: np.ndarray[tuple[int, ...], np.dtype[np.str_]], *, missing: Int, teams: int
) -> None:
    over = int(missing.sum()) - teams
    if over > 0:
        message = (
            f"min_per_commune = {problem.min_per_commune} needs {int(missing.sum())} more sites in {int((missing > 0).sum())} communes "
            f"({named(names[missing > 0])}), {teams} new teams are left for them: {over} too few. "
            f"Least change: teams = {problem.new_teams + over}"
        )
        raise InfeasibleError(message)


def _enough_money(problem: SitingProblem, limits: Limits, *, spent: float) -> None:
    if problem.budget is None:
        return
    needed = spent + limits.cheapest_minimum
    if needed > problem.budget * (1 + TOLERANCE):
        message = (
            f"budget = {problem.budget:g}, but the locked sites and the cheapest sites for min_per_commune cost {needed:g}: "
            f"{needed - problem.budget:g} too little. Least change: budget = {needed:g}"
        )
        raise InfeasibleError(message)


@dataclass(frozen=True, slots=True)
class Within:
    """A plan within limits.

    Parameters
    ----------
    new_sites : ndarray of int64
        In the order of what they serve, most first, ties by position.
    assigned, today : Assignments
        With the plan and with the existing sites alone.
    value, bound, greedy : float
        In the unit of the savings.
    greedy_people : float
    solver : str
    """

    new_sites: Int
    assigned: Assignments
    today: Assignments
    value: float
    bound: float
    greedy: float
    greedy_people: float
    solver: str


def plan_within(problem: SitingProblem, service: Service, start: Start, *, goal: Goal, clock: Clock) -> Within:
    """Choose sites and assign villages within the limits.

    Parameters
    ----------
    problem : SitingProblem
        Checked and in order of ids.
    service : Service
        What each village saves at each site.
    start : Start
    goal : Goal
        For the savings of all open sites.
    clock : Clock

    Raises
    ------
    InfeasibleError
        See `limits_of`.
    """
    limits = limits_of(problem, start)
    limited = Limited(service, limits, problem.need_people)
    answer = _best(limited, start, goal=goal, clock=clock)
    plan = answer.plan
    served = np.bincount(plan.sites[plan.sites >= 0], problem.need_people[plan.sites >= 0], minlength=limits.free.size)
    chosen = np.sort(plan.chosen)
    opened = np.sort(np.concatenate([start.locked, chosen[(served[chosen] > 0) | limits.missing.any()]]))
    assigned = _nearer(problem, limits, plan.sites, opened=np.concatenate([start.existing, opened]))
    return Within(
        new_sites=opened[np.argsort(-served[opened], kind="stable")],
        assigned=assigned,
        today=_today(problem, limited, start),
        value=max(plan.value, limited.value(assigned.sites)),  # nearer may also mean more
        bound=answer.bound,
        greedy=answer.greedy.value,
        greedy_people=float(problem.need_people[answer.greedy.sites >= 0].sum()),
        solver=answer.solver,
    )


def within_plan(problem: SitingProblem, cover: Cover, found: Within, certificate: Certificate) -> SitingPlan:
    """Return the plan with the assignments that were found."""
    today = float(problem.need_people[found.today.sites >= 0].sum())
    return plan_of(problem, cover, found.new_sites, certificate, assigned=found.assigned, today_people=today)


def _best(limited: Limited, start: Start, *, goal: Goal, clock: Clock) -> LimitedAnswer:
    limits = limited.limits
    part = limited.service.part(keep=limits.free, forced=start.fixed)
    teams = limits.most_teams
    unlimited = best_choice(
        part.model, teams, start=one_by_one(part.model, teams), goal=goal, clock=Clock(clock.left_s / 3)
    )
    bound = part.base + unlimited.bound
    return best_within(limited, start=part.sites[unlimited.sites], bound=bound, goal=goal, clock=clock)


def _today(problem: SitingProblem, limited: Limited, start: Start) -> Assignments:
    opened = np.zeros(problem.site_ids.size, dtype=np.bool_)
    opened[start.existing] = True
    limits = Limits(
        fixed=opened,
        free=np.zeros_like(opened),
        teams=0,
        capacity=limited.limits.capacity,
        cost=limited.limits.cost,
        budget=np.inf,
        group=limited.limits.group,
        missing=np.zeros_like(limited.limits.missing),
    )
    alone: Assigned = Limited(limited.service, limits, limited.load).assigned(np.zeros(0, dtype=np.int64))
    return _nearer(problem, limits, alone.sites, opened=start.existing)


def _nearer(problem: SitingProblem, limits: Limits, sites: Int, *, opened: Int) -> Assignments:
    """Give villages the nearer of two sites with room, those without need their nearest, and read the minutes."""
    is_open = np.zeros(problem.site_ids.size, dtype=np.bool_)
    is_open[opened] = True
    closest = nearest(problem.minutes, is_open, reach_minutes=problem.reach_minutes).sites
    sites = np.where(problem.need_people > 0, sites, closest)
    matrix = problem.minutes
    village = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, matrix.data, village))
    site, minutes = matrix.indices[order].astype(np.int64), matrix.data[order]
    near = minutes <= problem.reach_minutes
    room = np.full(problem.site_ids.size, -1.0)  # closed: not even a village without need moves there
    room[opened] = limits.capacity[opened]
    served = sites >= 0
    room -= np.bincount(sites[served], problem.need_people[served], minlength=room.size)
    start = np.concatenate([[0], np.cumsum(np.bincount(village[near], minlength=matrix.shape[0]))])
    moved = fill.nearer(start, site[near], problem.need_people, room, sites.copy())
    spent = np.full(moved.size, np.nan)
    match = near & (moved[village] == site)
    spent[village[match]] = minutes[match]
    return Assignments(moved, spent)
