"""Limits beside the number of teams: capacity, budget and a least number of sites per commune."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.solvers.cover import TOLERANCE, Bool


@dataclass(frozen=True, slots=True)
class Limits:
    """What a choice of sites must keep to.

    Parameters
    ----------
    fixed, free : ndarray of bool, shape (m,)
        Open whatever is chosen, and open if chosen.
    teams : int
        At most this many of the free sites.
    capacity : ndarray of float64, shape (m,)
        People, infinite where it does not matter.
    cost : ndarray of float64, shape (m,)
        Of opening each free site.
    budget : float
        Left for the free sites; infinite when there is none.
    group : ndarray of int64, shape (m,)
        Number of each site's commune.
    missing : ndarray of int64, shape (groups,)
        Free sites that must open in each commune.
    """

    fixed: Bool
    free: Bool
    teams: int
    capacity: Float
    cost: Float
    budget: float
    group: Int
    missing: Int

    def kept(self, chosen: Int) -> bool:
        """Return whether these free sites keep to teams, budget and communes; capacity is kept by assignment."""
        within_teams = chosen.size <= self.teams
        within_budget = float(self.cost[chosen].sum()) <= self.budget * (1 + TOLERANCE)
        return bool(within_teams and within_budget and not self._owed(chosen).any())

    @property
    def most_teams(self) -> int:
        """How many free sites can open at most: the cheapest ones that the budget pays."""
        cheapest = np.cumsum(np.sort(self.cost[self.free]))
        affordable = int(np.searchsorted(cheapest, self.budget * (1 + TOLERANCE), side="right"))
        return min(self.teams, affordable)

    @property
    def cheapest_minimum(self) -> float:
        """What the cheapest sites for the communes' minimum cost."""
        return self._cheapest_owed(self.free, self.missing).total

    def owing(self, chosen: Int) -> Bool:
        """Return the sites of communes that still need one beside those chosen."""
        return np.asarray(self._owed(chosen)[self.group] > 0)

    def _owed(self, chosen: Int) -> Int:
        counted = np.bincount(self.group[chosen], minlength=self.missing.size)
        return np.asarray(np.maximum(self.missing - counted, 0))

    def can_add(self, chosen: Int) -> Bool:
        """Return the free sites that can join those chosen so that the communes' minimum stays within reach."""
        owed = self._owed(chosen)
        open_to = self.free.copy()
        open_to[chosen] = False
        teams_left = self.teams - chosen.size
        money_left = self.budget * (1 + TOLERANCE) - float(self.cost[chosen].sum())
        cheapest = self._cheapest_owed(open_to, owed)
        owing = owed[self.group] > 0
        enough_teams = np.where(owing, teams_left >= 1, teams_left >= owed.sum() + 1)
        # A site of an owing commune pays for one of the sites it owes, at most the dearest of its cheapest ones.
        saved = np.where(owing, cheapest.last[self.group], 0.0)
        return np.asarray(open_to & enough_teams & (self.cost + cheapest.total - saved <= money_left))

    def _cheapest_owed(self, open_to: Bool, owed: Int) -> _Owed:
        total, last = 0.0, np.zeros(owed.size)
        for group in np.flatnonzero(owed):
            prices = np.sort(self.cost[open_to & (self.group == group)])[: owed[group]]
            total += float(prices.sum())
            last[group] = prices[-1] if prices.size else 0.0
        return _Owed(total, last)


@dataclass(frozen=True, slots=True)
class _Owed:
    """What the cheapest sites that the communes still need cost, and the dearest of them in each."""

    total: float
    last: Float
