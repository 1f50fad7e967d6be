"""The arithmetic of the score on arrays, for one set of data or for many draws of them at once.

`planner.scoring` calls it with the published values and `planner.uncertainty` with blocks of draws: what a draw without
noise scores is what is published, to the last digit, because it is the same code. Leading axes are draws, the last one is
villages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner import aggregation, normalisation
from planner.framework import Framework

Float = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """What makes a score of indicators, whatever their values.

    Parameters
    ----------
    framework : Framework
    pillars : tuple of str
        Pillar of each indicator.
    inside : tuple of float
        Weight of each indicator inside its pillar, above 0; only their ratios matter.
    ends : tuple of (float, float)
        Goalposts of each indicator, best first.
    weights : mapping of str to float
        Of pillars, in the order in which they are added up; only their ratios matter. Those that are not above 0 are
        left out.
    """

    framework: Framework
    pillars: tuple[str, ...]
    inside: tuple[float, ...]
    ends: tuple[tuple[float, float], ...]
    weights: Mapping[str, float]

    @property
    def ranking(self) -> tuple[str, ...]:
        """Pillars that have an indicator and a weight, in order."""
        return tuple(p for p, w in self.weights.items() if w > 0 and p in self.pillars)

    def only(self, indicators: Sequence[int]) -> Recipe:
        """Return the recipe of some of the indicators, by position."""
        return Recipe(
            self.framework,
            tuple(self.pillars[i] for i in indicators),
            tuple(self.inside[i] for i in indicators),
            tuple(self.ends[i] for i in indicators),
            self.weights,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """What came of it. Arrays of shape (draws, villages), or (1, villages) where no draw differs.

    Parameters
    ----------
    placed : tuple of ndarray
        Place of each village on the scale of each indicator: 0 best, 1 worst, NaN where unknown.
    apart : tuple of ndarray of bool, shape (draws, 1)
        Whether the indicator tells villages apart; one that does not counts for nothing.
    places : dict of str to ndarray
        Place in each ranking pillar; NaN where nothing that tells villages apart is known.
    used : dict of str to ndarray, shape (draws, 1)
        Weight that each of them really has; they add to 1, or are all 0.
    shares : dict of str to ndarray
        Weight of each of them in the village; they add to 1, NaN where there is no score.
    score : ndarray
        Points, 0 to 100 (worst).
    """

    placed: tuple[Float, ...]
    apart: tuple[Bool, ...]
    places: dict[str, Float]
    used: dict[str, Float]
    shares: dict[str, Float]
    score: Float


def evaluate(
    values: Sequence[Float], recipe: Recipe, *, enough: Bool, weights: Mapping[str, Float] | None = None
) -> Composite:
    """Score villages.

    Parameters
    ----------
    values : sequence of ndarray, shape (draws, villages) or (1, villages)
        Each indicator of the recipe, higher is worse, NaN where unknown: the same villages in every draw.
    recipe : Recipe
    enough : ndarray of bool, shape (villages,)
        Of which villages enough is known to be scored.
    weights : mapping of str to ndarray, shape (draws, 1), optional
        Of the ranking pillars, where they differ from draw to draw; the recipe's own when None.
    """
    known = [np.isfinite(v[0]) for v in values]
    placed = tuple(_place(v, k, recipe.framework, e) for v, k, e in zip(values, known, recipe.ends, strict=True))
    apart = tuple(_apart(p, k) for p, k in zip(placed, known, strict=True))
    places, there = {}, {}
    for pillar in recipe.ranking:
        members = [i for i, name in enumerate(recipe.pillars) if name == pillar]
        places[pillar], there[pillar] = _pillar([(placed[i], known[i], apart[i], recipe.inside[i]) for i in members])
    used = _used(there, weights or {p: np.array([[recipe.weights[p]]]) for p in there})
    shares = _shares(there, used, enough)
    return Composite(placed, apart, places, used, shares, _score(places, there, shares, recipe.framework, len(enough)))


def place(known: Float, framework: Framework, ends: tuple[float, float]) -> Float:
    """Return the places of known values, shape (draws, villages), on the scale of their own draw."""
    treated = normalisation.winsorised(known, share=framework.winsorise_share)
    if framework.normalisation == "percentile":
        return normalisation.percentiles(treated)
    low, high = normalisation.ends_of(treated, framework.normalisation, ends=ends)
    return normalisation.linear(treated, low, high)


def _place(values: Float, known: Bool, framework: Framework, ends: tuple[float, float]) -> Float:
    if known.all():
        return place(values, framework, ends)
    found = np.full(values.shape, np.nan)
    if known.any():
        found[:, known] = place(values[:, known], framework, ends)
    return found


def _apart(placed: Float, known: Bool) -> Bool:
    """Return, per draw, whether two villages have different places."""
    if not known.any():
        return np.zeros((len(placed), 1), dtype=np.bool_)
    return np.asarray(np.fmax.reduce(placed, axis=1) > np.fmin.reduce(placed, axis=1))[:, np.newaxis]


def _pillar(members: Sequence[tuple[Float, Bool, Bool, float]]) -> tuple[Float, Bool]:
    """Return the weighted mean of the known places of a pillar's indicators, and where there is one."""
    total = weight = np.zeros((1, 1))
    for placed, known, apart, inside in members:
        counts = known[np.newaxis] if apart.all() else known & apart
        total = total + (inside * placed if counts.all() else np.where(counts, inside * placed, 0.0))
        weight = weight + inside * counts
    there = weight > 0
    if there.all():
        return total / weight, there
    mean = np.divide(total, weight, out=np.full(np.broadcast_shapes(total.shape, weight.shape), np.nan), where=there)
    return mean, there


def _used(there: Mapping[str, Bool], weights: Mapping[str, Float]) -> dict[str, Float]:
    found = {p: np.where(t.any(axis=1, keepdims=True), weights[p], 0.0) for p, t in there.items()}
    total = np.asarray(sum(found.values(), np.zeros((1, 1))), dtype=np.float64)
    whole = np.where(total > 0, total, 1.0)
    return {p: w / whole for p, w in found.items()}


def _shares(there: Mapping[str, Bool], used: Mapping[str, Float], enough: Bool) -> dict[str, Float]:
    """Return each pillar's weight in each village, of those that are known there; NaN where there is no score."""
    own = {p: t * used[p] for p, t in there.items()}
    available = np.asarray(sum(own.values(), np.zeros((1, 1))), dtype=np.float64)
    whole = np.where((available > 0) & enough, available, np.nan)
    return {p: w / whole for p, w in own.items()}


def _score(
    places: Mapping[str, Float], there: Mapping[str, Bool], shares: Mapping[str, Float], framework: Framework, size: int
) -> Float:
    if not places:
        return np.full((1, size), np.nan)
    known = [np.where(there[p], values, 0.0) if not there[p].all() else values for p, values in places.items()]
    return aggregation.together(known, list(shares.values()), framework.aggregation)
