"""Filling sites with whole villages, compiled."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from planner.siting.kernels.service import Float, Int, Pairs

ROUNDS: Final = 30
"""Walks over all villages in one search for better places."""


class Rooms(NamedTuple):
    """What fits where.

    Parameters
    ----------
    order : ndarray of int64
        Each site's pairs, one site after another, in the order in which it takes them.
    load : ndarray of float64, shape (n,)
        Room each village takes.
    room : ndarray of float64, shape (m,)
        Room of each site.
    """

    order: Int
    load: Float
    room: Float


@njit(cache=True)
def assigned(order: Int, site: Int, village: Int, load: Float, room: Float) -> Int:
    """Return, per village, the site of its first pair in `order` that still has room for it, -1 if none; `room` shrinks."""
    chosen = np.full(load.size, -1)
    for k in order:
        i, j = village[k], site[k]
        if chosen[i] < 0 and load[i] <= room[j]:
            chosen[i] = j
            room[j] -= load[i]
    return chosen


@njit(cache=True)
def parted(order: Int, site: Int, village: Int, load: Float, room: Float) -> Float:
    """Return, per pair, how much of its village it serves when villages may be split; `room` shrinks."""
    share, left = np.zeros(site.size), np.ones(load.size)
    for k in order:
        i, j = village[k], site[k]
        if left[i] <= 0 or room[j] < 0:
            continue
        part = left[i] if load[i] <= 0 else min(left[i], room[j] / load[i])
        share[k] = part
        left[i] -= part
        room[j] -= part * load[i]
    return share


@njit(cache=True)
def _step(  # noqa: C901 - a plain move, one that pushes a village out, one that moves it on: one walk over the pairs
    by_village: tuple[Int, Int, Float], load: Float, plan: tuple[Float, Int, Float, Int, Int], i: int, least: float
) -> tuple[int, float, int, int, float]:
    """Return where village i goes, its value there, which village makes room (-1 = none), where that goes, its value there."""
    start, site, value = by_village
    room, chosen, now, heads, follow = plan
    best, found = least, (-1, 0.0, -1, -1, 0.0)
    for k in range(start[i], start[i + 1]):
        j, gain = site[k], value[k] - now[i]
        if gain <= best:
            break
        if room[j] < 0 or j == chosen[i]:
            continue
        if load[i] <= room[j]:
            best, found = gain, (j, value[k], -1, -1, 0.0)
            continue
        other = heads[j]
        while other >= 0:
            if load[other] >= load[i] - room[j]:
                if gain - now[other] > best:
                    best, found = gain - now[other], (j, value[k], other, -1, 0.0)
                for t in range(start[other], start[other + 1]):
                    change, q = gain + value[t] - now[other], site[t]
                    if change <= best:
                        break
                    free = room[q] + (load[i] if q == chosen[i] else 0.0)
                    if q != j and room[q] >= 0 and load[other] <= free:
                        best, found = change, (j, value[k], other, q, value[t])
                        break
            other = follow[other]
    return found


@njit(cache=True)
def shifted(  # noqa: C901 - who leaves, who enters, round after round
    by_village: tuple[Int, Int, Float], load: Float, room: Float, chosen: Int, least: float
) -> Int:
    """Move villages between sites with room, and make room by moving one village on, as long as more is saved.

    Parameters
    ----------
    by_village : tuple of ndarray
        Start of each village's pairs, their sites, their values: the largest value first.
    load, room : ndarray
        Room each village takes; room left at each site, negative where closed. Both of the plan in `chosen`.
    chosen : ndarray of int64, shape (n,)
        Site of each village, -1 where none; changed in place.
    least : float
        What a move must bring at least.
    """
    start, site, value = by_village
    now = np.zeros(load.size)
    heads, follow, back = np.full(room.size, -1), np.full(load.size, -1), np.full(load.size, -1)
    for i in range(load.size):
        if chosen[i] >= 0:
            _enter(heads, follow, back, i, chosen[i])
        for k in range(start[i], start[i + 1]):
            if site[k] == chosen[i]:
                now[i] = value[k]
    moved, rounds = True, 0
    while moved and rounds < ROUNDS:
        moved, rounds = False, rounds + 1
        for i in range(load.size):
            to, in_value, out, out_to, out_value = _step(by_village, load, (room, chosen, now, heads, follow), i, least)
            if to < 0:
                continue
            moved = True
            for who in (out, i):
                if who >= 0 and chosen[who] >= 0:
                    _leave(heads, follow, back, who, chosen[who])
                    room[chosen[who]] += load[who]
            for who, there, worth in ((out, out_to, out_value), (i, to, in_value)):
                if who >= 0:
                    chosen[who], now[who] = there, worth
                if who >= 0 and there >= 0:
                    room[there] -= load[who]
                    _enter(heads, follow, back, who, there)
    return chosen


@njit(cache=True)
def _leave(heads: Int, follow: Int, back: Int, i: int, j: int) -> None:
    if back[i] >= 0:
        follow[back[i]] = follow[i]
    else:
        heads[j] = follow[i]
    if follow[i] >= 0:
        back[follow[i]] = back[i]
    follow[i], back[i] = -1, -1


@njit(cache=True)
def _enter(heads: Int, follow: Int, back: Int, i: int, j: int) -> None:
    follow[i], back[i] = heads[j], -1
    if heads[j] >= 0:
        back[heads[j]] = i
    heads[j] = i


@njit(cache=True)
def gains(pairs: Pairs, rooms: Rooms, served: Float) -> Float:
    """Return, per site, what it would add if it took villages in its order as long as they fit.

    `served` is what each village saves already: it moves only to save more, and its old place stays empty.
    """
    _, start, village, value = pairs
    order, load, room = rooms
    total = np.zeros(start.size - 1)
    for j in range(start.size - 1):
        left = room[j]
        for k in order[start[j] : start[j + 1]]:
            i = village[k]
            if value[k] > served[i] and load[i] <= left:
                total[j] += value[k] - served[i]
                left -= load[i]
    return total


@njit(cache=True)
def take(pairs: Pairs, rooms: Rooms, served: Float, site: int) -> None:
    """Let a site take villages as in `gains`; `served` grows."""
    _, start, village, value = pairs
    order, load, room = rooms
    left = room[site]
    for k in order[start[site] : start[site + 1]]:
        i = village[k]
        if value[k] > served[i] and load[i] <= left:
            served[i] = value[k]
            left -= load[i]


@njit(cache=True)
def nearer(start: Int, site: Int, load: Float, room: Float, chosen: Int) -> Int:
    """Move villages, first to last and again, to nearer sites with room until none can move; `room` is negative where closed.

    The matrix of minutes stands by village, each row from the nearest site to the farthest.
    """
    moved = True
    while moved:
        moved = False
        for i in range(load.size):
            if chosen[i] < 0:
                continue
            for k in range(start[i], start[i + 1]):
                j = site[k]
                if j == chosen[i]:
                    break
                if load[i] <= room[j]:
                    room[chosen[i]] += load[i]
                    room[j] -= load[i]
                    chosen[i], moved = j, True
                    break
    return chosen


@njit(cache=True)
def _packed(load: Int, profit: Float, room: int) -> npt.NDArray[np.bool_]:
    """Return which of some villages bring most together without overfilling the room (Bellman 1957)."""
    best = np.zeros(room + 1)
    taken = np.zeros((load.size, room + 1), dtype=np.bool_)
    for k in range(load.size):
        for used in range(room, load[k] - 1, -1):
            if best[used - load[k]] + profit[k] > best[used]:
                best[used] = best[used - load[k]] + profit[k]
                taken[k, used] = True
    found, left = np.zeros(load.size, dtype=np.bool_), room
    for k in range(load.size - 1, -1, -1):
        if taken[k, left]:
            found[k] = True
            left -= load[k]
    return found


@njit(cache=True)
def repacked(  # noqa: C901 - round after round, site after site: who could be here, who is best, who leaves
    pairs: Pairs, load: Int, capacity: Int, chosen: Int, least: float
) -> Int:
    """Fill one site after another anew, as well as it can be from its own villages and those that are better off there.

    Parameters
    ----------
    pairs : Pairs
    load : ndarray of int64, shape (n,)
    capacity : ndarray of int64, shape (m,)
        Whole people; less than 0 where closed, or where room does not matter.
    chosen : ndarray of int64, shape (n,)
        Site of each village, -1 where none; changed in place.
    least : float
        What filling a site anew must bring.
    """
    _, start, village, value = pairs
    now = np.zeros(load.size)
    for j in range(capacity.size):
        for k in range(start[j], start[j + 1]):
            if chosen[village[k]] == j:
                now[village[k]] = value[k]
    moved, rounds = True, 0
    while moved and rounds < ROUNDS:
        moved, rounds = False, rounds + 1
        for j in range(capacity.size):
            if capacity[j] < 0:
                continue
            items = np.zeros(start[j + 1] - start[j], dtype=np.int64)
            profit, count, before = np.zeros(items.size), 0, 0.0
            for k in range(start[j], start[j + 1]):
                i = village[k]
                more = value[k] if chosen[i] == j else value[k] - now[i]
                if more > 0 and load[i] <= capacity[j]:
                    items[count], profit[count] = k, more
                    count += 1
                    before += more if chosen[i] == j else 0.0
            items, profit = items[:count], profit[:count]
            taken = _packed(load[village[items]], profit, capacity[j])
            if profit[taken].sum() <= before + least:
                continue
            moved = True
            for k in range(count):
                i = village[items[k]]
                if taken[k]:
                    chosen[i], now[i] = j, value[items[k]]
                elif chosen[i] == j:
                    chosen[i], now[i] = -1, 0.0
    return chosen
