"""A bound that no choice of sites exceeds, by Lagrangian relaxation of "a village contributes once".

For prices u >= 0 of the villages, no plan is worth more than sum(u) + (the `teams` largest worths of a site), where a
site is worth what its villages contribute there beyond their prices. Subgradient steps (Held, Wolfe and Crowder 1974;
for maximum cover Galvao and ReVelle 1996) lower it, here averaged with the steps before (Camerini, Fratta and
Maffioli 1975) and measured in shares of what each village can contribute; on the way the sites that the prices
propose are improved into plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.kernels.prices import inside, stepped
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import Bool
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.model import Model

# Measured on clustered worlds of 5,000 to 100,000 villages: a tenth of the gap of plain steps from the same start.
PATIENCE: Final = 15
SHRINK: Final = 0.7
SMALLEST_STEP: Final = 1e-4
FRESH: Final = 0.3
PROPOSE_EVERY: Final = 20
PAIRS_PER_STEP: Final = 30_000
"""Improving what the prices propose costs as much as many steps where a cover is large: it is done less often there."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What the relaxation gives.

    Parameters
    ----------
    value : float
        No choice of `teams` sites is worth more.
    worth : ndarray of float64, shape (m,)
        Worth of each site at the prices that give this bound.
    sites : ndarray of int64
        The best plan met on the way, the one given at the start included.
    reached : float
        What it is worth.
    """

    value: float
    worth: Float
    sites: Int
    reached: float

    def may_open(self, teams: int, *, target: float) -> Bool:
        """Return the sites that a plan worth more than `target` can contain."""
        last = np.partition(self.worth, -teams)[-teams]
        return np.asarray(self.value - np.maximum(last - self.worth, 0.0) > target)

    def must_open(self, teams: int, *, target: float) -> Bool:
        """Return the sites that every plan worth more than `target` contains; fewer `teams` than sites."""
        cut = np.partition(self.worth, (-teams - 1, -teams))
        inside, next_best = cut[-teams], cut[-teams - 1]
        return np.asarray((self.worth >= inside) & (self.value - (self.worth - next_best) <= target))


def bound(model: Model, teams: int, *, sites: Int, goal: Goal, clock: Clock, steps: int = 1_500) -> Bound:
    """Lower the bound until it is near enough to the best plan, or the steps stop helping.

    Parameters
    ----------
    model : Model
    teams : int
        1 or more, fewer than there are sites.
    sites : ndarray of int64
        The best plan known.
    goal : Goal
    clock : Clock
        One step is taken even when its time is over.
    steps : int
        At most this many.
    """
    most = model.most
    best = Bound(np.inf, np.zeros(model.sites), sites, model.total(sites))
    prices = model.first_prices(sites)
    direction, theta, stall = np.zeros(prices.size), 1.0, 0
    every = max(PROPOSE_EVERY, model.pairs // PAIRS_PER_STEP)
    for step in range(steps):
        worth = model.worth(prices)
        top = _largest(worth, teams)
        value = float(prices.sum() + worth[top].sum())
        slope = inside(1.0 - model.takers(prices, top), prices, most)
        if step % every == every - 1:
            best = _better_plan(model, best, model.improved(top, clock=clock))
        stall = 0 if value < best.value - 1e-5 * abs(best.value) else stall + 1
        if value < best.value:
            best = Bound(value, worth, best.sites, best.reached)
        if goal.met(best.reached, best.value) or not slope.any() or theta < SMALLEST_STEP or clock.over:
            break
        if stall >= PATIENCE:
            theta, stall = theta * SHRINK, 0
        direction = slope if not direction.any() else FRESH * slope + (1 - FRESH) * direction
        prices = stepped(prices, direction, most, theta * max(value - best.reached, 0.0))
    return best


def _better_plan(model: Model, best: Bound, sites: Int) -> Bound:
    reached = model.total(sites)
    return Bound(best.value, best.worth, sites, reached) if reached > best.reached else best


def _largest(worth: Float, count: int) -> Int:
    last = np.partition(worth, -count)[-count]
    above = np.flatnonzero(worth > last)
    ties = np.flatnonzero(worth == last)[: count - above.size]
    return np.sort(np.concatenate([above, ties])).astype(np.int64)
