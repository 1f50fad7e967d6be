"""How sure a rank is: the score of every draw, its ranks, and the chance of being among the worst tenth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from planner import composite
from planner.composite import Recipe
from planner.framework import Framework
from planner.scoring import DECIMALS

Float = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Int = npt.NDArray[np.int64]
Number = TypeVar("Number", np.float64, np.int32)

SURE: Final = 0.9
"""Chance from which on a village is called sure to be among the worst, in every sentence that says so."""
POSSIBLE: Final = 0.1
"""Chance from which on it may be among them."""
_BLOCK: Final = 64
"""Draws scored at a time: keeps what is in memory beside the draws small."""


@dataclass(frozen=True, slots=True, eq=False)
class RankUncertainty:
    """What the draws say of each village, shape (villages,).

    Parameters
    ----------
    rank_low, rank_high : ndarray of int64
        Interval of the rank, 1 is worst; 0 where a village cannot be ranked.
    score_low, score_high : ndarray of float64
        Interval of the score, points; NaN where there is none.
    worst_tenth_probability : ndarray of float64
        Chance of being among the worst `tenth_size` villages; they add to it. NaN where there is no rank.
    tenth_size : int
    """

    rank_low: Int
    rank_high: Int
    score_low: Float
    score_high: Float
    worst_tenth_probability: Float
    tenth_size: int


def rank_intervals(
    values: Mapping[str, Float], *, weights: Mapping[str, float], level: float = 0.9, worst: float = 0.1
) -> RankUncertainty:
    """Score and rank the villages in every draw by min-max and the arithmetic mean of one indicator per pillar.

    Parameters
    ----------
    values : mapping
        Pillar to its indicator, higher is worse: shape (draws, villages), or (villages,) where it is certain.
        NaN = unknown; unknown in one draw is unknown in all.
    weights : mapping
        Pillar to weight, as `Scores.weights` gives them: 0 for what was left out.
    level, worst, errors
        As for `of_draws`.
    """
    used = {p: w for p, w in weights.items() if w > 0}
    if not used:
        message = "weights: no pillar has a weight above 0"
        raise ValueError(message)
    size = len(used)
    recipe = Recipe(Framework(), tuple(used), (1.0,) * size, ((-math.inf, math.inf),) * size, used)
    arrays = [np.atleast_2d(np.asarray(values[p], dtype=np.float64)) for p in used]
    _shape(arrays)
    ranked = np.logical_or.reduce([np.isfinite(a[0]) for a in arrays])
    return of_draws(arrays, recipe, ranked=ranked, level=level, worst=worst)


def of_draws(
    values: Sequence[Float],
    recipe: Recipe,
    *,
    ranked: Bool,
    enough: Bool | None = None,
    level: float = 0.9,
    worst: float = 0.1,
) -> RankUncertainty:
    """Score and rank the villages in every draw as their published values were, and sum up.

    Parameters
    ----------
    values : sequence of ndarray
        Each indicator of the recipe, higher is worse: shape (draws, villages), or (villages,) where it is certain.
        NaN = unknown; unknown in one draw is unknown in all.
    recipe : Recipe
    ranked : ndarray of bool, shape (villages,)
        Which villages have a published score; the others count in the scales and get no rank.
    enough : ndarray of bool, optional
        Of which villages enough is known to be scored; all when None.
    level : float
        Share of the draws inside the intervals.
    worst : float
        Size of the worst group as a share of the ranked villages, rounded up.

    Raises
    ------
    ValueError
        When shapes differ, a value is unknown in some draws only, or no village can be ranked.
    """
    arrays = [np.atleast_2d(np.asarray(v, dtype=np.float64)) for v in values]
    draws, villages = _shape(arrays)
    for one in arrays:
        _check_known(one)
    if not ranked.any():
        message = "values: nothing that ranks is known of any village"
        raise ValueError(message)
    whole = np.ones(villages, dtype=np.bool_) if enough is None else enough
    size = math.ceil(worst * int(ranked.sum()) - 1e-9)
    scores = np.empty((draws, int(ranked.sum())), dtype=np.float64)
    for block in _blocks(draws):
        part = [(a[block] if len(a) > 1 else a).round(DECIMALS) for a in arrays]
        # Who knows only what tells nobody apart in this draw stands in the middle of nothing: 0 points.
        scores[block] = np.nan_to_num(composite.evaluate(part, recipe, enough=whole).score[:, ranked])
    ranks, among = rank(scores, size)
    return summary(ranks, scores, among, ranked=ranked, level=level, size=size)


def summary(
    ranks: npt.NDArray[np.int32], scores: Float, among: Float, *, ranked: Bool, level: float, size: int
) -> RankUncertainty:
    """Return what ranks, scores and places among the worst of the ranked villages say, spread over all villages."""
    rank_low, rank_high = interval(ranks, level)
    score_low, score_high = interval(scores, level)

    def spread(found: npt.NDArray[np.generic], empty: float) -> Float:
        every = np.full(len(ranked), empty)
        every[ranked] = found
        return every

    return RankUncertainty(
        spread(rank_low, 0).astype(np.int64),
        spread(rank_high, 0).astype(np.int64),
        spread(score_low, np.nan),
        spread(score_high, np.nan),
        spread(among, np.nan),
        size,
    )


def _shape(arrays: list[Float]) -> tuple[int, int]:
    villages = {a.shape[1] for a in arrays}
    draws = {len(a) for a in arrays} - {1}
    if len(villages) != 1 or len(draws) > 1:
        message = f"values: shapes {', '.join(str(a.shape) for a in arrays)} do not fit together"
        raise ValueError(message)
    return max(draws, default=1), villages.pop()


def _check_known(values: Float) -> None:
    finite = np.isfinite(values[0])
    if not all(np.array_equal(np.isfinite(row), finite) for row in values):
        message = "values: a village is unknown in some draws and known in others"
        raise ValueError(message)


def _blocks(draws: int) -> Iterator[slice]:
    for start in range(0, draws, _BLOCK):
        yield slice(start, min(start + _BLOCK, draws))


def rank(scores: Float, size: int) -> tuple[npt.NDArray[np.int32], Float]:
    """Return the ranks of every draw, ties sharing the smaller, and how often each village is among the worst `size`."""
    rounded = np.round(scores, DECIMALS)
    ranks = np.empty(scores.shape, dtype=np.int32)
    among = np.zeros(scores.shape[1])
    for draw, row in enumerate(rounded):
        order = np.sort(row)
        ranks[draw] = len(row) - np.searchsorted(order, row, side="right") + 1
        edge = order[len(row) - size]
        inside, tied = row > edge, row == edge
        among += inside
        # Who ties at the edge shares the places that are left, so that the chances add to the size.
        among[tied] += (size - np.count_nonzero(inside)) / np.count_nonzero(tied)
    return ranks, among / len(scores)


def interval(values: npt.NDArray[Number], level: float) -> tuple[npt.NDArray[Number], npt.NDArray[Number]]:
    """Return values that occur, between which at least `level` of the draws lie, the same number outside at each end."""
    outside = math.floor((1.0 - level) / 2.0 * len(values) + 1e-9)
    ends = (outside, len(values) - 1 - outside)
    ordered = np.partition(values, ends, axis=0)
    return ordered[ends[0]], ordered[ends[1]]
