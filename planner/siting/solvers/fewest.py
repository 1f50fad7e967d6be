"""The fewest sites that reach so many people (set covering: Toregas and others 1971; partial cover with a share)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.siting.base import Int
from planner.siting.solvers import highs
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Cover
from planner.siting.solvers.greedy import one_by_one
from planner.siting.solvers.programme import Programme


@dataclass(frozen=True, slots=True)
class Fewest:
    """A choice of sites that reaches enough, and how few any choice needs.

    Parameters
    ----------
    sites : ndarray of int64 or None
        Ascending; None when no choice is known.
    bound : int
        No choice of fewer sites reaches enough.
    solver : str
    """

    sites: Int | None
    bound: int
    solver: str


def fewest(cover: Cover, *, people: float, start: Int, clock: Clock) -> Fewest:
    """Choose the fewest sites that reach at least `people`.

    Parameters
    ----------
    cover : Cover
    people : float
        At most what all sites together reach.
    start : ndarray of int64
        A choice that reaches enough, for example the one-by-one choice.
    clock : Clock
    """
    bound = at_least(cover, people=people)
    if start.size <= bound or clock.over:
        return Fewest(np.sort(start), min(bound, start.size), "greedy and counting bound")
    programme = _programme(cover, people=people, teams=start.size)
    found = highs.solve(programme, first=None, slack=1.0 - 1e-6, seconds=clock.left_s)
    sites = np.flatnonzero(found.x[: cover.sites] > 0.5)
    better = 0 < sites.size < start.size and enough(cover, sites, people=people)
    sites = sites if better else np.sort(start)
    proven = 0 if np.isinf(found.bound) else int(np.ceil(-found.bound - 1e-6))
    return Fewest(sites, min(max(bound, proven), sites.size), "greedy, counting bound and HiGHS")


def any_of(cover: Cover, *, people: float, teams: int, clock: Clock) -> Fewest:
    """Find a choice of at most `teams` sites that reaches at least `people`, or prove that there is none.

    Returns
    -------
    Fewest
        With the sites; or without, and then a bound above `teams` when it is proven that there is none.
    """
    greedy, bound = greedily(cover, people=people), at_least(cover, people=people)
    if greedy.size <= teams and enough(cover, greedy, people=people):
        return Fewest(np.sort(greedy), bound, "greedy")
    if bound > teams or clock.over:
        return Fewest(None, bound, "counting bound")
    programme = _programme(cover, people=people, teams=teams)
    found = highs.solve(programme, first=None, slack=float(cover.sites + 1), seconds=clock.left_s)
    if not found.feasible:
        return Fewest(None, teams + 1, "HiGHS")
    sites = np.flatnonzero(found.x[: cover.sites] > 0.5)
    good = found.x.size > 0 and sites.size <= teams and enough(cover, sites, people=people)
    return Fewest(sites if good else None, bound, "HiGHS")


def enough(cover: Cover, sites: Int, *, people: float) -> bool:
    """Return whether these sites reach so many people."""
    return cover.reached(sites) >= people - TOLERANCE * float(cover.need.sum())


def greedily(cover: Cover, *, people: float) -> Int:
    """Return sites one by one until they reach enough, in the order of their choice."""
    order = one_by_one(cover, cover.sites)
    reached = np.zeros(cover.need.size, dtype=np.bool_)
    least = people - TOLERANCE * float(cover.need.sum())
    for count in range(order.size):
        if cover.need[reached].sum() >= least:
            return order[:count]
        reached |= cover.covered(order[count : count + 1])
    return order


def at_least(cover: Cover, *, people: float) -> int:
    """Return how many sites it takes even if no two of them reached the same village."""
    gains = np.sort(cover.villages_of @ cover.need)[::-1]
    reached = np.concatenate([[0.0], np.cumsum(gains)])
    return int(np.searchsorted(reached, people - TOLERANCE * float(cover.need.sum())))


def _programme(cover: Cover, *, people: float, teams: int) -> Programme:
    """Columns: open(site), then reached(village).

    Rows: reached <= sum of open within reach; sum of need x reached >= people; sum of open <= teams. Where everyone must
    be reached the villages have no column: sum of open within reach >= 1.
    """
    n, m = cover.need.size, cover.sites
    everyone = people >= float(cover.need.sum()) * (1 - TOLERANCE)
    budget = sparse.csr_array(np.ones((1, m)))
    if everyone:
        rows, columns = sparse.vstack([cover.sites_of, budget], format="csr"), m
        lower, upper = np.append(np.ones(n), -np.inf), np.append(np.full(n, np.inf), float(teams))
    else:
        scale = float(cover.need.max())
        need = sparse.csr_array(cover.need[None, :] / scale)
        blocks = [[-cover.sites_of, sparse.eye_array(n)], [None, need], [budget, None]]
        rows, columns = sparse.block_array(blocks, format="csr"), m + n
        lower = np.concatenate([np.full(n, -np.inf), [people / scale], [-np.inf]])
        upper = np.concatenate([np.zeros(n), [np.inf], [float(teams)]])
    is_site = np.arange(columns) < m
    return Programme(
        cost=np.where(is_site, -1.0, 0.0),
        integer=is_site,
        start=rows.indptr,
        index=rows.indices,
        value=rows.data,
        lower=lower,
        upper=upper,
    )
