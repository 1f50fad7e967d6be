"""Maximum cover: the sites from which most people in need are within reach (Church and ReVelle 1974)."""

from __future__ import annotations

import numpy as np

from planner.siting.base import Int, SitingPlan, SitingProblem, Status
from planner.siting.check import check
from planner.siting.order import by_id
from planner.siting.outcome import in_order, losses, nearest, within_reach
from planner.siting.solvers.certify import Answer, best_choice
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Bool, Cover, Reduced, reduce
from planner.siting.solvers.cover_model import CoverModel
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.greedy import one_by_one


def solve(problem: SitingProblem) -> SitingPlan:
    """Place at most `new_teams` teams so that most people have an open site within `reach_minutes`.

    Existing sites stay open, `locked_in` sites open and count among the new teams, `locked_out` sites do not open. A
    team that would add nobody is not placed. The same problem in another order of villages or sites has the same plan.

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
        See `planner.siting.check.check`.
    """
    clock = Clock(problem.time_limit_s)
    check(problem)
    ordered = by_id(problem)
    return ordered.restore(_solved(ordered.problem, clock))


def _solved(problem: SitingProblem, clock: Clock) -> SitingPlan:
    cover = within_reach(problem)
    fixed = np.flatnonzero(problem.existing | problem.locked_in).astype(np.int64)
    base = cover.covered(fixed)
    base_people = float(cover.need[base].sum())
    teams = int(problem.new_teams) - int((problem.locked_in & ~problem.existing).sum())
    free = ~(problem.existing | problem.locked_in | problem.locked_out)
    small = reduce(cover, keep=free, served=base | (cover.need == 0))
    greedy = one_by_one(small.cover, teams)
    greedy_people = small.cover.reached(greedy)
    goal = Goal(problem.gap, base_people)
    answer = best_choice(CoverModel(small.cover), teams, start=greedy, goal=goal, clock=clock)
    return _plan(
        problem,
        cover,
        opened=_opened(problem, cover, small=small, answer=answer),
        bound_people=base_people + answer.bound,
        greedy_people=base_people + greedy_people,
        solver=answer.solver,
        clock=clock,
    )


def _opened(problem: SitingProblem, cover: Cover, *, small: Reduced, answer: Answer) -> Int:
    """Return the new sites in order of what they add; of the chosen ones only those that add anybody."""
    today = cover.covered(np.flatnonzero(problem.existing).astype(np.int64))
    locked = np.flatnonzero(problem.locked_in & ~problem.existing).astype(np.int64)
    sites = np.sort(np.concatenate([locked, small.sites[answer.sites]]))
    order, gains = in_order(cover, sites, served=today)
    return order[(gains > 0) | problem.locked_in[order]]


def _plan(
    problem: SitingProblem,
    cover: Cover,
    *,
    opened: Int,
    bound_people: float,
    greedy_people: float,
    solver: str,
    clock: Clock,
) -> SitingPlan:
    existing = np.flatnonzero(problem.existing).astype(np.int64)
    sites = np.sort(np.concatenate([existing, opened]))
    is_open: Bool = np.zeros(problem.site_ids.size, dtype=np.bool_)
    is_open[sites] = True
    assigned = nearest(problem.minutes, is_open, reach_minutes=problem.reach_minutes)
    objective = cover.reached(sites)
    same = bound_people - objective <= TOLERANCE * float(cover.need.sum())
    bound = objective if same else bound_people
    gap = (bound - objective) / bound if bound > 0 else 0.0
    return SitingPlan(
        model="max_cover",
        sites=sites,
        new_sites=opened,
        assignments=assigned.sites,
        assigned_minutes=assigned.minutes,
        objective_people=objective,
        bound_people=bound,
        # The same people, summed in another order.
        greedy_people=min(greedy_people, objective),
        today_people=cover.reached(existing),
        gap=gap,
        status=_status(gap, problem.gap),
        solver=solver,
        seconds=clock.seconds,
        loss_if_dropped_people=losses(cover, sites),
        unserved_people=float(problem.need_people[assigned.sites < 0].sum()),
    )


def _status(gap: float, wanted: float) -> Status:
    if gap <= 0:
        return "optimal"
    return "gap_reached" if gap <= wanted else "time_limit"
