"""What draws say of each village, as the columns that are published: intervals, chances, bands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import draws, needs, uncertainty
from planner.config import Plan
from planner.draws import Draws
from planner.estimate import Counts
from planner.framework import Framework
from planner.indicators import INDICATORS
from planner.indicators.base import Settings
from planner.needs import Limits
from planner.scoring import Workings

Float = npt.NDArray[np.float64]

RANKS: Final = ("score_low", "score_high", "rank_low", "rank_high", "rank_band", "worst_tenth_probability")
"""Columns that `ranks` gives."""


def limits(plan: Plan) -> Limits:
    """Return where the classes of need begin in a plan."""
    return Limits(
        ratio=plan.needs.adoption_without_signal_ratio,
        covered_at=plan.needs.covered_at,
        not_covered_at=plan.needs.not_covered_at,
        skills_gap_at=plan.needs.skills_gap_at,
        reach_minutes=plan.deploy.reach_minutes,
    )


def rankable(workings: Workings) -> bool:
    """Return whether ranks of draws mean the same as the published ones.

    Draws are put on a scale by min-max and added up. A plan that scales, adds or screens otherwise, or one whose
    pillar is a mean of several attributes, would get intervals of another score than its own: it gets none.
    """
    plain = Framework(goalposts=workings.framework.goalposts)
    single = all(len(workings.members(pillar)) == 1 for pillar in workings.places.columns)
    return workings.framework == plain and single


def columns(
    rows: pd.DataFrame,
    counts: Mapping[str, Counts],
    *,
    plan: Plan,
    weights: Mapping[str, float],
    seed: int,
    workings: Workings | None = None,
) -> pd.DataFrame:
    """Draw what is not known and return what follows for every village.

    Parameters
    ----------
    rows : DataFrame
        One row per village with coverage, rates, minutes, needs, class, ``score`` and ``rank``.
    counts : mapping
        Indicator to the counts behind its rates; an indicator without counts is drawn as it is.
    plan : Plan
        Whose ``[uncertainty] draws`` is above 0.
    weights : mapping
        Pillar to the weight it really has, 0 for one that ranks nobody.
    seed : int
    workings : Workings, optional
        What the score was made of; its places stand in for pillars that are not redrawn, and decide on `rankable`.

    Returns
    -------
    DataFrame
        ``<indicator>_rate_low``, ``<indicator>_rate_high`` per indicator of the plan, `needs.BOUNDS`,
        ``need_class_probability`` and, where the plan's score is `rankable`, `RANKS`; index of `rows`. Intervals hold
        the published value.
    """
    settings = plan.uncertainty
    found: dict[str, Float] = {}
    adopted: Float = np.full((1, len(rows)), np.nan)
    for name in sorted(plan.layers.adoption):
        drawn = _rates(rows, name, counts.get(name), count=settings.draws, seed=seed)
        low, high = _holding(rows[f"{name}_rate"], draws.interval(drawn, level=settings.level))
        found |= {f"{name}_rate_low": low, f"{name}_rate_high": high}
        adopted = drawn if name == plan.needs.adoption else adopted
    world = _world(rows, adopted, plan, seed=seed)
    eligible = rows["eligible_people"].to_numpy(dtype=np.float64)
    bounds = draws.need_bounds(world, eligible, level=settings.level).set_axis(rows.index)
    people = needs.whole_bounds(rows, adoption=plan.needs.adoption, drawn=bounds)
    chance = draws.class_probability(world, list(rows["need_class"]), limits=limits(plan))
    table = pd.DataFrame({**found, "need_class_probability": chance}, index=rows.index)
    if workings is not None and not rankable(workings):
        return pd.concat([table, people], axis="columns")
    places = None if workings is None else workings.places
    return pd.concat([table, people, ranks(rows, world, plan=plan, weights=weights, places=places)], axis="columns")


def ranks(
    rows: pd.DataFrame,
    world: Draws,
    *,
    plan: Plan,
    weights: Mapping[str, float],
    places: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return `RANKS` of the villages; empty where a village, or nobody, can be ranked."""
    used = {pillar: weight for pillar, weight in weights.items() if weight > 0}
    if not used or rows["rank"].isna().all():
        return _no_ranks(rows.index)
    settings = plan.uncertainty
    values = {pillar: _values(pillar, rows, world, plan, places) for pillar in used}
    found = uncertainty.rank_intervals(values, weights=used, level=settings.level, worst=settings.worst_share)
    score_low, score_high = _holding(rows["score"], (found.score_low, found.score_high))
    rank = rows["rank"].to_numpy(dtype=np.float64, na_value=np.nan)
    low, high = np.fmin(found.rank_low, rank), np.fmax(found.rank_high, rank)
    low, high = (np.where(np.isfinite(rank), end, np.nan) for end in (low, high))
    wide = high - low + 1 > settings.band_share * np.isfinite(rank).sum()
    band = [f"{a:.0f}–{b:.0f}" if w else None for a, b, w in zip(low, high, wide, strict=True)]
    return pd.DataFrame(
        {
            "score_low": score_low,
            "score_high": score_high,
            "rank_low": pd.array(low, dtype="Int64"),
            "rank_high": pd.array(high, dtype="Int64"),
            "rank_band": pd.Series(band, dtype="object", index=rows.index),
            "worst_tenth_probability": found.worst_tenth_probability,
        },
        index=rows.index,
    )


def _no_ranks(index: pd.Index[int]) -> pd.DataFrame:
    empty = {name: np.full(len(index), np.nan) for name in RANKS}
    found = pd.DataFrame(empty, index=index)
    return found.astype({"rank_low": "Int64", "rank_high": "Int64", "rank_band": "object"})


def _rates(rows: pd.DataFrame, name: str, counts: Counts | None, *, count: int, seed: int) -> Float:
    rate = rows[f"{name}_rate"].to_numpy(dtype=np.float64)
    if counts is None:
        return np.broadcast_to(rate, (count, len(rate)))
    eligible = rows["eligible_people"].to_numpy(dtype=np.float64)
    return draws.rates(counts, rate, eligible, count=count, rng=draws.generator(seed, f"rate {name}"))


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


def _values(pillar: str, rows: pd.DataFrame, world: Draws, plan: Plan, places: pd.DataFrame | None) -> Float:
    """Return the indicator of a pillar in every draw; one that is not redrawn as it is, shape (villages,)."""
    if pillar == "connectivity":
        return 1.0 - world.covered
    if pillar == "adoption":
        return 1.0 - world.adopted
    if pillar == "access":
        return np.minimum(world.minutes, plan.travel.cutoff_minutes)
    if places is not None:
        return places[pillar].to_numpy(dtype=np.float64)
    settings = Settings(adoption=plan.needs.adoption, cutoff_minutes=plan.travel.cutoff_minutes)
    return np.asarray(INDICATORS[pillar].function(rows, settings), dtype=np.float64)


def _holding(published: pd.Series[float], ends: tuple[Float, Float]) -> tuple[Float, Float]:
    """Return an interval widened to hold the published value: the most likely value may lie at the edge of the draws."""
    value = published.to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(value)
    low, high = np.fmin(ends[0], value), np.fmax(ends[1], value)
    lowest, highest = (np.where(known, end, np.nan).astype(np.float64) for end in (low, high))
    return lowest, highest
