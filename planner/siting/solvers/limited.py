"""Choosing sites within limits: every village goes to one open site, whole, as long as that has room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.kernels import fill
from planner.siting.solvers import highs, limited_programme
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.limits import Limits
from planner.siting.solvers.service import Service

MOST_PAIRS: Final = 300_000
"""Pairs of village and site up to which HiGHS is asked; it does not watch its time limit on more."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """Sites with the villages they serve.

    Parameters
    ----------
    chosen : ndarray of int64
        The free sites that open, in the order of their choice.
    sites : ndarray of int64, shape (n,)
        Of each village, -1 where none.
    value : float
        What the villages save there together.
    """

    chosen: Int
    sites: Int
    value: float


@dataclass(frozen=True, slots=True)
class LimitedAnswer:
    """A plan within limits, what no plan exceeds, and the one-by-one plan."""

    plan: Assigned
    bound: float
    greedy: Assigned
    solver: str


@dataclass(frozen=True, slots=True)
class Limited:
    """Savings, limits and the room that each village takes at a site.

    Parameters
    ----------
    service : Service
        Of all sites, fixed ones included.
    limits : Limits
        That some choice keeps to.
    load : ndarray of float64, shape (n,)
    """

    service: Service
    limits: Limits
    load: Float

    @property
    def site(self) -> Int:
        """Site of each pair."""
        return np.repeat(np.arange(self.service.sites), np.diff(self.service.savings.start))

    def assigned(self, chosen: Int) -> Assigned:
        """Open these free sites and assign villages, the largest saving first, ties by village and site."""
        pairs, opened = self.service.savings, self.limits.fixed.copy()
        opened[chosen] = True
        at = np.flatnonzero(opened[self.site])
        order = at[np.lexsort((self.site[at], pairs.village[at], -pairs.value[at]))]
        room = np.where(opened, self.limits.capacity, 0.0)
        sites = fill.assigned(order, self.site, pairs.village, self.load, room)
        return Assigned(chosen, sites, self.value(sites))

    def value(self, sites: Int) -> float:
        """Return what an assignment saves."""
        pairs = self.service.savings
        return float(pairs.value[sites[pairs.village] == self.site].sum())

    def one_by_one(self) -> Assigned:
        """Choose again and again the site that adds most, per cost where there is a budget, while the limits allow.

        Once no site adds anything, communes that still need a site get their cheapest one.
        """
        pairs, limits = self.service.savings, self.limits
        density = pairs.value / np.maximum(self.load[pairs.village], TOLERANCE)
        order = np.lexsort((pairs.village, -density, self.site))
        rooms = fill.Rooms(order, self.load, limits.capacity)
        served = np.zeros(pairs.villages)
        for site in np.flatnonzero(limits.fixed):
            fill.take(pairs, rooms, served, int(site))
        chosen: list[int] = []
        least = TOLERANCE * float(self.service.most.sum())
        price = np.maximum(limits.cost, TOLERANCE) if np.isfinite(limits.budget) else np.ones(limits.cost.size)
        while (can := limits.can_add(np.array(chosen, dtype=np.int64))).any():
            gain = np.where(can, fill.gains(pairs, rooms, served), -1.0)
            if gain.max() <= least:
                can &= limits.owing(np.array(chosen, dtype=np.int64))
                if not can.any():
                    break
                gain = np.where(can, 1.0, -1.0)
            best = int(np.argmax(gain / price))
            chosen.append(best)
            fill.take(pairs, rooms, served, best)
        return self.assigned(np.array(chosen, dtype=np.int64))

    def counting_bound(self) -> float:
        """Return what the best sites would save if no two served the same village, each by its capacity alone."""
        pairs = self.service.savings
        density = pairs.value / np.maximum(self.load[pairs.village], TOLERANCE)
        densest = np.zeros(self.service.sites)
        np.maximum.at(densest, self.site, density)
        alone = np.bincount(self.site, weights=pairs.value, minlength=self.service.sites)
        with np.errstate(invalid="ignore"):  # no limit times nothing to save
            full = np.where(densest > 0, self.limits.capacity * densest, 0.0)
        most = np.minimum(alone, full)
        best = np.sort(most[self.limits.free])[::-1][: self.limits.most_teams]
        return float(most[self.limits.fixed].sum() + best.sum())


def best_within(limited: Limited, *, start: Int, bound: float, goal: Goal, clock: Clock) -> LimitedAnswer:
    """Choose sites and assign villages so that most is saved.

    Parameters
    ----------
    limited : Limited
    start : ndarray of int64
        Free sites worth trying, for example the best ones without limits.
    bound : float
        What no plan exceeds even without the limits.
    goal : Goal
    clock : Clock
    """
    greedy = limited.one_by_one()
    best = greedy
    if limited.limits.kept(start):
        other = limited.assigned(start)
        best = other if other.value > greedy.value else greedy
    bound = max(min(bound, limited.counting_bound()), best.value)
    if goal.met(best.value, bound) or clock.over:
        return LimitedAnswer(best, bound, greedy, "greedy and bounds without limits")
    if limited.service.pairs > MOST_PAIRS:
        return LimitedAnswer(best, bound, greedy, "greedy and bounds without limits; too large for HiGHS")
    return _closed(limited, best=best, bound=bound, greedy=greedy, slack=goal.slack(best.value), seconds=clock.left_s)


def _closed(
    limited: Limited, *, best: Assigned, bound: float, greedy: Assigned, slack: float, seconds: float
) -> LimitedAnswer:
    programme = limited_programme.programme(limited.service, limited.limits, load=limited.load)
    first = programme.point(best.chosen, best.sites)
    slack = max(slack, TOLERANCE * float(limited.service.most.sum())) / programme.scale
    found = highs.solve(programme.highs, first=first, slack=slack, seconds=seconds)
    if found.x.size:
        chosen, sites = programme.read(found.x)
        plan = Assigned(chosen, sites, limited.value(sites))
        if plan.value > best.value and limited.limits.kept(chosen):
            best = plan
    bound = max(min(bound, found.bound * programme.scale), best.value)
    return LimitedAnswer(best, bound, greedy, "greedy, bounds without limits and HiGHS")
