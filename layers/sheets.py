"""Tables without geometry: CSV and XLSX as text, cell by cell; Parquet with its own types."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from layers.catalog import Record
from layers.errors import Issue, LayerError, UnsafeFileError

MAX_ROWS: Final = 2_000_000
"""More rows than any layer of a province has; a file with more is refused, not read in part."""
_DELIMITERS: Final = (",", ";", "\t")


def read_csv(path: Path, *, record: Record) -> pd.DataFrame:
    """Read a CSV file (UTF-8, with or without BOM; comma, semicolon or tab) with every cell as text.

    Parameters
    ----------
    path : Path
    record : Record
        Names the file in messages.

    Returns
    -------
    DataFrame
        Columns of ``str``, an empty cell missing, index 0 to n - 1. Lines without any cell are not rows.

    Raises
    ------
    LayerError
        When the text is not UTF-8, the header repeats or lacks a name, or a row has another number of cells: every
        such row.
    """
    text = _decode(path.read_bytes(), record)
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if line]
    except csv.Error as error:
        raise LayerError(_fault(record, f"the file is not a readable CSV table ({error})", code="not_csv")) from None
    return _table(lines, record)


def read_xlsx(path: Path, *, record: Record) -> pd.DataFrame:
    """Read the first sheet of an XLSX workbook with every cell as text; its first row is the header.

    Raises
    ------
    LayerError
        When it is no workbook, or as for `read_csv`.
    """
    try:
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, IndexError) as error:
        raise LayerError(
            _fault(record, f"the file is not a readable XLSX workbook ({error})", code="not_xlsx")
        ) from None
    lines = [[_cell_text(cell) for cell in row] for row in rows]
    return _table([line for line in lines if any(line)], record)


def read_parquet(path: Path, *, record: Record) -> pd.DataFrame:
    """Read a Parquet table with the types it states.

    Raises
    ------
    LayerError
        When it is not Parquet.
    UnsafeFileError
        When it has more than `MAX_ROWS` rows.
    """
    try:
        with pq.ParquetFile(path) as file:
            require_rows(file.metadata.num_rows, record=record)
            frame: pd.DataFrame = file.read().to_pandas(ignore_metadata=True)
    except (pa.ArrowException, ValueError, OSError) as error:
        raise LayerError(
            _fault(record, f"the file is not a readable Parquet table ({error})", code="not_parquet")
        ) from None
    return frame.reset_index(drop=True)


def require_rows(rows: int, *, record: Record) -> None:
    """Refuse a file with more than `MAX_ROWS` rows.

    Raises
    ------
    UnsafeFileError
    """
    if rows > MAX_ROWS:
        rule = f"a layer has at most {MAX_ROWS:,} rows"
        raise UnsafeFileError(_fault(record, rule, value=f"{rows:,} rows", code="too_many_rows"))


def _fault(record: Record, rule: str, **more: Any) -> Issue:
    return Issue(layer=record.layer, file=record.file, rule=rule, **more)


def _decode(data: bytes, record: Record) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start)
        rule = "a text file is encoded in UTF-8"
        found = f"byte 0x{data[error.start]:02x}"
        done = "Save it again as CSV UTF-8."
        raise LayerError(_fault(record, rule, row=row or None, value=found, done=done, code="not_utf8")) from None


def _table(lines: Sequence[Sequence[str]], record: Record) -> pd.DataFrame:
    if not lines:
        raise LayerError(_fault(record, "a table starts with a header row", code="no_header"))
    header = [name.strip() for name in lines[0]]
    require_rows(len(lines) - 1, record=record)
    faults = [*_header_faults(header, record), *_width_faults(lines, record)]
    if faults:
        raise LayerError(faults)
    columns = zip(*lines[1:], strict=True) if len(lines) > 1 else [()] * len(header)
    return pd.DataFrame(
        {
            name: pd.array([cell or None for cell in cells], dtype="str")
            for name, cells in zip(header, columns, strict=True)
        }
    )


def _header_faults(header: Sequence[str], record: Record) -> Iterable[Issue]:
    for position, name in enumerate(header, start=1):
        if not name:
            done = "The first line is the header; remove titles above it."
            rule = f"every column has a name; column {position} has none"
            yield _fault(record, rule, done=done, code="no_column_name")
        elif name in header[: position - 1]:
            yield _fault(record, "a column name is used once", column=name, code="repeated_column")


def _width_faults(lines: Sequence[Sequence[str]], record: Record) -> Iterable[Issue]:
    width = len(lines[0])
    for row, line in enumerate(lines[1:], start=1):
        if len(line) != width:
            rule = f"a row has as many cells as the header, {width}"
            yield _fault(record, rule, row=row, value=f"{len(line)} cells", code="ragged_row")


def _cell_text(cell: object) -> str:
    """Return a cell of a workbook as the text a person would have typed."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)
