"""What draws say of each village, as the columns that are published: intervals, chances, bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import draws, methods, redrawn, uncertainty
from planner.sampled import Sampled
from planner.scoring import Workings
from planner.sections import Uncertainty

Float = npt.NDArray[np.float64]

RANKS: Final = ("score_low", "score_high", "rank_low", "rank_high", "rank_band", "worst_tenth_probability")
"""Columns that `ranks` gives."""
METHOD_RANKS: Final = ("rank_method_low", "rank_method_high")
"""Columns that `method_ranks` gives."""


def columns(
    rows: pd.DataFrame,
    sampled: Sampled,
    *,
    settings: Uncertainty,
    cutoff_minutes: float,
    seed: int,
    workings: Workings,
    errors: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Score the draws and return what follows for every village: with other weights, call it again.

    Parameters
    ----------
    rows : DataFrame
        Villages with their score and rank.
    sampled : Sampled
        Draws of the same villages.
    settings : Uncertainty
    cutoff_minutes : float
        Worst value of the minutes.
    seed : int
    workings : Workings
        What the score was made of.
    errors : mapping, optional
        Of attributes, as for `redrawn.indicators`.

    Returns
    -------
    DataFrame
        The columns of ``sampled.table``, `RANKS` and `METHOD_RANKS`; index of `rows`. Intervals hold the published
        value.
    """
    values = redrawn.indicators(workings, sampled.world, cutoff_minutes=cutoff_minutes, errors=errors, seed=seed)
    of_data = ranks(rows, values, settings=settings, workings=workings)
    of_methods = method_ranks(rows, workings, settings=settings, seed=seed)
    return pd.concat([sampled.table, of_data, of_methods], axis="columns")


def ranks(rows: pd.DataFrame, values: Sequence[Float], *, settings: Uncertainty, workings: Workings) -> pd.DataFrame:
    """Return `RANKS` of the villages; empty where a village, or nobody, can be ranked.

    Parameters
    ----------
    rows : DataFrame
        ``score`` and ``rank``.
    values : sequence of ndarray
        The indicators in every draw, from `redrawn.indicators`.
    settings : Uncertainty
    workings : Workings
    """
    if not workings.recipe.ranking or rows["rank"].isna().all():
        return _no_ranks(rows.index)
    found = uncertainty.of_draws(
        values,
        workings.recipe,
        ranked=rows["rank"].notna().to_numpy(dtype=np.bool_),
        enough=workings.enough.to_numpy(dtype=np.bool_),
        level=settings.level,
        worst=settings.worst_share,
    )
    score_low, score_high = draws.holding(rows["score"], (found.score_low, found.score_high))
    low, high = draws.holding(rows["rank"], (found.rank_low, found.rank_high))
    wide = high - low + 1 > settings.band_share * np.isfinite(low).sum()
    band = [f"{a:.0f}–{b:.0f}" if w else None for a, b, w in zip(low, high, wide, strict=True)]
    return pd.DataFrame(
        {
            "score_low": score_low,
            "score_high": score_high,
            "rank_low": _whole(low, rows.index),
            "rank_high": _whole(high, rows.index),
            "rank_band": pd.Series(band, dtype="object", index=rows.index),
            "worst_tenth_probability": found.worst_tenth_probability,
        },
        index=rows.index,
    )


def method_ranks(rows: pd.DataFrame, workings: Workings, *, settings: Uncertainty, seed: int) -> pd.DataFrame:
    """Return `METHOD_RANKS` of the villages, which hold the published rank; empty where there is none."""
    if not workings.recipe.ranking or rows["rank"].isna().all():
        empty = pd.DataFrame({name: np.full(len(rows), np.nan) for name in METHOD_RANKS}, index=rows.index)
        return empty.astype("Int64")
    ends = methods.ranks(
        workings,
        count=settings.draws,
        weight_error=settings.weight_error,
        level=settings.level,
        rng=draws.generator(seed, "methods"),
    )
    held = draws.holding(rows["rank"], ends)
    columns = {name: _whole(end, rows.index) for name, end in zip(METHOD_RANKS, held, strict=True)}
    return pd.DataFrame(columns, index=rows.index)


def _whole(values: Float, index: pd.Index[int]) -> pd.Series[int]:
    return pd.Series(values, index=index).astype("Int64")


def _no_ranks(index: pd.Index[int]) -> pd.DataFrame:
    empty = {name: np.full(len(index), np.nan) for name in RANKS}
    found = pd.DataFrame(empty, index=index)
    return found.astype({"rank_low": "Int64", "rank_high": "Int64", "rank_band": "object"})
