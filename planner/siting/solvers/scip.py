"""SCIP (Bolusani et al. 2024, by OR-Tools), one thread and its own fixed seed: the same programme has the same answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from planner.siting.base import Float
from planner.siting.solvers.programme import Programme, Solution

if TYPE_CHECKING:
    from ortools.linear_solver.python.model_builder import Model


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
    # half a second of imports that most plans do not need
    from ortools.linear_solver.python import model_builder  # noqa: PLC0415

    model = _model(programme)
    for column, value in enumerate([] if first is None else first.tolist()):
        model.helper.add_hint(column, value)
    solver = model_builder.Solver("SCIP")
    solver.set_time_limit_in_seconds(max(seconds, 0.01))
    solver.set_solver_specific_parameters(f"limits/absgap = {slack!r}")
    status = solver.solve(model)
    names = model_builder.SolveStatus
    found = status in {names.OPTIMAL, names.FEASIBLE}
    x = np.asarray(solver.values(model.get_variables()), dtype=np.float64) if found else np.zeros(0)
    bound = float(solver.best_objective_bound) if found else np.inf
    return Solution(x, bound, status != names.INFEASIBLE, cut=status not in {names.OPTIMAL, names.INFEASIBLE})


def _model(programme: Programme) -> Model:
    from ortools.linear_solver.python import model_builder  # noqa: PLC0415

    columns, rows = programme.cost.size, programme.lower.size
    model = model_builder.Model()  # type: ignore[no-untyped-call]
    most = np.ones(columns) if programme.most is None else programme.most
    matrix = sparse.csr_matrix((programme.value, programme.index, programme.start), shape=(rows, columns))
    ends = (np.zeros(columns), most, programme.cost, programme.lower, programme.upper)
    model.helper.fill_model_from_sparse_data(*ends, matrix)  # type: ignore[arg-type]
    for column in np.flatnonzero(programme.integer):
        model.helper.set_var_integrality(int(column), True)
    model.helper.set_maximize(True)
    return model
