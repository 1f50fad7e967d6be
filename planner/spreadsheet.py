"""A workbook of plain tables (Office Open XML, ECMA-376): text as text, numbers as numbers, no formulas, no clock.

Written here because a country's tables are millions of cells, and libraries that know every feature of the format take
ten microseconds for each and hold them all. A sheet is written as it is read, some thousand rows at a time.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain
from typing import Any, Final, Protocol

MOST_ROWS: Final = 1_048_575
"""Of a sheet, below its header: what spreadsheet programs open."""
MOST_CHARACTERS: Final = 32_767
"""Of a cell, UTF-16: the same."""
AT_ONCE: Final = 4096
"""Rows whose text is held at a time."""
WIDTH: Final = 18
"""Of a column, characters."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_CORE: Final = "application/vnd.openxmlformats-package.core-properties+xml"
_BOLD: Final = ' s="1"'

_SPECIAL: Final = re.compile(r"^\s|\s$|[&<>\x00-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
"""What cannot stand in a cell's text as it is."""
_CODED: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML cannot hold, or would read as an end of line or as such a code itself; the format writes it ``_xHHHH_``."""


class Cells(Protocol):
    """A column, of which some rows are asked for at a time."""

    def __len__(self) -> int:
        """Return how many rows there are."""

    def __getitem__(self, rows: slice, /) -> Sequence[Any]:
        """Return the cells of some rows."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    Parameters
    ----------
    name : str
        At most 31 letters, digits and ``_``.
    header : sequence of str
    columns : sequence of Cells
        Lists, for example; as many as the header, equally long; every cell a str, an int, a finite float, or None for an empty one.
    """

    name: str
    header: Sequence[str]
    columns: Sequence[Cells]

    @property
    def rows(self) -> int:
        """How many rows it has below the header."""
        return len(self.columns[0]) if self.columns else 0


def workbook(sheets: Sequence[Sheet], *, created: dt.datetime) -> bytes:
    """Return a workbook as a file holds it; equal arguments give equal bytes.

    Parameters
    ----------
    sheets : sequence of Sheet
        In their order; of more rows than `MOST_ROWS` the first ones stand in it.
    created : datetime
        UTC; what the file says of its making.
    """
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, text in _frame(sheets, created).items():
            archive.writestr(_entry(name), text.encode())
        for number, sheet in enumerate(sheets, start=1):
            with archive.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w", force_zip64=False) as part:
                for text in _sheet(sheet, first=number == 1):
                    part.write(text.encode())
    return found.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, _EPOCH)
    found.compress_type = zipfile.ZIP_DEFLATED
    # on every system alike: a file that its owner may write and all may read
    found.create_system, found.external_attr = 3, 0o644 << 16
    return found


def _frame(sheets: Sequence[Sheet], created: dt.datetime) -> dict[str, str]:
    """Return the parts round the sheets: what there is, how it hangs together, two styles, the time."""
    numbers = range(1, len(sheets) + 1)
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPES}.worksheet+xml"/>' for n in numbers
    )
    named = "".join(
        f'<sheet name="{s.name}" sheetId="{n}" r:id="rId{n}"/>' for n, s in zip(numbers, sheets, strict=True)
    )
    targets = [(f"{_OFFICE}/worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    time = created.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>{parts}'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
        f'<Override PartName="/docProps/core.xml" ContentType="{_CORE}"/></Types>',
        "_rels/.rels": _relations(
            [
                (f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
                (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            ]
        ),
        "docProps/core.xml": f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{time}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{time}</dcterms:modified></cp:coreProperties>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<bookViews><workbookView/></bookViews><sheets>{named}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations([*targets, (f"{_OFFICE}/styles", "styles.xml")]),
        "xl/styles.xml": f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    }


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _sheet(sheet: Sheet, *, first: bool) -> Iterator[str]:
    """Yield the text of a sheet: a bold header and the first column stay in view."""
    width = len(sheet.header)
    shown = ' tabSelected="1"' if first else ""
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView{shown} workbookViewId="0">'
    yield '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/></sheetView></sheetViews>'
    yield f'<cols><col min="1" max="{width}" width="{WIDTH}" customWidth="1"/></cols><sheetData>'
    letters = [_letters(number) for number in range(width)]
    yield _rows([[title] for title in sheet.header], letters, start=1, style=_BOLD)
    last = min(sheet.rows, MOST_ROWS)
    for start in range(0, last, AT_ONCE):
        stop = min(start + AT_ONCE, last)
        yield _rows([column[start:stop] for column in sheet.columns], letters, start=start + 2)
    yield "</sheetData></worksheet>"


def _rows(columns: Sequence[Sequence[Any]], letters: Sequence[str], *, start: int, style: str = "") -> str:
    cells = [_cells(column, letter, start, style) for column, letter in zip(columns, letters, strict=True)]
    rows = zip(*cells, strict=True)
    return "".join(
        chain.from_iterable((f'<row r="{number}">', *row, "</row>") for number, row in enumerate(rows, start=start))
    )


def _cells(column: Sequence[Any], letter: str, start: int, style: str) -> list[str]:
    """Return the cells of some rows of one column; texts within themselves, so that no sheet depends on another."""
    return [
        ""
        if value is None
        else f'<c r="{letter}{row}"{style} t="inlineStr"><is><t{_text(value)}</t></is></c>'
        if isinstance(value, str)
        else f'<c r="{letter}{row}"{style}><v>{value!r}</v></c>'
        for row, value in enumerate(column, start=start)
    ]


def _text(value: str) -> str:
    """Return the end of the opening tag, and a text that XML reads back as it was."""
    if len(value) * 2 > MOST_CHARACTERS:
        value = value.encode("utf-16-le", "surrogatepass")[: 2 * MOST_CHARACTERS].decode("utf-16-le", "ignore")
    if _SPECIAL.search(value) is None:
        return f">{value}"
    coded = _CODED.sub(lambda found: f"_x{ord(found.group()):04X}_", value)
    return f' xml:space="preserve">{escape(coded, quote=False)}'


def _letters(number: int) -> str:
    """Return a column's name: A to Z, AA and so on."""
    found = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
