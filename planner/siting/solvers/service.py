"""Who is served how well from where: savings, the sets behind p-median and gradual cover."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.siting.base import Float, Int
from planner.siting.kernels import service as kernels
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE


@dataclass(frozen=True, slots=True)
class Service:
    """Savings of villages at sites; a village takes the largest one among the open sites, or none.

    Parameters
    ----------
    villages : int
    start : ndarray of int64, shape (m + 1,)
    index : ndarray of int32
    value : ndarray of float64
        Compressed rows by site: its villages, ascending, and what each saves there, more than 0.
    """

    villages: int
    start: Int
    index: kernels.Int32
    value: Float

    @property
    def sites(self) -> int:
        """Number of sites there are to choose from."""
        return self.start.size - 1

    @property
    def scale(self) -> Float:
        """The largest saving of each village, at most what it can contribute."""
        most = np.zeros(self.villages)
        np.maximum.at(most, self.index, self.value)
        return most

    def saved(self, sites: Int) -> float:
        """Return what these sites save together."""
        best, _, _ = kernels.best_two(self.start, self.index, self.value, self.villages, sites)
        return float(best.sum())

    def by_village(self) -> sparse.csr_array:
        """Return the savings as a matrix of villages and sites."""
        shape = (self.sites, self.villages)
        return sparse.csr_array((self.value, self.index, self.start), shape=shape).T.tocsr()

    def restricted(self, keep: Int) -> Service:
        """Return the service of some of the sites, in the order given."""
        matrix = sparse.csr_array((self.value, self.index, self.start), shape=(self.sites, self.villages))[keep]
        return from_matrix(matrix)


def from_matrix(savings: sparse.csr_array) -> Service:
    """Build the sets from savings, shape (sites, villages); entries of 0 or less are left out."""
    site = np.repeat(np.arange(savings.shape[0]), np.diff(savings.indptr))
    good = savings.data > 0
    order = np.lexsort((savings.indices[good], site[good]))
    start = np.concatenate([[0], np.cumsum(np.bincount(site[good], minlength=savings.shape[0]))]).astype(np.int64)
    index = savings.indices[good][order].astype(np.int32)
    return Service(savings.shape[1], start, index, savings.data[good][order].astype(np.float64))


def one_by_one(service: Service, teams: int) -> Int:
    """Choose again and again the site that saves most, the first of equals, until none saves anything."""
    least = TOLERANCE * float(service.scale.sum())
    teams = min(teams, service.sites)
    if teams == 0:
        return np.zeros(0, dtype=np.int64)
    return kernels.choose(service.start, service.index, service.value, service.villages, teams, least)


def improved(service: Service, sites: Int, *, clock: Clock, swaps: int = 2_000) -> Int:
    """Swap one site at a time, the best swap first, until none saves more."""
    if sites.size == 0 or sites.size >= service.sites:
        return sites
    sites, least = sites.copy(), TOLERANCE * float(service.scale.sum())
    pairs = (service.start, service.index, service.value)
    for _ in range(swaps):
        first, second, slot = kernels.best_two(*pairs, service.villages, sites)
        site, place = kernels.best_swap(*pairs, sites, first, second, slot, least)
        if site < 0 or clock.over:
            break
        sites[place] = site
    return sites
