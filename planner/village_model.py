"""Rates of villages without a figure: a model of what is known of every village, used only where it beats the mean.

A model f predicts the logit of a village's rate. It is judged on communes it has not seen: for each fold of communes it
is chosen (on folds of the others) and fitted without them. What a commune's known villages have in common beyond f is
added, leaned on nothing by what villages differ: with m known villages, spread t between and s within communes,

    w = m t^2 / (m t^2 + s^2)        logit = f(x) + w (mean of the others' residuals)

The commune's mean is the same with a constant for f. Errors of the two are compared village by village, each village's
own figure left out; the model is used where its squared error is smaller beyond chance over communes (one-sided 5 %).
That is asked twice: for villages of communes with figures, and for communes without any, where w = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit
from threadpoolctl import threadpool_limits

Float = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Int = npt.NDArray[np.intp]

MIN_VILLAGES: Final = 50
MIN_COMMUNES: Final = 10
"""With fewer villages, or communes, with a figure nothing can be learnt and tested: no model is tried."""
FOLDS: Final = 5
INNER_FOLDS: Final = 3
BEYOND_CHANCE: Final = 1.645
"""Standard errors by which the mean difference of squared errors over communes must lie above 0."""
CANDIDATES: Final = ("linear", "trees")
COVERED_BY_90: Final = 1.645
"""Half the width of a normal 90 % interval, in standard deviations."""
LESS_KNOWN: Final = 0.1
"""A feature may be known of so much smaller a share of the villages asked for."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Held-out errors of rates, root mean square, shares: the model's, the commune mean's, and whether it is used."""

    model_error: float
    mean_error: float
    used: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was learnt about one indicator.

    Parameters
    ----------
    name : str
        Of `CANDIDATES`, as chosen on all communes; empty where no model was tried.
    villages, communes : int
        With a figure: what it was learnt and tested on.
    within : Comparison
        For villages of communes in which others have a figure.
    beyond : Comparison
        For villages of communes without any figure.
    estimated, by_model, unknown : int
        Villages that got an estimate, those of them that got the model's, and those that got none.
    """

    name: str
    villages: int
    communes: int
    within: Comparison
    beyond: Comparison
    estimated: int = 0
    by_model: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Predicted logits of all villages that are asked for.

    Parameters
    ----------
    where : ndarray of bool, shape (villages,)
        Where the model predicts.
    centre, commune_sd : ndarray of float64, shape (villages,)
        Logit, and standard deviation of what the villages of a commune share in error; NaN elsewhere.
    village_sd : float
        Standard deviation of a village's own error, logit.
    commune : ndarray of int, shape (villages,)
    """

    where: Bool
    centre: Float
    commune_sd: Float
    village_sd: float
    commune: Int

    @property
    def rate(self) -> Float:
        """Return predicted rates, shares; NaN where the model does not predict."""
        return np.where(self.where, expit(self.centre), np.nan)

    def draws(self, *, count: int, rng: np.random.Generator) -> Float:
        """Return draws of the rates, shape (count, villages that are predicted); communes err together."""
        here = np.flatnonzero(self.where)
        shared = rng.standard_normal((count, int(self.commune.max(initial=0)) + 1))
        own = rng.standard_normal((count, len(here)))
        moved = self.commune_sd[here] * shared[:, self.commune[here]] + self.village_sd * own
        return np.asarray(expit(self.centre[here] + moved))


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """Villages with a figure: features, logit and rate, commune."""

    x: Float
    logit: Float
    rate: Float
    group: Int

    def take(self, rows: Int) -> _Known:
        return _Known(self.x[rows], self.logit[rows], self.rate[rows], self.group[rows])


@dataclass(frozen=True, slots=True)
class _Spread:
    """Standard deviations of residuals: between communes and within them, logit."""

    between: float
    within: float

    def lean(self, others: Float) -> Float:
        """Return how far a commune's mean residual over so many villages is believed."""
        whole = others * self.between**2 + self.within**2
        return np.divide(others * self.between**2, whole, out=np.zeros_like(whole), where=whole > 0)

    def left(self, others: Float) -> Float:
        """Return the standard deviation of a commune's residual that so many villages leave open."""
        return np.asarray(self.between * np.sqrt(1.0 - self.lean(others)))


def learn(
    features: pd.DataFrame, numerator: Float, denominator: Float, group: Int, *, wanted: Bool, seed: int
) -> tuple[Verdict, Prediction | None]:
    """Learn rates from the villages with a figure, test what was learnt, predict where that is better.

    Parameters
    ----------
    features : DataFrame of float64, one row per village
        What is known of every village, nothing that was derived from the figures; NaN = unknown.
    numerator, denominator : ndarray, shape (villages,)
        People; NaN where there is no figure, or it is too small to be published and so may enter nothing.
    group : ndarray of int, shape (villages,)
        Commune of each village.
    wanted : ndarray of bool, shape (villages,)
        Villages without a figure, whose rate is asked for.
    seed : int
        Of the models.

    Returns
    -------
    Verdict
    Prediction or None
        None where the model is used nowhere.
    """
    have = np.flatnonzero(np.isfinite(numerator) & (denominator > 0))
    communes = len(np.unique(group[have]))
    nothing = Comparison(np.nan, np.nan, used=False)
    x = _usable(features, have, wanted)
    if len(have) < MIN_VILLAGES or communes < MIN_COMMUNES or not x.shape[1]:
        return Verdict("", len(have), communes, nothing, nothing), None
    above, below = numerator[have], denominator[have]
    known = _Known(x[have], logit((above + 0.5) / (below + 1.0)), above / below, group[have])
    # only libraries that are loaded can be told how many threads to use
    import sklearn.ensemble  # noqa: F401, PLC0415 - loaded here for that alone

    with threadpool_limits(1):  # the number of threads must not decide a digit
        held = _held_out(known, x, group, seed=seed)
        verdict, spread = _judged(known, held)
        if not (verdict.within.used or verdict.beyond.used):
            return verdict, None
        name = _choose(known, folds=FOLDS, seed=seed)
        final = _fitted(name, known, seed=seed).predict(x)
    verdict = Verdict(name, verdict.villages, verdict.communes, verdict.within, verdict.beyond)
    return verdict, _prediction(verdict, known, held, final=final, spread=spread, group=group, wanted=wanted)


def _usable(features: pd.DataFrame, have: Int, wanted: Bool) -> Float:
    """Return the features that differ, and are known of the villages asked for about as often as of the others.

    One that is unknown there would be missed where it is needed and not where the model is tested.
    """
    known = features.notna()
    differ = features.iloc[have].max() > features.iloc[have].min()
    asked = known[wanted].mean() if wanted.any() else known.mean()
    kept = differ & (asked >= known.iloc[have].mean() - LESS_KNOWN)
    return features.loc[:, kept].to_numpy(dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """Predictions without the village's commune, logit: of the model and of a constant; NaN in communes of no fold."""

    model: Float
    constant: Float
    have: Float  # the model's for the known villages, in their order
    have_constant: Float


def _held_out(known: _Known, x: Float, group: Int, *, seed: int) -> _Held:
    """Predict every commune with figures by what the others teach."""
    from sklearn.model_selection import GroupKFold  # noqa: PLC0415 - takes a second, and most plans have every figure

    model, constant = np.full(len(x), np.nan), np.full(len(x), np.nan)
    mine, mine_constant = np.full(len(known.group), np.nan), np.full(len(known.group), np.nan)
    for train, test in GroupKFold(FOLDS).split(known.x, groups=known.group):
        others = known.take(train)
        fitted = _fitted(_choose(others, folds=INNER_FOLDS, seed=seed), others, seed=seed)
        there = np.isin(group, known.group[test])
        model[there], constant[there] = fitted.predict(x[there]), others.logit.mean()
        mine[test], mine_constant[test] = fitted.predict(known.x[test]), others.logit.mean()
    return _Held(model, constant, mine, mine_constant)


def _choose(known: _Known, *, folds: int, seed: int) -> str:
    """Return the candidate with the smallest error of rates on folds of communes; the simpler one where they tie."""
    from sklearn.model_selection import GroupKFold  # noqa: PLC0415 - as above

    errors = dict.fromkeys(CANDIDATES, 0.0)
    for train, test in GroupKFold(folds).split(known.x, groups=known.group):
        for name in CANDIDATES:
            guess = expit(_fitted(name, known.take(train), seed=seed).predict(known.x[test]))
            errors[name] += float(np.sum((guess - known.rate[test]) ** 2))
    return min(CANDIDATES, key=lambda name: errors[name])


def _fitted(name: str, known: _Known, *, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415 - as above
    from sklearn.impute import SimpleImputer  # noqa: PLC0415 - as above
    from sklearn.linear_model import Ridge  # noqa: PLC0415 - as above
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415 - as above
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415 - as above

    candidates: Mapping[str, Any] = {
        "linear": make_pipeline(
            SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
            StandardScaler(),
            Ridge(alpha=10.0),
        ),
        "trees": HistGradientBoostingRegressor(
            max_iter=50, learning_rate=0.12, max_leaf_nodes=8, min_samples_leaf=20, random_state=seed % 2**32
        ),
    }
    return candidates[name].fit(known.x, known.logit)


def _spread(residual: Float, group: Int) -> _Spread:
    """Return the spreads between and within communes by the analysis of variance (method of moments)."""
    _, index, size = np.unique(group, return_inverse=True, return_counts=True)
    mean = np.bincount(index, residual) / size
    freedom = len(residual) - len(size)
    inside = float(np.sum((residual - mean[index]) ** 2))
    within = inside / freedom if freedom > 0 else float(np.var(residual))
    # Not taken from their common mean: what the model missed everywhere is an error of every commune.
    across = float(np.sum(size * mean**2)) / len(size)
    between = max(0.0, (across - within) * len(size) / len(residual))
    return _Spread(float(np.sqrt(between)), float(np.sqrt(within)))


def _leave_one_out(residual: Float, group: Int, spread: _Spread) -> Float:
    """Return for each village what the other known villages of its commune say of it, logit."""
    _, index, size = np.unique(group, return_inverse=True, return_counts=True)
    others = (size[index] - 1).astype(np.float64)
    total = np.bincount(index, residual)[index] - residual
    mean = np.divide(total, others, out=np.zeros_like(total), where=others > 0)
    return np.asarray(spread.lean(others) * mean)


def _judged(known: _Known, held: _Held) -> tuple[Verdict, _Spread]:
    """Compare the model with the mean, in communes with figures and in communes without."""
    residual, plain = known.logit - held.have, known.logit - held.have_constant
    spread, spread_plain = _spread(residual, known.group), _spread(plain, known.group)
    _, index, size = np.unique(known.group, return_inverse=True, return_counts=True)
    several = size[index] > 1
    within = _compare(
        known,
        held.have + _leave_one_out(residual, known.group, spread),
        held.have_constant + _leave_one_out(plain, known.group, spread_plain),
        several,
    )
    beyond = _compare(known, held.have, held.have_constant, np.ones_like(several))
    verdict = Verdict("", len(known.rate), len(size), within, beyond)
    return verdict, _widened(known, held, spread)


def _compare(known: _Known, model: Float, mean: Float, rows: Bool) -> Comparison:
    """Return both errors and whether the model's is smaller beyond chance, communes being the units."""
    ours, theirs = ((expit(guess)[rows] - known.rate[rows]) ** 2 for guess in (model, mean))
    if not rows.any():
        return Comparison(np.nan, np.nan, used=False)
    _, index = np.unique(known.group[rows], return_inverse=True)
    gain = np.bincount(index, theirs - ours)
    error = float(np.std(gain, ddof=1) / np.sqrt(len(gain))) if len(gain) > 1 else np.inf
    used = bool(len(gain) >= MIN_COMMUNES and gain.mean() > BEYOND_CHANCE * error)
    return Comparison(float(np.sqrt(ours.mean())), float(np.sqrt(theirs.mean())), used)


def _widened(known: _Known, held: _Held, spread: _Spread) -> _Spread:
    """Return the spread, made so wide that nine of ten held-out figures lie in their 90 % interval."""
    residual = known.logit - held.have
    own = np.sqrt(spread.between**2 + spread.within**2)
    factor = max(1.0, float(np.quantile(np.abs(residual), 0.9)) / (COVERED_BY_90 * own)) if own > 0 else 1.0
    return _Spread(spread.between * factor, spread.within * factor)


def _prediction(
    verdict: Verdict, known: _Known, held: _Held, *, final: Float, spread: _Spread, group: Int, wanted: Bool
) -> Prediction:
    """Predict as it was tested: communes with figures by the model that did not see them, others by the last one."""
    size = int(group.max(initial=0)) + 1
    number = np.bincount(known.group, minlength=size).astype(np.float64)
    total = np.bincount(known.group, known.logit - held.have, minlength=size)
    mean = np.divide(total, number, out=np.zeros(size), where=number > 0)
    some = number[group] > 0
    centre = np.where(some, held.model + (spread.lean(number) * mean)[group], final)
    where = wanted & np.where(some, verdict.within.used, verdict.beyond.used)
    return Prediction(
        where,
        np.where(where, centre, np.nan),
        np.where(where, spread.left(number)[group], np.nan),
        spread.within,
        group,
    )
