"""Maximum cover as a mixed integer programme, closed by HiGHS on one thread with a fixed seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from highspy._core import _Highs

from planner.siting.base import Int
from planner.siting.solvers.cover import TOLERANCE, Cover, is_whole


@dataclass(frozen=True, slots=True)
class Closed:
    """What the solver gives.

    Parameters
    ----------
    sites : ndarray of int64
        The best plan it found, ascending; empty when it found none.
    people : float
        Its bound: no choice reaches more; infinite when it has none.
    """

    sites: Int
    people: float


def close(cover: Cover, teams: int, *, start: Int, gap_people: float, seconds: float) -> Closed:
    """Solve maximum cover to within `gap_people`, or until the time is over.

    Parameters
    ----------
    cover : Cover
    teams : int
        At most this many sites.
    start : ndarray of int64
        A plan to start from.
    gap_people : float
        Stop when bound and plan differ by at most this.
    seconds : float
    """
    # Tolerances of the solver are absolute: people who are not whole (draws, shares) come in handy sizes.
    scale = 1.0 if is_whole(cover.need) else float(cover.need.max())
    solver = silent_solver()
    options: dict[str, bool | int | float] = {
        "threads": 1,
        "random_seed": 1,
        "time_limit": max(seconds, 0.01),
        "mip_rel_gap": 0.0,
        "mip_abs_gap": max(gap_people, TOLERANCE * float(cover.need.sum())) / scale,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(cover, teams, scale=scale))
    solver.setSolution(_solution(cover, start))
    solver.run()
    info = solver.getInfo()
    chosen = np.array(solver.getSolution().col_value[: cover.teams_at_most])
    sites = np.flatnonzero(chosen > 0.5).astype(np.int64)
    bound = float(info.mip_dual_bound) * scale
    return Closed(sites if sites.size <= teams else start, bound if np.isfinite(bound) else np.inf)


def silent_solver() -> _Highs:
    """Return a solver that prints nothing."""
    # The public class prints a banner from its constructor, before it can be told not to; a command's last
    # line on stdout belongs to its answer.
    solver = _Highs()
    solver.setOptionValue("output_flag", False)
    return solver


def _model(cover: Cover, teams: int, *, scale: float) -> Any:
    # Columns: open(site), then reached(village). Rows: reached <= sum of open within reach; sum of open <= teams.
    n, m = cover.need.size, cover.teams_at_most
    matrix = cover.sites_of
    degree = np.diff(matrix.indptr).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(degree + 1), [0]])
    start[-1] = start[-2] + m
    index, value = np.empty(start[-1], dtype=np.int32), np.empty(start[-1])
    entry = np.arange(matrix.indices.size) + np.repeat(np.arange(n), degree)
    index[entry], value[entry] = matrix.indices, -1.0
    last = start[1 : n + 1] - 1
    index[last], value[last] = m + np.arange(n), 1.0
    index[start[n] :], value[start[n] :] = np.arange(m), 1.0
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = m + n, n + 1
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.concatenate([np.zeros(m), cover.need / scale])
    model.col_lower_, model.col_upper_ = np.zeros(m + n), np.ones(m + n)
    model.row_lower_ = np.full(n + 1, -highspy.kHighsInf)
    model.row_upper_ = np.concatenate([np.zeros(n), [float(teams)]])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = start.astype(np.int32), index, value
    model.integrality_ = [highspy.HighsVarType.kInteger] * m + [highspy.HighsVarType.kContinuous] * n
    return model


def _solution(cover: Cover, sites: Int) -> Any:
    opened = np.zeros(cover.teams_at_most)
    opened[sites] = 1.0
    solution = highspy.HighsSolution()
    solution.col_value = np.concatenate([opened, cover.covered(sites).astype(np.float64)])
    return solution
