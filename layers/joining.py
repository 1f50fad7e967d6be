"""Rows of a table joined to the units they speak of: by code, or by name, of today or of a former list of communes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd
import pandera.pandas as pa

from layers import checks, crosswalk, matching
from layers.catalog import Record
from layers.crosswalk import Crosswalk
from layers.errors import Issue
from layers.schema import NAMED_RULES, UNIT_ID, Level


@dataclass(frozen=True, slots=True)
class Joined:
    """The checked rows of a table.

    Parameters
    ----------
    frame : DataFrame
        As `layers.checks.Taken`, with ``unit_id`` in every row that could be joined.
    issues : list of Issue
    set_aside : DataFrame
        Rows whose unit is in doubt.
    known : list of str
        Ids that a row may have: those of today, or of the former list.
    column : str
        The file's column that tells the unit.
    """

    frame: pd.DataFrame
    issues: list[Issue]
    set_aside: pd.DataFrame
    known: list[str]
    column: str


def join(
    source: pd.DataFrame,
    *,
    columns: Mapping[str, str],
    rules: pa.DataFrameSchema,
    record: Record,
    level: Level,
    unit_ids: Iterable[str],
    named: pd.DataFrame | None,
    former: Crosswalk | None,
) -> Joined:
    """Check a table and find the unit of each of its rows.

    Parameters
    ----------
    source : DataFrame
        As read.
    columns : mapping
        Our column name to the file's.
    rules : DataFrameSchema
        Of the table by code; by name ``name`` and ``parent`` are read too and ``unit_id`` need not be there.
    record : Record
    level : {"village", "commune"}
        What a unit is; for messages.
    unit_ids : iterable of str
        The units of the plan.
    named : DataFrame, optional
        ``unit_id``, ``name`` and ``parent`` of the units that rows may name; None = rows have codes.
    former : Crosswalk, optional
        When the rows are of a former list of communes.

    Raises
    ------
    LayerError
        When a column is missing.
    """
    asked = rules if named is None else rules.add_columns(NAMED_RULES)
    taken = checks.take(source, columns=columns, rules=asked, record=record)
    frame, issues, aside = taken.frame, list(taken.issues), pd.DataFrame()
    column = columns.get(UNIT_ID, UNIT_ID)
    if named is not None:
        frame, told, aside = matching.identify(frame, named, columns=columns, record=record)
        issues += told
    known = list(unit_ids)
    what = f"a {level} of this plan"
    if former is not None:
        issues += crosswalk.foreign(former, known, record=record)
        issues += crosswalk.lost(frame, former, column=column, record=record)
        known, what = list(former.units()[UNIT_ID]), f"a commune of {former.system}"
    issues += checks.unknown_ids(frame[UNIT_ID], known=known, column=column, what=what, record=record)
    return Joined(frame, issues, aside, known, column)
