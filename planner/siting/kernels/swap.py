"""Swaps of one open site for a closed one, kept up to date: after a swap only what lies near its two sites is counted again.

A cover stands as villages by site and sites by village; ``shared[j, t]`` are the people that only slot t reaches and site j
reaches too (Resende and Werneck 2007).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from planner.siting.kernels.service import Float, Int

Index = npt.NDArray[np.int32]
Rows = tuple[Index, Index]
"""Compressed rows: where each starts, and the columns."""


@njit(cache=True)
def _tally(  # noqa: PLR0917 - compiled loops take arrays, not objects
    sites_of: Rows,
    need: Float,
    state: tuple[Int, Int],
    sums: tuple[Float, Float, Float, Float],
    i: int,
    sign: float,
    near: Int,
) -> None:
    """Add (or take away) what a village says about every site and slot; the sites within its reach are marked."""
    count, slots = state
    gain, loss, shared, by_slot = sums
    start, site = sites_of
    for k in range(start[i], start[i + 1]):
        near[site[k]] = 1
    if count[i] == 0:
        for k in range(start[i], start[i + 1]):
            gain[site[k]] += sign * need[i]
    elif count[i] == 1:
        loss[slots[i]] += sign * need[i]
        for k in range(start[i], start[i + 1]):
            shared[site[k], slots[i]] += sign * need[i]
            by_slot[slots[i], site[k]] += sign * need[i]


@njit(cache=True)
def _best_slot(shared: Float, loss: Float, j: int) -> tuple[int, float]:
    slot, most = 0, -np.inf
    for t in range(loss.size):
        worth = shared[j, t] - loss[t]
        if worth > most:
            slot, most = t, worth
    return slot, most


@njit(cache=True)
def swapped(  # noqa: C901, PLR0912, PLR0917 - one loop: find the best swap, make it, count again what it touched
    sites_of: Rows, villages_of: Rows, need: Float, chosen: Int, least: float, most_swaps: int
) -> Int:
    """Return a choice as large that no single swap improves by more than `least`, the best swap first, the first of equals."""
    n, m, p = need.size, villages_of[0].size - 1, chosen.size
    chosen = chosen.copy()
    is_open, near = np.zeros(m, dtype=np.bool_), np.zeros(m, dtype=np.int64)
    count, slots, touched = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    gain, loss, shared = np.zeros(m), np.zeros(p), np.zeros((m, p))
    by_slot = np.zeros((p, m))  # the same twice: sites are walked by slot and slots by site
    slot, worth = np.zeros(m, dtype=np.int64), np.zeros(m)
    start, village = villages_of
    for t in range(p):
        is_open[chosen[t]] = True
        for k in range(start[chosen[t]], start[chosen[t] + 1]):
            count[village[k]] += 1
            slots[village[k]] += t
    for i in range(n):
        _tally(sites_of, need, (count, slots), (gain, loss, shared, by_slot), i, 1.0, near)
    for j in range(m):
        slot[j], worth[j] = _best_slot(shared, loss, j)
    for _ in range(most_swaps):
        best, more = -1, least
        for j in range(m):
            if not is_open[j] and gain[j] + worth[j] > more:
                best, more = j, gain[j] + worth[j]
        if best < 0:
            break
        out = slot[best]
        old = chosen[out]
        before = loss.copy()
        near[:] = 0
        for j in (old, best):
            for k in range(start[j], start[j + 1]):
                if not touched[village[k]]:
                    touched[village[k]] = True
                    _tally(sites_of, need, (count, slots), (gain, loss, shared, by_slot), village[k], -1.0, near)
        for k in range(start[old], start[old + 1]):
            count[village[k]] -= 1
            slots[village[k]] -= out
        for k in range(start[best], start[best + 1]):
            count[village[k]] += 1
            slots[village[k]] += out
        chosen[out], is_open[old], is_open[best] = best, False, True
        for j in (old, best):
            for k in range(start[j], start[j + 1]):
                if touched[village[k]]:
                    touched[village[k]] = False
                    _tally(sites_of, need, (count, slots), (gain, loss, shared, by_slot), village[k], 1.0, near)
        changed = np.flatnonzero(loss != before)
        again = np.zeros(p, dtype=np.bool_)
        again[changed] = True
        for k in range(changed.size):
            t = int(changed[k])
            for j in range(m):
                if by_slot[t, j] - loss[t] > worth[j]:
                    slot[j], worth[j] = t, by_slot[t, j] - loss[t]
        for j in range(m):
            if near[j] == 1 or again[slot[j]]:
                slot[j], worth[j] = _best_slot(shared, loss, j)
    return chosen
