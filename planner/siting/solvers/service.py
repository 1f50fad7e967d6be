"""Who is served how well from where: savings, behind p-median and every model where nearer is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from planner.siting.base import Float, Int
from planner.siting.kernels import service as kernels
from planner.siting.kernels.service import Pairs
from planner.siting.solvers import highs
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Bool, is_whole
from planner.siting.solvers.model import Closed
from planner.siting.solvers.programme import Programme

SWAPS: Final = 2_000
"""At most this many swaps in one search."""


@dataclass(frozen=True, slots=True)
class Service:
    """`planner.siting.solvers.model.Model` of savings: a village takes the largest one among the open sites, or none.

    Parameters
    ----------
    savings : Pairs
        By site.
    """

    savings: Pairs

    @property
    def sites(self) -> int:
        """Number of sites."""
        return self.savings.start.size - 1

    @property
    def pairs(self) -> int:
        """Number of pairs that save anything."""
        return self.savings.village.size

    @property
    def most(self) -> Float:
        """The largest saving of each village."""
        most = np.zeros(self.savings.villages)
        np.maximum.at(most, self.savings.village, self.savings.value)
        return most

    @property
    def whole(self) -> bool:
        """Whether all savings are whole."""
        return is_whole(self.savings.value)

    def total(self, sites: Int) -> float:
        """Return what these sites save together."""
        return float(kernels.best_two(self.savings, sites)[0].sum())

    def improved(self, sites: Int, *, clock: Clock) -> Int:
        """Return a plan that no single swap improves."""
        if sites.size == 0 or sites.size >= self.sites:
            return sites
        sites, least = sites.copy(), TOLERANCE * float(self.most.sum())
        for _ in range(SWAPS):
            site, slot = kernels.best_swap(self.savings, sites, least)
            if site < 0 or clock.over:
                break
            sites[slot] = site
        return sites

    def first_prices(self, sites: Int) -> Float:
        """Return the middle of the two best savings of each village."""
        first, second, _ = kernels.best_two(self.savings, sites)
        return np.asarray((first + second) / 2)

    def worth(self, prices: Float) -> Float:
        """Return, per site, the savings beyond the prices."""
        return np.asarray(kernels.worth(self.savings, prices))

    def takers(self, prices: Float, sites: Int) -> Float:
        """Return, per village, how many of these sites save it more than its price."""
        return np.asarray(kernels.takers(self.savings, prices, sites))

    def part(self, *, keep: Bool, forced: Int) -> ServicePart:
        """Return what the kept sites save beyond the forced ones."""
        already = kernels.best_two(self.savings, forced)[0]
        site = np.repeat(np.arange(self.sites), np.diff(self.savings.start))
        more = self.savings.value - already[self.savings.village]
        used = np.flatnonzero(keep[site] & (more > 0))
        kept = np.unique(site[used])
        shape = (kept.size, self.savings.villages)
        rows = np.searchsorted(kept, site[used])
        matrix = sparse.csr_array((more[used], (rows, self.savings.village[used])), shape=shape)
        return ServicePart(from_matrix(matrix), kept, float(already.sum()))

    def close(self, teams: int, *, start: Int, slack: float, seconds: float) -> Closed:
        """Solve by HiGHS in the radius formulation (Cornuejols, Nemhauser and Wolsey 1980; Elloumi 2010)."""
        scale = 1.0 if self.whole else float(self.savings.value.max())
        slack = max(slack, TOLERANCE * float(self.most.sum()))
        found = highs.solve(_programme(self, teams, scale=scale), first=None, slack=slack / scale, seconds=seconds)
        sites = np.flatnonzero(found.x[: self.sites] > 0.5).astype(np.int64)
        return Closed(sites if sites.size <= teams else start, found.bound * scale, "HiGHS")


@dataclass(frozen=True, slots=True)
class ServicePart:
    """`planner.siting.solvers.model.Part` of a `Service`."""

    model: Service
    sites: Int
    base: float


def from_matrix(savings: sparse.csr_array) -> Service:
    """Build the sets from savings, shape (sites, villages); entries of 0 or less are left out."""
    site = np.repeat(np.arange(savings.shape[0]), np.diff(savings.indptr))
    good = np.flatnonzero(savings.data > 0)
    order = good[np.lexsort((savings.indices[good], site[good]))]
    start = np.concatenate([[0], np.cumsum(np.bincount(site[order], minlength=savings.shape[0]))]).astype(np.int64)
    village, value = savings.indices[order].astype(np.int64), savings.data[order].astype(np.float64)
    return Service(Pairs(int(savings.shape[1]), start, village, value))


def one_by_one(service: Service, teams: int) -> Int:
    """Choose again and again the site that saves most, the first of equals, until none saves anything."""
    teams = min(teams, service.sites)
    if teams == 0:
        return np.zeros(0, dtype=np.int64)
    return np.asarray(kernels.choose(service.savings, teams, TOLERANCE * float(service.most.sum())))


def _programme(service: Service, teams: int, *, scale: float) -> Programme:
    """Columns: open(site), then level(k): some open site saves the village of level k at least this much.

    Rows: level(k) <= level above of the same village + open sites of exactly this saving; sum of open <= teams. A level
    is worth its saving less that of the level below.
    """
    pairs, m = service.savings, service.sites
    site = np.repeat(np.arange(m), np.diff(pairs.start))
    order = np.lexsort((site, -pairs.value, pairs.village))
    village, saving = pairs.village[order], pairs.value[order]
    new = np.ones(order.size, dtype=np.bool_)
    new[1:] = (village[1:] != village[:-1]) | (saving[1:] != saving[:-1])
    level = np.cumsum(new) - 1
    of_level, worth = village[new], saving[new]
    levels = of_level.size
    below = np.append(np.where(of_level[1:] == of_level[:-1], worth[1:], 0.0), 0.0)
    has_above = np.flatnonzero(np.concatenate([[False], of_level[1:] == of_level[:-1]]))
    row = np.concatenate([np.arange(levels), has_above, level, np.full(m, levels)])
    column = np.concatenate([m + np.arange(levels), m + has_above - 1, site[order], np.arange(m)])
    value = np.concatenate([np.ones(levels), np.full(has_above.size + order.size, -1.0), np.ones(m)])
    rows = sparse.csr_array((value, (row, column)), shape=(levels + 1, m + levels))
    return Programme(
        cost=np.concatenate([np.zeros(m), (worth - below) / scale]),
        integer=np.arange(m + levels) < m,
        start=rows.indptr,
        index=rows.indices,
        value=rows.data,
        lower=np.full(levels + 1, -np.inf),
        upper=np.concatenate([np.zeros(levels), [float(teams)]]),
    )
