"""Layers of points: a vector file, or a table with columns of longitude and latitude."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from layers import checks, coordinates, notes, readers
from layers.catalog import Record
from layers.crs import GEOGRAPHIC
from layers.errors import CrsError, Issue
from layers.schema import LAT, LON, POINT_RULES


def read(
    record: Record, *, columns: Mapping[str, str], source_crs: str | None = None, layer_name: str | None = None
) -> gpd.GeoDataFrame:
    """Read points from a vector file, or from a table (CSV, XLSX, Parquet) with ``lon`` and ``lat``.

    Parameters
    ----------
    record : Record
    columns : mapping
        May say which columns are ``lon`` and ``lat``, decimal degrees.
    source_crs : str, optional
        CRS of a file that states none. A table's degrees are WGS 84 unless this names another geographic CRS.
    layer_name : str, optional
        Which layer of a GeoPackage.

    Returns
    -------
    GeoDataFrame
        Columns as found, index ``row`` from 1; a row without coordinates has no geometry.

    Raises
    ------
    LayerError
        When a coordinate is not a number, or as for `readers.read_vector`.
    CrsError
        When `source_crs` of a table is not geographic.
    """
    if not is_table(record):
        return readers.read_vector(record, layer_name=layer_name, source_crs=source_crs)
    return locate(readers.read_table(record), columns=columns, source_crs=source_crs, record=record)


def is_table(record: Record) -> bool:
    """Return whether positions come from columns: a table of text, or Parquet that holds no geometry."""
    if record.path is None or record.path.suffix.lower() != ".parquet":
        return readers.is_table(record)
    try:
        return b"geo" not in (pq.read_schema(record.path).metadata or {})
    except (pa.ArrowException, OSError, ValueError):
        return False  # the reader of vectors tells what is wrong with the file


def locate(
    table: pd.DataFrame, *, columns: Mapping[str, str], source_crs: str | None, record: Record
) -> gpd.GeoDataFrame:
    """Give the rows of a table the points that their ``lon`` and ``lat`` name.

    Parameters
    ----------
    table : DataFrame
        Index = row of the file.
    columns, source_crs, record
        As for `read`.
    """
    crs = readers.named_crs(source_crs or GEOGRAPHIC, record)
    if not crs.is_geographic:
        rule = "the lon and lat of a table are degrees of a geographic coordinate reference system"
        raise CrsError(checks.fault(record, rule, value=crs.to_string(), code="crs", done="Remove crs from the layer."))
    degrees = {name: columns[name] for name in (LON, LAT) if name in columns}
    plain, told = _decimal(table, degrees, record)
    taken = checks.take(plain, columns=degrees, rules=POINT_RULES, record=record)
    told = (*checks.stop_on_errors(taken.issues), *told)
    lon, lat = taken.frame[LON].to_numpy(), taken.frame[LAT].to_numpy()
    known = taken.frame[[LON, LAT]].notna().all(axis="columns").to_numpy()
    shapes = np.full(len(table), None, dtype=object)
    shapes[known] = shapely.points(lon[known], lat[known])
    return notes.attach(notes.without(gpd.GeoDataFrame(table, geometry=shapes, crs=crs)), told)


def _decimal(table: pd.DataFrame, columns: Mapping[str, str], record: Record) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Return the table with degrees, minutes and seconds as decimal degrees, and what is told of it."""
    plain, told = table.copy(), []
    for column in (columns.get(name, name) for name in (LON, LAT)):
        if column not in table:
            continue
        plain[column], cells = coordinates.spelled_out(table[column])
        if cells:
            mixed = cells < table[column].notna().sum()
            rule = "a position is written in decimal degrees" + ("; this column mixes notations" if mixed else "")
            value = f"{cells} of {len(table)} cells in degrees, minutes and seconds"
            done = "Each cell was read in its own notation."
            more = {"severity": "warning" if mixed else "info", "done": done, "code": "degrees_minutes"}
            told.append(checks.fault(record, rule, column=column, value=value, **more))
        plain[column], commas = coordinates.plain(plain[column])
        if commas:
            rule = "the degrees of a column have one decimal sign; this one mixes points and commas"
            done = "Each cell was read with its own: degrees have no thousands."
            value = f"{commas} cells with a comma"
            more = {"severity": "warning", "done": done, "code": "mixed_decimal_signs"}
            told.append(checks.fault(record, rule, column=column, value=value, **more))
    return plain, tuple(told)
