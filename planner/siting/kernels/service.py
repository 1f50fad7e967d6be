"""Loops over savings: what a plan saves, what a swap is worth, what prices leave over.

A village takes the largest saving among the open sites.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


class Pairs(NamedTuple):
    """Savings as compressed rows by site.

    Parameters
    ----------
    villages : int
    start : ndarray of int64, shape (m + 1,)
    village : ndarray of int64
        Villages of site j: ``village[start[j]:start[j + 1]]``, ascending.
    value : ndarray of float64
        What each saves there, more than 0.
    """

    villages: int
    start: Int
    village: Int
    value: Float


@njit(cache=True)
def choose(pairs: Pairs, teams: int, least: float) -> Int:
    """Return sites one by one, each the one that adds most, the first of equals, until none adds more than `least`."""
    villages, start, village, value = pairs
    sites = start.size - 1
    best = np.zeros(villages)
    gain = np.full(sites, np.inf)
    fresh = np.full(sites, -1)
    chosen = np.full(teams, -1)
    count = 0
    while count < teams:
        j = np.argmax(gain)  # gains only fall: one that is fresh and still the largest is the best
        if fresh[j] == count:
            if gain[j] <= least:
                break
            chosen[count] = j
            count += 1
            gain[j] = -np.inf
            for k in range(start[j], start[j + 1]):
                best[village[k]] = max(best[village[k]], value[k])
            continue
        if gain[j] == -np.inf:
            break
        total = 0.0
        for k in range(start[j], start[j + 1]):
            total += max(value[k] - best[village[k]], 0.0)
        gain[j], fresh[j] = total, count
    return chosen[:count]


@njit(cache=True)
def best_two(pairs: Pairs, chosen: Int) -> tuple[Float, Float, Int]:
    """Return per village its largest and second saving among the chosen sites and the slot of the largest, -1 if none."""
    villages, start, village, value = pairs
    first, second = np.zeros(villages), np.zeros(villages)
    slot = np.full(villages, -1)
    for t in range(chosen.size):
        for k in range(start[chosen[t]], start[chosen[t] + 1]):
            i = village[k]
            if value[k] > first[i]:
                first[i], second[i], slot[i] = value[k], first[i], t
            elif value[k] > second[i]:
                second[i] = value[k]
    return first, second, slot


@njit(cache=True)
def best_swap(pairs: Pairs, chosen: Int, least: float) -> tuple[int, int]:
    """Return the site to open and the slot to give it that add most (Resende and Werneck 2007), -1 if none adds more."""
    _, start, village, value = pairs
    first, second, slot = best_two(pairs, chosen)
    loss = np.zeros(chosen.size)
    taken = np.zeros(start.size - 1, dtype=np.bool_)
    taken[chosen] = True
    for i in range(first.size):
        if slot[i] >= 0:
            loss[slot[i]] += first[i] - second[i]
    most, site, place = least, -1, -1
    shared = np.zeros(chosen.size)
    for j in range(start.size - 1):
        if taken[j]:
            continue
        gain = 0.0
        shared[:] = 0.0
        for k in range(start[j], start[j + 1]):
            i, saving = village[k], value[k]
            if saving > second[i] and slot[i] >= 0:
                shared[slot[i]] += min(saving, first[i]) - second[i]
            if saving > first[i]:
                gain += saving - first[i]
        for t in range(chosen.size):
            if gain + shared[t] - loss[t] > most:
                most, site, place = gain + shared[t] - loss[t], j, t
    return site, place


@njit(cache=True)
def worth(pairs: Pairs, prices: Float) -> Float:
    """Return, per site, the sum of what its savings exceed the villages' prices by."""
    _, start, village, value = pairs
    total = np.zeros(start.size - 1)
    for j in range(start.size - 1):
        for k in range(start[j], start[j + 1]):
            total[j] += max(value[k] - prices[village[k]], 0.0)
    return total


@njit(cache=True)
def takers(pairs: Pairs, prices: Float, sites: Int) -> Float:
    """Return, per village, how many of these sites save it more than its price."""
    villages, start, village, value = pairs
    count = np.zeros(villages)
    for j in sites:
        for k in range(start[j], start[j + 1]):
            if value[k] > prices[village[k]]:
                count[village[k]] += 1
    return count
