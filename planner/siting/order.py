"""A problem in the order of its ids, so that the order of the input changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from planner.siting.base import Int, SitingPlan, SitingProblem


@dataclass(frozen=True, slots=True)
class Ordered:
    """A problem whose villages and sites stand in text order of their ids, and the way back.

    Parameters
    ----------
    problem : SitingProblem
        Rows and columns in text order; the entries of a row in order of their column.
    units, sites : ndarray of int64
        Position in the given problem of each village and of each site.
    """

    problem: SitingProblem
    units: Int
    sites: Int

    def restore(self, plan: SitingPlan) -> SitingPlan:
        """Return the plan in positions of the problem that was given."""
        opened = self.sites[plan.sites]
        ascending = np.argsort(opened)
        assignments = np.empty(self.units.size, dtype=np.int64)
        assignments[self.units] = np.append(self.sites, -1)[plan.assignments]
        minutes = np.empty(self.units.size)
        minutes[self.units] = plan.assigned_minutes
        return replace(
            plan,
            sites=opened[ascending],
            new_sites=self.sites[plan.new_sites],
            assignments=assignments,
            assigned_minutes=minutes,
            loss_if_dropped_people=plan.loss_if_dropped_people[ascending],
        )


def by_id(problem: SitingProblem) -> Ordered:
    """Order a checked problem by its ids.

    Returns
    -------
    Ordered
        Its problem shares no matrix with the given one.
    """
    units = np.argsort(problem.unit_ids, kind="stable").astype(np.int64)
    sites = np.argsort(problem.site_ids, kind="stable").astype(np.int64)
    ordered = replace(
        problem,
        unit_ids=problem.unit_ids[units],
        site_ids=problem.site_ids[sites],
        need_people=problem.need_people[units].astype(np.float64),
        minutes=_permuted(problem.minutes, units, sites),
        existing=problem.existing[sites],
        locked_in=problem.locked_in[sites],
        locked_out=problem.locked_out[sites],
        capacity_people=None if problem.capacity_people is None else problem.capacity_people[sites],
        cost=None if problem.cost is None else problem.cost[sites],
        commune_ids=None if problem.commune_ids is None else problem.commune_ids[sites],
    )
    return Ordered(ordered, units, sites)


def _permuted(matrix: sparse.csr_array, rows: Int, columns: Int) -> sparse.csr_array:
    # By hand and not by indexing: stored zeros are real minutes and must survive every SciPy version.
    new_row, new_column = np.empty_like(rows), np.empty_like(columns)
    new_row[rows] = np.arange(rows.size)
    new_column[columns] = np.arange(columns.size)
    row = new_row[np.repeat(np.arange(rows.size), np.diff(matrix.indptr))]
    column = new_column[matrix.indices]
    order = np.lexsort((column, row))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows.size))])
    return sparse.csr_array((matrix.data[order].astype(np.float64), column[order], indptr), shape=matrix.shape)
