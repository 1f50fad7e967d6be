"""Texts of a table that came through a wrong encoding: whole columns, single cells and the columns' own names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from layers import checks, encodings, syllables
from layers.catalog import Record
from layers.errors import Issue

_WORD: Final = re.compile(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")
"""A letter beyond ASCII beside one of ASCII: a sign that stands alone (m², 12°, ñ) is no word of an old font."""


def column(cells: pd.Series[Any], *, record: Record) -> tuple[pd.Series[Any], list[Issue]]:
    """Undo TCVN3, VNI and mojibake in a column: as a whole, else cell by cell.

    Parameters
    ----------
    cells : Series
        Texts and other values, index = row of the file; its name is the column's.
    record : Record

    Returns
    -------
    Series, list of Issue
        What was undone is told: once for a column, by row for a cell. A single cell is undone where it spells nothing
        as given, one undoing alone spells all of it, and nothing is lost.

    Raises
    ------
    LayerError
        When letters are lost, or the text can be read in two ways.
    """
    words = cells[[isinstance(cell, str) and not cell.isascii() for cell in cells]]
    if words.empty:
        return cells, []
    joined = "\n".join(cell.replace("\n", "\x1f") for cell in words)
    decoded = encodings.mend(joined, record=record)
    told = [replace(issue, column=str(cells.name), row=None) for issue in decoded.issues]
    texts = [text.replace("\x1f", "\n") for text in decoded.text.split("\n")]
    for position, (row, text) in enumerate(zip(words.index, texts, strict=True)):
        undone = _undone(text)
        if undone is not None:
            texts[position] = undone[1]
            told.append(_told(record, str(cells.name), row, text, undone))
    if texts == list(words):
        return cells, told
    mended = cells.astype("object")
    mended.loc[words.index] = texts
    return (mended.astype(cells.dtype) if str(cells.dtype) == "str" else mended), checks.capped(told)


def names(given: Iterable[str], *, record: Record) -> tuple[list[str], list[Issue]]:
    """Undo the same in names of columns, each by itself.

    Returns
    -------
    list of str, list of Issue
    """
    found, told = [], []
    for name in given:
        undone = _undone(name)
        found.append(name if undone is None else undone[1])
        if undone is not None:
            told.append(_told(record, undone[1], None, name, undone))
    return found, told


def _undone(text: str) -> tuple[str, str] | None:
    """Return how a text was spoilt and what it was, where that is beyond doubt."""
    if text.isascii() or not _WORD.search(text):
        return None
    if syllables.spelled_share(text) != 0.0 and not syllables.has_foreign_letters(text):
        return None
    found = {undone: name for name, undone in encodings.undoings(text) if syllables.spelled_share(undone) == 1.0}
    return next(((name, undone) for undone, name in found.items()), None) if len(found) == 1 else None


def _told(record: Record, column: str, row: Any, text: str, undone: tuple[str, str]) -> Issue:
    rule = f"a text is in Unicode; this one was in {undone[0]}"
    done = f"It was read as '{undone[1][:80]}', without loss."
    more: dict[str, Any] = {"value": text[:80], "severity": "warning", "done": done, "code": "spoilt_cell"}
    return checks.fault(record, rule, row=row, column=column, **more)
