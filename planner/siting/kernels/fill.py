"""Filling sites with whole villages, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from planner.siting.kernels.service import Float, Int, Pairs


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
