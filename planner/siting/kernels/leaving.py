"""What is lost where a site with limited room closes and its villages go where there is room, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from planner.siting.kernels.service import Float, Int


@njit(cache=True)
def losses(by_village: tuple[Int, Int, Float], load: Float, room: Float, chosen: Int, now: Float) -> Float:
    """Return, per site, what its villages save less once it is closed, each at the best other site that still has room.

    Parameters
    ----------
    by_village : tuple of ndarray
        Start of each village's pairs, their sites, their values: the largest value first.
    load, room : ndarray
        Room each village takes; room left at each site, negative where closed.
    chosen : ndarray of int64, shape (n,)
        Site of each village, -1 where none.
    now : ndarray of float64, shape (n,)
        What each village saves.
    """
    start, site, value = by_village
    total, left = np.zeros(room.size), room.copy()
    order = np.argsort(chosen, kind="mergesort")
    first = 0
    while first < order.size:
        j, last = chosen[order[first]], first
        while last < order.size and chosen[order[last]] == j:
            last += 1
        if j >= 0:
            for t in range(first, last):
                i = order[t]
                total[j] += now[i]
                for k in range(start[i], start[i + 1]):
                    if site[k] != j and left[site[k]] >= load[i]:
                        total[j] -= value[k]
                        left[site[k]] -= load[i]
                        break
            for t in range(first, last):  # the next site to close finds the rooms as they were
                i = order[t]
                for k in range(start[i], start[i + 1]):
                    left[site[k]] = room[site[k]]
        first = last
    return total
