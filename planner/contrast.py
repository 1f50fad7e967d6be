"""Why a village stands where it stands: the nearest one that does better, and what would lead out of the worst tenth."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from planner import aggregation
from planner.scoring import Scores

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.integer[Any]]

TENTH: Final = 0.1
CLEAR_POINTS: Final = 1e-6
"""A score leaves the worst tenth once it is so much below the first one outside: ranks are read to 1e-9."""
_HALVINGS: Final = 50


def explanations(villages: pd.DataFrame, scores: Scores) -> pd.DataFrame:
    """Return `products.EXPLANATIONS`, one row per village with a score.

    Parameters
    ----------
    villages : DataFrame
        Index of `scores`; ``unit_id``, ``commune_id``, ``x_m``, ``y_m`` (metric CRS).
    scores : Scores

    Returns
    -------
    DataFrame
        Ordered by ``unit_id``.
    """
    ranked = villages[scores.score.notna()].sort_values("unit_id")
    found = pd.DataFrame({"unit_id": ranked["unit_id"]}, index=ranked.index)
    better = _nearest_better(ranked, scores.rank.loc[ranked.index].to_numpy(dtype=np.int64))
    where = np.array([-1 if b is None else b for b in better], dtype=np.int64)
    there = where >= 0
    at = np.where(there, where, 0)
    x, y = ranked["x_m"].to_numpy(dtype=np.float64), ranked["y_m"].to_numpy(dtype=np.float64)
    if len(ranked):
        distance_km = np.hypot(x - x[at], y - y[at]) / 1000.0
        found["better_unit_id"] = pd.Series(ranked["unit_id"].to_numpy()[at], ranked.index, dtype="object").where(there)
        found["better_km"] = np.where(there, distance_km.round(3), np.nan)
    else:
        found["better_unit_id"], found["better_km"] = None, np.nan
    points = scores.contributions.loc[ranked.index]
    for column in points:
        own = points[column].to_numpy(dtype=np.float64)
        difference = np.where(there, own - own[at] if len(own) else own, np.nan)
        found[str(column).replace("contribution_", "difference_")] = difference
    return found.join(_ways_out(ranked, scores)).reset_index(drop=True)


def _nearest_better(ranked: pd.DataFrame, rank: Int) -> list[int | None]:
    """Return the position of the nearest village of a better rank: of the same commune where there is one, else any."""
    points = ranked[["x_m", "y_m"]].to_numpy(dtype=np.float64)
    found: list[int | None] = [None] * len(ranked)
    commune = ranked["commune_id"].to_numpy()
    for name in sorted(set(commune)):
        members = np.flatnonzero(commune == name)
        for village in members.tolist():
            found[village] = _nearest(points, village, members[rank[members] > rank[village]])
    missing = [i for i in range(len(ranked)) if found[i] is None and rank[i] < rank.max()]
    # Best rank first: the tree of who does better only shrinks, and is built once per rank that is asked for.
    for asked in sorted({int(rank[i]) for i in missing}):
        better = np.flatnonzero(rank > asked)
        tree = cKDTree(points[better])
        for village in (i for i in missing if rank[i] == asked):
            distance, _ = tree.query(points[village])
            near = better[np.array(tree.query_ball_point(points[village], distance * (1 + 1e-12) + 1e-9))]
            found[village] = _nearest(points, village, np.sort(near))
    return found


def _nearest(points: Float, village: int, others: Int) -> int | None:
    """Return the nearest of `others`, the first of those that are equally near; None where there is none."""
    if not len(others):
        return None
    away = np.hypot(*(points[others] - points[village]).T)
    return int(others[int(np.argmin(away.round(6)))])


def _ways_out(ranked: pd.DataFrame, scores: Scores) -> pd.DataFrame:
    """Return what alone would lead each village of the worst tenth out of it, all others and the scales held still."""
    rank = scores.rank.loc[ranked.index].astype("int64")
    size = math.ceil(TENTH * len(ranked) - 1e-9)
    empty = pd.Series(np.nan, ranked.index)
    found = pd.DataFrame(
        {
            "way_out": pd.Series("not_needed", ranked.index, dtype="object"),
            "way_out_indicator": pd.Series(None, ranked.index, dtype="object"),
            "way_out_unit": pd.Series(None, ranked.index, dtype="object"),
            "way_out_from": empty,
            "way_out_to": empty,
        }
    )
    inside = rank.index[rank <= size]
    outside = rank.index[rank > size]
    found.loc[inside, "way_out"] = "none_alone"
    if not len(inside) or not len(outside):
        return found
    target = float(scores.score.loc[outside].max()) - CLEAR_POINTS
    smallest = pd.Series(np.inf, inside)
    for name, record in scores.workings.records.items():
        if name not in scores.workings.scales:
            continue
        reached = _reached(scores, name, inside, target=target)
        values = scores.workings.indicators[name]
        effort = (values.loc[inside] - reached) / (values.max() - values.min())
        less = effort < smallest - 1e-12
        rows = less.index[less]
        smallest[rows] = effort[rows]
        found.loc[rows, "way_out"] = "one_indicator"
        found.loc[rows, "way_out_indicator"] = name
        found.loc[rows, "way_out_unit"] = record.unit
        found.loc[rows, "way_out_from"] = record.sign * values[rows] + 0.0
        found.loc[rows, "way_out_to"] = record.sign * reached[rows] + 0.0
    return found


def _reached(scores: Scores, name: str, rows: pd.Index, *, target: float) -> pd.Series[float]:
    """Return the worst value of one indicator with which each village scores at most `target`; NaN where none does."""
    workings = scores.workings
    values = workings.indicators[name]
    scale = workings.scales[name]
    now = values.loc[rows].to_numpy(dtype=np.float64)
    best = np.minimum(now, max(float(values.min()), scale.low))
    pillar = workings.records[name].pillar
    others = [m for m in workings.members(pillar) if m != name]
    placed = [workings.scales[m].apply(workings.indicators.loc[rows, m].to_numpy(dtype=np.float64)) for m in others]
    rest = np.array(placed, dtype=np.float64).reshape(len(others), len(rows))
    places = workings.places.loc[rows].fillna(0.0).to_numpy(dtype=np.float64)
    weights = workings.shares.loc[rows].to_numpy(dtype=np.float64)
    inside = dict(zip(workings.scales, workings.recipe.inside, strict=True))
    weight = np.array([inside[m] for m in others]).reshape(len(others), 1)
    column, total = workings.places.columns.get_loc(pillar), np.nansum(weight * rest, axis=0)
    known = inside[name] + (weight * np.isfinite(rest)).sum(axis=0)

    def score(value: Float) -> Float:
        moved = places.copy()
        moved[:, column] = (total + inside[name] * scale.moved(value)) / known
        return aggregation.METHODS[workings.framework.aggregation](moved, weights)

    enough, too_much = best.copy(), now.copy()
    for _ in range(_HALVINGS):
        middle = (enough + too_much) / 2.0
        out = score(middle) <= target
        enough, too_much = np.where(out, middle, enough), np.where(out, too_much, middle)
    # Downwards to six decimals: a value that is shown must lead out too.
    shown = np.maximum(np.floor(enough * 1e6) / 1e6, best)
    possible = np.isfinite(now) & (score(shown) <= target) & (shown < now)
    return pd.Series(np.where(possible, shown, np.nan), rows)
