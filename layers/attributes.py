"""Attributes: a number per village or commune that says how vulnerable its people are, such as poverty or age."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from layers import checks, readers
from layers.catalog import Layer, Record
from layers.schema import ATTRIBUTE_RULES, UNIT_ID, VALUE

AttributeLevel = Literal["village", "commune"]


def load(
    record: Record, *, columns: Mapping[str, str], value: str, level: AttributeLevel, unit_ids: Iterable[str]
) -> Layer:
    """Load one attribute.

    Parameters
    ----------
    record : Record
    columns : mapping
        Our column name to the file's: ``unit_id``, ``data_date``, ``standard_error`` (of the value, in its unit; read
        where the file has it).
    value : str
        The file's column that holds the number.
    level : {"village", "commune"}
        What a row stands for.
    unit_ids : iterable of str
        The units that there are, so that a row of another is a fault.

    Returns
    -------
    Layer
        ``unit_id``, ``value`` and ``standard_error`` (float64, in the file's unit; the error is missing where none is
        given), ``data_date``, ordered by ``unit_id``. An empty cell stays
        missing: unknown, not zero. Units without a row are unknown too; how many is told.

    Raises
    ------
    LayerError
        With every fault: no such column, a cell that is no number, a repeated or unknown unit.
    """
    known = list(unit_ids)
    source = readers.read_table(record)
    mapped = {**columns, VALUE: value}
    taken = checks.take(source, columns=mapped, rules=ATTRIBUTE_RULES, record=record)
    frame = taken.frame
    column = columns.get(UNIT_ID, UNIT_ID)
    issues = [*taken.issues]
    issues += checks.unknown_ids(
        frame[UNIT_ID], known=known, column=column, what=f"a {level} of this plan", record=record
    )
    without = len(set(known) - set(frame.loc[frame[VALUE].notna(), UNIT_ID]))
    if without:
        rule = f"{without} of {len(known)} units have no value"
        done = "Their attribute is unknown."
        issues.append(checks.fault(record, rule, severity="info", done=done, code="units_without_row"))
    told = checks.stop_on_errors(issues)
    whole = frame.sort_values(UNIT_ID).reset_index(drop=True)
    return Layer(record=record, frame=whole, rows_read=len(source), issues=told)
