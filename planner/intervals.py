"""What draws say of each village, as the columns that are published: intervals, chances, bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import draws, methods, needs, redrawn, uncertainty
from planner.config import Plan
from planner.draws import Draws
from planner.estimate import Counts
from planner.needs import Limits
from planner.scoring import Workings

Float = npt.NDArray[np.float64]

RANKS: Final = ("score_low", "score_high", "rank_low", "rank_high", "rank_band", "worst_tenth_probability")
"""Columns that `ranks` gives."""
METHOD_RANKS: Final = ("rank_method_low", "rank_method_high")
"""Columns that `method_ranks` gives."""


def limits(plan: Plan) -> Limits:
    """Return where the classes of need begin in a plan."""
    return Limits(
        ratio=plan.needs.adoption_without_signal_ratio,
        covered_at=plan.needs.covered_at,
        not_covered_at=plan.needs.not_covered_at,
        skills_gap_at=plan.needs.skills_gap_at,
        reach_minutes=plan.deploy.reach_minutes,
    )


def columns(
    rows: pd.DataFrame,
    counts: Mapping[str, Counts],
    *,
    plan: Plan,
    seed: int,
    workings: Workings,
    errors: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Draw what is not known and return what follows for every village.

    Parameters
    ----------
    rows : DataFrame
        Villages with their published rates, coverage, minutes, needs, score and rank.
    counts : mapping
        Counts of each adoption indicator that a layer of the plan gives.
    plan : Plan
        Whose ``[uncertainty] draws`` is above 0.
    seed : int
    workings : Workings
        What the score was made of.
    errors : mapping, optional
        Of attributes, as for `redrawn.indicators`.

    Returns
    -------
    DataFrame
        ``<indicator>_rate_low``, ``<indicator>_rate_high`` per indicator of the plan, `needs.BOUNDS`,
        ``need_class_probability``, `RANKS` and `METHOD_RANKS`; index of `rows`. Intervals hold the published value.
    """
    settings = plan.uncertainty
    found: dict[str, Float] = {}
    adopted: Float = np.full((1, len(rows)), np.nan)
    compared = adopted
    for name in sorted(plan.layers.adoption):
        drawn = _rates(rows, name, counts.get(name), count=settings.draws, seed=seed)
        low, high = _holding(rows[f"{name}_rate"], draws.interval(drawn, level=settings.level))
        found |= {f"{name}_rate_low": low, f"{name}_rate_high": high}
        if name == plan.needs.adoption:
            adopted, compared = drawn, _rates(rows, name, counts.get(name), count=settings.draws, seed=seed, held=False)
    world = _world(rows, adopted, plan, seed=seed)
    eligible = rows["eligible_people"].to_numpy(dtype=np.float64)
    bounds = draws.need_bounds(world, eligible, level=settings.level).set_axis(rows.index)
    people = needs.whole_bounds(rows, adoption=plan.needs.adoption, drawn=bounds)
    chance = draws.class_probability(world, list(rows["need_class"]), limits=limits(plan))
    table = pd.DataFrame({**found, "need_class_probability": chance}, index=rows.index)
    among = replace(world, adopted=np.broadcast_to(compared, world.adopted.shape))
    values = redrawn.indicators(workings, among, cutoff_minutes=plan.travel.cutoff_minutes, errors=errors, seed=seed)
    of_data = ranks(rows, values, plan=plan, workings=workings)
    return pd.concat([table, people, of_data, method_ranks(rows, workings, plan=plan, seed=seed)], axis="columns")


def ranks(rows: pd.DataFrame, values: Sequence[Float], *, plan: Plan, workings: Workings) -> pd.DataFrame:
    """Return `RANKS` of the villages; empty where a village, or nobody, can be ranked.

    Parameters
    ----------
    rows : DataFrame
        ``score`` and ``rank``.
    values : sequence of ndarray
        The indicators in every draw, from `redrawn.indicators`.
    plan : Plan
    workings : Workings
    """
    if not workings.recipe.ranking or rows["rank"].isna().all():
        return _no_ranks(rows.index)
    settings = plan.uncertainty
    found = uncertainty.of_draws(
        values,
        workings.recipe,
        ranked=rows["rank"].notna().to_numpy(dtype=np.bool_),
        enough=workings.enough.to_numpy(dtype=np.bool_),
        level=settings.level,
        worst=settings.worst_share,
    )
    score_low, score_high = _holding(rows["score"], (found.score_low, found.score_high))
    low, high = _holding(rows["rank"], (found.rank_low, found.rank_high))
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


def method_ranks(rows: pd.DataFrame, workings: Workings, *, plan: Plan, seed: int) -> pd.DataFrame:
    """Return `METHOD_RANKS` of the villages, which hold the published rank; empty where there is none."""
    if not workings.recipe.ranking or rows["rank"].isna().all():
        empty = pd.DataFrame({name: np.full(len(rows), np.nan) for name in METHOD_RANKS}, index=rows.index)
        return empty.astype("Int64")
    settings = plan.uncertainty
    ends = methods.ranks(
        workings,
        count=settings.draws,
        weight_error=settings.weight_error,
        level=settings.level,
        rng=draws.generator(seed, "methods"),
    )
    held = _holding(rows["rank"], ends)
    columns = {name: _whole(end, rows.index) for name, end in zip(METHOD_RANKS, held, strict=True)}
    return pd.DataFrame(columns, index=rows.index)


def _whole(values: Float, index: pd.Index[int]) -> pd.Series[int]:
    return pd.Series(values, index=index).astype("Int64")


def _no_ranks(index: pd.Index[int]) -> pd.DataFrame:
    empty = {name: np.full(len(index), np.nan) for name in RANKS}
    found = pd.DataFrame(empty, index=index)
    return found.astype({"rank_low": "Int64", "rank_high": "Int64", "rank_band": "object"})


def _rates(rows: pd.DataFrame, name: str, counts: Counts | None, *, count: int, seed: int, held: bool = True) -> Float:
    rate = rows[f"{name}_rate"].to_numpy(dtype=np.float64)
    if counts is None:
        return np.broadcast_to(rate, (count, len(rate)))
    eligible = rows["eligible_people"].to_numpy(dtype=np.float64)
    return draws.rates(counts, rate, eligible, count=count, rng=draws.generator(seed, f"rate {name}"), held=held)


def _world(rows: pd.DataFrame, adopted: Float, plan: Plan, *, seed: int) -> Draws:
    settings = plan.uncertainty
    share, low, high = (rows[f"covered_share{end}"].to_numpy(dtype=np.float64) for end in ("", "_low", "_high"))
    return Draws(
        draws.covered(
            share,
            low,
            high,
            list(rows["operators"]),
            shared=settings.shared_coverage_error,
            count=settings.draws,
            rng=draws.generator(seed, "coverage"),
        ),
        np.broadcast_to(adopted, (settings.draws, len(rows))),
        draws.minutes(
            rows["support_minutes"].to_numpy(dtype=np.float64, na_value=np.nan),
            list(rows["support_status"]),
            speed_error=settings.speed_error,
            count=settings.draws,
            rng=draws.generator(seed, "speed"),
        ),
    )


def _holding(published: pd.Series[Any], ends: tuple[npt.NDArray[Any], npt.NDArray[Any]]) -> tuple[Float, Float]:
    """Return an interval widened to hold the published value: the most likely value may lie at the edge of the draws."""
    value = published.to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(value)
    low, high = np.fmin(ends[0], value), np.fmax(ends[1], value)
    lowest, highest = (np.where(known, end, np.nan).astype(np.float64) for end in (low, high))
    return lowest, highest
