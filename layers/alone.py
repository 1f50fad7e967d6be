"""A layer looked at by itself, when what it speaks of could not be read: its own faults are told all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandera.pandas as pa

from layers import checks, points, readers, shapes
from layers.catalog import Record
from layers.errors import Issue, LayerError
from layers.schema import LAT, LON


def table(record: Record, *, columns: Mapping[str, str], rules: pa.DataFrameSchema) -> list[Issue]:
    """Return what is wrong with a table, whatever its rows speak of.

    Parameters
    ----------
    record : Record
    columns : mapping
        Our column name to the file's.
    rules : DataFrameSchema
        Of `layers.schema`.
    """
    try:
        return list(checks.take(readers.read_table(record), columns=columns, rules=rules, record=record).issues)
    except LayerError as error:
        return list(error.issues)


def places(
    record: Record,
    *,
    columns: Mapping[str, str],
    rules: pa.DataFrameSchema,
    kind: shapes.Kind,
    crs: str,
    source_crs: str | None,
    layer_name: str | None,
) -> list[Issue]:
    """Return what is wrong with a layer of points or polygons, wherever they should lie.

    Parameters
    ----------
    record, columns, rules
        As for `table`.
    kind : {"polygon", "point", "line"}
    crs : str
        The plan's metric CRS.
    source_crs, layer_name
        As for `readers.read_vector`.
    """
    try:
        if readers.is_table(record) and not _has_positions(record, columns):
            return table(record, columns=columns, rules=rules)
        source = (
            points.read(record, columns=columns, source_crs=source_crs, layer_name=layer_name)
            if kind == "point"
            else readers.read_vector(record, layer_name=layer_name, source_crs=source_crs)
        )
        placed = shapes.place(source.loc[source.geometry.notna()], crs=crs, kind=kind, record=record)
        taken = checks.take(source, columns=columns, rules=rules, record=record, also=(LON, LAT), told=placed.issues)
    except LayerError as error:
        return list(error.issues)
    return [*taken.issues, *placed.issues]


def not_compared(record: Record, without: Sequence[str]) -> Issue:
    """Return the remark that names what a layer was not compared with."""
    rule = f"a layer is compared with {', '.join(without)}; this was not done, since that could not be read"
    done = "Its own cells were checked; check again once that layer is mended."
    return checks.fault(record, rule, severity="warning", done=done, code="not_compared")


def _has_positions(record: Record, columns: Mapping[str, str]) -> bool:
    return bool({LON, LAT} & {*columns, *readers.read_table(record).columns})
