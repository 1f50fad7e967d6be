"""Citizens' reports of signal, as `planner disputes export` freezes them: checked strictly, positions never told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from layers import checks, readers
from layers.catalog import Layer, Record
from layers.crs import GEOGRAPHIC, to_crs
from layers.errors import Issue, LayerError
from layers.schema import DATA_DATE, FEEDBACK, FEEDBACK_RULES, LAT, LON, SEEN_DATE, UNIT_ID, X_M, Y_M

_PERSONAL: Final = [LAT, LON]
"""Columns that leave this file neither in a table of rows set aside nor in an issue."""


def load(record: Record, *, unit_ids: Iterable[str], crs: str, today: dt.date) -> Layer:
    """Load reports.

    Parameters
    ----------
    record : Record
        A table with exactly the columns `layers.schema.FEEDBACK`.
    unit_ids : iterable of str
        The villages of the plan. A report that names another is set aside: villages come and go between the day of a
        report and that of a plan.
    crs : str
        The plan's metric CRS.
    today : date
        Day of the publication; a report seen later is set aside.

    Returns
    -------
    Layer
        `layers.schema.FEEDBACK` with ``x_m`` and ``y_m`` (metres in `crs`; NaN = the report has no position) in place
        of ``lat`` and ``lon``, ordered by ``dispute_id``.

    Raises
    ------
    LayerError
        With every fault: a missing or further column, a repeated id, a word that is not known, a number outside its
        range, half a position.
    """
    source = readers.read_table(record)
    _require_exact(source, record)
    taken = checks.take(source, columns={DATA_DATE: SEEN_DATE}, rules=FEEDBACK_RULES, record=record)
    frame = taken.frame.rename(columns={DATA_DATE: SEEN_DATE})
    told = checks.stop_on_errors([*taken.issues, *_undated(frame, taken.issues, record), *_half_placed(frame, record)])
    unknown = ~frame[UNIT_ID].isin(set(unit_ids))
    later = pd.Series([day > today for day in frame[SEEN_DATE]], index=frame.index, dtype="bool") & ~unknown
    plain = source.drop(columns=_PERSONAL)
    aside = [
        checks.set_aside(plain, unknown, reason="names a village that is none of this plan's"),
        checks.set_aside(plain, later, reason="was seen after the day of the publication"),
    ]
    kept = frame[~unknown & ~later].sort_values("dispute_id", ignore_index=True)
    return Layer(
        record=record,
        frame=_placed(kept, crs=crs),
        rows_read=len(source),
        issues=(*told, *_aside(frame, unknown, "unknown_id", record), *_aside(frame, later, "future_date", record)),
        set_aside=pd.concat(aside, ignore_index=True),
    )


def _require_exact(source: pd.DataFrame, record: Record) -> None:
    """Refuse further columns: a report's text, or who sent it, has no business here."""
    further = [str(name) for name in source.columns if name not in FEEDBACK]
    rule = f"reports have exactly the columns {', '.join(FEEDBACK)}"
    done = "Export them with `planner disputes export`."
    if further:
        raise LayerError(
            [checks.fault(record, rule, column=name, done=done, code="unknown_column") for name in further]
        )


def _undated(frame: pd.DataFrame, told: Iterable[Issue], record: Record) -> list[Issue]:
    """Return a fault for each report without a day, but for those whose day could not be read: that is told already."""
    unread = {issue.row for issue in told if issue.code == "not_date"}
    empty = [row for row in frame.index[frame[SEEN_DATE].isna()] if row not in unread]
    return checks.capped(
        [checks.fault(record, "a value is needed here", row=row, column=SEEN_DATE, code="empty") for row in empty]
    )


def _half_placed(frame: pd.DataFrame, record: Record) -> list[Issue]:
    half = frame[LAT].isna() != frame[LON].isna()
    rule, done = "a position has both lat and lon, or neither", "Give both, or leave both empty."
    return checks.capped(
        [checks.fault(record, rule, row=row, column=LAT, done=done, code="half_position") for row in frame.index[half]]
    )


def _aside(frame: pd.DataFrame, rows: pd.Series[Any], code: str, record: Record) -> list[Issue]:
    """Return a warning for each report that is set aside, by its id and what is wrong, without its position."""
    rule, column = "a report names a village of this plan", UNIT_ID
    if code == "future_date":
        rule, column = "a report was seen on the day of the publication or before", SEEN_DATE
    return checks.capped(
        [
            checks.fault(
                record,
                rule,
                row=row,
                column=column,
                value=str(frame.loc[row, column]),
                severity="warning",
                done="The report is set aside.",
                code=code,
            )
            for row in frame.index[rows]
        ]
    )


def _placed(frame: pd.DataFrame, *, crs: str) -> pd.DataFrame:
    """Return the reports with metric positions, NaN where there is none."""
    found = frame.drop(columns=_PERSONAL)
    known = frame[LAT].notna().to_numpy()
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(frame.loc[known, LON], frame.loc[known, LAT]), crs=GEOGRAPHIC)
    placed = to_crs(points, crs, name="feedback").geometry
    for column, values in ((X_M, placed.x), (Y_M, placed.y)):
        metres = np.full(len(frame), np.nan)
        metres[known] = values
        found[column] = metres
    return found
