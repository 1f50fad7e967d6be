"""Waves: in which order the sites of a plan open, so many at a time, when need falls where teams have worked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.siting import max_cover
from planner.siting.base import Float, Int, SitingPlan, SitingProblem
from planner.siting.solvers.cover import Bool


@dataclass(frozen=True, slots=True)
class Wave:
    """What opens together, and how things stand once it has worked.

    Parameters
    ----------
    sites : ndarray of int64
        Positions that open, in the order in which they help most.
    people_reached : float
        Need of today in the villages that are served in it, and what earlier waves have settled in others.
    bound_people : float
        No choice of as many sites, in whatever place, reaches more; NaN where sites have limited room, since villages
        whose need has fallen then make room for others.
    need_left_people : float
        Need in all villages at the end of this wave.
    """

    sites: Int
    people_reached: float
    bound_people: float
    need_left_people: float


def waves(problem: SitingProblem, plan: SitingPlan, *, teams: Sequence[int], falls: float, gap: float) -> list[Wave]:
    """Return the waves of a plan: nothing that has opened closes, and the last wave ends with the plan itself.

    Each wave opens those of the plan's sites that reach most of the need left, found by `planner.siting.max_cover.solve`.
    Then need falls in every village that is served.

    Parameters
    ----------
    problem : SitingProblem
    plan : SitingPlan
        Of maximum cover, with one team at each new site.
    teams : sequence of int
        New teams of each wave; together as many as the plan has, or more.
    falls : float
        Of a served village's need, how much one wave settles, share.
    gap : float
        To which bounds of earlier waves are searched, share.
    """
    is_open, later = problem.existing.copy(), np.sort(plan.new_sites)
    today, need, found = problem.need_people, problem.need_people.copy(), []
    for number, count in enumerate(teams):
        last = number == len(teams) - 1
        now = later if last or later.size <= count else _next(_asked(problem, need, is_open), later, count)
        is_open[now] = True
        later = np.setdiff1d(later, now)
        answer = max_cover.solve(replace(_asked(problem, need, is_open), locked_out=~is_open, new_teams=0))
        share = _served_share(answer, need)
        reached = float((share * today + (1 - share) * (today - need)).sum())
        need = need * (1 - falls * share)
        placed = plan.new_sites.size - later.size
        bound = _bound(problem, plan, placed, reached=reached, last=later.size == 0, gap=gap)
        ordered = plan.new_sites[np.isin(plan.new_sites, now)]
        found.append(Wave(ordered, reached, bound, float(need.sum())))
    return found


def _asked(problem: SitingProblem, need: Float, is_open: Bool) -> SitingProblem:
    """Return the problem of one wave: what the plan as a whole keeps to needs no keeping here."""
    return replace(
        problem,
        need_people=need,
        existing=is_open.copy(),
        locked_in=np.zeros_like(is_open),
        standing_teams=None,
        budget=None,
        cost=None,
        min_per_commune=0,
        priority_communes=(),
        min_per_priority_commune=0,
        most_of_type=None,
        warm_sites=None,
        warm_prices=None,
    )


def _served_share(plan: SitingPlan, need: Float) -> Float:
    """Return how much of each village's need a plan serves, share: all or nothing, unless villages are split."""
    if plan.parts is None:
        return (plan.assignments >= 0).astype(np.float64)
    people = np.bincount(plan.parts.village, plan.parts.people, minlength=need.size)
    return np.clip(np.divide(people, need, out=np.zeros(need.size), where=need > 0), 0.0, 1.0)


def _next(asked: SitingProblem, later: Int, count: int) -> Int:
    allowed = np.isin(np.arange(asked.existing.size), later) | asked.existing
    chosen = max_cover.solve(replace(asked, locked_out=~allowed, new_teams=count)).new_sites
    # a wave is full, even where its last teams reach nobody yet
    rest = np.setdiff1d(later, chosen)
    return np.sort(np.concatenate([chosen, rest[: count - chosen.size]]))


def _bound(problem: SitingProblem, plan: SitingPlan, placed: int, *, reached: float, last: bool, gap: float) -> float:
    if problem.capacity_people is not None and np.isfinite(problem.capacity_people).any():
        return float("nan")
    if last:
        return max(plan.bound_people, reached)
    loose = replace(_asked(problem, problem.need_people, problem.existing), weight=None, full_minutes=None)
    return max(max_cover.solve(replace(loose, new_teams=placed, gap=gap)).bound_people, reached)
