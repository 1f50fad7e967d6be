"""Need in other draws of what is not known: what siting is solved again for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import draws, needs
from planner.estimate import Counts
from planner.sections.needs import Needs
from planner.sections.uncertainty import Uncertainty

Float = npt.NDArray[np.float64]


def need_draws(
    rows: pd.DataFrame,
    counts: Mapping[str, Counts],
    *,
    asked: Needs,
    uncertainty: Uncertainty,
    count: int,
    seed: int,
) -> Float:
    """Draw covered shares and rates of adoption, and return the people in need that each draw gives.

    The draws are the first ones of `planner.draws`, from the same streams as the published intervals; each is split into
    whole people by `planner.needs.split`.

    Parameters
    ----------
    rows : DataFrame
        One row per village with ``eligible_people``, ``covered_share`` and its interval, ``operators`` and the rate.
    counts : mapping
        Indicator to the counts behind its rates; an indicator without counts is drawn as it is.
    asked : Needs
        Which adoption and which need count.
    uncertainty : Uncertainty
    count : int
        Number of draws.
    seed : int

    Returns
    -------
    ndarray of float64, shape (count, villages)
        People; NaN where need is unknown.
    """
    rate_name = f"{asked.adoption}_rate"
    eligible = rows["eligible_people"].to_numpy(dtype=np.float64, na_value=np.nan)
    unknown = np.full(len(rows), np.nan)
    rate = rows[rate_name].to_numpy(dtype=np.float64) if rate_name in rows else unknown
    adopted: Float = np.broadcast_to(rate, (count, len(rows)))
    if asked.adoption in counts:
        rng = draws.generator(seed, f"rate {asked.adoption}")
        adopted = draws.rates(counts[asked.adoption], rate, eligible, count=count, rng=rng)
    share, low, high = (rows[f"covered_share{end}"].to_numpy(dtype=np.float64) for end in ("", "_low", "_high"))
    covered = draws.covered(
        share,
        low,
        high,
        list(rows["operators"]),
        shared=uncertainty.shared_coverage_error,
        count=count,
        rng=draws.generator(seed, "coverage"),
    )
    return np.vstack([_need(rows, c, a, asked=asked) for c, a in zip(covered, adopted, strict=True)])


def _need(rows: pd.DataFrame, covered: Float, adopted: Float, *, asked: Needs) -> Float:
    drawn = pd.DataFrame(
        {
            "eligible_people": rows["eligible_people"],
            "covered_share": np.clip(covered, 0.0, 1.0),
            f"{asked.adoption}_rate": np.clip(adopted, 0.0, 1.0),
        },
        index=rows.index,
    )
    found = needs.split(drawn, adoption=asked.adoption, ratio=asked.adoption_without_signal_ratio, need=asked.need)
    return found["need_people"].to_numpy(dtype=np.float64, na_value=np.nan)
