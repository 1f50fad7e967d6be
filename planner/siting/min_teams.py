"""The fewest teams with which a share of the people in need has an open site within reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.errors import InfeasibleError
from planner.siting import fewest_within
from planner.siting.base import SitingPlan, SitingProblem
from planner.siting.check import check, named, smaller_share
from planner.siting.order import by_id
from planner.siting.outcome import Certificate, in_order, plan_of, within_reach
from planner.siting.sense import refuse
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Cover, is_whole, reduce
from planner.siting.solvers.fewest import fewest, greedily
from planner.siting.start import Start, start_of
from planner.siting.within import has_limits


def solve(problem: SitingProblem) -> SitingPlan:
    """Place as few teams as reach `share` of all people in need; `new_teams` plays no part.

    With `share_per_commune` they also reach that share of the people in need of every commune; capacities, budget and the
    least number of sites per commune are kept.

    Parameters
    ----------
    problem : SitingProblem

    Returns
    -------
    SitingPlan
        `objective`, `bound` and `greedy` in new teams, the locked ones included; `greedy_people` are reached by the
        one-by-one choice; `bound_people` are the people with any allowed site within reach.

    Raises
    ------
    InfeasibleError
        When all allowed sites together reach less than the share; names the villages that none reaches, the share that
        can be had and the reach that would do.
    ValueError, LayerError, PlanError
        See `planner.siting.check.check`.
    """
    clock = Clock(problem.time_limit_s)
    unlimited = replace(problem, new_teams=len(problem.site_ids) * problem.most_teams_per_site)
    check(unlimited)
    refuse(problem, model="min_teams")
    ordered = by_id(unlimited)
    if has_limits(problem) or problem.share_per_commune > 0:
        return ordered.restore(fewest_within.solved(ordered.problem, clock))
    return ordered.restore(_solved(ordered.problem, clock))


def _solved(problem: SitingProblem, clock: Clock) -> SitingPlan:
    cover, start = within_reach(problem), start_of(problem)
    wanted = _wanted(problem, cover, start)
    base = cover.covered(start.fixed)
    base_people = float(cover.need[base].sum())
    small = reduce(cover, keep=start.free, served=base | (cover.need == 0))
    people = max(wanted - base_people, 0.0)
    greedy = greedily(small.cover, people=people)
    found = fewest(small.cover, people=people, start=greedy, clock=clock)
    chosen = small.sites[greedy if found.sites is None else found.sites]
    new_sites, _ = in_order(
        cover, np.sort(np.concatenate([start.locked, chosen])), served=cover.covered(start.existing)
    )
    certificate = Certificate(
        model="min_teams",
        unit="teams",
        objective=float(new_sites.size),
        bound=float(start.locked.size + found.bound),
        greedy=float(start.locked.size + greedy.size),
        solver=found.solver,
        seconds=clock.seconds,
        greedy_people=base_people + small.cover.reached(greedy),
        bound_people=cover.reached(start.allowed),
    )
    return plan_of(problem, cover, new_sites, certificate)


def _wanted(problem: SitingProblem, cover: Cover, start: Start) -> float:
    everyone, reachable = float(cover.need.sum()), cover.reached(start.allowed)
    wanted = problem.share * everyone
    if is_whole(cover.need):
        wanted = float(np.ceil(wanted - TOLERANCE * everyone))
    if reachable >= wanted - TOLERANCE * everyone:
        return wanted
    lost = np.flatnonzero(~cover.covered(start.allowed) & (cover.need > 0))
    message = (
        f"share = {problem.share:g} asks for {wanted:,.0f} of {everyone:,.0f} people within {problem.reach_minutes:g} minutes, "
        f"but all allowed sites together reach {reachable:,.0f}: {wanted - reachable:,.0f} too few. {lost.size} villages have "
        f"no site within reach: {named(problem.unit_ids[lost])}. Least change: {smaller_share(reachable / everyone)}{_longer(problem, start, wanted)}"
    )
    raise InfeasibleError(message)


def _longer(problem: SitingProblem, start: Start, wanted: float) -> str:
    """Return the reach with which all sites together would do, as the end of a sentence."""
    matrix = problem.minutes
    nearest = np.full(matrix.shape[0], np.inf)
    open_to = np.isin(matrix.indices, start.allowed)
    village = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    np.minimum.at(nearest, village[open_to], matrix.data[open_to])
    order = np.argsort(nearest, kind="stable")
    at = int(np.searchsorted(np.cumsum(problem.need_people[order]), wanted - TOLERANCE))
    reach = nearest[order[min(at, order.size - 1)]]
    return f", or reach_minutes = {np.ceil(reach * 10) / 10:g}" if np.isfinite(reach) else "; no longer reach helps"
