"""What the data could also have been: joint draws of coverage, rates and minutes of all villages.

Errors that villages share are drawn once per draw: the mean of a commune's rates, the error of an operator's map, the
speed at which people travel. So a draw is one possible province, and what is counted over draws is right for sums and
ranks and not for one village alone. The same seed gives the same draws, whatever else a plan computes.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

from planner import needs, raking, shrinkage
from planner.estimate import Counts
from planner.needs import Limits

Float = npt.NDArray[np.float64]

BLOCK: Final = 64
"""Draws worked on at a time: what lies beside them stays small."""


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Draws of what decides need and score, shares and minutes, shape (draws, villages); NaN = unknown in all draws.

    Parameters
    ----------
    covered, adopted : ndarray
        Shares.
    minutes : ndarray
        To the nearest fixed team; infinite where it is out of reach or beyond the cutoff.
    """

    covered: Float
    adopted: Float
    minutes: Float


def generator(seed: int, stream: str) -> np.random.Generator:
    """Return the random numbers of one stream of a plan: no stream moves when another is added or drawn longer."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(stream.encode())])))


def rates(
    counts: Counts, rate: Float, eligible: Float, *, count: int, rng: np.random.Generator, held: bool = True
) -> Float:
    """Draw the rates of one indicator, each draw raked so that official totals hold in it.

    Counts per village: posterior draws round each commune's mean; a village whose count is suppressed is drawn without
    it and left out of the raking, so no draw depends on it; one without a figure as its estimate says. Rates per commune: nothing tells its villages apart, so
    they are taken to differ as much as communes do, and keep the commune's total. A province's rate tells nothing of
    what lies below it and is drawn as it is.

    Parameters
    ----------
    counts : Counts
    rate : ndarray, shape (villages,)
        Published rate, share; NaN stays NaN in all draws.
    eligible : ndarray, shape (villages,)
        People, for the totals of communes.
    count : int
        Number of draws.
    rng : numpy.random.Generator
    held : bool
        False: the same draws before they are raked, for comparing villages of different communes. A commune's count is
        known only as well as its villages' are; taking it as exact would make ranks look surer than they are
        (``benchmarks/calibration.py``). Totals per commune are official and always hold.

    Returns
    -------
    ndarray of float64, shape (count, villages)
    """
    if counts.level == "province" or not counts.safe.any():
        return np.broadcast_to(rate, (count, len(rate)))
    prior = shrinkage.fit(counts.numerator, counts.denominator, counts.group, groups=counts.groups)
    if counts.level == "village":
        drawn = shrinkage.draws(prior, counts.numerator, counts.denominator, counts.group, count=count, rng=rng)
        found = counts.raked(drawn) if held else drawn
        if counts.guess is not None:
            found = counts.guess.put(found, counts.known & ~counts.safe, rng=rng)
        return np.where(np.isfinite(rate), found, np.nan)
    return _of_communes(prior.precision, counts.position, rate, eligible, count=count, rng=rng)


def _of_communes(
    precision: float,
    commune: npt.NDArray[np.intp],
    rate: Float,
    eligible: Float,
    *,
    count: int,
    rng: np.random.Generator,
) -> Float:
    known = np.isfinite(rate)
    mean = np.where(known, rate, 0.5)
    alpha = np.maximum(precision * mean, shrinkage.MIN_PARAMETER)
    beta = np.maximum(precision * (1.0 - mean), shrinkage.MIN_PARAMETER)
    drawn = rng.beta(alpha, beta, size=(count, len(rate)))
    size = int(commune.max(initial=0)) + 1
    totals = np.bincount(commune[known], (mean * eligible)[known], minlength=size).astype(np.float64)
    held = raking.rake(drawn, eligible, np.where(known, commune, -1), totals=totals)
    return np.where(known, held, np.nan)


def covered(
    share: Float,
    low: Float,
    high: Float,
    operators: Sequence[Sequence[str]],
    *,
    shared: float,
    count: int,
    rng: np.random.Generator,
) -> Float:
    """Draw covered shares from triangular distributions from `low` over `share` to `high`.

    The draws of a village hang together through a normal number (Gaussian copula): the part `shared` of its variance
    is one number per operator and draw, the mean of those of the village's operators; the rest is the village's own.

    Parameters
    ----------
    share, low, high : ndarray, shape (villages,)
        Shares; NaN = unknown.
    operators : sequence of sequences of str
        Operators with signal in each village.
    shared : float
        0 to 1.
    count : int
        Number of draws.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float64, shape (count, villages)
    """
    names = sorted({name for row in operators for name in row})
    weight = np.array([[name in row for name in names] for row in operators], dtype=np.float64).reshape(
        len(share), len(names)
    )
    several = np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    common = rng.standard_normal((count, len(names))) @ (weight / np.sqrt(several)).T
    own = rng.standard_normal((count, len(share)))
    part = np.where(weight.any(axis=1), shared, 0.0)
    return _triangular(ndtr(np.sqrt(part) * common + np.sqrt(1.0 - part) * own), share, low, high)


def _triangular(chance: Float, mode: Float, low: Float, high: Float) -> Float:
    """Return the quantiles of triangular distributions; a distribution without width is its mode."""
    width = high - low
    wide = width > 0
    safe = np.where(wide, width, 1.0)
    turn = np.where(wide, (mode - low) / safe, 0.5)
    rising = low + np.sqrt(chance * safe * (mode - low))
    falling = high - np.sqrt((1.0 - chance) * safe * (high - mode))
    found = np.where(chance < turn, rising, falling)
    return np.where(np.isnan(mode), np.nan, np.where(wide, np.clip(found, low, high), mode))


def minutes(
    reached: Float, status: Sequence[str], *, speed_error: float, count: int, rng: np.random.Generator
) -> Float:
    """Draw the minutes to the nearest team: one error of speed per draw, the same for all.

    Parameters
    ----------
    reached : ndarray, shape (villages,)
    status : sequence of str
        ``reached``, ``unreachable``, ``beyond_cutoff`` (both infinite in all draws) or ``unknown``.
    speed_error : float
        Standard deviation of the logarithm of the speed.
    count : int
        Number of draws.
    rng : numpy.random.Generator
    """
    out = np.isin(np.asarray(status, dtype=object), ["unreachable", "beyond_cutoff"])
    slower = np.exp(speed_error * rng.standard_normal((count, 1)))
    return np.where(out, np.inf, reached * slower)


def interval(drawn: Float, *, level: float) -> tuple[Float, Float]:
    """Return the ends between which `level` of the draws lie, shape (villages,); NaN where unknown."""
    outside = int((1.0 - level) / 2.0 * len(drawn) + 1e-9)
    ends = (outside, len(drawn) - 1 - outside)
    low, high = np.full(drawn.shape[1], np.nan), np.full(drawn.shape[1], np.nan)
    for start in range(0, drawn.shape[1], BLOCK):
        ordered = np.partition(np.ascontiguousarray(drawn[:, start : start + BLOCK].T), ends, axis=1)
        low[start : start + BLOCK], high[start : start + BLOCK] = ordered[:, ends[0]], ordered[:, ends[1]]
    return low, high


def class_probability(drawn: Draws, published: Sequence[str], *, limits: Limits) -> Float:
    """Return in which share of the draws each village is of its published class; NaN where that is ``unknown``."""
    code = np.array([needs.CLASSES.index(name) for name in published], dtype=np.int8)
    hits = np.zeros(len(code))
    for start in range(0, len(drawn.covered), BLOCK):
        part = slice(start, start + BLOCK)
        found = needs.class_codes(drawn.covered[part], drawn.adopted[part], drawn.minutes[part], limits=limits)
        hits += (found == code).sum(axis=0)
    return np.where(code == needs.CLASSES.index("unknown"), np.nan, hits / len(drawn.covered))


def need_bounds(drawn: Draws, eligible: Float, *, level: float) -> pd.DataFrame:
    """Return how few and how many people each need can hold: the bounds of `needs.bounds` over the draws.

    Returns
    -------
    DataFrame
        `needs.BOUNDS`, people: of each low bound the low end of its interval, of each high bound the high end.
    """
    c, a = drawn.covered, drawn.adopted
    shares = (
        np.maximum(0.0, c - a),
        c * (1.0 - a),
        (1.0 - c) * (1.0 - a),
        np.minimum(1.0 - c, 1.0 - a),
    )
    ends = [interval(one, level=level)[name.endswith("_high")] for name, one in zip(needs.BOUNDS, shares, strict=True)]
    return pd.DataFrame({name: eligible * end for name, end in zip(needs.BOUNDS, ends, strict=True)})


def holding(published: pd.Series[Any], ends: tuple[npt.NDArray[Any], npt.NDArray[Any]]) -> tuple[Float, Float]:
    """Return an interval widened to hold the published value, NaN where that is unknown.

    The most likely value may lie at the edge of the draws.

    Parameters
    ----------
    published : Series
    ends : (ndarray, ndarray)
        Low and high, of the same length.
    """
    value = published.to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(value)
    low, high = np.fmin(ends[0], value), np.fmax(ends[1], value)
    lowest, highest = (np.where(known, end, np.nan).astype(np.float64) for end in (low, high))
    return lowest, highest
