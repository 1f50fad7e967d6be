"""Swaps: close one chosen site, open another, as long as more people are reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Cover, entries_of


@dataclass(slots=True)
class _Search:
    """What a swap is worth, kept up to date: only villages near the two sites of a swap are counted again.

    `gain[j]`: people that nobody but j would reach; `loss[t]`: people that only slot t reaches; `shared[j, t]`: those
    of them that j reaches too.
    """

    cover: Cover
    sites: Int
    count: Int
    slots: Int  # sum of the slots that reach a village: the slot itself where there is one
    gain: Float
    loss: Float
    shared: Float

    @classmethod
    def start(cls, cover: Cover, sites: Int) -> _Search:
        n, m, p = cover.need.size, cover.teams_at_most, sites.size
        slot, villages = entries_of(cover.villages_of, sites)
        count = np.bincount(villages, minlength=n).astype(np.int64)
        slots = np.zeros(n, dtype=np.int64)
        np.add.at(slots, villages, slot)
        search = cls(cover, sites.copy(), count, slots, np.zeros(m), np.zeros(p), np.zeros((m, p)))
        search.tally(np.arange(n), 1.0)
        return search

    def tally(self, villages: Int, sign: float) -> None:
        need = sign * self.cover.need
        alone = villages[self.count[villages] == 0]
        which, sites = entries_of(self.cover.sites_of, alone)
        np.add.at(self.gain, sites, need[alone][which])
        once = villages[self.count[villages] == 1]
        np.add.at(self.loss, self.slots[once], need[once])
        which, sites = entries_of(self.cover.sites_of, once)
        np.add.at(self.shared, (sites, self.slots[once][which]), need[once][which])

    def best(self) -> tuple[float, int, int]:
        worth = self.shared - self.loss
        slot = np.argmax(worth, axis=1)
        worth_of_site = self.gain + worth[np.arange(slot.size), slot]
        worth_of_site[self.sites] = -np.inf
        site = int(np.argmax(worth_of_site))
        return float(worth_of_site[site]), site, int(slot[site])

    def swap(self, site: int, slot: int) -> None:
        gone = entries_of(self.cover.villages_of, self.sites[slot : slot + 1])[1]
        come = entries_of(self.cover.villages_of, np.array([site]))[1]
        touched = np.unique(np.concatenate([gone, come]))
        self.tally(touched, -1.0)
        self.count[gone] -= 1
        self.slots[gone] -= slot
        self.count[come] += 1
        self.slots[come] += slot
        self.sites[slot] = site
        self.tally(touched, 1.0)


def improved(cover: Cover, sites: Int, *, clock: Clock, swaps: int = 2_000) -> Int:
    """Swap one site at a time, the best swap first, until none reaches more people.

    Parameters
    ----------
    cover : Cover
    sites : ndarray of int64
        Chosen sites, each once.
    clock : Clock
        The search ends when its time is over.
    swaps : int
        At most this many.

    Returns
    -------
    ndarray of int64
        As many sites; ties by position of the site that opens. Memory is 16 bytes per site and chosen site.
    """
    if sites.size == 0 or sites.size >= cover.teams_at_most:
        return sites
    search = _Search.start(cover, sites)
    least = TOLERANCE * float(cover.need.sum())
    for _ in range(swaps):
        worth, site, slot = search.best()
        if worth <= least or clock.over:
            break
        search.swap(site, slot)
    return search.sites
