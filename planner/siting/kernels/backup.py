"""Sites that serve a village first and again: what choices are worth, one by one and by swaps, compiled.

A cover stands as villages by site; a village is worth ``first`` once one open site is within reach and ``second`` more
once two are, which is never more than ``first``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from planner.siting.kernels.service import Float, Int

Levels = tuple[Float, Float]
Rows = tuple[Int, Int]


@njit(cache=True)
def _count(villages_of: Rows, count: Int, site: int, change: int) -> None:
    start, village = villages_of
    for k in range(start[site], start[site + 1]):
        count[village[k]] += change


@njit(cache=True)
def _gains(villages_of: Rows, levels: Levels, count: Int) -> Float:
    """Return, per site, what it adds to a choice that has so many sites within reach of each village."""
    start, village = villages_of
    first, second = levels
    gains = np.zeros(start.size - 1)
    for j in range(gains.size):
        for k in range(start[j], start[j + 1]):
            i = village[k]
            if count[i] == 0:
                gains[j] += first[i]
            elif count[i] == 1:
                gains[j] += second[i]
    return gains


@njit(cache=True)
def one_by_one(villages_of: Rows, levels: Levels, teams: int, least: float) -> Int:
    """Return sites in the order of their choice, each the one that adds most, the first of equals, until none adds anything."""
    count = np.zeros(levels[0].size, dtype=np.int64)
    taken = np.zeros(villages_of[0].size - 1, dtype=np.bool_)
    chosen = np.zeros(min(teams, taken.size), dtype=np.int64)
    for t in range(chosen.size):
        gains = _gains(villages_of, levels, count)
        best, most = -1, least
        for j in range(gains.size):
            if not taken[j] and gains[j] > most:
                best, most = j, gains[j]
        if best < 0:
            return chosen[:t]
        chosen[t], taken[best] = best, True
        _count(villages_of, count, best, 1)
    return chosen


@njit(cache=True)
def swapped(villages_of: Rows, levels: Levels, chosen: Int, least: float, rounds: int) -> Int:
    """Return a choice as large in which no single swap is worth more, as far as so many walks over all its sites find one."""
    chosen = chosen.copy()
    count = np.zeros(levels[0].size, dtype=np.int64)
    taken = np.zeros(villages_of[0].size - 1, dtype=np.bool_)
    for j in chosen:
        taken[j] = True
        _count(villages_of, count, j, 1)
    moved, walks = True, 0
    while moved and walks < rounds:
        moved, walks = False, walks + 1
        for t in range(chosen.size):
            old = chosen[t]
            _count(villages_of, count, old, -1)
            gains = _gains(villages_of, levels, count)
            best, most = old, gains[old] + least
            for j in range(gains.size):
                if not taken[j] and gains[j] > most:
                    best, most = j, gains[j]
            _count(villages_of, count, best, 1)
            if best != old:
                taken[old], taken[best], chosen[t], moved = False, True, best, True
    return chosen


@njit(cache=True)
def worths(villages_of: Rows, left: Levels) -> Float:
    """Return, per site, the sum over its villages of the larger of what the two levels leave beyond their prices."""
    start, village = villages_of
    found = np.zeros(start.size - 1)
    for j in range(found.size):
        for k in range(start[j], start[j + 1]):
            found[j] += max(left[0][village[k]], left[1][village[k]])
    return found
