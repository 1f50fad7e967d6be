"""Rates of small villages leaned on their commune: beta-binomial empirical Bayes, with draws of what is not known.

Village i of commune c has y of n adopters, y ~ Binomial(n, p), p ~ Beta(m_c M, (1 - m_c) M): m_c is the commune's mean,
M, the same in all communes, says how alike villages of one commune are. Commune means vary round the province's.
Both spreads are estimated by the moment equation of Paule and Mandel (J. Res. NBS 87, 1982), which counts the degrees of
freedom that the means use up; maximum likelihood with plugged-in means would call the villages too alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import betaincinv

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.intp]

MAX_PRECISION: Final = 1e7
"""Villages of a commune count as equal at this M; more would only cost digits."""
MIN_PRECISION: Final = 1e-2
MIN_PARAMETER: Final = 1e-9
"""Smallest parameter of a Beta distribution that is drawn from."""
_BLOCK: Final = 32
"""Draws made at a time: what lies beside them stays in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """What is believed of a village before its own count is read.

    Parameters
    ----------
    mean : ndarray of float64, shape (groups,)
        Mean rate of the villages of each group (commune), share.
    variance : ndarray of float64, shape (groups,)
        Uncertainty of that mean, share squared.
    precision : float
        M: how many people's worth of evidence the commune's mean is for one of its villages.
    overall : float
        The province's mean, share.
    """

    mean: Float
    variance: Float
    precision: float
    overall: float


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Rate of each unit with its interval, shares, shape (units,)."""

    mean: Float
    low: Float
    high: Float


@dataclass(frozen=True, slots=True)
class _Counts:
    """Units with a usable count: adopters, people, group; and the number of groups."""

    above: Float
    below: Float
    group: Int
    groups: int

    def sum(self, values: Float) -> Float:
        return np.bincount(self.group, weights=values, minlength=self.groups).astype(np.float64)


def fit(numerator: Float, denominator: Float, group: Int, *, groups: int) -> Prior:
    """Estimate the prior from the units whose counts may be used.

    Parameters
    ----------
    numerator, denominator : ndarray, shape (units,)
        People. NaN, or nobody, is no evidence; suppressed counts are given as NaN, so that nothing depends on them.
    group : ndarray of int, shape (units,)
        Commune of each unit, 0 to `groups` - 1.
    groups : int

    Raises
    ------
    ValueError
        When no unit has a count, or a numerator lies outside 0 to its denominator.
    """
    counts = _counts(numerator, denominator, group, groups)
    total = counts.below.sum()
    # Half a person in favour and half against: a province where nobody, or everybody, adopted still has a variance.
    middle = (counts.above.sum() + 0.5) / (total + 1.0)
    correlation = _within(counts, middle)
    mean, variance = _group_means(counts, middle, correlation)
    overall, overall_variance, spread = _between(mean, variance)
    lean = np.divide(variance, variance + spread, out=np.ones(groups), where=np.isfinite(variance))
    known = np.isfinite(variance)
    shrunk = np.where(known, (1.0 - lean) * np.where(known, mean, 0.0), 0.0) + lean * overall
    own = np.where(known, (1.0 - lean) * np.where(known, variance, 0.0), spread)
    precision = float(np.clip(1.0 / max(correlation, 1e-12) - 1.0, MIN_PRECISION, MAX_PRECISION))
    return Prior(np.clip(shrunk, 1e-9, 1.0 - 1e-9), own + lean**2 * overall_variance, precision, overall)


def posterior(prior: Prior, numerator: Float, denominator: Float, group: Int, *, level: float = 0.9) -> Posterior:
    """Return each unit's rate, leaned on its group, with the interval that holds `level` of the belief.

    A unit without a count (NaN) gets its group's mean and the spread of villages round it. The interval counts the
    uncertainty of the group's mean (Morris, JASA 78, 1983): a Beta distribution with the total mean and variance.

    Parameters
    ----------
    prior : Prior
    numerator, denominator, group
        As for `fit`; NaN in either is a unit without a count.
    level : float
        Share of belief in the interval.
    """
    above, below = _evidence(numerator, denominator)
    strength = prior.precision + below
    mean = (prior.precision * prior.mean[group] + above) / strength
    own = mean * (1.0 - mean) / (strength + 1.0)
    variance = own + (prior.precision / strength) ** 2 * prior.variance[group]
    alpha, beta = _beta(mean, variance)
    tail = (1.0 - level) / 2.0
    return Posterior(mean, betaincinv(alpha, beta, tail), betaincinv(alpha, beta, 1.0 - tail))


def draws(
    prior: Prior, numerator: Float, denominator: Float, group: Int, *, count: int, rng: np.random.Generator
) -> Float:
    """Draw rates of all units jointly: one mean per group and draw, then each village given that mean.

    Parameters
    ----------
    prior, numerator, denominator, group
        As for `posterior`.
    count : int
        Number of draws.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float64, shape (count, units)
        Shares. Villages of one commune share the error of its mean.
    """
    above, below = _evidence(numerator, denominator)
    means = rng.beta(*_beta(prior.mean, prior.variance), size=(count, len(prior.mean)))
    drawn = np.empty((count, len(group)), dtype=np.float64)
    for start in range(0, count, _BLOCK):
        mean = means[start : start + _BLOCK, group]
        alpha = np.maximum(prior.precision * mean + above, MIN_PARAMETER)
        beta = np.maximum(prior.precision * (1.0 - mean) + (below - above), MIN_PARAMETER)
        drawn[start : start + _BLOCK] = rng.beta(alpha, beta)
    return drawn


def _counts(numerator: Float, denominator: Float, group: Int, groups: int) -> _Counts:
    usable = np.isfinite(numerator) & (denominator > 0)
    above, below = numerator[usable].astype(np.float64), denominator[usable].astype(np.float64)
    if not usable.any():
        message = "no unit has a count: there is nothing to lean on"
        raise ValueError(message)
    if ((above < 0) | (above > below)).any():
        message = "a numerator lies outside 0 to its denominator"
        raise ValueError(message)
    return _Counts(above, below, group[usable], groups)


def _evidence(numerator: Float, denominator: Float) -> tuple[Float, Float]:
    known = np.isfinite(numerator) & np.isfinite(denominator)
    return np.where(known, numerator, 0.0), np.where(known, denominator, 0.0)


def _inflation(below: Float, correlation: float) -> Float:
    """Return n Var(y / n) / (m (1 - m)): what the likeness of people of one village does to a rate's variance."""
    return 1.0 + (below - 1.0) * correlation


def _group_means(counts: _Counts, middle: float, correlation: float) -> tuple[Float, Float]:
    """Return the means of the groups and the variance of each, NaN where a group has no count."""
    weight = counts.below / _inflation(counts.below, correlation)
    total = counts.sum(weight)
    seen = total > 0
    mean = np.divide(
        counts.sum(weight * counts.above / counts.below), total, out=np.full(counts.groups, np.nan), where=seen
    )
    guarded = _guarded(counts, middle)
    return mean, np.divide(guarded * (1.0 - guarded), total, out=np.full(counts.groups, np.nan), where=seen)


def _guarded(counts: _Counts, middle: float) -> Float:
    """Return group means inside (0, 1), for variances: one more person of the province's mean in each."""
    return (counts.sum(counts.above) + middle) / (counts.sum(counts.below) + 1.0)


def _within(counts: _Counts, middle: float) -> float:
    """Return the correlation of two people of one village beyond their commune: 1 / (M + 1)."""
    freedom = len(counts.above) - len(np.unique(counts.group))
    if freedom == 0:
        # One village in every commune: villages and communes cannot be told apart, so all vary round the province.
        counts = _Counts(counts.above, counts.below, np.zeros_like(counts.group), 1)
        freedom = len(counts.above) - 1
    if freedom <= 0:
        return 1.0 / (MAX_PRECISION + 1.0)
    rate = counts.above / counts.below
    base = _guarded(counts, middle)

    def excess(correlation: float) -> float:
        mean, _ = _group_means(counts, middle, correlation)
        unit = (base * (1.0 - base))[counts.group] * _inflation(counts.below, correlation) / counts.below
        return float(np.sum((rate - mean[counts.group]) ** 2 / unit)) - freedom

    return _root(excess, 1.0 / (MAX_PRECISION + 1.0), 1.0 / (MIN_PRECISION + 1.0))


def _between(mean: Float, variance: Float) -> tuple[float, float, float]:
    """Return the province's mean, its variance, and the variance of true commune means round it."""
    known = np.isfinite(variance)
    means, variances = mean[known], variance[known]

    def weighted(spread: float) -> tuple[float, float]:
        weight = 1.0 / (variances + spread)
        return float(np.sum(weight * means) / np.sum(weight)), float(1.0 / np.sum(weight))

    def excess(spread: float) -> float:
        return float(np.sum((means - weighted(spread)[0]) ** 2 / (variances + spread))) - (len(means) - 1)

    spread = _root(excess, 0.0, 1.0) if len(means) > 1 else 0.0
    overall, overall_variance = weighted(spread)
    return overall, overall_variance, spread


def _root(excess: Callable[[float], float], lowest: float, highest: float) -> float:
    """Return where a falling function crosses 0, the nearer end where it does not."""
    if excess(lowest) <= 0:
        return lowest
    if excess(highest) >= 0:
        return highest
    return float(brentq(excess, lowest, highest, xtol=1e-14, rtol=1e-12))


def _beta(mean: Float, variance: Float) -> tuple[Float, Float]:
    """Return the parameters of Beta distributions with these means and variances, kept where numbers are safe."""
    inside = np.clip(mean, 1e-12, 1.0 - 1e-12)
    size = np.clip(inside * (1.0 - inside) / np.maximum(variance, 1e-15) - 1.0, 1e-2, 1e12)
    return np.maximum(inside * size, MIN_PARAMETER), np.maximum((1.0 - inside) * size, MIN_PARAMETER)
