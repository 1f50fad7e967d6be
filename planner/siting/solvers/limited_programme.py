"""Choosing sites and assigning villages within limits, as a mixed integer programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.siting.base import Float, Int
from planner.siting.solvers import highs
from planner.siting.solvers.cover import is_whole
from planner.siting.solvers.limits import Limits
from planner.siting.solvers.service import Service


@dataclass(frozen=True, slots=True)
class LimitedProgramme:
    """The programme and how to read it.

    Parameters
    ----------
    highs : highs.Programme
        Columns: open(free site), then served(pair of village and site).
    free : ndarray of int64
        Site of each of the first columns.
    village, site : ndarray of int64
        Of each of the other columns.
    villages : int
    scale : float
        What one unit of the programme's objective is worth.
    """

    highs: highs.Programme
    free: Int
    village: Int
    site: Int
    villages: int
    scale: float

    def point(self, chosen: Int, sites: Int) -> Float:
        """Return a plan as a point."""
        return np.concatenate([np.isin(self.free, chosen), sites[self.village] == self.site]).astype(np.float64)

    def read(self, x: Float) -> tuple[Int, Int]:
        """Return the free sites that open, and the site of each village: the one with the largest part of it."""
        part = x[self.free.size :]
        used = np.flatnonzero(part > 1e-6)
        used = used[np.lexsort((self.site[used], -np.round(part[used], 6), self.village[used]))]
        village, first = np.unique(self.village[used], return_index=True)
        sites = np.full(self.villages, -1, dtype=np.int64)
        sites[village] = self.site[used[first]]
        return self.free[x[: self.free.size] > 0.5], sites


def programme(service: Service, limits: Limits, *, load: Float) -> LimitedProgramme:
    """Build the programme.

    Rows: a village is served once; only from an open site; no more than its capacity; at most so many sites; within the
    budget; the communes' minimum. Villages are served whole where any capacity is limited.
    """
    pairs = service.savings
    site = np.repeat(np.arange(service.sites), np.diff(pairs.start))
    free = np.flatnonzero(limits.free).astype(np.int64)
    position = np.full(service.sites, -1, dtype=np.int64)
    position[free] = np.arange(free.size)
    keep = np.flatnonzero((position[site] >= 0) | limits.fixed[site])
    village, site, saving = pairs.village[keep], site[keep], pairs.value[keep]
    columns = free.size + keep.size
    served = free.size + np.arange(keep.size)
    bound_to = np.flatnonzero(position[site] >= 0)
    full = np.flatnonzero(np.isfinite(limits.capacity) & (limits.free | limits.fixed))
    blocks = [
        _rows(village, served, 1.0, shape=(pairs.villages, columns)),
        _rows(np.arange(bound_to.size), served[bound_to], 1.0, shape=(bound_to.size, columns))
        - _rows(np.arange(bound_to.size), position[site[bound_to]], 1.0, shape=(bound_to.size, columns)),
        _capacities(
            full, limits=limits, position=position, site=site, served=served, load=load[village], columns=columns
        ),
        _rows(np.zeros(free.size, dtype=np.int64), np.arange(free.size), 1.0, shape=(1, columns)),
    ]
    upper = [np.ones(pairs.villages), np.zeros(bound_to.size)]
    upper += [np.where(limits.free[full], 0.0, limits.capacity[full]), np.array([float(limits.teams)])]
    lower = [np.full(sum(len(part) for part in upper), -np.inf)]
    if np.isfinite(limits.budget):
        blocks.append(
            _rows(np.zeros(free.size, dtype=np.int64), np.arange(free.size), limits.cost[free], shape=(1, columns))
        )
        lower, upper = [*lower, np.array([-np.inf])], [*upper, np.array([limits.budget])]
    if limits.missing.any():
        shape = (limits.missing.size, columns)
        blocks.append(_rows(limits.group[free], np.arange(free.size), 1.0, shape=shape))
        lower, upper = [*lower, limits.missing.astype(np.float64)], [*upper, np.full(limits.missing.size, np.inf)]
    rows = sparse.vstack(blocks, format="csr")
    scale = 1.0 if is_whole(saving) else float(saving.max())
    found = highs.Programme(
        cost=np.concatenate([np.zeros(free.size), saving / scale]),
        integer=(np.arange(columns) < free.size) | (full.size > 0),
        start=rows.indptr,
        index=rows.indices,
        value=rows.data,
        lower=np.concatenate(lower),
        upper=np.concatenate(upper),
    )
    return LimitedProgramme(found, free, village, site, pairs.villages, scale)


def _rows(row: Int, column: Int, value: float | Float, *, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((np.broadcast_to(value, row.shape).astype(np.float64), (row, column)), shape=shape)


def _capacities(
    full: Int, *, limits: Limits, position: Int, site: Int, served: Int, load: Float, columns: int
) -> sparse.csr_array:
    """Return, for each site of limited capacity, the load it serves less its capacity once it opens."""
    row_of = np.full(limits.capacity.size, -1, dtype=np.int64)
    row_of[full] = np.arange(full.size)
    used = np.flatnonzero(row_of[site] >= 0)
    opening = full[limits.free[full]]
    row = np.concatenate([row_of[site[used]], row_of[opening]])
    column = np.concatenate([served[used], position[opening]])
    value = np.concatenate([load[used], -limits.capacity[opening]])
    return _rows(row, column, value, shape=(full.size, columns))
