"""A bound that no plan within limits exceeds, by Lagrangian relaxation of "a village is served once".

For prices u >= 0 of the villages a site is worth what the villages that it has room for save there beyond their prices:
a knapsack, whose relaxation (the last village in part) is solved by sorting (Dantzig 1957). What options take of teams and
money gets multipliers of its own, found by bisection; communes' minima are kept exactly. The steps are those of
`planner.siting.solvers.lagrangian`. On the way the options that the prices propose are completed into plans.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.kernels import knapsack
from planner.siting.kernels.prices import inside, stepped
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import Bool
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.lagrangian import FRESH, PATIENCE, SHRINK, SMALLEST_STEP
from planner.siting.solvers.limited import Assigned, Limited

STEPS: Final = 600
FIRST_PRICE: Final = 0.5
FIRST_PRICE_WHERE_ROOM_IS_SCARCE: Final = 0.05
"""Of what a village can save at most; where less than half can be served, room is what costs (measured: a third fewer steps)."""
PROPOSE_EVERY: Final = 50
WARM_STEP: Final = 0.1
"""First step from the prices of a like problem, which are nearly right."""


@dataclass(frozen=True, slots=True)
class LimitedBound:
    """What the relaxation gives.

    Parameters
    ----------
    value : float
        No plan is worth more.
    best : Assigned
        The best plan met on the way, the one given at the start included.
    reduced : ndarray of float64, shape (o,)
        Worth of each option less what it takes, at the prices that give this bound.
    chosen : ndarray of int64, shape (m,)
        Option of each site there.
    prices : ndarray of float64, shape (n,)
        These prices, as shares of the most that each village can save.
    """

    value: float
    best: Assigned
    reduced: Float
    chosen: Int
    prices: Float

    def may_open(self, limited: Limited, *, target: float) -> Bool:
        """Return the sites that a plan worth more than `target` can open."""
        best = np.full(limited.service.sites, -np.inf)
        opening = np.flatnonzero(limited.options.opens)
        np.maximum.at(best, limited.options.site[opening], self.reduced[opening])
        minimum = limited.minima.least[limited.minima.group] > 0
        at_hand = (self.chosen >= 0) | limited.options.required | minimum
        return np.asarray(at_hand | (self.value + best > target))


def bound(
    limited: Limited, *, best: Assigned, most: float, goal: Goal, clock: Clock, warm: Float | None = None
) -> LimitedBound:
    """Lower the bound until it is near enough to the best plan, or the steps stop helping.

    Parameters
    ----------
    limited : Limited
    best : Assigned
        The best plan known.
    most : float
        What no plan exceeds anyway.
    goal : Goal
    clock : Clock
        One step is taken even when its time is over.
    warm : ndarray of float64, shape (n,), optional
        ``prices`` of a problem much like this one, to start from.
    """
    pairs, load, options, table = limited.service.savings, limited.load, limited.options, limited.table
    each = limited.service.most
    capacity = options.capacity
    scarce = best.value < 0.5 * float(each.sum())
    share = np.full(each.size, FIRST_PRICE_WHERE_ROOM_IS_SCARCE if scarce else FIRST_PRICE) if warm is None else warm
    prices = each * np.clip(np.nan_to_num(share), 0.0, 1.0)
    multipliers = np.zeros(table.limit.size)
    found = LimitedBound(np.inf, best, np.zeros(options.size), np.full(limited.service.sites, -1), share)
    direction, theta, stall = np.zeros(prices.size), 1.0 if warm is None else WARM_STEP, 0
    for step in range(STEPS):
        worth, value, chosen, multipliers = _valued(limited, prices, multipliers)
        done = chosen[chosen >= 0]
        count = knapsack.taken(pairs, load, prices, options.site[done], capacity[done])
        slope = inside(1.0 - count, prices, each)
        if step % PROPOSE_EVERY == PROPOSE_EVERY - 1:
            found = _better_plan(limited, found, np.sort(done))
        stall = 0 if value < found.value - 1e-5 * abs(found.value) else stall + 1
        if value < found.value:
            shares = np.divide(prices, each, out=np.zeros(each.size), where=each > 0)
            found = LimitedBound(value, found.best, worth - multipliers @ table.use, chosen, shares)
        if goal.met(found.best.value, min(found.value, most)) or not slope.any() or theta < SMALLEST_STEP or clock.over:
            break
        if stall >= PATIENCE:
            theta, stall = theta * SHRINK, 0
        direction = slope if not direction.any() else FRESH * slope + (1 - FRESH) * direction
        prices = stepped(prices, direction, each, theta * max(value - found.best.value, 0.0))
    return found


def at(limited: Limited, shares: Float) -> float:
    """Return what no plan exceeds by prices of villages given as shares of the most that each can save.

    Parameters
    ----------
    limited : Limited
    shares : ndarray of float64, shape (n,)
    """
    return _valued(limited, limited.service.most * shares, np.zeros(limited.table.limit.size))[1]


def _valued(limited: Limited, prices: Float, multipliers: Float) -> tuple[Float, float, Int, Float]:
    """Return what options are worth at prices, the bound, the option of each site, and what limits cost there."""
    options, table = limited.options, limited.table
    worth = np.asarray(knapsack.worths(limited.service.savings, limited.load, prices, options.site, options.capacity))
    total, chosen, multipliers = knapsack.priced(table, worth, multipliers, 1 if table.limit.size == 1 else 2)
    return worth, float(prices.sum() + total), chosen, multipliers


def _better_plan(limited: Limited, found: LimitedBound, proposed: Int) -> LimitedBound:
    chosen = limited.completed(trimmed(limited, proposed))
    if not limited.kept(chosen):
        return found
    plan = limited.assigned(chosen)
    return replace(found, best=plan) if plan.value > found.best.value else found


def trimmed(limited: Limited, proposed: Int) -> Int:
    """Return the proposed options without those that overdraw what is limited: the least reduced go first, by site."""
    options, resources = limited.options, limited.resources
    keep = proposed.copy()
    for r in np.flatnonzero(~resources.equal):
        while resources.use[r, keep].sum() > resources.limit[r] * (1 + 1e-9):
            optional = np.flatnonzero(~options.required[options.site[keep]] & (resources.use[r, keep] > 0))
            if optional.size == 0:
                break
            gain = limited.alone[keep[optional]]
            keep = np.delete(keep, optional[int(np.argmin(gain / resources.use[r, keep[optional]]))])
    return keep
