"""Makes indicators comparable: a scale from 0 (best) to 1 (worst), and winsorising before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from planner.framework import Normalisation

Float = npt.NDArray[np.float64]

DEVIATIONS: Final = 3.0
"""Ends of a z-score's scale, in standard deviations from the mean; what lies farther counts as the end."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """A fitted scale: the same number is always given the same place on it.

    Parameters
    ----------
    low, high : float
        Values that become 0 and 1, in the unit of the indicator; NaN where nothing is known.
    reference : ndarray, optional
        Sorted known values of all villages, where the place is a percentile rank.
    """

    low: float
    high: float
    reference: Float | None = None

    def apply(self, values: Float) -> Float:
        """Return the places of values that the scale was fitted on, shape as given, NaN where unknown."""
        return self._percentile(values, member=True) if self.reference is not None else self._linear(values)

    def moved(self, values: Float) -> Float:
        """Return the places that villages would have with other values than those the scale was fitted on."""
        return self._percentile(values, member=False) if self.reference is not None else self._linear(values)

    def _linear(self, values: Float) -> Float:
        span = self.high - self.low
        place = (values - self.low) / span if span > 0 else np.where(np.isnan(values), np.nan, 0.0)
        return np.asarray(np.clip(place, 0.0, 1.0), dtype=np.float64)

    def _percentile(self, values: Float, *, member: bool) -> Float:
        assert self.reference is not None  # noqa: S101 - narrows the type; both callers looked
        less = np.searchsorted(self.reference, values, side="left")
        upto = np.searchsorted(self.reference, values, side="right")
        others = max(len(self.reference) - 1, 1)
        # Half of the equals count as better; a member of the reference is no equal of itself.
        place = (less + (upto - less - (1 if member else 0)) / 2.0) / others
        return np.where(np.isnan(values), np.nan, np.clip(place, 0.0, 1.0))


def fit(values: Float, method: Normalisation, *, ends: tuple[float, float]) -> Scale:
    """Return the scale of one indicator.

    ``min_max`` runs from the smallest to the largest value that occurs; ``goalposts`` from the best to the worst value
    that a plan or the indicator names; ``z_score`` from 3 sample standard deviations below the mean to 3 above;
    ``percentile`` is the mean rank less 1 over the number of the other villages (OECD and JRC, Handbook on constructing
    composite indicators, 2008, step 5).

    Parameters
    ----------
    values : ndarray, shape (villages,)
        Higher is worse, NaN = unknown.
    method : str
    ends : (float, float)
        Goalposts, best and worst.

    Returns
    -------
    Scale
    """
    # Sorted first, so that sums do not depend on the order of the villages.
    known = np.sort(values[np.isfinite(values)])
    if not len(known):
        return Scale(np.nan, np.nan)
    if method == "goalposts":
        return Scale(*ends)
    if method == "percentile":
        return Scale(float(known[0]), float(known[-1]), known)
    if method == "z_score" and len(known) > 1:
        mean, deviation = float(known.mean()), float(known.std(ddof=1))
        return Scale(mean - DEVIATIONS * deviation, mean + DEVIATIONS * deviation)
    return Scale(float(known[0]), float(known[-1]))


def winsorise(values: Float, *, share: float) -> Float:
    """Draw in what lies beyond the quantiles `share` and 1 - `share` of the known values.

    Where both quantiles are the same number, nothing is drawn in: an indicator that few villages have would be lost.

    Parameters
    ----------
    values : ndarray, shape (villages,)
        NaN = unknown.
    share : float
        From 0 to below 0.5.

    Returns
    -------
    ndarray
        A new one; the known values inside the quantiles are untouched.
    """
    known = values[np.isfinite(values)]
    if share <= 0 or not len(known):
        return values.copy()
    low, high = (float(v) for v in np.quantile(known, [share, 1.0 - share]))
    return values.copy() if low == high else np.asarray(np.clip(values, low, high), dtype=np.float64)
