"""What a rank owes to choices of method: the same data under other weights, normalisations and aggregations.

The interval says nothing of the data: it is what is left of the ranks when reasonable people score the same figures. It
stands beside the data's interval and is never mixed with it (OECD and JRC, Handbook on constructing composite indicators,
2008, step 7; Saisana, Saltelli and Tarantola, Journal of the Royal Statistical Society A 168, 2005).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from planner import composite, uncertainty
from planner.composite import Recipe
from planner.framework import Aggregation, Normalisation
from planner.scoring import DECIMALS, Workings

Float = npt.NDArray[np.float64]

NORMALISATIONS: Final[tuple[Normalisation, ...]] = ("min_max", "goalposts", "z_score", "percentile")
AGGREGATIONS: Final[tuple[Aggregation, ...]] = ("arithmetic", "geometric", "harmonic")
_BLOCK: Final = 64


def choices(workings: Workings) -> list[tuple[Normalisation, Aggregation]]:
    """Return the choices that a plan's indicators allow: goalposts only where each of them has two ends."""
    ends = workings.recipe.ends
    known = bool(ends) and all(-math.inf < best < worst < math.inf for best, worst in ends)
    return [(n, a) for n, a in itertools.product(NORMALISATIONS, AGGREGATIONS) if known or n != "goalposts"]


def ranks(
    workings: Workings, *, count: int, weight_error: float, level: float, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rank the published values under `count` methods; return the ends of the ranks' interval, 0 where there is none.

    Each method takes one normalisation and one aggregation, all equally likely, and each pillar's weight times a factor
    that is uniform from 1 - `weight_error` to 1 + `weight_error`. Winsorising and screening stay the plan's.

    Parameters
    ----------
    workings : Workings
        Of the published scores.
    count : int
    weight_error : float
        0 to 1.
    level : float
        Share of the methods inside the interval.
    rng : numpy.random.Generator
    """
    ranked = ranked_villages(workings)
    possible = choices(workings)
    chosen = [possible[i] for i in rng.integers(0, len(possible), count)]
    pillars = workings.recipe.ranking
    factor = rng.uniform(1.0 - weight_error, 1.0 + weight_error, (count, len(pillars)))
    found = np.empty((count, int(ranked.sum())), dtype=np.int32)
    for rows, block in under(workings, chosen, factor):
        found[rows] = block
    low, high = np.zeros(len(ranked), dtype=np.int64), np.zeros(len(ranked), dtype=np.int64)
    low[ranked], high[ranked] = uncertainty.interval(found, level)
    return low, high


def ranked_villages(workings: Workings) -> npt.NDArray[np.bool_]:
    """Return which villages have a published score."""
    return workings.shares.notna().all(axis="columns").to_numpy(dtype=np.bool_)


def under(
    workings: Workings, chosen: Sequence[tuple[Normalisation, Aggregation]], factor: Float
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.int32]]]:
    """Rank the published values under methods, a block of them at a time.

    Parameters
    ----------
    workings : Workings
    chosen : sequence of (normalisation, aggregation)
        Of each method.
    factor : ndarray, shape (methods, pillars)
        What the plan's weights are multiplied by, in the order of ``workings.recipe.ranking``.

    Yields
    ------
    rows : ndarray of int
        Positions of methods.
    ranks : ndarray of int32, shape (rows, ranked villages)
    """
    arrays = [workings.indicators[name].to_numpy(dtype=np.float64)[np.newaxis] for name in workings.scales]
    ranked = ranked_villages(workings)
    for choice in sorted(set(chosen)):
        framework = replace(workings.framework, normalisation=choice[0], aggregation=choice[1])
        recipe = replace(workings.recipe, framework=framework)
        rows = np.flatnonzero([c == choice for c in chosen])
        for block in (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)):
            scores = _scores(arrays, recipe, workings, factor[block])[:, ranked]
            yield block, uncertainty.rank(np.nan_to_num(scores), 1)[0]


def _scores(arrays: list[Float], recipe: Recipe, workings: Workings, factor: Float) -> Float:
    weights = {
        pillar: recipe.weights[pillar] * factor[:, position : position + 1]
        for position, pillar in enumerate(recipe.ranking)
    }
    enough = workings.enough.to_numpy(dtype=np.bool_)
    found = composite.evaluate(arrays, recipe, enough=enough, weights=weights).score
    return np.asarray(found.round(DECIMALS), dtype=np.float64)
