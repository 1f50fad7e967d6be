"""Who can be reached from where: the sets behind maximum cover, and how they shrink without losing a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.siting.base import Float, Int

TOLERANCE: Final = 1e-9
"""Share of the whole need below which two sums of people are the same number."""

Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cover:
    """Villages with need and the sites within reach of each.

    Parameters
    ----------
    need : ndarray of float64, shape (n,)
        People, more than 0.
    sites_of : scipy.sparse.csr_array, shape (n, m)
        Ones: the sites within reach of each village. Column order is the order in which ties are broken.
    villages_of : scipy.sparse.csr_array, shape (m, n)
        The same the other way round.
    """

    need: Float
    sites_of: sparse.csr_array
    villages_of: sparse.csr_array

    @property
    def sites(self) -> int:
        """Number of sites there are to choose from."""
        return int(self.villages_of.shape[0])

    def reached(self, sites: Int) -> float:
        """Return the people within reach of at least one of these sites."""
        return float(self.need[self.covered(sites)].sum())

    def reached_twice(self, sites: Int) -> float:
        """Return the people within reach of at least two of these sites."""
        count = np.bincount(entries_of(self.villages_of, sites)[1], minlength=self.need.size)
        return float(self.need[count >= 2].sum())

    def covered(self, sites: Int) -> Bool:
        """Return, per village, whether one of these sites is within reach."""
        covered = np.zeros(self.need.size, dtype=np.bool_)
        covered[entries_of(self.villages_of, sites)[1]] = True
        return covered


def from_pairs(need: Float, village: Int, site: Int, *, sites: int) -> Cover:
    """Build the sets from pairs within reach.

    Parameters
    ----------
    need : ndarray of float64, shape (n,)
    village, site : ndarray of int64
        One entry per pair, no pair twice.
    sites : int
        Number of sites, those without a village included.
    """
    shape = (need.size, sites)
    sites_of = sparse.csr_array((np.ones(village.size), (village, site)), shape=shape)
    sites_of.sort_indices()
    villages_of = sites_of.T.tocsr()
    villages_of.sort_indices()
    return Cover(need, sites_of, villages_of)


def is_whole(need: Float) -> bool:
    """Return whether every village counts whole people, so that two different plans differ by at least one."""
    return bool(np.all(need == np.floor(need)))


def entries_of(matrix: sparse.csr_array, rows: Int) -> tuple[Int, Int]:
    """Return, for the entries of these rows one after another, the position in `rows` and the column."""
    first = matrix.indptr[rows].astype(np.int64)
    counts = matrix.indptr[rows + 1].astype(np.int64) - first
    ends = np.cumsum(counts)
    total = int(ends[-1]) if ends.size else 0
    at = np.repeat(first - (ends - counts), counts) + np.arange(total)
    return np.repeat(np.arange(rows.size), counts), matrix.indices[at].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Reduced:
    """A smaller cover and where its sites stand in the larger one.

    Parameters
    ----------
    cover : Cover
    sites : ndarray of int64
        Position in the larger cover of each site kept, ascending.
    """

    cover: Cover
    sites: Int


def reduce(cover: Cover, *, keep: Bool, served: Bool) -> Reduced:
    """Drop sites and villages, then say the same with fewer rows and columns.

    Villages with the same sites within reach become one with the sum of their need; villages with none go; of sites
    with the same villages the first stays. No choice of sites reaches more or fewer people than before.

    Parameters
    ----------
    cover : Cover
    keep : ndarray of bool, shape (m,)
        Sites that may still be chosen.
    served : ndarray of bool, shape (n,)
        Villages that are reached whatever is chosen; their need is the caller's to count.
    """
    village = np.repeat(np.arange(cover.need.size), np.diff(cover.sites_of.indptr))
    site = cover.sites_of.indices.astype(np.int64)
    stay = keep[site] & ~served[village]
    village, site = village[stay], site[stay]
    group, village = _merged(village, site, rows=cover.need.size)
    alive = group >= 0
    need = np.bincount(group[alive], weights=cover.need[alive]).astype(np.float64)
    site = site[village >= 0]
    village = village[village >= 0]
    twin, _ = _merged(site, village, rows=keep.size)
    kept = np.unique(_first_of_each(twin))
    stay = np.isin(site, kept)
    position = np.full(keep.size, -1, dtype=np.int64)
    position[kept] = np.arange(kept.size)
    return Reduced(from_pairs(need, village[stay], position[site[stay]], sites=kept.size), kept)


def _first_of_each(group: Int) -> Int:
    members = np.flatnonzero(group >= 0)
    _, first = np.unique(group[members], return_index=True)
    return members[first].astype(np.int64)


def _merged(row: Int, column: Int, *, rows: int) -> tuple[Int, Int]:
    """Group rows with the same columns.

    Returns
    -------
    group : ndarray of int64, shape (rows,)
        -1 for a row without an entry.
    entries : ndarray of int64
        Beside the given entries: the group, or -1 where another row of the group speaks for it.
    """
    degree = np.bincount(row, minlength=rows)
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([0])))
    mark = generator.integers(1, 2**63, size=int(column.max(initial=-1)) + 1, dtype=np.uint64)
    total = np.zeros(rows, dtype=np.uint64)
    np.add.at(total, row, mark[column])
    order = np.lexsort((np.arange(rows), total, degree))
    order = order[degree[order] > 0]
    new = np.ones(order.size, dtype=np.bool_)
    same = (degree[order[1:]] == degree[order[:-1]]) & (total[order[1:]] == total[order[:-1]])
    new[1:] = ~(same & _equal(row, column, order[:-1], order[1:], same))
    group = np.full(rows, -1, dtype=np.int64)
    group[order] = np.cumsum(new) - 1
    speaks = np.zeros(rows, dtype=np.bool_)
    speaks[order[new]] = True
    return group, np.where(speaks[row], group[row], -1)


def _equal(row: Int, column: Int, left: Int, right: Int, candidates: Bool) -> Bool:
    # The sums of random marks only propose; equality is read from the entries themselves.
    rows = int(max(row.max(initial=-1), left.max(initial=-1), right.max(initial=-1))) + 1
    columns = int(column.max(initial=-1)) + 1
    matrix = sparse.csr_array((np.ones(row.size), (row, column)), shape=(rows, columns))
    matrix.sort_indices()
    at = np.flatnonzero(candidates)
    which, first = entries_of(matrix, left[at])
    _, second = entries_of(matrix, right[at])
    differ = np.bincount(which, weights=first != second, minlength=at.size) > 0
    equal = np.zeros(candidates.size, dtype=np.bool_)
    equal[at] = ~differ
    return equal
