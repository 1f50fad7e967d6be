"""A problem in the order of its ids, so that the order of the input changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from scipy import sparse

from planner.siting.base import Int, Parts, SitingPlan, SitingProblem


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
        prices = None if plan.prices is None else np.empty(self.units.size)
        if prices is not None:
            prices[self.units] = plan.prices
        return replace(
            plan,
            sites=opened[ascending],
            new_sites=self.sites[plan.new_sites],
            assignments=assignments,
            assigned_minutes=minutes,
            loss_if_dropped_people=plan.loss_if_dropped_people[ascending],
            teams=plan.teams[ascending],
            received=plan.received[ascending],
            placed=plan.placed[ascending],
            closed=np.sort(self.sites[plan.closed]),
            moved=np.sort(self.sites[plan.moved]),
            parts=None if plan.parts is None else self._parts(plan.parts),
            prices=prices,
        )

    def _parts(self, parts: Parts) -> Parts:
        village, site = self.units[parts.village], self.sites[parts.site]
        order = np.lexsort((site, village))
        return Parts(village[order], site[order], parts.people[order], parts.minutes[order])


def by_id(problem: SitingProblem) -> Ordered:
    """Order a checked problem by its ids.

    Returns
    -------
    Ordered
        Its problem shares no matrix with the given one.
    """
    units = np.argsort(problem.unit_ids, kind="stable").astype(np.int64)
    sites = np.argsort(problem.site_ids, kind="stable").astype(np.int64)
    by_unit = {name: _picked(getattr(problem, name), units) for name in ("weight", "unit_commune_ids", "warm_prices")}
    by_site = {name: _picked(getattr(problem, name), sites) for name in _BY_SITE}
    ordered = replace(
        problem,
        unit_ids=problem.unit_ids[units],
        site_ids=problem.site_ids[sites],
        need_people=problem.need_people[units].astype(np.float64),
        minutes=_permuted(_within(problem), units, sites),
        existing=problem.existing[sites],
        locked_in=problem.locked_in[sites],
        locked_out=problem.locked_out[sites],
        warm_sites=None if problem.warm_sites is None else np.sort(np.argsort(sites)[problem.warm_sites]),
        **by_unit,
        **by_site,
    )
    return Ordered(ordered, units, sites)


_BY_SITE: Final = (
    "capacity_people",
    "cost",
    "commune_ids",
    "site_reach_minutes",
    "site_types",
    "standing_teams",
    "team_capacity_people",
    "movable",
    "closable",
    "move_cost",
    "closing_saves",
)


def _picked(values: Any, at: Int) -> Any:
    return None if values is None else values[at]


def _within(problem: SitingProblem) -> sparse.csr_array:
    """Return the minutes without entries beyond a site's own reach."""
    matrix = problem.minutes
    if problem.site_reach_minutes is None:
        return matrix
    keep = matrix.data <= problem.site_reach_minutes[matrix.indices]
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))[keep]
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=matrix.shape[0]))])
    return sparse.csr_array((matrix.data[keep], matrix.indices[keep], start), shape=matrix.shape)


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
