"""Published tables as rows ready for JSON: exact numbers, text ids, and null where nothing is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Final

import pandas as pd

from planner.products import Column, Kind

Value = str | int | float | list[str] | None
Row = dict[str, Value]


def rows(frame: pd.DataFrame, columns: Iterable[Column]) -> list[Row]:
    """Return one dictionary per row with those of `columns` that the table has.

    Parameters
    ----------
    frame : DataFrame
        A published table; its geometry is left out.
    columns : iterable of Column
        In the order in which they are to appear.

    Notes
    -----
    A float keeps all its digits; NaN, NA and infinities become None, so none of them can reach JSON.
    """
    present = [column for column in columns if column.name in frame.columns]
    values = [[_PLAIN[column.kind](value) for value in frame[column.name]] for column in present]
    names = [column.name for column in present]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _text(value: Any) -> str | None:
    return None if _empty(value) else str(value)


def _number(value: Any) -> float | None:
    if _empty(value):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _whole(value: Any) -> int | None:
    return None if _empty(value) else int(value)


def _list(value: Any) -> list[str]:
    return [] if value is None or value is pd.NA or isinstance(value, float) else [str(part) for part in value]


def _empty(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


_PLAIN: Final[dict[Kind, Callable[[Any], Value]]] = {
    "text": _text,
    "number": _number,
    "whole": _whole,
    "list": _list,
    "date": _text,
}
