"""Dates as people write them: which of day and month comes first is decided from the whole column."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

Order = Literal["iso", "day", "month"]
"""``iso``: 2025-07-01; ``day``: 01/07/2025 is the first of July; ``month``: it is the seventh of January."""

_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?", re.ASCII)
_SHORT: Final = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?: \d{1,2}:\d{2}(?::\d{2})?)?", re.ASCII)
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Dates:
    """A column of dates after reading.

    Parameters
    ----------
    typed : Series of object
        Dates, the same index; None where the cell was empty or at fault.
    faulty : Series of bool
        Where a cell was there and is no date, or not in the column's order.
    order : {"iso", "day", "month"}
    decided : bool
        Whether a cell decides the order; where none does the day comes first, as Vietnam writes it.
    example : str
        The first cell whose reading rests on the order; empty when none does.
    """

    typed: pd.Series[Any]
    faulty: pd.Series[bool]
    order: Order = "iso"
    decided: bool = True
    example: str = ""


def read(column: pd.Series[Any]) -> Dates:
    """Read a column of dates.

    Parameters
    ----------
    column : Series
        Texts, or dates as stored; a time behind a date is not read. Where some cells can only be day first and others
        only month first, nobody knows what 01/07/2025 means there: all of them are faults.

    Returns
    -------
    Dates
    """
    missing = column.isna().to_numpy()
    cells = [None if gone else _trimmed(cell) for cell, gone in zip(column.tolist(), missing, strict=True)]
    short = [match for cell in cells if isinstance(cell, str) and (match := _SHORT.fullmatch(cell))]
    order, decided = _decide(short)
    found = [_date(cell, order) for cell in cells]
    faulty = [cell is not None and day is None for cell, day in zip(cells, found, strict=True)]
    example = "" if order is None else next((match[0] for match in short), "")
    typed = pd.Series(found, index=column.index, dtype="object")
    return Dates(typed, pd.Series(faulty, index=column.index, dtype="bool"), order or "iso", decided, example)


def _trimmed(cell: object) -> object:
    """Return a date as it is, a text without spaces round it, None when empty, False when neither."""
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    return (cell.strip() or None) if isinstance(cell, str) else False


def _decide(short: list[re.Match[str]]) -> tuple[Order | None, bool]:
    """Return the order of the cells like 01/07/2025, None where they contradict each other, and whether one decides."""
    if not short:
        return "iso", True
    day_first = any(int(match[1]) > _MONTHS for match in short)
    month_first = any(int(match[3]) > _MONTHS for match in short)
    if day_first and month_first:
        return None, True
    return ("month" if month_first else "day"), day_first or month_first


def _date(cell: object, order: Order | None) -> dt.date | None:
    if isinstance(cell, dt.date):
        return cell
    if not isinstance(cell, str):
        return None
    try:
        if _ISO.fullmatch(cell):
            return dt.date.fromisoformat(cell[:10])
        match = _SHORT.fullmatch(cell)
        if match is None or order is None:
            return None
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        return dt.date(year, first, second) if order == "month" else dt.date(year, second, first)
    except ValueError:
        return None
