"""Numbers as people write them: which of point and comma is the decimal sign is decided from the whole column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

Notation = Literal["plain", "point", "comma"]
"""``plain``: no cell needs a decision; ``point``: 1,234.5; ``comma``: 1.234,5."""
Doubt = Literal["none", "ambiguous", "mixed", "lost_zeros"]

_SPACES: Final = re.compile("(?<=\\d)[ \u00a0\u2009\u202f](?=\\d{3}(?:\\D|$))")
"""A space between groups of three digits, as SI has it."""
_DIGITS: Final = re.compile(r"[+-]?\d+(?:[eE][+-]?\d{1,3})?", re.ASCII)
_FLOAT: Final = re.compile(r"[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_GROUPS: Final = {s: re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(s)}\d{{3}})+", re.ASCII) for s in ".,"}
_SHORT: Final = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{1,2}", re.ASCII)
_ZERO_FRACTION: Final = re.compile(r"[+-]?\d+[.,]0+", re.ASCII)
_WRITTEN: Final[dict[Notation, re.Pattern[str]]] = {
    "point": re.compile(r"[+-]?(?:(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII),
    "comma": re.compile(r"[+-]?(?:(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+)(?:,\d*)?|,\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class Numerals:
    """A column of numbers after reading.

    Parameters
    ----------
    typed : Series of float64
        The same index; missing where the cell was empty or at fault.
    faulty : Series of bool
        Where a cell was there and is no number, or not in the column's notation.
    notation : {"plain", "point", "comma"}
    doubt : {"none", "ambiguous", "mixed", "lost_zeros"}
        ``ambiguous``: no cell decides between two readings, the decimal point was taken; ``mixed``: cells of two
        notations, the fewer ones are at fault; ``lost_zeros``: counts with points of thousands that lost final zeros.
    example : str
        The first cell whose reading rests on the decision; empty when none does.
    """

    typed: pd.Series[Any]
    faulty: pd.Series[bool]
    notation: Notation = "plain"
    doubt: Doubt = "none"
    example: str = ""


def read(column: pd.Series[Any], *, whole: bool = False, most: float | None = None) -> Numerals:
    """Read a column of numbers.

    Parameters
    ----------
    column : Series
        Texts, or numbers as stored; truth values, ``nan``, ``inf`` and other words are faults.
    whole : bool
        The column holds counts: 2.154 is two thousand.
    most : float, optional
        No value is larger: a reading beyond it is not meant, so that 108.251 degrees are no hundred thousand.

    Returns
    -------
    Numerals
    """
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.astype("float64")
        faulty = pd.Series(np.isinf(values.to_numpy()), index=column.index, dtype="bool")
        return Numerals(values.mask(faulty), faulty)
    missing = column.isna().to_numpy()
    cells = [None if gone else _cell(cell) for cell, gone in zip(column.tolist(), missing, strict=True)]
    texts = list(dict.fromkeys(cell for cell in cells if isinstance(cell, str) and not _DIGITS.fullmatch(cell)))
    notation, doubt, wrong = _decide(texts, whole=whole, most=most)
    values_by_text = {text: None if text in wrong else _value(text, notation) for text in texts}
    found = [_typed(cell, values_by_text) for cell in cells]
    faulty_cells = [cell is not None and value is None for cell, value in zip(cells, found, strict=True)]
    typed = pd.Series(found, index=column.index, dtype="float64")
    example = next((t for t in texts if values_by_text[t] is not None and _needs_decision(t)), "")
    return Numerals(typed, pd.Series(faulty_cells, index=column.index, dtype="bool"), notation, doubt, example)


def is_written(cell: str) -> bool:
    """Return whether a cell is a number in any notation."""
    text = _SPACES.sub("", cell.strip())
    return any(pattern.fullmatch(text) for pattern in _WRITTEN.values())


def _cell(cell: object) -> object:
    """Return a cell as text without spaces round and within it, a number, None when empty, False when neither."""
    if isinstance(cell, bool | np.bool_):
        return False
    if isinstance(cell, int | float | np.number):
        return float(cell) if np.isfinite(cell) else False
    if not isinstance(cell, str):
        return False
    return _SPACES.sub("", cell.strip()) or None


def _typed(cell: object, values: dict[str, float | None]) -> float | None:
    if isinstance(cell, str):
        return values[cell] if cell in values else _finite(cell)
    return cell if isinstance(cell, float) else None


def _finite(text: str) -> float | None:
    value = float(text)
    return value if np.isfinite(value) else None


def _value(text: str, notation: Notation) -> float | None:
    if notation == "plain":
        return _finite(text) if _FLOAT.fullmatch(text) else None
    if not _WRITTEN[notation].fullmatch(text):
        return None
    thousands, decimal = (",", ".") if notation == "point" else (".", ",")
    return _finite(text.replace(thousands, "").replace(decimal, "."))


def _needs_decision(text: str) -> bool:
    return "," in text or _GROUPS["."].fullmatch(text) is not None


def _decide(texts: Iterable[str], *, whole: bool, most: float | None) -> tuple[Notation, Doubt, set[str]]:
    """Return the notation of a column, what is doubtful about it, and the cells that are of another."""
    signed = [text for text in texts if "." in text or "," in text]
    either = {sign: [t for t in signed if _GROUPS[sign].fullmatch(t) and t.count(sign) == 1] for sign in ".,"}
    sure = [t for t in signed if t not in set(either["."]) | set(either[","])]
    point = [t for t in sure if _value(t, "point") is not None]
    comma = [t for t in sure if _value(t, "comma") is not None]
    if whole:
        return _decide_counts(either, point, comma)
    if point and comma:
        fewer = set(comma if len(point) > len(comma) else point if len(comma) > len(point) else [*point, *comma])
        unsure = {*either["."], *either[","]} if len(point) == len(comma) else set()
        return ("comma" if len(comma) > len(point) else "point"), "mixed", fewer | unsure
    if point or comma:
        return ("point" if point else "comma"), "none", set()
    return _decide_degrees(either, most)


def _decide_degrees(either: dict[str, list[str]], most: float | None) -> tuple[Notation, Doubt, set[str]]:
    """Decide where every cell is digits, a sign and three digits."""
    by_sign: dict[str, Notation] = {".": "point", ",": "comma"}
    used = [sign for sign in ".," if either[sign]]
    if not used:
        return "plain", "none", set()
    if len(used) > 1:  # 1.234 and 1,234 in one column
        return "point", "mixed", {*either["."], *either[","]}
    sign = used[0]
    other: Notation = "comma" if sign == "." else "point"
    if most is not None and min(abs(_value(t, other) or 0.0) for t in either[sign]) > most:
        return by_sign[sign], "none", set()
    return ("point", "ambiguous", set()) if sign == "." else ("comma", "mixed", set(either[","]))


def _decide_counts(
    either: dict[str, list[str]], point: list[str], comma: list[str]
) -> tuple[Notation, Doubt, set[str]]:
    """Decide for counts: a sign before three digits is of thousands, whatever sign it is."""
    grouped = {sign: len(either[sign]) for sign in ".,"}
    thousands_by_point = [t for t in comma if "." in t and "," not in t]
    short = [t for t in point if _SHORT.fullmatch(t) and not _ZERO_FRACTION.fullmatch(t)]
    if short and (grouped["."] or thousands_by_point):
        return "comma", "lost_zeros", set(point)
    if (grouped["."] or comma) and (grouped[","] or point):
        many_points = grouped["."] + len(comma) > grouped[","] + len(point)
        wrong = {*either[","], *point} if many_points else {*either["."], *comma}
        return ("comma" if many_points else "point"), "mixed", wrong
    if grouped["."] or comma:
        return "comma", "none", set()
    return ("point" if grouped[","] or point else "plain"), "none", set()
