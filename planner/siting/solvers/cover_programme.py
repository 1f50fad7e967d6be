"""Maximum cover as a mixed integer programme."""

from __future__ import annotations

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.solvers import scip
from planner.siting.solvers.cover import TOLERANCE, Cover, is_whole
from planner.siting.solvers.model import Closed
from planner.siting.solvers.programme import Programme


def close(cover: Cover, teams: int, *, start: Int, slack: float, seconds: float) -> Closed:
    """Solve maximum cover until bound and plan differ by at most `slack` people, or the time is over.

    Parameters
    ----------
    cover : Cover
    teams : int
        At most this many sites.
    start : ndarray of int64
        A plan to start from.
    slack : float
    seconds : float
    """
    # Tolerances of the solver are absolute: people who are not whole (draws, shares) come in handy sizes.
    scale = 1.0 if is_whole(cover.need) else float(cover.need.max())
    slack = max(slack, TOLERANCE * float(cover.need.sum()))
    first = _point(cover, start)
    found = scip.solve(_programme(cover, teams, scale=scale), first=first, slack=slack / scale, seconds=seconds)
    sites = np.flatnonzero(found.x[: cover.sites] > 0.5).astype(np.int64)
    return Closed(sites if sites.size <= teams else start, found.bound * scale, "SCIP")


def _programme(cover: Cover, teams: int, *, scale: float) -> Programme:
    # Columns: open(site), then reached(village). Rows: reached <= sum of open within reach; sum of open <= teams.
    n, m = cover.need.size, cover.sites
    degree = np.diff(cover.sites_of.indptr).astype(np.int64)
    ends = np.cumsum(degree + 1)
    start = np.concatenate([[0], ends, [ends[-1] + m]])
    index, value = np.empty(start[-1], dtype=np.int64), np.ones(start[-1])
    entry = np.arange(degree.sum()) + np.repeat(np.arange(n), degree)
    index[entry], value[entry] = cover.sites_of.indices, -1.0
    index[ends - 1] = m + np.arange(n)
    index[ends[-1] :] = np.arange(m)
    return Programme(
        cost=np.concatenate([np.zeros(m), cover.need / scale]),
        integer=np.arange(m + n) < m,
        start=start,
        index=index,
        value=value,
        lower=np.full(n + 1, -np.inf),
        upper=np.concatenate([np.zeros(n), [float(teams)]]),
    )


def _point(cover: Cover, sites: Int) -> Float:
    opened = np.zeros(cover.sites)
    opened[sites] = 1.0
    return np.concatenate([opened, cover.covered(sites).astype(np.float64)])
