"""One by one: the usual way to choose sites, and the figure every plan is held against."""

from __future__ import annotations

import numpy as np

from planner.siting.base import Int
from planner.siting.solvers.cover import TOLERANCE, Cover, entries_of


def one_by_one(cover: Cover, teams: int) -> Int:
    """Choose again and again the site that adds most people, the first of equals, until none adds any.

    Parameters
    ----------
    cover : Cover
    teams : int
        At most this many.

    Returns
    -------
    ndarray of int64
        Sites in the order of their choice.
    """
    left = cover.need.copy()
    gain = cover.villages_of @ left
    least = TOLERANCE * left.sum()
    chosen: list[int] = []
    while len(chosen) < min(teams, gain.size):
        best = int(np.argmax(gain))
        if gain[best] <= least:
            break
        chosen.append(best)
        villages = entries_of(cover.villages_of, np.array([best]))[1]
        villages = villages[left[villages] > 0]
        which, sites = entries_of(cover.sites_of, villages)
        np.subtract.at(gain, sites, left[villages][which])
        left[villages] = 0.0
        gain[best] = -np.inf
    return np.array(chosen, dtype=np.int64)
