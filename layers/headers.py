"""Lines of a sheet into a header and rows: titles above, a second header row, blank lines and totals are told apart."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from layers import numerals
from layers.catalog import Record
from layers.errors import Issue

_TOTALS: Final = frozenset(
    {"tong", "tong cong", "tong so", "cong", "toan tinh", "tong toan tinh", "total", "sum", "grand total"}
)
_LOOKED_AT: Final = 50
"""Rows below a header that say whether its second line holds names or data."""
Line = Sequence[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A header and the rows under it.

    Parameters
    ----------
    names : tuple of str
        One per column; may still be empty or repeated, which the reader tells.
    lines : tuple of sequences of str
        The data, blank lines and totals left out.
    rows : tuple of int
        Row of each of `lines`: 1 is the first line below the header.
    issues : tuple of Issue
        Every line that is neither header nor data.
    totals : tuple of sequences of str
        The lines of totals.
    """

    names: tuple[str, ...]
    lines: tuple[Line, ...]
    rows: tuple[int, ...]
    issues: tuple[Issue, ...]
    totals: tuple[Line, ...]


def split(lines: Sequence[Line], *, record: Record) -> Sheet | None:
    """Find the header of a sheet and what is no row.

    Parameters
    ----------
    lines : sequence of sequences of str
        All lines as read.
    record : Record
        Names the file in messages.

    Returns
    -------
    Sheet or None
        None when no line has a cell. A title is a line above the header with one cell filled where the lines below
        have more; the second header row is a line of names between names and numbers; a total is a line whose first
        filled cell is a word for it (Tổng cộng).
    """
    filled = [(position, line) for position, line in enumerate(lines) if any(cell.strip() for cell in line)]
    if not filled:
        return None
    width = _width([line for _, line in filled])
    titles = 0
    while titles < len(filled) - 1 and width > 1 and _filled(filled[titles][1]) == 1:
        titles += 1
    issues = [_told(record, "a title above the header is no row", line, "title_row") for _, line in filled[:titles]]
    names, second = _names([line for _, line in filled[titles:]])
    if second is not None:
        issues.append(_told(record, "the header has two rows", second, "two_headers"))
    body = filled[titles + (1 if second is None else 2) :]
    start = filled[titles + (0 if second is None else 1)][0]
    kept = [(position - start, line) for position, line in body if not _is_total(line)]
    totals = [(position - start, line) for position, line in body if _is_total(line)]
    issues += [_told(record, "a total is no row", line, "total_row", row=row) for row, line in totals]
    return Sheet(
        names=names,
        lines=tuple(line for _, line in kept),
        rows=tuple(row for row, _ in kept),
        issues=tuple(issues),
        totals=tuple(line for _, line in totals),
    )


def _told(record: Record, rule: str, line: Line, code: str, *, row: int | None = None) -> Issue:
    value = " | ".join(cell.strip() for cell in line if cell.strip())[:200]
    done = "Both were read." if code == "two_headers" else "It was left out."
    more: dict[str, Any] = {"row": row, "value": value, "severity": "info", "done": done, "code": code}
    return Issue(layer=record.layer, file=record.file, rule=rule, **more)


def _filled(line: Line) -> int:
    return sum(1 for cell in line if cell.strip())


def _width(lines: Sequence[Line]) -> int:
    """Return how many cells most lines fill, from the lower half: titles stand above."""
    counts = [_filled(line) for line in lines[len(lines) // 2 :]]
    return max(set(counts), key=lambda n: (counts.count(n), n))


def _names(lines: Sequence[Line]) -> tuple[tuple[str, ...], Line | None]:
    """Return the names of the columns, and the second header row when there is one."""
    first = [cell.strip() for cell in lines[0]]
    if len(lines) < 3 or not _is_second(first, lines[1], lines[2 : 2 + _LOOKED_AT]):
        return tuple(first), None
    second = [cell.strip() for cell in lines[1]]
    if all(first) and len(set(first)) == len(first):
        return tuple(first), lines[1]  # the same names in a second language
    names, group = [], ""
    for upper, lower in zip(first, second, strict=True):
        group = upper or group
        names.append(upper or lower if not lower or upper == lower else " ".join(filter(None, (group, lower))))
    return tuple(names), lines[1]


def _is_second(first: Sequence[str], line: Line, below: Sequence[Line]) -> bool:
    """Return whether a line holds names: it has no number, where the column below has numbers only."""
    if (
        len(line) != len(first)
        or any(numerals.is_written(cell) for cell in line)
        or any(map(numerals.is_written, first))
    ):
        return False
    incomplete = not all(first) or len(set(filter(None, first))) < len(list(filter(None, first)))
    again = any(upper and upper == lower.strip() for upper, lower in zip(first, line, strict=True))
    if not (incomplete or again):
        return False
    columns = zip(*(row for row in below if len(row) == len(first)), strict=True)
    return any(
        line[position].strip() and any(cells) and all(numerals.is_written(cell) for cell in cells if cell.strip())
        for position, cells in enumerate(columns)
    )


def _is_total(line: Line) -> bool:
    first = next((cell for cell in line if cell.strip()), "")
    plain = "".join(c for c in unicodedata.normalize("NFD", first.lower()) if not unicodedata.combining(c))
    return " ".join(plain.replace(":", " ").split()) in _TOTALS and _filled(line) > 1
