"""The same tables for desktop programs: GeoPackage, Excel and CSV, safe to open and equal for equal inputs."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import xlsxwriter

from layers.gdal import pyogrio
from planner.errors import PublicationError
from planner.products import Column

LIST_SEPARATOR: Final = ";"
MOST_ROWS: Final = 1_048_575
"""Rows of a sheet below its header; what is written beyond them is lost without a word."""
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula; such a text cell gets an apostrophe before it in CSV."""

_SIMPLE: Final = frozenset({"Point", "LineString", "Polygon"})
_GDAL = threading.Lock()


@contextmanager
def _gdal_date(now: dt.datetime) -> Iterator[None]:
    """Let GDAL write `now` as the time of change; its options belong to the process, hence the lock."""
    with _GDAL:
        before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": now.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _cell(value: Any) -> str | float | int | None:
    """Return a cell as a plain value: None where nothing is known, lists joined."""
    if isinstance(value, list):
        return LIST_SEPARATOR.join(value)
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    found: str | float | int = value.item() if hasattr(value, "item") else value
    return found


def _flat(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """Return `frame` with its lists joined, for formats that know none."""
    lists = {c.name: frame[c.name].map(LIST_SEPARATOR.join).astype("str") for c in columns if c.kind == "list"}
    return frame.assign(**lists)


def _geometry_type(geometry: gpd.GeoSeries, *, layer: str) -> str:
    """Return the one type that a layer is stored as; GDAL crashes on some that shapely has (rings), so they are refused."""
    kinds = set(geometry[geometry.notna()].geom_type)
    if strange := kinds - _SIMPLE - {f"Multi{kind}" for kind in _SIMPLE}:
        message = f"layer '{layer}' holds a {', '.join(sorted(strange))}; points, lines and polygons can be stored"
        raise PublicationError(message)
    single = {kind.removeprefix("Multi") for kind in kinds}
    if len(single) != 1:
        return "Unknown"
    several = single == {"Polygon"} or single != kinds
    return f"Multi{single.pop()}" if several else single.pop()


def add_layer(frame: gpd.GeoDataFrame, *, path: Path, layer: str, now: dt.datetime) -> None:
    """Add one layer to a GeoPackage, whose rows and times then depend on the arguments alone.

    Parameters
    ----------
    frame : GeoDataFrame
        Points, lines or polygons, single and multi may be mixed. Lists must be joined.
    path : Path
        Made where it does not exist.
    layer : str
    now : datetime
        Time of the publication, UTC; what ``gpkg_contents.last_change`` says.

    Raises
    ------
    PublicationError
        When it holds geometry of another kind.
    """
    geometry_type = _geometry_type(frame.geometry, layer=layer)
    with _gdal_date(now):
        pyogrio.write_dataframe(
            frame,
            path,
            layer=layer,
            driver="GPKG",
            append=path.exists(),
            geometry_type=geometry_type,
            promote_to_multi=geometry_type.startswith("Multi"),
            dataset_options=None if path.exists() else {"ADD_GPKG_OGR_CONTENTS": "YES"},
        )


def write_gpkg(
    frames: Mapping[str, gpd.GeoDataFrame], columns: Mapping[str, Sequence[Column]], *, path: Path, now: dt.datetime
) -> None:
    """Write geographic tables as layers of one GeoPackage, lists joined by ``;``."""
    for name, frame in frames.items():
        add_layer(gpd.GeoDataFrame(_flat(frame, columns[name])), path=path, layer=name, now=now)


def csv_text(value: str) -> str:
    """Return a text cell that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def _csv_cell(value: Any, column: Column) -> str:
    found = _cell(value)
    if found is None:
        return ""
    if isinstance(found, str):
        return found if column.name.endswith("_id") else csv_text(found)
    return repr(found)


def write_csv(frame: pd.DataFrame, columns: Sequence[Column], *, path: Path) -> None:
    """Write one table as CSV: UTF-8 with BOM, RFC 4180, formulas neutralised, numbers and ids untouched."""
    rows = zip(*(frame[c.name] for c in columns), strict=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([c.name for c in columns])
        writer.writerows([_csv_cell(v, c) for v, c in zip(row, columns, strict=True)] for row in rows)


def _write_sheet(
    book: xlsxwriter.Workbook, name: str, header: Sequence[str], rows: Iterator[Sequence[Any]] | Sequence[Sequence[Any]]
) -> None:
    """Write one sheet: a bold header that stays in view, text as text, numbers as numbers, unknown as empty.

    Row by row, each let go when the next one begins.
    """
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, max(len(header) - 1, 0), 18)
    for column, title in enumerate(header):
        sheet.write_string(0, column, title, bold)
    for i, row in enumerate(rows, start=1):
        for j, value in enumerate(row):
            found = _cell(value)
            if isinstance(found, str):
                sheet.write_string(i, j, found)
            elif found is not None:
                sheet.write_number(i, j, found)


def write_xlsx(
    frames: Mapping[str, pd.DataFrame],
    columns: Mapping[str, Sequence[Column]],
    *,
    path: Path,
    now: dt.datetime,
    about: Sequence[tuple[str, str]],
) -> None:
    """Write a workbook: a sheet that says what it is, one per table, one that explains every column.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Prepared tables by name, in the order of the sheets.
    columns : mapping of str to sequence of Column
    path : Path
    now : datetime
        Time of creation that the file carries, UTC.
    about : sequence of (str, str)
        What the first sheet says: a word and its text. A table of more rows than a sheet can have is left out, and
        said there.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    long = {name: len(frame) for name, frame in frames.items() if len(frame) > MOST_ROWS}
    told = [(name, f"{rows:,} rows; a sheet holds {MOST_ROWS:,}: see {name}.parquet") for name, rows in long.items()]
    # put together in memory: a full disk is then an OSError of ours, not a crash inside the library's archive
    stored = io.BytesIO()
    book = xlsxwriter.Workbook(stored, options | {"constant_memory": True, "tmpdir": str(path.parent)})
    book.set_properties({"created": now.replace(tzinfo=None)})
    _write_sheet(book, "about", ("what", "value"), [*about, *told])
    for name, frame in frames.items():
        if name in long:
            continue
        wanted = columns[name]
        _write_sheet(book, name, [c.name for c in wanted], zip(*(frame[c.name] for c in wanted), strict=True))
    meanings = [(name, c.name, c.unit, c.meaning) for name in frames for c in columns[name]]
    _write_sheet(book, "columns", ("table", "column", "unit", "meaning"), meanings)
    book.close()
    path.write_bytes(stored.getvalue())
