"""A mixed integer programme in arrays, and what a solver says of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.siting.base import Float


@dataclass(frozen=True, slots=True)
class Programme:
    """Maximise ``cost @ x`` with ``lower <= rows @ x <= upper`` and ``0 <= x <= most``.

    Parameters
    ----------
    cost : ndarray of float64, shape (columns,)
    integer : ndarray of bool, shape (columns,)
    start, index, value : ndarray
        The rows, compressed.
    lower, upper : ndarray of float64, shape (rows,)
    most : ndarray of float64, shape (columns,), optional
        1 when absent.
    """

    cost: Float
    integer: npt.NDArray[np.bool_]
    start: npt.NDArray[np.int64]
    index: npt.NDArray[np.int64]
    value: Float
    lower: Float
    upper: Float
    most: Float | None = None

    def bound(self, duals: Float) -> float:
        """Return what no point exceeds, by weak duality: it holds for any prices of the rows, however they were found.

        Parameters
        ----------
        duals : ndarray of float64, shape (rows,)
            Price of each row; above 0 it speaks of the upper end, below 0 of the lower one.
        """
        at_end = np.where(duals > 0, self.upper, np.where(duals < 0, self.lower, 0.0))
        price = np.where(np.isfinite(at_end), duals, 0.0)
        rows = sparse.csr_array((self.value, self.index, self.start), shape=(self.lower.size, self.cost.size))
        left = np.maximum(self.cost - rows.T @ price, 0.0)
        ends = np.where(np.isfinite(at_end), at_end, 0.0)
        return float(price @ ends + left @ (np.ones(left.size) if self.most is None else self.most))


@dataclass(frozen=True, slots=True)
class Solution:
    """The best point found, empty when none was, and a bound on every point's value, infinite when there is none.

    `cut` says that the time ended the search: without a point nothing is known then, and with one it may not be the best.
    """

    x: Float
    bound: float
    feasible: bool
    cut: bool = False
