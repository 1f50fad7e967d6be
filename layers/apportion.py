"""Whole people shared out by weights, so that the parts add up to the whole exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt


def apportion(total: int, weights: npt.ArrayLike | Sequence[float]) -> npt.NDArray[np.int64]:
    """Share a whole number out in proportion to weights by the largest remainder (Hamilton's method).

    Every part is its exact quota rounded down; what is left goes, one each, to the largest remainders, ties to the
    earlier position. Quotas are exact fractions, so that no rounding of floats decides a tie.

    Parameters
    ----------
    total : int
        Not negative.
    weights : array_like of float, shape (n,)
        Finite, not negative, their sum above 0 unless `total` is 0.

    Returns
    -------
    ndarray of int64, shape (n,)
        Parts that add to `total`; a weight of 0 gets nothing.

    Raises
    ------
    ValueError
        When `total` or a weight is negative or not finite, or there is no weight to share by.
    """
    given = np.asarray(weights, dtype=np.float64)
    if total < 0 or given.ndim != 1 or not np.isfinite(given).all() or (given < 0).any():
        message = f"a total of {total} and weights that are finite and not negative are needed"
        raise ValueError(message)
    if total == 0:
        return np.zeros(len(given), dtype=np.int64)
    exact = [Fraction(float(w)) for w in given]
    whole = sum(exact, Fraction(0))
    if whole == 0:
        message = f"{total} cannot be shared out: no weight is above 0"
        raise ValueError(message)
    quotas = [total * w / whole for w in exact]
    parts = [quota.numerator // quota.denominator for quota in quotas]
    by_remainder: list[Any] = sorted(range(len(parts)), key=lambda i: (parts[i] - quotas[i], i))
    for position in by_remainder[: total - sum(parts)]:
        parts[position] += 1
    return np.asarray(parts, dtype=np.int64)
