"""Published tables: what a frame must hold to be published, and its Parquet form."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import shapely
from pyarrow import parquet

from planner.errors import PublicationError
from planner.products import ARROW, FOUR, GEOGRAPHIC_TABLES, Column

CRS: Final = "EPSG:4326"
GEOMETRY: Final = "geometry"
BBOX: Final = "bbox"

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "villages": ("unit_id",),
    "communes": ("unit_id",),
    "sites": ("site_id",),
    "assignments": ("unit_id", "site_id"),
    "coverage": ("unit_id", "operator", "technology", "evidence"),
    "team_minutes": ("unit_id", "rank", "site_id"),
    "crosswalk": ("old_id", "commune_id"),
    "sensitivity": ("factor",),
    "village_types": ("unit_id",),
    "hot_spots": ("unit_id",),
    "actions": ("step",),
    "scenarios": ("number",),
    "fairness": ("aversion",),
    "waves": ("wave", "site_id"),
    "alternatives": ("number", "site_id"),
    "explanations": ("unit_id",),
    "rounds": ("site_id", "team", "week", "day", "stop"),
    "unvisited": ("unit_id",),
    "curve": ("teams_added",),
    "evidence": ("unit_id", "operator", "technology", "source"),
    "doubtful": ("unit_id", "operator", "technology"),
    "operator_requests": ("unit_id", "operator", "technology"),
}
"""Columns that name one row of each table; rows are published in their text order."""

SHAPES: Final[dict[str, tuple[str, ...]]] = {
    "villages": ("Polygon", "MultiPolygon"),
    "communes": ("Polygon", "MultiPolygon"),
    "sites": ("Point",),
    "assignments": ("LineString",),
}
"""Geometry types of each geographic table."""

CLASSES: Final = frozenset({"white_spot", "weak_spot", "skills_gap", "access_gap", "several", "served", "unknown"})
"""Classes of need."""

WORDS: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("villages", "coverage_status"): frozenset({"covered", "partial", "not_covered", "unknown"}),
    ("villages", "coverage_evidence"): frozenset({"declared", "modelled", "measured", "mixed", "unknown"}),
    ("villages", "*_status"): frozenset({"observed", "smoothed", "estimated", "suppressed", "unknown"}),
    ("villages", "support_status"): frozenset({"reached", "unreachable", "beyond_cutoff", "unknown"}),
    ("villages", "support_reason"): frozenset(
        {
            "too_far",
            "cut_off",
            "in_a_closed_cell",
            "no_team_stands",
            "no_entry",
            "not_in_matrix",
            "outside_the_grid",
            "no_position",
            "no_teams_known",
        }
    ),
    ("villages", "need_class"): CLASSES,
    ("communes", "need_class"): CLASSES,
    ("villages", "response"): frozenset(
        {"operator_request", "community_team", "rapid_response_visit", "survey", "none"}
    ),
    ("hot_spots", "spot"): frozenset({"hot", "cold", "none"}),
    ("explanations", "way_out"): frozenset({"not_needed", "one_indicator", "none_alone"}),
    ("unvisited", "reason"): frozenset({"no_time", "too_far_for_a_day", "outside_the_area", "no_way"}),
    ("sites", "team_type"): frozenset({"community", "rapid_response"}),
    ("sites", "status"): frozenset({"existing", "new", "upgraded", "moved", "closed"}),
    ("sites", "certainty"): frozenset({"", "no_regret", "likely", "phone_first"}),
    ("actions", "action"): frozenset({"open", "upgrade", "move_away", "close"}),
    ("actions", "certainty"): frozenset({"", "no_regret", "likely", "phone_first"}),
    ("actions", "team_type"): frozenset({"community", "rapid_response"}),
    ("coverage", "evidence"): frozenset({"declared", "modelled", "measured"}),
    ("evidence", "source"): frozenset({"declared", "modelled", "measured", "reports"}),
    ("evidence", "counted"): frozenset({"yes", "no"}),
}
"""The only words that these columns may hold."""

LIMITS: Final[dict[str, tuple[float, float]]] = {
    "share": (0.0, 1.0),
    "points": (0.0, 100.0),
    "people": (0.0, np.inf),
    "minutes": (0.0, np.inf),
    "km": (0.0, np.inf),
    "degrees": (-180.0, 180.0),
}
"""Lowest and highest value of each unit."""

SUM_TOLERANCE_POINTS: Final = 1e-6


def _refuse(table: str, rule: str) -> PublicationError:
    return PublicationError(f"table '{table}' cannot be published: {rule}")


def _row(frame: pd.DataFrame, table: str, bad: Any) -> str:
    """Return the key of the first row where `bad` is true, for a message."""
    position = int(np.flatnonzero(np.asarray(bad))[0])
    return "/".join(str(frame.iloc[position][key]) for key in KEYS[table])


def _none(value: object) -> bool:
    """Whether a cell holds nothing; NaN and NaT differ from themselves."""
    return value is None or value is pd.NA or (isinstance(value, (float, dt.date)) and value != value)  # noqa: PLR0124 - as said


def _text(values: pd.Series[Any]) -> pd.Series[Any]:
    cells = [None if _none(v) else v if isinstance(v, str) else v.isoformat() for v in values]
    return pd.Series(cells, index=values.index, dtype="str")


def _list(values: pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series([[] if _none(v) else list(v) for v in values], index=values.index, dtype="object")


def _whole(numbers: pd.Series[Any]) -> pd.Series[Any]:
    parts = numbers[numbers % 1 != 0]
    if len(parts):
        message = f"found {parts.iloc[0]:g}"
        raise ValueError(message)
    return numbers.astype("Int64")


def _cells(values: pd.Series[Any], column: Column, *, table: str) -> pd.Series[Any]:
    """Return a column in its published type."""
    try:
        if column.kind in {"text", "date"}:
            return _text(values)
        if column.kind == "list":
            return _list(values)
        if column.kind == "whole":
            return _whole(pd.to_numeric(values).astype("Float64"))
        return pd.to_numeric(values).astype("float64")
    except (TypeError, ValueError, AttributeError) as error:
        raise _refuse(table, f"column '{column.name}' must be of kind {column.kind} ({error})") from error


def _check_values(frame: pd.DataFrame, column: Column, *, table: str, star: str) -> None:
    """Refuse values outside their unit's range and words that the contract does not know."""
    values = frame[column.name]
    if column.kind in {"number", "whole"}:
        numbers = values.to_numpy(dtype="float64", na_value=np.nan)
        low, high = LIMITS.get(column.unit, (-np.inf, np.inf))
        bad = np.isinf(numbers) | (numbers < low) | (numbers > high)
        if bad.any():
            value = numbers[bad][0]
            rule = f"a finite number from {low:g} to {high:g} is due"
            raise _refuse(table, f"{_row(frame, table, bad)}: {column.name} = {value:g}; {rule}")
    words = WORDS.get((table, star))
    if words is not None:
        bad = ~(values.isin(words) | (values.isna() & column.optional)).to_numpy()
        if bad.any():
            value = values[bad].iloc[0]
            known = ", ".join(sorted(words))
            raise _refuse(table, f"{_row(frame, table, bad)}: {column.name} = {value!r} is none of {known}")


def _check_key(frame: pd.DataFrame, *, table: str) -> None:
    keys = list(KEYS[table])
    empty = frame[keys].isna().any(axis=1)
    if empty.any():
        raise _refuse(table, f"{', '.join(keys)} must not be empty (row {int(np.flatnonzero(empty)[0]) + 1})")
    twice = frame.duplicated(keys)
    if twice.any():
        raise _refuse(table, f"{_row(frame, table, twice)} stands in it more than once")


def _check_sums(frame: pd.DataFrame, *, table: str, pillars: list[str]) -> None:
    """Refuse a village whose people or points do not add up: no reader should have to find that."""
    four = frame[list(FOUR)].sum(axis=1, skipna=False)
    bad = (four != frame["eligible_people"]).fillna(value=True).to_numpy(dtype=bool)
    if bad.any():
        row = _row(frame, table, bad)
        raise _refuse(table, f"{row}: {', '.join(FOUR)} do not add to eligible_people")
    if not pillars:
        return
    points = frame[[f"contribution_{p}" for p in pillars]].sum(axis=1)
    bad = (abs(points - frame["score"]) > SUM_TOLERANCE_POINTS).to_numpy(dtype=bool)
    if bad.any():
        raise _refuse(table, f"{_row(frame, table, bad)}: the contributions do not add to the score")


def _check_geometry(frame: pd.DataFrame, *, table: str) -> gpd.GeoSeries:
    """Return the geometry; refuse another CRS, another shape, nothing where something is due.

    A line from a village to a site at its own point has no length and would be invalid: it is published as null.
    """
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise _refuse(table, "it needs a geometry with a coordinate reference system")
    if frame.crs != pyproj.CRS(CRS):
        raise _refuse(table, f"its geometry must be in {CRS}, found {frame.crs.to_string()}")
    geometry = frame.geometry
    if table == "assignments":
        geometry = geometry.where(shapely.length(geometry.to_numpy()) > 0)
    shapes = geometry.geom_type
    missing = geometry.isna() | geometry.is_empty
    bad = missing & (table != "assignments") | ~missing & ~shapes.isin(SHAPES[table])
    if bad.any():
        found = shapes[bad].iloc[0] or "no geometry"
        raise _refuse(table, f"{_row(frame, table, bad)}: {' or '.join(SHAPES[table])} is due, found {found}")
    return geometry


def prepare(
    frame: pd.DataFrame, columns: list[Column], *, table: str, pillars: list[str], starred: dict[str, str] | None = None
) -> pd.DataFrame:
    """Return `frame` as it is published: the contract's columns in their order, kinds and row order.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        At least `columns`, and a geometry in EPSG:4326 for a geographic table.
    columns : list of Column
        As `planner.products.expand` gives them.
    table : str
        Name in `planner.products.TABLES`.
    pillars : list of str
        Pillars whose contributions add to the score; empty where there is no score.
    starred : dict, optional
        Expanded column name to the name with ``*`` that it came from.

    Returns
    -------
    DataFrame or GeoDataFrame
        A fresh index from 0; text as ``str``, whole numbers as ``Int64``, lists as lists of ``str``.

    Raises
    ------
    PublicationError
        Naming the table, row, column and rule: missing or unknown columns, a repeated key, a value outside its
        unit, an unknown word, sums that do not hold, another CRS.
    """
    names = [c.name for c in columns]
    geographic = table in GEOGRAPHIC_TABLES
    known = {*names, GEOMETRY} if geographic else set(names)
    if absent := [n for n in names if n not in frame.columns]:
        raise _refuse(table, f"columns are missing: {', '.join(absent)}")
    if extra := sorted(set(frame.columns) - known):
        raise _refuse(table, f"columns are not in the contract: {', '.join(extra)}")
    found = pd.DataFrame({c.name: _cells(frame[c.name], c, table=table) for c in columns}, columns=names)
    _check_key(found, table=table)
    for column in columns:
        _check_values(found, column, table=table, star=(starred or {}).get(column.name, column.name))
    if table == "villages":
        _check_sums(found, table=table, pillars=pillars)
    if geographic:
        found = gpd.GeoDataFrame(found, geometry=_check_geometry(frame, table=table))
    return found.sort_values(list(KEYS[table]), kind="stable", ignore_index=True)


def _geo_metadata(geometry: gpd.GeoSeries) -> bytes:
    """Return GeoParquet 1.1's ``geo`` entry; keys and types sorted, so that the bytes depend on the data alone."""
    present = geometry[geometry.notna()]
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(set(present.geom_type)),
        "crs": pyproj.CRS(CRS).to_json_dict(),
        "edges": "planar",
        "covering": {"bbox": {side: [BBOX, side] for side in ("xmin", "ymin", "xmax", "ymax")}},
    }
    if len(present):
        column["bbox"] = [float(v) for v in present.total_bounds]
    meta = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    return json.dumps(meta, sort_keys=True, separators=(",", ":")).encode()


def _geometry_columns(geometry: gpd.GeoSeries) -> tuple[pa.Array, pa.Array]:
    """Return the WKB column and the covering column of boxes (null where there is no geometry)."""
    shapes = geometry.to_numpy()
    missing = shapely.is_missing(shapes)
    wkb = pa.array(shapely.to_wkb(shapes, output_dimension=2, byte_order=1), type=pa.binary())
    bounds = shapely.bounds(shapes)
    sides = [pa.array(bounds[:, i], mask=missing) for i in range(4)]
    boxes = pa.StructArray.from_arrays(sides, names=["xmin", "ymin", "xmax", "ymax"], mask=pa.array(missing))
    return wkb, boxes


def arrow(frame: pd.DataFrame, columns: list[Column]) -> pa.Table:
    """Return a prepared frame as an Arrow table with the contract's types, GeoParquet 1.1 where it has a geometry.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        From `prepare`.
    columns : list of Column

    Returns
    -------
    pyarrow.Table
        Without a pandas index; geometry as WKB in EPSG:4326 (lon, lat) with a ``bbox`` covering column.
    """
    schema = pa.schema([(c.name, ARROW[c.kind]) for c in columns])
    plain = pd.DataFrame(frame)[[c.name for c in columns]]
    table = pa.Table.from_pandas(plain, schema=schema, preserve_index=False)
    if not isinstance(frame, gpd.GeoDataFrame):
        return table
    wkb, boxes = _geometry_columns(frame.geometry)
    table = table.append_column(GEOMETRY, wkb).append_column(BBOX, boxes)
    return table.replace_schema_metadata({**(table.schema.metadata or {}), b"geo": _geo_metadata(frame.geometry)})


def write_parquet(frame: pd.DataFrame, columns: list[Column], *, path: Path) -> None:
    """Write a prepared frame as Parquet; equal frames give equal bytes."""
    parquet.write_table(arrow(frame, columns), path, compression="zstd", version="2.6", use_dictionary=True)
