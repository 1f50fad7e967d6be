"""Choosing options within limits, and serving villages from what is open as long as there is room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.kernels import fill, knapsack
from planner.siting.kernels.knapsack import Table
from planner.siting.options import Minima, Options, Resources
from planner.siting.solvers import choice
from planner.siting.solvers.cover import TOLERANCE, is_whole
from planner.siting.solvers.service import Service

MOST_ROOM: Final = 20_000
"""People at one site up to which every sum of villages is tried."""
NOBODY: Final = 1e-12
"""Room that a village without load takes when room is compared."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """Options with the villages they serve.

    Parameters
    ----------
    chosen : ndarray of int64
        Options that are done, ascending.
    sites : ndarray of int64, shape (n,)
        Of each village, -1 where none; where villages may be split, the site with the largest part.
    value : float
        What the villages save there together.
    share : ndarray of float64, optional
        Where villages may be split: how much of its village each pair serves.
    """

    chosen: Int
    sites: Int
    value: float
    share: Float | None = None


@dataclass(frozen=True)
class Limited:
    """Savings, options, limits and the room that each village takes at a site.

    Parameters
    ----------
    service : Service
        Of all sites.
    options : Options
    resources : Resources
    minima : Minima
    load : ndarray of float64, shape (n,)
    split : bool
        Whether several sites may share a village.
    """

    service: Service
    options: Options
    resources: Resources
    minima: Minima
    load: Float
    split: bool = False

    @cached_property
    def site(self) -> Int:
        """Site of each pair."""
        return np.repeat(np.arange(self.service.sites), np.diff(self.service.savings.start))

    @cached_property
    def table(self) -> Table:
        """Options as the compiled loops take them."""
        options, resources, minima = self.options, self.resources, self.minima
        use, limit, equal = resources.use, resources.limit, resources.equal
        if "moves" in resources.names:
            # New teams and moved ones together follow from both limits; a multiplier of their own spares the bisection,
            # which looks for one multiplier after another, to find two that only help together.
            teams, moves = resources.names.index("teams"), resources.names.index("moves")
            use = np.vstack([use[teams] + use[moves], use])
            limit, equal = np.append(limit[teams], limit), np.append(False, equal)
        return Table(
            options.site,
            options.opens,
            options.required,
            minima.group,
            minima.least,
            np.ascontiguousarray(use),
            limit,
            equal,
        )

    @cached_property
    def by_village(self) -> tuple[Int, Int, Float]:
        """Pairs by village, the largest saving first, ties by site: start of each village, sites, savings."""
        pairs = self.service.savings
        order = np.lexsort((self.site, -pairs.value, pairs.village))
        start = np.concatenate([[0], np.cumsum(np.bincount(pairs.village, minlength=pairs.villages))])
        return start.astype(np.int64), self.site[order], pairs.value[order]

    @cached_property
    def densest(self) -> Int:
        """Pairs by site, what saves most per room first; of equals the largest, so that small ones fill what is left."""
        pairs = self.service.savings
        load = self.load[pairs.village]
        return np.lexsort((pairs.village, -load, -pairs.value / np.maximum(load, NOBODY), self.site))

    @cached_property
    def roomy(self) -> bool:
        """Whether no site that can open has limited room."""
        return bool(np.isinf(self.options.capacity[self.options.opens]).all())

    @cached_property
    def alone(self) -> Float:
        """What each option would save if its site were the only one."""
        prices, options = np.zeros(self.service.savings.villages), self.options
        return np.asarray(knapsack.worths(self.service.savings, self.load, prices, options.site, options.capacity))

    @cached_property
    def least(self) -> float:
        """What counts as more, in the unit of the savings."""
        return TOLERANCE * float(self.service.most.sum())

    def kept(self, chosen: Int) -> bool:
        """Return whether a choice keeps to all limits but room."""
        return choice.kept(self.options, self.resources, self.minima, chosen)

    def room(self, chosen: Int) -> Float:
        """Return the room of each site, -1 where it is closed."""
        room = np.full(self.service.sites, -1.0)
        opened = chosen[self.options.opens[chosen]]
        room[self.options.site[opened]] = self.options.capacity[opened]
        return room

    def assigned(self, chosen: Int, *, search: bool = True) -> Assigned:
        """Do these options and serve villages, the largest saving first; then make room for more by a `search`."""
        pairs, room = self.service.savings, self.room(chosen)
        at = np.flatnonzero(room[self.site] >= 0)
        order = at[np.lexsort((self.site[at], pairs.village[at], -pairs.value[at]))]
        if self.split:
            share = fill.parted(order, self.site, pairs.village, self.load, room)
            return self.shared(chosen, share)
        sites = fill.assigned(order, self.site, pairs.village, self.load, room)
        if search and not self.roomy:
            sites = fill.shifted(self.by_village, self.load, room, sites, self.least)
            sites = self._packed(chosen, sites)
        return Assigned(np.sort(chosen), sites, self.value(sites))

    def saved(self, sites: Int) -> Float:
        """Return what each village saves at its site, 0 where it has none."""
        pairs = self.service.savings
        now, match = np.zeros(pairs.villages), sites[pairs.village] == self.site
        now[pairs.village[match]] = pairs.value[match]
        return now

    def left(self, chosen: Int, sites: Int) -> Float:
        """Return the room that an assignment leaves at each site, less than 0 where it is closed."""
        room, served = self.room(chosen), sites >= 0
        used = np.bincount(sites[served], self.load[served], minlength=room.size)
        return np.where(room >= 0, np.maximum(room - used, 0.0), -1.0)

    def continued(self, chosen: Int, sites: Int) -> Assigned:
        """Do these options and let villages stay where they are served, as far as that is open; the others find places."""
        room = self.room(chosen)
        stay = np.where(room[np.maximum(sites, 0)] >= 0, sites, -1)
        moved = fill.shifted(self.by_village, self.load, self.left(chosen, stay), stay, self.least)
        return Assigned(chosen, moved, self.value(moved))

    def repacked(self, plan: Assigned) -> Assigned:
        """Return the plan with its sites filled anew, if that saves more."""
        sites = self._packed(plan.chosen, plan.sites)
        return Assigned(plan.chosen, sites, self.value(sites))

    def _packed(self, chosen: Int, sites: Int) -> Int:
        """Return the assignment with sites filled anew where people are whole and rooms not too large to try every sum."""
        if not is_whole(self.load):
            return sites
        room = self.room(chosen)
        limited = np.isfinite(room) & (room >= 0) & (room <= MOST_ROOM)
        capacity = np.where(limited, np.floor(np.where(limited, room, 0.0)), -1.0).astype(np.int64)
        whole = self.load.astype(np.int64)
        packed = fill.repacked(self.service.savings, whole, capacity, sites.copy(), self.least)
        return packed if self.value(packed) > self.value(sites) else sites

    def shared(self, chosen: Int, share: Float) -> Assigned:
        """Return the assignment in which every pair serves this share of its village."""
        pairs = self.service.savings
        used = np.flatnonzero(share > TOLERANCE)
        used = used[np.lexsort((self.site[used], -share[used], pairs.village[used]))]
        village, first = np.unique(pairs.village[used], return_index=True)
        sites = np.full(pairs.villages, -1, dtype=np.int64)
        sites[village] = self.site[used[first]]
        return Assigned(np.sort(chosen), sites, float(pairs.value @ share), share)

    def value(self, sites: Int) -> float:
        """Return what an assignment saves."""
        pairs = self.service.savings
        return float(pairs.value[sites[pairs.village] == self.site].sum())

    def completed(self, chosen: Int) -> Int:
        """Add options one by one, each the one that adds most, per cost where there is a budget, while the limits allow.

        Once none adds anything, communes that still need a site get their first one.
        """
        options, pairs, order = self.options, self.service.savings, self.densest
        served = np.zeros(pairs.villages)
        for o in chosen[options.opens[chosen]]:
            fill.take(pairs, fill.Rooms(order, self.load, self._capacity(o)), served, int(options.site[o]))
        chosen = chosen.copy()
        while (can := choice.addable(options, self.resources, self.minima, chosen)).any():
            best, instead = self._best_addition(chosen, can, order=order, served=served)
            if best < 0:
                break
            kept = chosen[options.site[chosen] != options.site[best]]
            extra = self._capacity(best, less=options.capacity[instead] if instead >= 0 else 0.0)
            chosen = np.append(kept, best)
            fill.take(pairs, fill.Rooms(order, self.load, extra), served, int(options.site[best]))
        return np.sort(chosen)

    def _capacity(self, option: int, *, less: float = 0.0) -> Float:
        capacity = np.zeros(self.service.sites)
        whole = self.options.capacity[option]
        capacity[self.options.site[option]] = whole if np.isinf(whole) and less == 0 else max(whole - less, 0.0)
        return capacity

    def _best_addition(self, chosen: Int, can: np.ndarray, *, order: Int, served: Float) -> tuple[int, int]:
        """Return the option that adds most, and the one it stands instead of; -1 where there is none."""
        options, pairs = self.options, self.service.savings
        at = np.full(self.service.sites, -1, dtype=np.int64)
        at[options.site[chosen]] = chosen
        before = at[options.site]
        had = np.where(before >= 0, options.capacity[np.maximum(before, 0)], 0.0)
        with np.errstate(invalid="ignore"):  # no limit before and after: nothing is added
            extra = np.nan_to_num(options.capacity - had, nan=0.0, posinf=np.inf)
        room = np.zeros(self.service.sites)
        room[options.site[can]] = extra[can]
        gain = fill.gains(pairs, fill.Rooms(order, self.load, room), served)[options.site]
        gain = np.where(can & (extra > 0), gain, -1.0)
        if gain.max() <= self.least:
            owing = choice.owed(options, self.minima, chosen)[self.minima.group[options.site]] > 0
            can = can & owing & (before < 0)
            if not can.any():
                return -1, -1
            gain = np.where(can, 1.0, -1.0)
        priced = "budget" in self.resources.names
        price = np.maximum(options.cost, TOLERANCE) if priced else np.ones(options.size)
        best = int(np.argmax(gain / price))
        return best, int(before[best])
