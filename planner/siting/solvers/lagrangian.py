"""A bound that no choice of sites exceeds, by Lagrangian relaxation of "a village is counted once".

For prices u of the villages, 0 <= u <= need, at most sum(need - u) + (the `teams` largest sums of u over a site's
villages) people can be reached. Subgradient steps (Held, Wolfe and Crowder 1974; for maximum cover Galvao and
ReVelle 1996) lower it, here averaged with the steps before (Camerini, Fratta and Maffioli 1975) and measured in
shares of each village's need; on the way the sites that the prices propose are improved into plans.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import Bool, Cover
from planner.siting.solvers.goal import Goal

# Measured on clustered worlds of 5,000 to 100,000 villages: a tenth of the gap of plain steps from the same start.
PATIENCE: Final = 15
SHRINK: Final = 0.7
SMALLEST_STEP: Final = 1e-4
FRESH: Final = 0.3
PROPOSE_EVERY: Final = 20


@dataclass(frozen=True, slots=True)
class Bound:
    """What the relaxation gives.

    Parameters
    ----------
    people : float
        No choice of `teams` sites reaches more.
    worth : ndarray of float64, shape (m,)
        Sum of prices of each site's villages, at the prices that give this bound.
    sites : ndarray of int64
        The best plan met on the way, the one given at the start included.
    reached : float
        People it reaches.
    """

    people: float
    worth: Float
    sites: Int
    reached: float

    def may_open(self, teams: int, *, target: float) -> Bool:
        """Return the sites that a plan reaching more than `target` can contain."""
        last = np.partition(self.worth, -teams)[-teams]
        return np.asarray(self.people - np.maximum(last - self.worth, 0.0) > target)

    def must_open(self, teams: int, *, target: float) -> Bool:
        """Return the sites that every plan reaching more than `target` contains."""
        if teams >= self.worth.size:
            return np.ones(self.worth.size, dtype=np.bool_)
        cut = np.partition(self.worth, (-teams - 1, -teams))
        inside, next_best = cut[-teams], cut[-teams - 1]
        return np.asarray((self.worth >= inside) & (self.people - (self.worth - next_best) <= target))


def bound(
    cover: Cover,
    teams: int,
    *,
    sites: Int,
    improve: Callable[[Int], Int],
    goal: Goal,
    clock: Clock,
    steps: int = 1_500,
) -> Bound:
    """Lower the bound until it is near enough to the best plan, or the steps stop helping.

    Parameters
    ----------
    cover : Cover
    teams : int
        1 or more, fewer than there are sites.
    sites : ndarray of int64
        The best plan known.
    improve : callable
        Makes a better plan of a plan; called on what the prices propose.
    goal : Goal
    clock : Clock
        One step is taken even when its time is over.
    steps : int
        At most this many.
    """
    best = Bound(np.inf, np.zeros(cover.teams_at_most), sites, cover.reached(sites))
    prices = best_prices = _first_prices(cover, sites)
    direction, theta, stall = np.zeros(cover.need.size), 1.0, 0
    for step in range(steps):
        people, worth, top, slope = _relaxed(cover, teams, prices)
        if step % PROPOSE_EVERY == PROPOSE_EVERY - 1:
            best = _better_plan(cover, best, improve(top))
        stall = 0 if people < best.people * (1 - 1e-5) else stall + 1
        if people < best.people:
            best, best_prices = Bound(people, worth, best.sites, best.reached), prices
        if goal.met(best.reached, best.people) or not slope.any() or theta < SMALLEST_STEP or clock.over:
            break
        if stall >= PATIENCE:
            theta, stall, prices, direction = theta * SHRINK, 0, best_prices, np.zeros(cover.need.size)
            continue
        direction = slope if not direction.any() else FRESH * slope + (1 - FRESH) * direction
        prices = _stepped(cover.need, prices, direction, theta * max(people - best.reached, 0.0))
    return best


def _first_prices(cover: Cover, sites: Int) -> Float:
    # The need, shared among the chosen sites that reach a village: exact where no two overlap.
    chosen = np.zeros(cover.teams_at_most)
    chosen[sites] = 1.0
    return np.asarray(cover.need / np.maximum(cover.sites_of @ chosen, 1.0))


def _relaxed(cover: Cover, teams: int, prices: Float) -> tuple[float, Float, Int, Float]:
    worth = cover.villages_of @ prices
    top = _largest(worth, teams)
    chosen = np.zeros(worth.size)
    chosen[top] = 1.0
    people = float((cover.need - prices).sum() + worth[top].sum())
    return people, worth, top, _inside(cover.sites_of @ chosen - 1.0, prices, cover.need)


def _inside(slope: Float, prices: Float, need: Float) -> Float:
    # A price at its limit that a step would push over it stays and takes no part in the length of the step.
    return np.where(((slope > 0) & (prices <= 0)) | ((slope < 0) & (prices >= need)), 0.0, slope)


def _stepped(need: Float, prices: Float, direction: Float, size: float) -> Float:
    free = _inside(direction, prices, need)
    length = float((need * free) @ free)
    if length == 0.0:
        return prices
    return np.clip(prices - size / length * need * free, 0.0, need)


def _better_plan(cover: Cover, best: Bound, sites: Int) -> Bound:
    reached = cover.reached(sites)
    return Bound(best.people, best.worth, sites, reached) if reached > best.reached else best


def _largest(worth: Float, count: int) -> Int:
    last = np.partition(worth, -count)[-count]
    above = np.flatnonzero(worth > last)
    ties = np.flatnonzero(worth == last)[: count - above.size]
    return np.sort(np.concatenate([above, ties])).astype(np.int64)
