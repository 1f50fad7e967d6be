"""A bound that no choice of sites exceeds, by Lagrangian relaxation of "a village is counted once".

For prices u of the villages, 0 <= u <= need, at most sum(need - u) + (the `teams` largest sums of u over a site's
villages) people can be reached. Subgradient steps (Held, Wolfe and Crowder 1974; for maximum cover Galvao and
ReVelle 1996) lower it; each step also proposes a plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import Bool, Cover

PATIENCE: Final = 15
SHRINK: Final = 0.7
SMALLEST_STEP: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Bound:
    """What the relaxation gives.

    Parameters
    ----------
    people : float
        No choice of `teams` sites reaches more.
    prices : ndarray of float64, shape (n,)
        The prices that give this bound.
    worth : ndarray of float64, shape (m,)
        Sum of prices of each site's villages.
    sites : ndarray of int64
        The best plan proposed on the way, ascending.
    reached : float
        People it reaches.
    """

    people: float
    prices: Float
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


def first_prices(cover: Cover, sites: Int) -> Float:
    """Return prices to start from: the need, shared among the chosen sites that reach a village."""
    chosen = np.zeros(cover.teams_at_most)
    chosen[sites] = 1.0
    return np.asarray(cover.need / np.maximum(cover.sites_of @ chosen, 1.0))


def bound(
    cover: Cover, teams: int, *, prices: Float, reached: float, gap_people: float, clock: Clock, steps: int = 1_000
) -> Bound:
    """Lower the bound until it is within `gap_people` of the best plan, or the steps stop helping.

    Parameters
    ----------
    cover : Cover
    teams : int
        1 or more, fewer than there are sites.
    prices : ndarray of float64, shape (n,)
        Where to start, 0 <= prices <= need.
    reached : float
        People reached by the best plan known.
    gap_people : float
    clock : Clock
        One step is taken even when its time is over.
    steps : int
        At most this many.
    """
    need, best_people, theta, stall = cover.need, np.inf, 1.0, 0
    best_prices, best_worth = prices, np.zeros(cover.teams_at_most)
    plan, plan_reached = np.zeros(0, dtype=np.int64), 0.0
    for _ in range(steps):
        worth = cover.villages_of @ prices
        top = _largest(worth, teams)
        people = float((need - prices).sum() + worth[top].sum())
        chosen = np.zeros(worth.size)
        chosen[top] = 1.0
        count = cover.sites_of @ chosen
        now = float(need[count > 0].sum())
        if now > plan_reached:
            plan, plan_reached = top, now
        stall = 0 if people < best_people * (1 - 1e-5) else stall + 1
        if people < best_people:
            best_people, best_prices, best_worth = people, prices, worth
        goal = max(reached, plan_reached)
        slope = count - 1.0
        slope[((slope > 0) & (prices <= 0)) | ((slope < 0) & (prices >= need))] = 0.0
        length = float(slope @ slope)
        if best_people - goal <= gap_people or length == 0.0 or theta < SMALLEST_STEP or clock.over:
            break
        if stall >= PATIENCE:
            theta, stall, prices = theta * SHRINK, 0, best_prices
            continue
        prices = np.clip(prices - theta * max(people - goal, 0.0) / length * slope, 0.0, need)
    return Bound(best_people, best_prices, best_worth, plan, plan_reached)


def _largest(worth: Float, count: int) -> Int:
    last = np.partition(worth, -count)[-count]
    above = np.flatnonzero(worth > last)
    ties = np.flatnonzero(worth == last)[: count - above.size]
    return np.sort(np.concatenate([above, ties])).astype(np.int64)
