"""Tables without geometry: CSV, TSV and XLSX as text, cell by cell; Parquet with its own types."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from layers import checks, encodings, headers, mending, notes, numerals, workbooks
from layers.catalog import Record
from layers.errors import Issue, LayerError, UnsafeFileError
from layers.limits import MEGABYTE

_DELIMITERS: Final = (",", ";", "\t")
_SAMPLE_LINES: Final = 500
"""Lines from which the separator is told."""
_OTHER_LINES: Final = 1_000
"""Lines of a file that are no rows: titles, headers, totals, blank ones; with more of them it is read as too long."""


def read_csv(path: Path, *, record: Record) -> pd.DataFrame:
    """Read a CSV or TSV file (comma, semicolon or tab, told from the whole) with every cell as text.

    Parameters
    ----------
    path : Path
    record : Record
        Names the file in messages.

    Returns
    -------
    DataFrame
        Columns of ``str``, an empty cell missing, index = row of the data. Lines without any cell are not rows; titles,
        a second header row and totals are told in the notes (`layers.notes`), as is an encoding other than UTF-8.

    Raises
    ------
    LayerError
        When the text cannot be decoded (`layers.encodings`), the header repeats or lacks a name, or a row has another
        number of cells: every such row.
    """
    decoded = encodings.decode(path.read_bytes(), record=record)
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(decoded.text)
    rows = csv.reader(io.StringIO(decoded.text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = list(itertools.islice(rows, record.limits.rows + _OTHER_LINES))
    except csv.Error as error:
        raise LayerError(_fault(record, f"the file is not a readable CSV table ({error})", code="not_csv")) from None
    return notes.attach(_table(lines, record), decoded.issues)


def read_xlsx(path: Path, *, record: Record) -> pd.DataFrame:
    """Read the first sheet of an XLSX workbook with every cell as text.

    Returns
    -------
    DataFrame
        As `read_csv`. Further sheets are told, not read.

    Raises
    ------
    LayerError
        When it is no workbook, or as for `read_csv`.
    """
    sheet = workbooks.read(path, record=record)
    faults = [issue for issue in sheet.issues if issue.severity == "error"]
    if faults:
        raise LayerError(sheet.issues)
    return notes.attach(_table(sheet.lines, record), sheet.issues)


def read_parquet(path: Path, *, record: Record) -> pd.DataFrame:
    """Read a Parquet table with the types it states.

    Raises
    ------
    LayerError
        When it is not Parquet.
    UnsafeFileError
        When it is beyond the limits.
    """
    try:
        with pq.ParquetFile(path) as file:
            require_small_parquet(file, record=record)
            frame: pd.DataFrame = file.read().to_pandas(ignore_metadata=True)
    except (pa.ArrowException, ValueError, OSError) as error:
        raise LayerError(
            _fault(record, f"the file is not a readable Parquet table ({error})", code="not_parquet")
        ) from None
    return frame.reset_index(drop=True)


def require_small_parquet(file: pq.ParquetFile, *, record: Record) -> None:
    """Refuse a Parquet file that is beyond the limits, before its columns are unpacked.

    Raises
    ------
    UnsafeFileError
    """
    about = file.metadata
    checks.require_size(about.num_rows, about.num_columns, record=record)
    groups = (about.row_group(i) for i in range(about.num_row_groups))
    size = sum(group.column(i).total_uncompressed_size for group in groups for i in range(about.num_columns))
    if size > record.limits.unpacked_mb * MEGABYTE:
        value = f"{size / MEGABYTE:,.1f} MB"
        raise UnsafeFileError(checks.beyond(record, "unpacked_mb", value, "a Parquet file unpacks to"))


def _fault(record: Record, rule: str, **more: Any) -> Issue:
    return Issue(layer=record.layer, file=record.file, rule=rule, **more)


def _delimiter(text: str) -> str:
    """Return the separator that gives most lines the same number of cells, more than one."""
    sample = list(itertools.islice(io.StringIO(text, newline=""), _SAMPLE_LINES))

    def regularity(delimiter: str) -> tuple[int, int]:
        widths = [len(line) for line in csv.reader(sample, delimiter=delimiter) if line]
        several = [width for width in widths if width > 1]
        if not several:
            return 0, 0
        common = max(sorted(set(several)), key=several.count)
        return several.count(common), common

    try:
        return max(_DELIMITERS, key=regularity)
    except csv.Error:
        return _DELIMITERS[0]


def _table(lines: Sequence[Sequence[str]], record: Record) -> pd.DataFrame:
    sheet = headers.split(lines, record=record)
    if sheet is None:
        raise LayerError(_fault(record, "a table starts with a header row", code="no_header"))
    checks.require_size(len(sheet.lines), len(sheet.names), record=record)
    faults = [*_header_faults(sheet.names, record), *_width_faults(sheet, record)]
    if faults:
        raise LayerError([*sheet.issues, *faults])
    columns = zip(*sheet.lines, strict=True) if sheet.lines else [()] * len(sheet.names)
    frame = pd.DataFrame(
        {
            name: pd.array([cell or None for cell in cells], dtype="str")
            for name, cells in zip(sheet.names, columns, strict=True)
        },
        index=pd.Index(sheet.rows, dtype="int64"),
    )
    names, told = mending.names(frame.columns, record=record)
    frame.columns = pd.Index(names)
    for name in dict.fromkeys(names):
        frame[name], more = mending.column(frame[name], record=record)
        told += more
    return notes.attach(frame, [*sheet.issues, *_totals(frame, sheet, record), *told])


def _totals(frame: pd.DataFrame, sheet: headers.Sheet, record: Record) -> Iterable[Issue]:
    """Return a warning for each stated total that is not the sum of its column."""
    if len(sheet.totals) != 1:
        return
    for position, stated in enumerate(sheet.totals[0][: len(sheet.names)]):
        if not numerals.is_written(stated):
            continue
        read = numerals.read(pd.Series([*frame.iloc[:, position], stated], dtype="str"), whole=True)
        values, total = read.typed.iloc[:-1], read.typed.iloc[-1]
        if read.faulty.any() or values.isna().any() or (values % 1).any() or values.sum() == total:
            continue
        rule = f"the total of a column is the sum of its rows, {values.sum():,.0f}"
        name = sheet.names[position]
        yield _fault(record, rule, column=name, value=stated, severity="warning", code="total_mismatch")


def _header_faults(header: Sequence[str], record: Record) -> Iterable[Issue]:
    for position, name in enumerate(header, start=1):
        if not name:
            done = "The first line is the header; remove titles above it."
            rule = f"every column has a name; column {position} has none"
            yield _fault(record, rule, done=done, code="no_column_name")
        elif name in header[: position - 1]:
            yield _fault(record, "a column name is used once", column=name, code="repeated_column")


def _width_faults(sheet: headers.Sheet, record: Record) -> Iterable[Issue]:
    width = len(sheet.names)
    for row, line in zip(sheet.rows, sheet.lines, strict=True):
        if len(line) != width:
            rule = f"a row has as many cells as the header, {width}"
            yield _fault(record, rule, row=row, value=f"{len(line)} cells", code="ragged_row")
