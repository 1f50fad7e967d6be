"""Claims that do not stand: declared covered, and yet hardly likely; and how many reports more would settle each."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layers import schema
from planner.evidence import ANY, PROBABILITY, Belief, Case

COLUMNS: Final = (
    "unit_id",
    "operator",
    "technology",
    "declared_share",
    *PROBABILITY,
    "negative_reports_needed",
)
MOST_REPORTS: Final = 100
"""More than so many reports from different places and weeks are not asked of anybody."""


def claims(
    case: Case,
    shares: pd.DataFrame,
    *,
    technology: str,
    belief: Belief,
    covered_at: float,
    doubtful_below: float,
    settled_at: float,
) -> pd.DataFrame:
    """Return the doubtful claims of each operator, and of all together (operator ``any``), on one technology.

    Parameters
    ----------
    case : Case
        Of that technology.
    shares : DataFrame
        `planner.overlay.SHARES`; who declares a share of `covered_at` or more claims that the village is covered.
    technology : str
    belief : Belief
    covered_at : float
        Share.
    doubtful_below : float
        A claim less likely than this is doubtful.
    settled_at : float
        From this chance down a claim is settled: there is no usable signal.

    Returns
    -------
    DataFrame
        `COLUMNS`. ``negative_reports_needed`` is the smallest number of further fresh reports of no signal, each of
        another place or week, that settles the claim; 0 = it is settled; empty = no number of reports does, since
        reports alone never lower a chance below the cap: it takes a measurement.
    """
    declared = shares[(shares[schema.TECHNOLOGY] == technology) & (shares[schema.EVIDENCE] == "declared")]
    parts = []
    for position, operator in [*enumerate(case.operators), (None, ANY)]:
        own = declared[declared[schema.OPERATOR] == operator].set_index(schema.UNIT_ID)["share"]
        share = own.reindex(list(case.unit_ids)).to_numpy(dtype=np.float64)
        found = chance(case, belief, operator=position)
        doubtful = (share >= covered_at) & (found[PROBABILITY[0]].to_numpy() < doubtful_below)
        if doubtful.any():
            needed = reports_needed(case, belief, operator=position, settled_at=settled_at)
            table = found.assign(
                unit_id=case.unit_ids, operator=operator, technology=technology, declared_share=share
            ).assign(negative_reports_needed=needed)
            parts.append(table[doubtful])
    if not parts:
        return empty()
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)].sort_values(
        ["unit_id", "operator"], kind="stable", ignore_index=True
    )


def empty() -> pd.DataFrame:
    """Return a table without doubtful claims."""
    found = pd.DataFrame({name: pd.Series(dtype="float64") for name in COLUMNS})
    return found.astype({"unit_id": "str", "operator": "str", "technology": "str", "negative_reports_needed": "Int64"})


def chance(case: Case, belief: Belief, *, operator: int | None) -> pd.DataFrame:
    """Return the chances of one operator's signal by its position, or of any operator's (None)."""
    return case.of_any(belief) if operator is None else case.of_operator(operator, belief)


def reports_needed(case: Case, belief: Belief, *, operator: int | None, settled_at: float) -> pd.Series[int]:
    """Return per village the smallest number of further reports that settles the claim, by the formula of the chance.

    Parameters
    ----------
    case, belief
        As for `claims`.
    operator : int or None
        Position of the operator that the reports name; None: they name none.
    settled_at : float
    """
    found = np.full(len(case.unit_ids), -1)
    for number in range(MOST_REPORTS + 1):
        more = np.full(len(case.unit_ids), number * belief.no_signal)
        now = chance(case.with_reports(more, operator=operator), belief, operator=operator)[PROBABILITY[0]]
        # A billionth of a chance is rounding: a cap of 0.2 settles at 0.2.
        found = np.where((found < 0) & (now.to_numpy() <= settled_at + 1e-9), number, found)
    return pd.Series(np.where(found < 0, np.nan, found)).astype("Int64")
