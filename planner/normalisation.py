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
        return linear(values, np.array(self.low), np.array(self.high))

    def _percentile(self, values: Float, *, member: bool) -> Float:
        assert self.reference is not None  # noqa: S101 - narrows the type; both callers looked
        less = np.searchsorted(self.reference, values, side="left")
        upto = np.searchsorted(self.reference, values, side="right")
        others = max(len(self.reference) - 1, 1)
        # Half of the equals count as better; a member of the reference is no equal of itself.
        place = (less + (upto - less - (1 if member else 0)) / 2.0) / others
        return np.where(np.isnan(values), np.nan, np.clip(place, 0.0, 1.0))


def linear(values: Float, low: Float, high: Float) -> Float:
    """Return (value - low) / (high - low), cut to 0 and 1; 0 where the ends do not differ, NaN where unknown.

    Parameters
    ----------
    values : ndarray, shape (..., villages)
    low, high : ndarray
        Of shapes that fit: one pair of ends per draw, shape (..., 1), or one for all.
    """
    span = high - low
    place = (values - low) / np.where(span > 0, span, np.inf)
    return np.asarray(np.clip(place, 0.0, 1.0, out=place), dtype=np.float64)


def percentiles(known: Float) -> Float:
    """Return the percentile ranks of known values among those of their own draw, shape (draws, villages)."""
    order = np.argsort(known, axis=-1)
    ordered = np.take_along_axis(known, order, axis=-1)
    number = known.shape[-1]
    at = np.arange(number)
    new = np.ones(known.shape, dtype=np.bool_)
    new[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    less = np.maximum.accumulate(np.where(new, at, 0), axis=-1)
    last = np.ones(known.shape, dtype=np.bool_)
    last[..., :-1] = new[..., 1:]
    upto = np.minimum.accumulate(np.where(last, at + 1, number)[..., ::-1], axis=-1)[..., ::-1]
    place = np.empty(known.shape)
    np.put_along_axis(place, order, (less + (upto - less - 1) / 2.0) / max(number - 1, 1), axis=-1)
    return np.asarray(np.clip(place, 0.0, 1.0), dtype=np.float64)


def ends_of(known: Float, method: Normalisation, *, ends: tuple[float, float]) -> tuple[Float, Float]:
    """Return the values that become 0 and 1 in each draw, shapes (draws, 1); for all methods but ``percentile``.

    Parameters
    ----------
    known : ndarray, shape (draws, villages)
        Higher is worse, none unknown, at least one village.
    method, ends
        As for `fit`.
    """
    if method == "goalposts":
        return np.array([[ends[0]]]), np.array([[ends[1]]])
    if method == "z_score" and known.shape[-1] > 1:
        # Sorted first and row after row, so that sums depend neither on the order of the villages nor on other draws.
        ordered = np.sort(np.ascontiguousarray(known), axis=-1)
        mean, deviation = ordered.mean(axis=-1, keepdims=True), ordered.std(axis=-1, ddof=1, keepdims=True)
        return mean - DEVIATIONS * deviation, mean + DEVIATIONS * deviation
    return known.min(axis=-1, keepdims=True), known.max(axis=-1, keepdims=True)


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
    known = np.sort(values[np.isfinite(values)])
    if not len(known):
        return Scale(np.nan, np.nan)
    if method == "percentile":
        return Scale(float(known[0]), float(known[-1]), known)
    low, high = ends_of(known[np.newaxis], method, ends=ends)
    return Scale(float(low[0, 0]), float(high[0, 0]))


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
    found = values.copy()
    known = np.isfinite(values)
    if known.any():
        found[known] = winsorised(values[known][np.newaxis], share=share)[0]
    return found


def winsorised(known: Float, *, share: float) -> Float:
    """Return `winsorise` of known values, each draw by its own quantiles, shape (draws, villages)."""
    if share <= 0:
        return known
    low, high = np.quantile(known, [share, 1.0 - share], axis=-1, keepdims=True)
    return np.asarray(np.where(low == high, known, np.clip(known, low, high)), dtype=np.float64)
