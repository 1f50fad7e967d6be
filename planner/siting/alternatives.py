"""Other plans that are nearly as good and stand elsewhere: what there is to talk about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from planner.errors import PlanningError
from planner.siting.base import Int, SitingPlan, SitingProblem
from planner.siting.solvers.cover import Bool

LARGE: Final = frozenset({"people", "weighted_people"})
"""Units of which more is better."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another plan.

    Parameters
    ----------
    plan : SitingPlan
    shared : ndarray of int64
        Positions of its new sites that the plan or an earlier alternative has as well.
    worse_share : float
        How much its objective is behind the plan's, as a share of it; below 0 where it is better.
    """

    plan: SitingPlan
    shared: Int
    worse_share: float


def alternatives(
    problem: SitingProblem,
    plan: SitingPlan,
    *,
    count: int,
    within: float,
    solve: Callable[[SitingProblem], SitingPlan],
) -> list[Alternative]:
    """Return plans no worse than `within` of the plan's objective, each with as few sites of those before it as are found.

    First no site may be used again; where that costs too much, the sites that are hardest to do without come back, as few
    as a bisection finds. Each plan is searched like any other; that no plan differs more is not proven.

    Parameters
    ----------
    problem : SitingProblem
    plan : SitingPlan
        Its answer.
    count : int
        At most this many.
    within : float
        Share of the plan's objective.
    solve : callable
        The model of the plan.
    """
    used = _mask(problem, plan.new_sites) & ~problem.locked_in
    hardest = plan.sites[np.argsort(-plan.loss_if_dropped_people, kind="stable")]
    order = hardest[used[hardest]]
    found: list[Alternative] = []
    for _ in range(count):
        other = _elsewhere(problem, plan, order, within=within, solve=solve)
        if other is None:
            break
        new = other.new_sites
        fresh = new[~used[new] & ~problem.locked_in[new]]
        if not fresh.size:  # made of sites that are known already: nothing new to talk about
            break
        found.append(Alternative(other, np.sort(new[used[new]]), _worse(plan, other)))
        used[fresh] = True
        order = np.concatenate([order, fresh])
    return found


def _elsewhere(
    problem: SitingProblem,
    plan: SitingPlan,
    order: Int,
    *,
    within: float,
    solve: Callable[[SitingProblem], SitingPlan],
) -> SitingPlan | None:
    """Return a plan near enough with as few as possible of the sites in this order; None where only all of them do."""
    low, high, best = -1, order.size, None
    while high - low > 1:
        back = (low + high) // 2
        asked = replace(problem, locked_out=problem.locked_out | _mask(problem, order[back:]), warm_sites=None)
        try:
            other = solve(asked)
        except PlanningError:
            low = back
            continue
        if _worse(plan, other) <= within:
            high, best = back, other
        else:
            low = back
    return best


def _worse(plan: SitingPlan, other: SitingPlan) -> float:
    if plan.objective == 0:
        return 0.0 if other.objective == 0 else float("inf")
    behind = (plan.objective - other.objective) / plan.objective
    return behind if plan.unit in LARGE else -behind


def _mask(problem: SitingProblem, sites: Int) -> Bool:
    mask = np.zeros(problem.site_ids.size, dtype=np.bool_)
    mask[sites] = True
    return mask
