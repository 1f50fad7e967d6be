"""HiGHS, one thread and a fixed seed, so that the same programme has the same answer."""

from __future__ import annotations

from typing import Final

import highspy
import numpy as np
from highspy._core import _Highs

from planner.siting.base import Float
from planner.siting.solvers.programme import Programme, Solution

PRIMAL_SIMPLEX: Final = 4
"""What HiGHS calls it."""


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
    solver = _solver(programme, seconds=seconds, options={"mip_rel_gap": 0.0, "mip_abs_gap": slack})
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


def relaxed(programme: Programme, *, seconds: float) -> tuple[Float, Float] | None:
    """Return the best point when all columns may be parts, and what one more unit of each row's end is worth there.

    None without an optimum in time.

    By the primal simplex method: nothing served is a point to start from.

    Parameters
    ----------
    programme : Programme
        Without integers.
    seconds : float
    """
    solver = _solver(programme, seconds=seconds, options={"solver": "simplex", "simplex_strategy": PRIMAL_SIMPLEX})
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found = solver.getSolution()
    return np.array(found.col_value), np.array(found.row_dual)


def _solver(programme: Programme, *, seconds: float, options: dict[str, str | int | float]) -> _Highs:
    # The public class prints a banner from its constructor, before it can be told not to; a command's last
    # line on stdout belongs to its answer.
    solver = _Highs()
    always = {"output_flag": False, "threads": 1, "random_seed": 1, "time_limit": max(seconds, 0.01)}
    for name, value in (always | options).items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(programme))
    return solver


def _model(programme: Programme) -> highspy.HighsLp:
    columns, infinity = programme.cost.size, highspy.kHighsInf
    kind = highspy.HighsVarType
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, programme.lower.size
    model.sense_ = highspy.ObjSense.kMaximize
    most = np.ones(columns) if programme.most is None else programme.most
    model.col_cost_, model.col_lower_, model.col_upper_ = programme.cost, np.zeros(columns), most
    model.row_lower_ = np.maximum(programme.lower, -infinity)
    model.row_upper_ = np.minimum(programme.upper, infinity)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = programme.start.astype(np.int32)
    model.a_matrix_.index_ = programme.index.astype(np.int32)
    model.a_matrix_.value_ = programme.value
    model.integrality_ = [kind.kInteger if i else kind.kContinuous for i in programme.integer]
    return model
