"""The best plan within limits with its proof: one by one, bound, eliminate, close what is left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.solvers import exchange, highs, limited_bound, limited_programme, limited_relaxation
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Bool
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.limited import Assigned, Limited

MOST_PAIRS: Final = 300_000
"""Pairs of village and site up to which HiGHS is asked."""
PAIRS_PER_SECOND: Final = 10_000
"""HiGHS prepares about so many pairs a second (measured: 107,000 in nine) and does not look at the clock before it is done:
with less time left it would overrun it and prove nothing."""


@dataclass(frozen=True, slots=True)
class LimitedAnswer:
    """A plan within limits, what no plan exceeds, the one-by-one plan, and the prices of the bound where it was asked for."""

    plan: Assigned
    bound: float
    greedy: Assigned
    solver: str
    prices: Float | None = None


def best_within(
    limited: Limited,
    *,
    base: Int,
    fallback: Int,
    starts: list[Int],
    most: float,
    goal: Goal,
    clock: Clock,
    warm: Float | None = None,
) -> LimitedAnswer:
    """Choose options and serve villages so that most is saved.

    Parameters
    ----------
    limited : Limited
        That some choice keeps to.
    base : ndarray of int64
        The options that the one-by-one choice starts from.
    fallback : ndarray of int64
        A choice that keeps to all limits.
    starts : list of ndarray of int64
        Other choices worth trying; those that do not keep to the limits are left out.
    most : float
        What no plan exceeds even without room and money as limits.
    goal : Goal
    clock : Clock
    warm : ndarray of float64, optional
        Prices of a like problem, see `planner.siting.solvers.limited_bound.bound`.
    """
    greedy = limited.completed(base)
    greedy = greedy if limited.kept(greedy) else limited.completed(fallback)
    greedy = greedy if limited.kept(greedy) else fallback
    first, best = limited.assigned(greedy, search=False), limited.assigned(greedy)
    for start in starts:
        best = _better(best, _rounded(limited, start))
    most = max(min(most, float(limited.service.most.sum())), best.value)
    near = _near(limited, best, most=most, warm=warm, goal=goal, clock=clock)
    best, most, warm = near.plan, near.bound, near.prices
    if goal.met(best.value, most):
        return LimitedAnswer(best, most, first, near.solver, warm)
    found = limited_bound.bound(limited, best=best, most=most, goal=goal, clock=clock, warm=warm)
    best = exchange.improved(limited, found.best, bound=min(found.value, most), goal=goal, clock=clock)
    bound = max(min(found.value, most), best.value)
    if goal.met(best.value, bound) or clock.over:
        return LimitedAnswer(best, bound, first, "greedy, swaps and Lagrangian bound", found.prices)
    may_open = found.may_open(limited, target=best.value - limited.least)
    pairs = int(may_open[limited.site].sum())
    if pairs > MOST_PAIRS or not enough_time(pairs, clock):
        why = "too large for HiGHS" if pairs > MOST_PAIRS else "too little time left for HiGHS"
        return LimitedAnswer(best, bound, first, f"greedy, swaps and Lagrangian bound; {why}", found.prices)
    best, bound = _closed(limited, may_open, best=best, bound=bound, slack=goal.slack(best.value), clock=clock)
    solver = "greedy, swaps, Lagrangian bound, elimination and HiGHS"
    return LimitedAnswer(best, bound, first, solver, found.prices)


def enough_time(pairs: int, clock: Clock) -> bool:
    """Return whether HiGHS would be done preparing so many pairs before the time is over."""
    return pairs <= PAIRS_PER_SECOND * clock.left_s


@dataclass(frozen=True, slots=True)
class _Near:
    """A plan after swaps, the least bound so far, the prices it is found at, and what found it."""

    plan: Assigned
    bound: float
    prices: Float | None
    solver: str


def _near(limited: Limited, plan: Assigned, *, most: float, warm: Float | None, goal: Goal, clock: Clock) -> _Near:
    """Swap until the goal is met against a bound that costs little: that at hand, that at given prices, that of the relaxation."""
    found = _Near(plan, most, warm, "greedy and swaps")
    if warm is not None:
        found = _swapped(limited, found, warm, "greedy, swaps and the bound at given prices", goal=goal, clock=clock)
    if not goal.met(found.plan.value, found.bound):
        relaxed, solver = limited_relaxation.relaxed(limited, clock=clock), found.solver
        if relaxed is not None:
            solver = "greedy, swaps and linear relaxation"
            found = replace(found, plan=_better(found.plan, _rounded(limited, relaxed.chosen)))
        prices = None if relaxed is None else relaxed.prices
        found = _swapped(limited, found, prices, solver, goal=goal, clock=clock)
    return found


def _rounded(limited: Limited, proposed: Int) -> Assigned | None:
    """Return the plan that a proposal comes to once it is cut to the limits and completed, if that keeps to them."""
    chosen = limited.completed(limited_bound.trimmed(limited, proposed))
    return limited.assigned(chosen) if limited.kept(chosen) else None


def _swapped(limited: Limited, near: _Near, prices: Float | None, solver: str, *, goal: Goal, clock: Clock) -> _Near:
    """Bound at these prices, if there are any, and swap until that is near enough."""
    if prices is not None:
        near = _Near(near.plan, min(near.bound, limited_bound.at(limited, prices)), prices, solver)
    plan = exchange.improved(limited, near.plan, bound=near.bound, goal=goal, clock=clock)
    if limited.split and not goal.met(plan.value, near.bound):
        plan = limited_relaxation.shared(limited, plan, clock=clock)
    return replace(near, plan=plan, bound=max(near.bound, plan.value))


def _closed(
    limited: Limited, may_open: Bool, *, best: Assigned, bound: float, slack: float, clock: Clock
) -> tuple[Assigned, float]:
    opened = limited.options.opens & np.isin(np.arange(limited.options.size), best.chosen)
    may_open = may_open | np.isin(np.arange(may_open.size), limited.options.site[opened])
    programme = limited_programme.programme(limited, may_open=may_open)
    slack = max(slack, TOLERANCE * float(limited.service.most.sum())) / programme.scale
    found = highs.solve(programme.highs, first=programme.point(limited, best), slack=slack, seconds=clock.left_s)
    if found.x.size:
        plan = programme.read(limited, found.x)
        if plan.value > best.value and limited.kept(plan.chosen) and limited_programme.fits(limited, plan):
            best = plan
    # The smaller programme speaks for every plan that beats the best one known, and for no other.
    return best, max(min(bound, found.bound * programme.scale), best.value)


def _better(first: Assigned, second: Assigned | None) -> Assigned:
    return second if second is not None and second.value > first.value else first
