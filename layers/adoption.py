"""Adoption: how many of how many people use a digital service, per village, per commune or for the province."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

from layers import checks, crosswalk, joining, readers
from layers.catalog import Layer, Record
from layers.crosswalk import Crosswalk
from layers.errors import Issue
from layers.schema import (
    ADOPTION,
    ADOPTION_RULES,
    DATA_DATE,
    DENOMINATOR,
    INDICATOR,
    LEVEL,
    NUMERATOR,
    PROVINCE_ADOPTION_RULES,
    SYNTHETIC,
    UNIT_ID,
    Level,
)

PROVINCE_ID: Final = "province"
"""``unit_id`` of the one row of a layer that speaks of the whole province."""


def load(
    record: Record,
    *,
    columns: Mapping[str, str],
    indicator: str,
    level: Level,
    unit_ids: Iterable[str] | None,
    named: pd.DataFrame | None = None,
    former: Crosswalk | None = None,
) -> Layer:
    """Load numerator and denominator of one indicator.

    Parameters
    ----------
    record : Record
    columns : mapping
        Our column name to the file's: ``unit_id`` (not for a province), ``numerator``, ``denominator``.
    indicator : str
        For example ``vneid_activated``.
    level : {"village", "commune", "province"}
    unit_ids : iterable of str or None
        The units that there are, so that a row of another is a fault; None for a province.
    named : DataFrame, optional
        ``unit_id``, ``name``, ``parent`` of the units whose rows are known by name (`layers.matching`); None = by code.
    former : Crosswalk, optional
        When the rows are of former communes: their figures are moved to the communes `unit_ids`. A commune is unknown
        when one of its former units has no row.

    Returns
    -------
    Layer
        `layers.schema.ADOPTION`, people as float64, ordered by ``unit_id``. An empty cell stays missing: unknown, not
        zero. Units without a row are unknown too; how many is told.

    Raises
    ------
    LayerError
        With every fault: a count that is negative or not whole, a numerator above its denominator, a repeated or
        unknown unit, more than one row for a province.
    """
    source = readers.read_table(record)
    aside = pd.DataFrame()
    if level == "province":
        taken = checks.take(source, columns=columns, rules=PROVINCE_ADOPTION_RULES, record=record)
        frame = taken.frame.assign(unit_id=PROVINCE_ID)
        issues = [*taken.issues, *_not_one_row(frame, record)]
    else:
        joined = joining.join(
            source,
            columns=columns,
            rules=ADOPTION_RULES,
            record=record,
            level=level,
            unit_ids=unit_ids or (),
            named=named,
            former=former,
        )
        frame, aside = joined.frame, joined.set_aside
        issues = [*joined.issues, *_without_row(frame[UNIT_ID], joined.known, record)]
    told = checks.stop_on_errors([*issues, *_above_one(frame, columns, record), *_half_known(frame, columns, record)])
    if former is not None:
        moved = crosswalk.adoption(frame, former)
        told += tuple(crosswalk.remarks(moved, former, record=record))
        frame = moved.frame.assign(**{DATA_DATE: crosswalk.oldest(frame[DATA_DATE])})
    whole = frame.copy()
    whole[LEVEL], whole[INDICATOR], whole[SYNTHETIC] = level, indicator, record.synthetic
    whole = whole[list(ADOPTION)].sort_values(UNIT_ID).reset_index(drop=True)
    whole = whole.astype({NUMERATOR: "float64", DENOMINATOR: "float64"})
    return Layer(record=record, frame=whole, rows_read=len(source), issues=told, set_aside=aside)


def _above_one(frame: pd.DataFrame, columns: Mapping[str, str], record: Record) -> list[Issue]:
    above = frame[frame[NUMERATOR] > frame[DENOMINATOR]]
    rule = "a rate is at most 1: no more people adopted than there are"
    return checks.capped(
        [
            checks.fault(
                record,
                rule,
                row=row,
                column=columns.get(NUMERATOR, NUMERATOR),
                value=f"{numerator:.15g} of {denominator:.15g}",
                done=f"Correct it or '{columns.get(DENOMINATOR, DENOMINATOR)}'.",
                code="rate_above_1",
            )
            for row, numerator, denominator in zip(above.index, above[NUMERATOR], above[DENOMINATOR], strict=True)
        ]
    )


def _half_known(frame: pd.DataFrame, columns: Mapping[str, str], record: Record) -> list[Issue]:
    """Return a warning for each row with one of the two counts only, or with people adopted out of nobody."""
    half = frame[NUMERATOR].notna() & (frame[DENOMINATOR].isna() | frame[DENOMINATOR].eq(0) & frame[NUMERATOR].eq(0))
    return checks.capped(
        [
            checks.fault(
                record,
                "a numerator has a denominator above 0: without it there is no rate",
                row=row,
                column=columns.get(DENOMINATOR, DENOMINATOR),
                value=f"{numerator:.15g} of nobody or of nobody knows how many",
                severity="warning",
                done="The unit's rate is unknown.",
                code="no_denominator",
            )
            for row, numerator in zip(frame.index[half], frame[NUMERATOR][half], strict=True)
        ]
    )


def _not_one_row(frame: pd.DataFrame, record: Record) -> list[Issue]:
    if len(frame) == 1:
        return []
    rule = "adoption of a province is one row"
    return [checks.fault(record, rule, value=f"{len(frame)} rows", code="not_one_row")]


def _without_row(found: pd.Series[str], known: list[str], record: Record) -> list[Issue]:
    """Return an issue that counts the units without a row."""
    without = len(set(known) - set(found))
    if not without:
        return []
    rule = f"{without} of {len(known)} units have no row"
    done = "Their adoption is unknown."
    return [checks.fault(record, rule, severity="info", done=done, code="units_without_row")]
