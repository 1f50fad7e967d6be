"""Backup cover as a model: a village contributes once for its first open site within reach, and less for a second one.

In the relaxation each level of a village has a price of its own, and a site within reach serves the level that leaves
more; the levels stand as ``n`` first ones, then ``n`` second ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.siting.base import Float, Int
from planner.siting.kernels import backup
from planner.siting.solvers import scip
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Bool, entries_of, is_whole
from planner.siting.solvers.model import Closed
from planner.siting.solvers.programme import Programme

ROUNDS = 50
"""Walks over all chosen sites in one search for swaps."""


@dataclass(frozen=True, slots=True)
class BackupModel:
    """`planner.siting.solvers.model.Model` of villages that are worth more with a second site within reach.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n,)
        What one open site within reach is worth, and what a second one adds: never more.
    villages_of : scipy.sparse.csr_array, shape (m, n)
        Ones: the villages within reach of each site.
    """

    first: Float
    second: Float
    villages_of: sparse.csr_array

    @property
    def sites(self) -> int:
        """Number of sites."""
        return int(self.villages_of.shape[0])

    @property
    def pairs(self) -> int:
        """Number of pairs within reach."""
        return int(self.villages_of.nnz)

    @property
    def most(self) -> Float:
        """What each level can contribute."""
        return np.concatenate([self.first, self.second])

    @property
    def whole(self) -> bool:
        """Whether all contributions are whole."""
        return is_whole(self.most)

    @property
    def rows(self) -> backup.Rows:
        """The villages of each site as compiled loops take them."""
        return self.villages_of.indptr.astype(np.int64), self.villages_of.indices.astype(np.int64)

    @property
    def least(self) -> float:
        """What counts as more."""
        return TOLERANCE * float(self.most.sum())

    def count(self, sites: Int) -> Int:
        """Return, per village, how many of these sites are within reach."""
        return np.bincount(entries_of(self.villages_of, sites)[1], minlength=self.first.size)

    def total(self, sites: Int) -> float:
        """Return what both levels are worth together."""
        count = self.count(sites)
        return float(self.first[count >= 1].sum() + self.second[count >= 2].sum())

    def one_by_one(self, teams: int) -> Int:
        """Return the usual choice, each time the site that adds most."""
        return np.asarray(backup.one_by_one(self.rows, (self.first, self.second), teams, self.least))

    def improved(self, sites: Int, *, clock: Clock) -> Int:
        """Return a plan that no single swap improves."""
        if sites.size == 0 or sites.size >= self.sites or clock.over:
            return sites
        levels = (self.first, self.second)
        return np.asarray(backup.swapped(self.rows, levels, sites.astype(np.int64), self.least, ROUNDS))

    def first_prices(self, sites: Int) -> Float:
        """Return the worth of each level less an equal part for each chosen site that serves it."""
        count = self.count(sites)
        first = self.first - self.first / np.maximum(count, 1)
        second = self.second - self.second / np.maximum(count - 1, 1)
        return np.concatenate([first, second])

    def _left(self, prices: Float) -> tuple[Float, Float]:
        n = self.first.size
        return self.first - prices[:n], self.second - prices[n:]

    def worth(self, prices: Float) -> Float:
        """Return, per site, what the better level of each of its villages leaves beyond its price."""
        return np.asarray(backup.worths(self.rows, self._left(prices)))

    def takers(self, prices: Float, sites: Int) -> Float:
        """Return, per level, how many of these sites serve it."""
        left = self._left(prices)
        count, early = self.count(sites).astype(np.float64), left[0] >= left[1]
        return np.concatenate([np.where(early, count, 0.0), np.where(early, 0.0, count)])

    def part(self, *, keep: Bool, forced: Int) -> BackupPart:
        """Return what is left to gain beside the forced sites, by the sites kept."""
        count = self.count(forced)
        first = np.where(count == 0, self.first, np.where(count == 1, self.second, 0.0))
        second = np.where(count == 0, self.second, 0.0)
        sites, alive = np.flatnonzero(keep).astype(np.int64), first > 0
        rest = sparse.csr_array(self.villages_of[sites][:, np.flatnonzero(alive)])
        rest.sort_indices()
        return BackupPart(BackupModel(first[alive], second[alive], rest), sites, self.total(forced))

    def close(self, teams: int, *, start: Int, slack: float, seconds: float) -> Closed:
        """Solve by SCIP."""
        scale = 1.0 if self.whole else float(self.most.max(initial=1.0))
        slack = max(slack, self.least) / scale
        found = scip.solve(self._programme(teams, scale), first=self._point(start), slack=slack, seconds=seconds)
        sites = np.flatnonzero(found.x[: self.sites] > 0.5).astype(np.int64)
        return Closed(sites if sites.size <= teams else start, found.bound * scale, "SCIP")

    def _programme(self, teams: int, scale: float) -> Programme:
        # Columns: open(site), first(village), second(village). A village is not served more often than sites are open.
        n, m = self.first.size, self.sites
        levels = sparse.hstack([-self.villages_of.T, sparse.eye_array(n), sparse.eye_array(n)])
        places = sparse.hstack([sparse.csr_array(np.ones((1, m))), sparse.csr_array((1, 2 * n))])
        rows = sparse.csr_array(sparse.vstack([levels, places], format="csr"))
        return Programme(
            cost=np.concatenate([np.zeros(m), self.most / scale]),
            integer=np.arange(m + 2 * n) < m,
            start=rows.indptr,
            index=rows.indices,
            value=rows.data,
            lower=np.full(n + 1, -np.inf),
            upper=np.concatenate([np.zeros(n), [float(teams)]]),
        )

    def _point(self, sites: Int) -> Float:
        opened, count = np.zeros(self.sites), self.count(sites)
        opened[sites] = 1.0
        return np.concatenate([opened, count >= 1, count >= 2]).astype(np.float64)


@dataclass(frozen=True, slots=True)
class BackupPart:
    """`planner.siting.solvers.model.Part` of a `BackupModel`."""

    model: BackupModel
    sites: Int
    base: float
