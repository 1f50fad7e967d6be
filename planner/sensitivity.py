"""Which choice of method moves the ranks: Sobol indices of the mean rank shift, and a tornado of one choice at a time.

The mean rank shift of a method is the mean over villages of how far each rank lies from the published one (Saisana, Saltelli
and Tarantola, Journal of the Royal Statistical Society A 168, 2005). Its variance over methods is split by Sobol's indices
(Saltelli et al., Computer Physics Communications 181, 2010; SALib): of the first order what a choice explains alone, total
what it explains alone and together with others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from SALib.analyze import sobol as analysis
from SALib.sample import sobol as sampling

from planner import methods
from planner.framework import Aggregation, Normalisation
from planner.scoring import Workings

Float = npt.NDArray[np.float64]

RESAMPLES: Final = 200
"""Bootstrap samples behind the intervals of the indices."""
INDICES: Final = ("first", "first_low", "first_high", "total", "total_low", "total_high")


def table(workings: Workings, *, samples: int, weight_error: float, level: float, seed: int) -> pd.DataFrame:
    """Return `products.SENSITIVITY`: one row per choice of method, the one that matters most first.

    Parameters
    ----------
    workings : Workings
        Of the published scores; at least one village and pillar are ranked.
    samples : int
        Base samples, a power of two; (choices + 2) times as many methods are ranked.
    weight_error : float
        Each pillar's weight is multiplied by a factor between 1 - `weight_error` and 1 + `weight_error`.
    level : float
        Of the bootstrap intervals.
    seed : int
    """
    names = factors(workings)
    bounds = [(1.0 - weight_error, 1.0 + weight_error) if name.startswith("weight_") else (0.0, 1.0) for name in names]
    found = indices(
        lambda points: shifts(workings, names, points), bounds=bounds, samples=samples, level=level, seed=seed
    )
    alone = tornado(workings, names, weight_error=weight_error)
    result = pd.concat([pd.DataFrame({"factor": names}), found, alone], axis="columns")
    return result.sort_values(["total", "alone_high", "factor"], ascending=[False, False, True], ignore_index=True)


def factors(workings: Workings) -> list[str]:
    """Return the choices: a weight per pillar (where there are two or more), normalisation, aggregation."""
    pillars = workings.recipe.ranking
    return [*(f"weight_{p}" for p in pillars if len(pillars) > 1), "normalisation", "aggregation"]


def indices(
    function: Callable[[Float], Float],
    *,
    bounds: Sequence[tuple[float, float]],
    samples: int,
    level: float,
    seed: int,
) -> pd.DataFrame:
    """Return Sobol indices of the first order and total ones of a function, with bootstrap intervals.

    Parameters
    ----------
    function : callable
        Takes points, shape (points, factors), and returns a number for each.
    bounds : sequence of (float, float)
        Of each factor, which is uniform between them.
    samples : int
        Base samples, a power of two.
    level : float
        Of the intervals.
    seed : int

    Returns
    -------
    DataFrame
        `INDICES`, one row per factor; NaN throughout where the function never changes.
    """
    problem = {
        "num_vars": len(bounds),
        "names": [str(i) for i in range(len(bounds))],
        "bounds": [list(b) for b in bounds],
    }
    points = sampling.sample(problem, samples, calc_second_order=False, seed=seed)
    values = np.asarray(function(points), dtype=np.float64)
    if not values.max() > values.min():
        return pd.DataFrame(np.nan, index=range(len(bounds)), columns=list(INDICES))
    found = analysis.analyze(
        problem, values, calc_second_order=False, num_resamples=RESAMPLES, conf_level=level, seed=seed
    )
    columns: dict[str, Float] = {}
    for ours, theirs in (("first", "S1"), ("total", "ST")):
        value, half = np.asarray(found[theirs]), np.asarray(found[f"{theirs}_conf"])
        columns |= {ours: value, f"{ours}_low": value - half, f"{ours}_high": value + half}
    return pd.DataFrame(columns)


def shifts(workings: Workings, names: Sequence[str], points: Float) -> Float:
    """Return the mean rank shift of methods given as points: factors of weights, and choices as numbers from 0 to 1."""
    chosen = _chosen(workings, points[:, names.index("normalisation")], points[:, names.index("aggregation")])
    weights = [i for i, name in enumerate(names) if name.startswith("weight_")]
    factor = points[:, weights] if weights else np.ones((len(points), len(workings.recipe.ranking)))
    return _shifts(workings, chosen, factor)


def _chosen(workings: Workings, first: Float, second: Float) -> list[tuple[Normalisation, Aggregation]]:
    possible = _normalisations(workings)
    at = np.minimum((first * len(possible)).astype(np.intp), len(possible) - 1)
    how = np.minimum((second * len(methods.AGGREGATIONS)).astype(np.intp), len(methods.AGGREGATIONS) - 1)
    return [(possible[i], methods.AGGREGATIONS[j]) for i, j in zip(at, how, strict=True)]


def _normalisations(workings: Workings) -> list[Normalisation]:
    possible = {n for n, _ in methods.choices(workings)}
    return [n for n in methods.NORMALISATIONS if n in possible]


def _shifts(workings: Workings, chosen: Sequence[tuple[Normalisation, Aggregation]], factor: Float) -> Float:
    own = [(workings.framework.normalisation, workings.framework.aggregation)]
    published = next(methods.under(workings, own, np.ones((1, factor.shape[1]))))[1]
    found = np.empty(len(chosen))
    for rows, ranks in methods.under(workings, chosen, factor):
        found[rows] = np.abs(ranks - published).mean(axis=1)
    return found


def tornado(workings: Workings, names: Sequence[str], *, weight_error: float) -> pd.DataFrame:
    """Return the mean rank shift of one choice at a time, all else as in the plan.

    Returns
    -------
    DataFrame
        ``alone_low``, ``alone_high``, ranks: of a weight its smaller and larger end, whichever shifts less and more; of
        normalisation and aggregation the choice that shifts least and most of those the plan did not make. One row per
        name.
    """
    own = (workings.framework.normalisation, workings.framework.aggregation)
    pillars = workings.recipe.ranking
    rows = []
    for name in names:
        if name.startswith("weight_"):
            factor = np.ones((2, len(pillars)))
            factor[:, pillars.index(name.removeprefix("weight_"))] = [1.0 - weight_error, 1.0 + weight_error]
            shifted = _shifts(workings, [own, own], factor)
        else:
            others = _others(workings, name)
            shifted = _shifts(workings, others, np.ones((len(others), len(pillars))))
        rows.append((float(shifted.min()), float(shifted.max())))
    return pd.DataFrame(rows, columns=["alone_low", "alone_high"])


def _others(workings: Workings, name: str) -> list[tuple[Normalisation, Aggregation]]:
    normalisation, aggregation = workings.framework.normalisation, workings.framework.aggregation
    if name == "normalisation":
        return [(n, aggregation) for n in _normalisations(workings) if n != normalisation]
    return [(normalisation, a) for a in methods.AGGREGATIONS if a != aggregation]
