"""HiGHS, one thread and a fixed seed, so that the same programme has the same answer."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
from highspy._core import _Highs

from planner.siting.base import Float


@dataclass(frozen=True, slots=True)
class Programme:
    """Maximise ``cost @ x`` with ``lower <= rows @ x <= upper`` and ``0 <= x <= 1``.

    Parameters
    ----------
    cost : ndarray of float64, shape (columns,)
    integer : ndarray of bool, shape (columns,)
    start, index, value : ndarray
        The rows, compressed.
    lower, upper : ndarray of float64, shape (rows,)
    """

    cost: Float
    integer: npt.NDArray[np.bool_]
    start: npt.NDArray[np.int64]
    index: npt.NDArray[np.int64]
    value: Float
    lower: Float
    upper: Float


@dataclass(frozen=True, slots=True)
class Solution:
    """The best point found, empty when none was, and a bound on every point's value, infinite when there is none.

    `cut` says that the time ended the search: without a point nothing is known then, and with one it may not be the best.
    """

    x: Float
    bound: float
    feasible: bool
    cut: bool = False


def solve(programme: Programme, *, first: Float | None, slack: float, seconds: float) -> Solution:
    """Solve until bound and best value differ by at most `slack`, or the time is over.

    Parameters
    ----------
    programme : Programme
    first : ndarray of float64, shape (columns,), optional
        A feasible point to start from.
    slack : float
        More than 0.
    seconds : float
    """
    # The public class prints a banner from its constructor, before it can be told not to; a command's last
    # line on stdout belongs to its answer.
    solver = _Highs()
    options: dict[str, bool | int | float] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 1,
        "time_limit": max(seconds, 0.01),
        "mip_rel_gap": 0.0,
        "mip_abs_gap": slack,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(programme))
    if first is not None:
        point = highspy.HighsSolution()
        point.col_value = first
        solver.setSolution(point)
    solver.run()
    info = solver.getInfo()
    feasible = solver.getModelStatus() != highspy.HighsModelStatus.kInfeasible
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    x = np.array(solver.getSolution().col_value) if found else np.zeros(0)
    bound = float(info.mip_dual_bound)
    cut = solver.getModelStatus() == highspy.HighsModelStatus.kTimeLimit
    return Solution(x, bound if np.isfinite(bound) else np.inf, feasible, cut)


def _model(programme: Programme) -> highspy.HighsLp:
    columns, infinity = programme.cost.size, highspy.kHighsInf
    kind = highspy.HighsVarType
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, programme.lower.size
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_, model.col_lower_, model.col_upper_ = programme.cost, np.zeros(columns), np.ones(columns)
    model.row_lower_ = np.maximum(programme.lower, -infinity)
    model.row_upper_ = np.minimum(programme.upper, infinity)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = programme.start.astype(np.int32)
    model.a_matrix_.index_ = programme.index.astype(np.int32)
    model.a_matrix_.value_ = programme.value
    model.integrality_ = [kind.kInteger if i else kind.kContinuous for i in programme.integer]
    return model
