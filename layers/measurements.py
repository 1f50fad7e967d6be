"""Measurements of signal: drive tests, a point each, and tiles of speed tests, as Ookla publishes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers import checks, points, readers
from layers.catalog import Layer, Record
from layers.cell_rows import TECHNOLOGIES, plain
from layers.checks import fault, set_aside, stop_on_errors
from layers.crs import GEOGRAPHIC, to_crs
from layers.errors import Issue, LayerError
from layers.schema import (
    COVERAGE,
    DATA_DATE,
    EVIDENCE,
    KBPS,
    LAT,
    LON,
    MEASUREMENT_RULES,
    OPERATOR,
    QUADKEY,
    RSRP_DBM,
    SIGNAL,
    SYNTHETIC,
    TECHNOLOGY,
    TESTS,
    TILE,
    UNNAMED_OPERATOR,
    WITH_SIGNAL,
)

Kind = Literal["drive_tests", "tiles"]

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    LON: ("longitude", "long", "lng", "kinh_do"),
    LAT: ("latitude", "vi_do"),
    OPERATOR: ("operator_name", "carrier", "nha_mang"),
    TECHNOLOGY: ("radio", "radio_type", "rat", "network_type"),
    RSRP_DBM: ("rsrp", "signal_dbm", "dbm"),
    DATA_DATE: ("date", "datetime", "timestamp", "time", "ngay"),
    KBPS: ("avg_d_kbps", "download_kbps"),
    TESTS: ("samples",),
}
"""What such files call our columns."""
RSRP: Final = (-156.0, -31.0)
"""dBm that a handset can report (3GPP TS 36.133 and 38.133)."""
MAX_KBPS: Final = 10_000_000.0
_MEASURED: Final = "measured"
_MERCATOR_LAT: Final = 85.05112878


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a measurement is signal.

    Parameters
    ----------
    kind : {"drive_tests", "tiles"}
    technology : str
        Which tests count; that of all where the file does not say it.
    operator : str or None
        Whose signal was measured; None: a column says it, else nobody does.
    dbm : float or None
        RSRP; None: the column ``signal`` says yes or no.
    kbps : float or None
        Mean download of a tile.
    """

    kind: Kind
    technology: str
    operator: str | None
    dbm: float | None = None
    kbps: float | None = None


def load(
    record: Record,
    *,
    columns: Mapping[str, str],
    source_crs: str | None,
    layer_name: str | None,
    crs: str,
    communes: gpd.GeoDataFrame,
    thresholds: Thresholds,
) -> Layer:
    """Load measurements, a row each, with the share of them that met the threshold.

    Parameters
    ----------
    record : Record
    columns : mapping
        Our column name to the file's; usual names are known (`ALIASES`).
    source_crs, layer_name
        As for `layers.points.read`.
    crs : str
        The plan's metric CRS.
    communes : GeoDataFrame
        The region, in `crs`: what lies elsewhere says nothing of it.
    thresholds : Thresholds

    Returns
    -------
    Layer
        `layers.schema.COVERAGE` with ``tests`` and ``with_signal`` (share of them, 0 to 1): points of drive tests, polygons
        of tiles. Set aside, counted by reason: no place, no value, a value that cannot be; and, by the plan's own rule,
        another technology.

    Raises
    ------
    LayerError
        With every fault of the file.
    """
    found, names, told = _read(record, columns, source_crs, layer_name, thresholds)
    ours = {name: theirs for name, theirs in names.items() if name not in {LON, LAT}}
    taken = checks.take(found, columns=ours, rules=MEASUREMENT_RULES, record=record)
    _require_value(ours, thresholds, record)
    rows = taken.frame
    geometry = _places(found, rows, thresholds)
    reasons = _reasons(rows, geometry, thresholds)
    ruled = (reasons == "") & (_technologies(rows, thresholds) != thresholds.technology)
    another = f"another technology than {thresholds.technology}"
    issues = stop_on_errors([*taken.issues, *told, *_counted(reasons.mask(ruled, another), ruled, record)])
    kept = (reasons == "") & ~ruled
    placed = to_crs(gpd.GeoDataFrame(rows[kept], geometry=geometry[kept]), crs, name=record.layer)
    near = shapely.intersects(shapely.box(*communes.total_bounds), placed.geometry.to_numpy())
    inside = placed[near]
    frame = _frame(inside, thresholds, record)
    aside = set_aside(pd.DataFrame(found.drop(columns=found.geometry.name)), ~kept, reason="")
    return Layer(
        record=replace(record, crs=found.crs.to_string()),
        frame=gpd.GeoDataFrame(frame, geometry=inside.geometry, crs=crs)[[*COVERAGE, TESTS, WITH_SIGNAL]].reset_index(
            drop=True
        ),
        rows_read=len(found),
        issues=(*issues, *_told(inside, len(found), thresholds, record)),
        set_aside=aside.assign(reason=reasons.mask(ruled, another)[~kept].tolist()),
        left_out=int(ruled.sum()),
    )


def quadkey_boxes(keys: pd.Series[Any]) -> npt.NDArray[np.object_]:
    """Return the tiles of quadkeys (Bing Maps Tile System) as boxes in degrees, None where a key is none."""
    found = np.full(len(keys), None, dtype=object)
    for position, key in enumerate(keys):
        if isinstance(key, str) and 1 <= len(key) <= 23 and not key.strip("0123"):
            found[position] = _box(key)
    return found


def _box(key: str) -> shapely.Geometry:
    column, row, tiles = 0, 0, 2 ** len(key)
    for digit in key:
        column, row = 2 * column + (int(digit) & 1), 2 * row + (int(digit) >> 1)
    south, north = (float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * edge / tiles))))) for edge in (row + 1, row))
    return shapely.box(360 * column / tiles - 180, south, 360 * (column + 1) / tiles - 180, north)


def _read(
    record: Record,
    columns: Mapping[str, str],
    source_crs: str | None,
    layer_name: str | None,
    thresholds: Thresholds,
) -> tuple[gpd.GeoDataFrame, dict[str, str], list[Issue]]:
    """Return the rows with a geometry where the file gives one, our names and the file's, and what was guessed."""
    if not points.is_table(record):
        found = readers.read_vector(record, layer_name=layer_name, source_crs=source_crs)
        names = _named(found, columns)
        return found, names, _guessed(names, columns, record)
    table = readers.read_table(record)
    names = _named(table, columns)
    if thresholds.kind == "tiles" and (QUADKEY in names or TILE in names):
        crs = readers.named_crs(source_crs or GEOGRAPHIC, record)
        empty = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([None] * len(table), index=table.index), crs=crs)
        return empty, names, _guessed(names, columns, record)
    place: dict[str, str] = {name: names[name] for name in (LON, LAT) if name in names}
    found = points.locate(table, columns=place, source_crs=source_crs, record=record)
    return found, names, _guessed(names, columns, record)


def _named(found: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, str]:
    there = {str(name).strip().casefold(): str(name) for name in reversed(list(found.columns))}
    named = dict(columns)
    for ours in (*ALIASES, SIGNAL, QUADKEY, TILE):
        hit = next((there[name] for name in (ours, *ALIASES.get(ours, ())) if name in there), None)
        if ours not in named and hit is not None and hit not in named.values():
            named[ours] = hit
    return named


def _guessed(names: Mapping[str, str], columns: Mapping[str, str], record: Record) -> list[Issue]:
    guessed = [f"{theirs} as {ours}" for ours, theirs in names.items() if ours not in columns and ours != theirs]
    if not guessed:
        return []
    rule, done = "columns under their usual names were taken for ours", "Name others in columns = { … }."
    return [fault(record, rule, value=", ".join(guessed), severity="info", done=done, code="column_alias")]


def _require_value(names: Mapping[str, str], thresholds: Thresholds, record: Record) -> None:
    """Refuse a file without the column that the threshold is for."""
    if thresholds.kind == "tiles":
        wanted, what = KBPS, "tiles need their mean download in kbit/s, a column kbps (or avg_d_kbps)"
    elif thresholds.dbm is not None:
        wanted, what = RSRP_DBM, "drive tests with threshold_dbm need a column rsrp_dbm (or rsrp)"
    else:
        wanted, what = SIGNAL, "drive tests without threshold_dbm need a column signal: yes or no"
    if wanted not in names:
        done = f"Name it in columns = {{ {wanted} = … }}."
        raise LayerError(fault(record, what, column=wanted, done=done, code="missing_column"))


def _places(found: gpd.GeoDataFrame, rows: pd.DataFrame, thresholds: Thresholds) -> gpd.GeoSeries:
    """Return the places in the file's CRS, None where there is none."""
    shapes = found.geometry.to_numpy().copy()
    if thresholds.kind == "drive_tests":
        shapes[shapely.get_type_id(shapes) > 0] = None  # no point: nobody knows where on a line it was met
    if thresholds.kind == "tiles":
        boxes = quadkey_boxes(rows[QUADKEY])
        written = [text if isinstance(text, str) else None for text in rows[TILE]]
        drawn = shapely.from_wkt(np.asarray(written, dtype=object), on_invalid="ignore")
        for other in (boxes, drawn):
            shapes = np.where(shapely.is_missing(shapes), other, shapes)
        polygonal = shapely.get_dimensions(shapes) == 2
        shapes = np.where(polygonal & shapely.is_valid(shapes) & ~shapely.is_empty(shapes), shapes, None)
    return gpd.GeoSeries(shapes, index=found.index, crs=found.crs)


def _reasons(rows: pd.DataFrame, geometry: gpd.GeoSeries, thresholds: Thresholds) -> pd.Series[Any]:
    """Return why a measurement cannot be used, empty where it can."""
    found = pd.Series("", index=rows.index, dtype="object")
    if thresholds.kind == "tiles":
        found = found.mask(~rows[KBPS].between(0, MAX_KBPS), f"no mean download within 0 and {MAX_KBPS:,.0f} kbit/s")
        found = found.mask(rows[TESTS] < 1, "no test in the tile")
    elif thresholds.dbm is not None:
        found = found.mask(~rows[RSRP_DBM].between(*RSRP), f"no RSRP within {RSRP[0]:g} and {RSRP[1]:g} dBm")
    else:
        found = found.mask(~rows[SIGNAL].isin(["yes", "no"]), "signal is neither yes nor no")
    bounds = geometry.bounds
    lost = geometry.isna() | bounds.isna().any(axis="columns")
    if geometry.crs.is_geographic:
        lost |= (bounds[["minx", "maxx"]].abs() > 180).any(axis="columns")
        lost |= (bounds[["miny", "maxy"]].abs() > 90).any(axis="columns")
        lost |= bounds["minx"].eq(0) & bounds["miny"].eq(0)
    return found.mask(lost, "no place on the earth")


def _technologies(rows: pd.DataFrame, thresholds: Thresholds) -> pd.Series[Any]:
    said = [
        thresholds.technology if pd.isna(one) else TECHNOLOGIES.get(plain(one), str(one)) for one in rows[TECHNOLOGY]
    ]
    return pd.Series(said, index=rows.index, dtype="object")


def _counted(reasons: pd.Series[Any], ruled: pd.Series[bool], record: Record) -> list[Issue]:
    """Return one remark per reason: how many measurements, the first of them."""
    found = []
    for reason, rows in reasons[reasons != ""].groupby(reasons):
        severity = "info" if bool(ruled.loc[rows.index].all()) else "warning"
        rule = f"{len(rows):,} of {len(reasons):,} measurements, the first in this row, are not used: {reason}"
        more = {"severity": severity, "done": "Set aside.", "code": "tests_set_aside"}
        found.append(fault(record, rule, row=rows.index[0], **more))
    return found


def _frame(rows: gpd.GeoDataFrame, thresholds: Thresholds, record: Record) -> pd.DataFrame:
    """Return the columns of coverage and of tests."""
    if thresholds.kind == "tiles":
        good = rows[KBPS] >= thresholds.kbps
    elif thresholds.dbm is not None:
        good = rows[RSRP_DBM] >= thresholds.dbm
    else:
        good = rows[SIGNAL] == "yes"
    frame = pd.DataFrame(index=rows.index)
    named = rows[OPERATOR].astype("object").where(rows[OPERATOR].notna(), UNNAMED_OPERATOR)
    frame[OPERATOR] = named if thresholds.operator is None else thresholds.operator
    frame[TECHNOLOGY], frame[EVIDENCE], frame[SYNTHETIC] = thresholds.technology, _MEASURED, record.synthetic
    frame[SIGNAL] = np.where(good, "yes", "no")
    frame[TESTS] = rows[TESTS].fillna(1.0).to_numpy() if thresholds.kind == "tiles" else 1.0
    frame[WITH_SIGNAL] = good.astype("float64")
    frame[DATA_DATE] = rows[DATA_DATE]
    return frame


def _told(inside: pd.DataFrame, read: int, thresholds: Thresholds, record: Record) -> list[Issue]:
    """Return how many measurements speak of the region, how old they are, and what counts as signal."""
    if thresholds.kind == "tiles":
        what = f"a mean download from {thresholds.kbps:g} kbit/s on is signal"
    elif thresholds.dbm is not None:
        what = f"RSRP from {thresholds.dbm:g} dBm on is signal"
    else:
        what = "the file says what is signal"
    days = [day for day in inside[DATA_DATE] if isinstance(day, dt.date) and not pd.isna(day)]
    when = f", {min(days)} to {max(days)}" if days else ", not dated"
    value = f"{len(inside):,} of {read:,} rows lie near the plan's communes{when}"
    kind = "info" if len(inside) else "warning"
    done = "A village without any is unknown." if len(inside) else "Check the file: nothing is known of any village."
    found = [fault(record, f"coverage is measured: {what}", value=value, severity=kind, done=done, code="measured")]
    unnamed = int(inside[OPERATOR].isna().sum()) if thresholds.operator is None else 0
    if unnamed:
        rule = "a measurement names the operator whose signal it met; else it counts for any operator, for none by name"
        found.append(fault(record, rule, value=f"{unnamed:,} rows", severity="info", done="Kept.", code="no_operator"))
    return found
