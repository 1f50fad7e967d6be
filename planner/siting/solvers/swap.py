"""Swaps: close one chosen site, open another, as long as more people are reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Cover, entries_of


@dataclass(slots=True)
class _Search:
    """What a swap is worth, kept up to date: after a swap only what lies near its two sites is counted again.

    `gain[j]`: people that nobody but j would reach; `loss[t]`: people that only slot t reaches; `shared[t, j]`: those
    of them that j reaches too; `slot[j]`, `best[j]`: the slot that j replaces at the least loss, and minus that loss.
    """

    cover: Cover
    sites: Int
    count: Int
    slots: Int  # sum of the slots that reach a village: the slot itself where there is one
    gain: Float
    loss: Float
    shared: Float
    slot: Int
    best: Float

    @classmethod
    def start(cls, cover: Cover, sites: Int) -> _Search:
        n, m, p = cover.need.size, cover.sites, sites.size
        slot, villages = entries_of(cover.villages_of, sites)
        count = np.bincount(villages, minlength=n).astype(np.int64)
        slots = np.zeros(n, dtype=np.int64)
        np.add.at(slots, villages, slot)
        gain, loss, shared = np.zeros(m), np.zeros(p), np.zeros((p, m))
        search = cls(cover, sites.copy(), count, slots, gain, loss, shared, np.zeros(m, dtype=np.int64), np.zeros(m))
        search.tally(np.arange(n), 1.0)
        search.compare(np.arange(m))
        return search

    def tally(self, villages: Int, sign: float) -> None:
        """Add (or take away) what these villages say about every site and slot."""
        need = sign * self.cover.need
        alone = villages[self.count[villages] == 0]
        which, sites = entries_of(self.cover.sites_of, alone)
        np.add.at(self.gain, sites, need[alone][which])
        once = villages[self.count[villages] == 1]
        np.add.at(self.loss, self.slots[once], need[once])
        which, sites = entries_of(self.cover.sites_of, once)
        np.add.at(self.shared, (self.slots[once][which], sites), need[once][which])

    def compare(self, sites: Int) -> None:
        """Look among all slots for the one that each of these sites replaces best."""
        worth = self.shared[:, sites] - self.loss[:, None]
        slot = np.argmax(worth, axis=0)
        self.slot[sites], self.best[sites] = slot, worth[slot, np.arange(sites.size)]

    def swap(self, site: int) -> None:
        """Open a site in the place of the slot that it replaces best."""
        slot, before = int(self.slot[site]), self.loss.copy()
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
        self._refresh(np.flatnonzero(self.loss != before), entries_of(self.cover.sites_of, touched)[1])

    def _refresh(self, slots: Int, near: Int) -> None:
        again = np.isin(self.slot, slots)
        again[near] = True
        for slot in slots:
            worth = self.shared[slot] - self.loss[slot]
            better = np.flatnonzero(worth > self.best)
            self.slot[better], self.best[better] = slot, worth[better]
        self.compare(np.flatnonzero(again))


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
        As many sites; of equally good ones the first opens. Memory is 8 bytes per site and chosen site.
    """
    if sites.size == 0 or sites.size >= cover.sites:
        return sites
    search = _Search.start(cover, sites)
    least = TOLERANCE * float(cover.need.sum())
    for _ in range(swaps):
        worth = search.gain + search.best
        worth[search.sites] = -np.inf
        site = int(np.argmax(worth))
        if worth[site] <= least or clock.over:
            break
        search.swap(site)
    return search.sites
