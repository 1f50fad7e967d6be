"""How sure a rank is: the score of every draw, its ranks, and the chance of being among the worst tenth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from planner.scoring import DECIMALS

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Number = TypeVar("Number", np.float64, np.int32)

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
    """Score and rank the villages in every draw as `scoring.score` does, and sum up.

    Parameters
    ----------
    values : mapping
        Pillar to its indicator, higher is worse: shape (draws, villages), or (villages,) where it is certain.
        NaN = unknown; unknown in one draw is unknown in all.
    weights : mapping
        Pillar to weight, as `Scores.weights` gives them: 0 for what was left out.
    level : float
        Share of the draws inside the intervals.
    worst : float
        Size of the worst group as a share of the ranked villages, rounded up.

    Raises
    ------
    ValueError
        When shapes differ, no pillar weighs anything, a value is unknown in some draws only, or no village can be ranked.
    """
    used = {p: w for p, w in weights.items() if w > 0}
    arrays = [np.atleast_2d(np.asarray(values[p], dtype=np.float64)) for p in used]
    draws, villages = _shape(arrays)
    known = np.column_stack([_known(a) for a in arrays])
    ranked = known.any(axis=1)
    if not ranked.any():
        message = "values: nothing that ranks is known of any village"
        raise ValueError(message)
    share = np.array(list(used.values())) / math.fsum(used.values())
    size = math.ceil(worst * int(ranked.sum()) - 1e-9)
    scores = np.empty((draws, int(ranked.sum())), dtype=np.float64)
    for block in _blocks(draws):
        scores[block] = _score(
            [a[block if len(a) > 1 else slice(None)][:, ranked] for a in arrays], known[ranked], share
        )
    ranks, among = _rank(scores, size)
    rank_low, rank_high = _interval(ranks, level)
    score_low, score_high = _interval(scores, level)

    def spread(found: npt.NDArray[np.generic], empty: float) -> Float:
        whole = np.full(villages, empty)
        whole[ranked] = found
        return whole

    return RankUncertainty(
        spread(rank_low, 0).astype(np.int64),
        spread(rank_high, 0).astype(np.int64),
        spread(score_low, np.nan),
        spread(score_high, np.nan),
        spread(among, np.nan),
        size,
    )


def _shape(arrays: list[Float]) -> tuple[int, int]:
    if not arrays:
        message = "weights: no pillar has a weight above 0"
        raise ValueError(message)
    villages = {a.shape[1] for a in arrays}
    draws = {len(a) for a in arrays} - {1}
    if len(villages) != 1 or len(draws) > 1:
        message = f"values: shapes {', '.join(str(a.shape) for a in arrays)} do not fit together"
        raise ValueError(message)
    return max(draws, default=1), villages.pop()


def _known(values: Float) -> npt.NDArray[np.bool_]:
    finite = np.isfinite(values[0])
    if not all(np.array_equal(np.isfinite(row), finite) for row in values):
        message = "values: a village is unknown in some draws and known in others"
        raise ValueError(message)
    return np.asarray(finite, dtype=np.bool_)


def _blocks(draws: int) -> Iterator[slice]:
    for start in range(0, draws, _BLOCK):
        yield slice(start, min(start + _BLOCK, draws))


def _score(arrays: list[Float], known: npt.NDArray[np.bool_], share: Float) -> Float:
    """Return min-max scores, shape (draws, villages); a pillar without spread in a draw weighs nothing in it."""
    total = weight = np.zeros((1, len(known)))
    for values, there, w in zip(arrays, known.T, share, strict=True):
        lowest = np.min(values, axis=1, where=there, initial=np.inf, keepdims=True)
        span = np.max(values, axis=1, where=there, initial=-np.inf, keepdims=True) - lowest
        apart = span > 10.0**-DECIMALS
        scaled = (values - lowest) * np.where(apart, w / np.where(apart, span, 1.0), 0.0)
        total = total + np.where(there, scaled, 0.0)
        weight = weight + w * (apart & there)
    # A village of which only pillars without spread are known in this draw stands in the middle of nothing: 0 points.
    return 100.0 * np.divide(
        total, weight, out=np.zeros(np.broadcast_shapes(total.shape, weight.shape)), where=weight > 0
    )


def _rank(scores: Float, size: int) -> tuple[npt.NDArray[np.int32], Float]:
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


def _interval(values: npt.NDArray[Number], level: float) -> tuple[npt.NDArray[Number], npt.NDArray[Number]]:
    """Return values that occur, between which at least `level` of the draws lie, the same number outside at each end."""
    outside = math.floor((1.0 - level) / 2.0 * len(values) + 1e-9)
    ends = (outside, len(values) - 1 - outside)
    ordered = np.partition(values, ends, axis=0)
    return ordered[ends[0]], ordered[ends[1]]
