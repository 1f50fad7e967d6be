"""XLSX workbooks: one visible sheet as lines of text, and what a spreadsheet shows that its cells do not hold."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from layers import archives, checks, numerals
from layers.catalog import Record
from layers.errors import Issue, LayerError, UnsafeFileError

_MAX_CELLS: Final = 50_000_000
"""Of the rectangle that a sheet's cells span, which is held as a whole."""
_REFERENCE: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})(\d{1,9})["']""")
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_RESULT: Final = re.compile(rb"<(?:\w+:)?v\b[^>]*>[^<]|<(?:\w+:)?is\b")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f\b")
_ERROR: Final = re.compile(rb"""\bt\s*=\s*["']e["']""")
_SHEET: Final = re.compile(rb"""<(?:\w+:)?sheet\b[^>]*\br:id\s*=\s*["']([^"']+)["']""")
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_CHUNK_BYTES: Final = 1 << 20
_OVERLAP_BYTES: Final = 64
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as read.

    Parameters
    ----------
    lines : list of lists of str
        Every cell as the text a person would have typed.
    issues : tuple of Issue
    """

    lines: list[list[str]]
    issues: tuple[Issue, ...]


def read(path: Path, *, record: Record) -> Sheet:
    """Read the first visible sheet of a workbook.

    Parameters
    ----------
    path : Path
    record : Record
        Names the file in messages and has the limits.

    Returns
    -------
    Sheet
        A text in cells merged downwards stands in each of them; a number does not, since it is one for all. Told are
        merged cells, further sheets, cells that hold an error, and formulas without a stored result.

    Raises
    ------
    LayerError
        When it is no workbook.
    UnsafeFileError
        When it is beyond the limits.
    """
    _require_small(path, record)
    try:
        book = CalamineWorkbook.from_path(str(path))
        position = _first_visible(book)
        sheet = book.get_sheet_by_index(position)
        lines = [[_cell_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    except (CalamineError, IndexError, ValueError, OSError) as error:
        rule = f"the file is not a readable XLSX workbook ({error})"
        raise LayerError(checks.fault(record, rule, code="not_xlsx")) from None
    told = [*_other_sheets(book, position, record), *_without_value(path, position, record)]
    return Sheet(lines, (*told, *_spread_merged(lines, sheet, record)))


def _first_visible(book: CalamineWorkbook) -> int:
    about = book.sheets_metadata
    shown = (
        i for i, m in enumerate(about) if m.visible == SheetVisibleEnum.Visible and m.typ == SheetTypeEnum.WorkSheet
    )
    return next(shown, 0)


def _cell_text(cell: object) -> str:
    """Return a cell of a workbook as the text a person would have typed; midnight is the day alone."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def _other_sheets(book: CalamineWorkbook, position: int, record: Record) -> Iterator[Issue]:
    names = book.sheet_names
    if len(names) > 1:
        which = "first" if position == 0 else "first visible one"
        rule = f"a workbook has one sheet; of {len(names)} the {which}, '{names[position]}', was read"
        others = ", ".join(name for i, name in enumerate(names) if i != position)[:200]
        done = "Move the sheet that is meant to the front, or save it as a workbook of its own."
        yield checks.fault(record, rule, value=others, severity="warning", done=done, code="several_sheets")


def _spread_merged(lines: list[list[str]], sheet: CalamineSheet, record: Record) -> Iterator[Issue]:
    """Repeat a text in the cells merged below it, in place; tell it, and the numbers that are not repeated."""
    texts, numbers = [], []
    for (top, left), (bottom, right) in sorted(sheet.merged_cell_ranges or ()):
        if left != right or bottom == top or top >= len(lines) or left >= len(lines[top]):
            continue
        above = lines[top][left]
        if numerals.is_written(above):
            numbers.append(above)
            continue
        texts.append(above)
        for row in range(top + 1, min(bottom + 1, len(lines))):
            lines[row][left] = above
    if any(texts):
        rule, done = "a cell stands for one row; cells merged downwards stand for several", "Their text was repeated."
        yield _several(record, rule, texts, severity="info", done=done, code="merged_cells")
    if numbers:
        rule = "a number stands for one row; in merged cells it stands for several, and how it is shared is not known"
        done = "Only the first row has it; write the number of each row."
        yield _several(record, rule, numbers, severity="warning", done=done, code="merged_numbers")


def _without_value(path: Path, position: int, record: Record) -> Iterator[Issue]:
    """Tell cells that a spreadsheet computes or marks as wrong, and that hold nothing to read."""
    errors, formulas = [], []
    with archives.opened(path, record) as archive:
        for attributes, content in _CELL.findall(_part(archive, position)):
            place = _REFERENCE.search(attributes)
            where = "" if place is None else (place[1] + place[2]).decode()
            if _ERROR.search(attributes):
                errors.append(where)
            elif _FORMULA.search(content) and not _RESULT.search(content):
                formulas.append(where)
    if errors:
        rule, done = "a cell of a workbook holds a value; these hold an error such as #N/A", "They were read as empty."
        yield _several(record, rule, errors, severity="warning", done=done, code="cell_error")
    if formulas:
        rule = "a workbook stores what its formulas give; these have no result"
        done = "Open it in a spreadsheet program and save it again, or paste the values."
        yield _several(record, rule, formulas, severity="error", done=done, code="no_result")


def _several(record: Record, rule: str, found: Sequence[str], **more: Any) -> Issue:
    shown = ", ".join(found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
    return checks.fault(record, rule, value=shown[:200], **more)


def _part(archive: zipfile.ZipFile, position: int) -> bytes:
    """Return the XML of a sheet by its position among the sheets; empty where the workbook does not say it."""
    try:
        wanted = _SHEET.findall(archive.read("xl/workbook.xml"))[position]
        for (attributes,) in ((found,) for found in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))):
            name, target = _attribute(attributes, b"Id"), _attribute(attributes, b"Target")
            if name == wanted.decode() and target:
                whole = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
                return archive.read(whole)
    except (KeyError, IndexError):
        pass
    return b""


def _attribute(attributes: bytes, name: bytes) -> str:
    found = re.search(rb"\b" + name + rb"""\s*=\s*["']([^"']*)["']""", attributes)
    return "" if found is None else found[1].decode(errors="replace")


def _require_small(path: Path, record: Record) -> None:
    """Refuse a workbook with a cell so far out that the rectangle up to it cannot be held: it takes one cell to say so."""
    with archives.opened(path, record) as archive:
        for member in archive.infolist():
            if member.filename.lower().endswith(".xml"):
                rows, columns = _extent(archive, member)
                if rows * columns > _MAX_CELLS:
                    rule = f"a sheet spans at most {_MAX_CELLS:,} cells"
                    done = "Delete the stray cells far below or right of the table."
                    value = f"{rows:,} rows x {columns:,} columns"
                    raise UnsafeFileError(checks.fault(record, rule, value=value, done=done, code="sheet_extent"))


def _extent(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    """Return the largest row and column that a part of a workbook refers to."""
    rows = columns = 0
    rest = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            text = rest + chunk
            for letters, digits in _REFERENCE.findall(text):
                rows, columns = max(rows, int(digits)), max(columns, _column_number(letters))
            rest = text[-_OVERLAP_BYTES:]
    return rows, columns


def _column_number(letters: bytes) -> int:
    """Return 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
