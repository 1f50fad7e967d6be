"""Columns of the open sites that say how sure each of them is and what is lost without it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.deployment import Places
from planner.siting.base import Float, SitingPlan
from planner.siting.certainty import Certainty


def with_losses(opened: pd.DataFrame, where: Places, losses: Float, *, plan: SitingPlan) -> pd.DataFrame:
    """Return the open sites with ``loss_if_dropped_people``: the others are placed again.

    Parameters
    ----------
    opened : DataFrame
        ``site_id``.
    where : Places
    losses : ndarray of float64
        Beside ``plan.sites``; NaN where unknown.
    plan : SitingPlan
    """
    by_id = pd.Series(losses, index=where.frame["site_id"].to_numpy()[plan.sites])
    return opened.assign(loss_if_dropped_people=opened["site_id"].map(by_id).astype("float64"))


def with_certainty(opened: pd.DataFrame, where: Places, found: Certainty) -> pd.DataFrame:
    """Return the open sites with how often they, and the near-equal ones, are chosen over the draws of need.

    Parameters
    ----------
    opened : DataFrame
        ``site_id``, ``existing``.
    where : Places
    found : Certainty
        By the positions of `where`.
    """
    ids = where.frame["site_id"]
    position = pd.Series(np.arange(len(ids)), index=ids).reindex(opened["site_id"]).to_numpy(dtype=np.int64)
    verdicts = ["" if stands else found.verdict(int(j)) for j, stands in zip(position, opened["existing"], strict=True)]
    return opened.assign(
        selection_frequency=found.frequency[position],
        site_group=ids.to_numpy()[found.group[position]],
        group_frequency=found.group_frequency[position],
        certainty=verdicts,
    )
