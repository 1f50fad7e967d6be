"""Cells as found turned into text and numbers; a cell that is none of it is said, never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cells:
    """A column after reading.

    Parameters
    ----------
    typed : Series
        Typed, the same index; missing where the cell was empty or at fault.
    faulty : Series of bool
        Where a cell was there and could not be understood.
    """

    typed: pd.Series[Any]
    faulty: pd.Series[bool]


def text(column: pd.Series[Any]) -> Cells:
    """Return text: trimmed, Unicode NFC, empty = missing; whole numbers as their digits.

    A number with a fraction, a truth value and a text with control characters are faults: an id is none of them.
    """
    return _each(column, _text, dtype="str")


def number(column: pd.Series[Any]) -> Cells:
    """Return float64; a decimal comma, separators of thousands, ``nan`` and ``inf`` are faults."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.astype("float64")
        faulty = pd.Series(np.isinf(values.to_numpy()), index=column.index, dtype="bool")
        return Cells(values.mask(faulty), faulty)
    return _each(column, _number, dtype="float64")


def _each(column: pd.Series[Any], convert: Callable[[object], object], *, dtype: Any) -> Cells:
    missing = column.isna().to_numpy()
    found = [None if gone else convert(cell) for cell, gone in zip(column.tolist(), missing, strict=True)]
    faulty = [value is _FAULT for value in found]
    values = pd.Series([None if value is _FAULT else value for value in found], index=column.index, dtype="object")
    return Cells(values.astype(dtype), pd.Series(faulty, index=column.index, dtype="bool"))


_FAULT: Final = object()


def _text(cell: object) -> object:
    if isinstance(cell, bool | np.bool_):
        return _FAULT
    if isinstance(cell, int | np.integer):
        return str(cell)
    if isinstance(cell, float | np.floating):
        return str(int(cell)) if float(cell).is_integer() else _FAULT
    if not isinstance(cell, str):
        return _FAULT
    trimmed = unicodedata.normalize("NFC", cell).strip()
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in trimmed):
        return _FAULT
    return trimmed or None


def _number(cell: object) -> object:
    if isinstance(cell, bool | np.bool_):
        return _FAULT
    if isinstance(cell, int | float | np.number):
        return float(cell) if np.isfinite(cell) else _FAULT
    if not isinstance(cell, str):
        return _FAULT
    trimmed = cell.strip()
    if not trimmed:
        return None
    return float(trimmed) if _NUMBER.fullmatch(trimmed) and np.isfinite(float(trimmed)) else _FAULT
