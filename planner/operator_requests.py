"""Requests to operators: in which villages each is asked for signal, and how many people it would reach."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layers import schema
from planner.evidence import ANY

COLUMNS: Final = (
    "unit_id",
    "operator",
    "technology",
    "covered_share",
    "first_signal_people",
    "own_signal_people",
)


def requests(rows: pd.DataFrame, shares: pd.DataFrame, *, technology: str) -> pd.DataFrame:
    """Return one row per village whose response is a request to the operators, and operator that the plan knows.

    Parameters
    ----------
    rows : DataFrame
        ``unit_id``, ``response``, ``eligible_people``, ``without_signal_people``.
    shares : DataFrame
        `planner.overlay.SHARES`; an operator's share is that of its strongest kind of evidence.
    technology : str

    Returns
    -------
    DataFrame
        `COLUMNS`. ``first_signal_people``: eligible people who have signal of nobody, whom the operator would reach
        first if it covered the whole village; the same for each operator of a village, so never to be added over them.
        ``own_signal_people``: eligible people without this operator's signal, empty where its share is unknown.
    """
    asked = rows.loc[rows["response"] == "operator_request"]
    asked = asked[[schema.UNIT_ID, "eligible_people", "without_signal_people"]]
    nobody = [ANY, schema.UNNAMED_OPERATOR]  # whom a request cannot be sent to
    some = shares[(shares[schema.TECHNOLOGY] == technology) & ~shares[schema.OPERATOR].isin(nobody)]
    operators = pd.DataFrame({schema.OPERATOR: sorted(some[schema.OPERATOR].unique())})
    found = asked.merge(operators, how="cross").merge(
        _decided(some), on=[schema.UNIT_ID, schema.OPERATOR], how="left", validate="one_to_one"
    )
    eligible = found["eligible_people"].to_numpy(dtype=np.float64, na_value=np.nan)
    without = np.floor(np.round((1.0 - found["share"].to_numpy(dtype=np.float64)) * eligible, 9) + 0.5)
    return pd.DataFrame(
        {
            "unit_id": found[schema.UNIT_ID],
            "operator": found[schema.OPERATOR],
            "technology": technology,
            "covered_share": found["share"].astype("float64"),
            "first_signal_people": found["without_signal_people"].astype("Int64"),
            "own_signal_people": pd.array(without, dtype="Int64"),
        }
    ).reset_index(drop=True)


def _decided(shares: pd.DataFrame) -> pd.DataFrame:
    """Return each operator's share by its strongest kind of evidence that is known."""
    strength = shares[schema.EVIDENCE].map({kind: i for i, kind in enumerate(schema.EVIDENCE_STRENGTH)})
    known = shares.assign(strength=strength).dropna(subset="share").sort_values("strength", kind="stable")
    last = known.drop_duplicates([schema.UNIT_ID, schema.OPERATOR], keep="last")
    return last[[schema.UNIT_ID, schema.OPERATOR, "share"]]
