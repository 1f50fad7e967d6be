"""The tables of ``[analyses]``: each made of the published scores, and only where a plan asks for it."""

from __future__ import annotations

import pandas as pd

from planner import hotspots, sensitivity, village_types
from planner.scoring import Scores
from planner.sections import Analyses, Uncertainty
from planner.words import Language


def tables(
    rows: pd.DataFrame, scores: Scores, *, plan: Analyses, uncertainty: Uncertainty, language: Language, seed: int
) -> dict[str, pd.DataFrame]:
    """Return the tables that a plan asks for, by name in `products.OPTIONAL_TABLES`.

    Parameters
    ----------
    rows : DataFrame
        Villages with ``unit_id``, ``x_m``, ``y_m`` (metric CRS), index of `scores`.
    scores : Scores
    plan : Analyses
    uncertainty : Uncertainty
        Whose ``weight_error`` and ``level`` the sensitivity uses.
    language : {"vi", "en"}
        Of the words.
    seed : int

    Returns
    -------
    dict of str to DataFrame
        Without what nobody asked for; nothing at all where nobody is ranked.
    """
    found: dict[str, pd.DataFrame] = {}
    if scores.rank.isna().all():
        return found
    if plan.sensitivity_samples:
        found["sensitivity"] = sensitivity.table(
            scores.workings,
            samples=plan.sensitivity_samples,
            weight_error=uncertainty.weight_error,
            level=uncertainty.level,
            seed=seed,
        )
    if plan.village_types:
        found["village_types"] = village_types.table(
            scores.workings.places, rows["unit_id"], language=language, seed=seed
        )
    if plan.hot_spots:
        found["hot_spots"] = hotspots.table(rows.assign(score=scores.score), seed=seed)
    return found
