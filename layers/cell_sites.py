"""Coverage out of cell sites: each cell a disc, as far as a stated range model says that its technology reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers import cell_rows, ranges
from layers.catalog import Layer, Record
from layers.checks import fault, stop_on_errors
from layers.crs import to_crs
from layers.errors import Issue
from layers.schema import (
    BAND_MHZ,
    BOUND,
    COVERAGE,
    DATA_DATE,
    EVIDENCE,
    OPERATOR,
    RANGE_M,
    SIGNAL,
    SYNTHETIC,
    TECHNOLOGY,
)

Float = npt.NDArray[np.float64]

EVIDENCE_OF_SITES: Final = "modelled"
_QUARTER: Final = 16
"""Segments of a quarter of a disc."""


@dataclass(frozen=True, slots=True)
class Model:
    """What a plan says of a table of cells.

    Parameters
    ----------
    technology : str
        Which cells count: ``2G``, ``3G``, ``4G`` or ``5G``; that of all cells where the file does not say it.
    operator : str or None
        Whose cells they are; None: a column says it, or `networks`.
    networks : mapping
        Mobile country and network code to operator: ``452-04`` to a name.
    range_from : {"table", "file"}
        Whose radius: `range_km` and `layers.ranges`, or the column ``range_m``.
    range_km : mapping
        Radius by technology, or technology and band (``4G-900``), km.
    range_error : float
        Share by which the true radius may be smaller or larger: the low and the high reading.
    min_samples : int
        A cell seen fewer times is left out, where the file counts.
    complete : bool
        The file lists every cell of its operators: out of range there is no signal. Else it is unknown there.
    """

    technology: str = "4G"
    operator: str | None = None
    networks: Mapping[str, str] = field(default_factory=dict)
    range_from: Literal["table", "file"] = "table"
    range_km: Mapping[str, float] = field(default_factory=dict)
    range_error: float = 0.4
    min_samples: int = 2
    complete: bool = False


def load(
    record: Record,
    *,
    columns: Mapping[str, str],
    source_crs: str | None,
    layer_name: str | None,
    crs: str,
    communes: gpd.GeoDataFrame,
    model: Model,
) -> Layer:
    """Load the cells of a table (OpenCelliD, a regulator's list) or a vector file as coverage.

    Parameters
    ----------
    record : Record
    columns : mapping
        Our column name to the file's; the usual names of such files are known (`layers.cell_rows.ALIASES`).
    source_crs, layer_name
        As for `layers.points.read`.
    crs : str
        The plan's metric CRS.
    communes : GeoDataFrame
        The region, in `crs`: a cell that does not reach it says nothing.
    model : Model

    Returns
    -------
    Layer
        `layers.schema.COVERAGE` and ``bound``: the union of discs per operator, thrice, with the radius and with both
        ends of its error; ``no`` outside them where the list is complete. Set aside, counted by reason: cells without
        a place, far from all others, with an absurd range, listed twice; and, by the plan's own rules: another
        technology, a network without a name, too few samples.

    Raises
    ------
    LayerError
        With every fault of the file, or when nothing says whose the cells are.
    """
    table = cell_rows.read(record, columns=columns, source_crs=source_crs, layer_name=layer_name)
    judged = cell_rows.judge(table, model_of=model, record=record)
    source = gpd.GeoDataFrame(judged.rows, geometry=table.geometry.loc[judged.rows.index], crs=table.geometry.crs)
    placed = to_crs(source, crs, name=record.layer)
    radius = _radius_m(placed, model)
    region = shapely.union_all(communes.geometry.to_numpy())
    near = _near(placed.geometry.to_numpy(), radius * (1 + model.range_error), region)
    issues = stop_on_errors(
        [*table.issues, *judged.issues, *_told(placed[near], radius[near], len(table.rows), model, record)]
    )
    names = sorted({*placed[OPERATOR], *model.networks.values(), *([model.operator] if model.operator else [])})
    frame = _frame(placed[near], radius[near], region, names=names, model=model)
    frame[TECHNOLOGY], frame[EVIDENCE], frame[SYNTHETIC] = model.technology, EVIDENCE_OF_SITES, record.synthetic
    frame[DATA_DATE] = pd.Series([record.data_date] * len(frame), dtype="object")
    whole = gpd.GeoDataFrame(frame[[*COVERAGE, BOUND]], geometry="geometry", crs=crs)
    return Layer(
        record=cell_rows.with_crs(record, table),
        frame=whole,
        rows_read=len(table.rows),
        issues=issues,
        set_aside=judged.set_aside,
        left_out=judged.left_out,
    )


def _radius_m(cells: pd.DataFrame, model: Model) -> Float:
    """Return the radius of each cell in metres."""
    if model.range_from == "file":
        return cells[RANGE_M].to_numpy(np.float64)
    bands = [None if pd.isna(mhz) else ranges.band_of(float(mhz)) for mhz in cells[BAND_MHZ]]
    known = {band: ranges.range_km(model.technology, band_mhz=band, table=model.range_km) for band in set(bands)}
    return np.array([known[band] * 1000.0 for band in bands], dtype=np.float64)


def _near(places: npt.NDArray[np.object_], reach_m: Float, region: shapely.Geometry) -> npt.NDArray[np.bool_]:
    """Return which places lie within their reach of the region."""
    west, south, east, north = shapely.bounds(region)
    x, y = shapely.get_x(places), shapely.get_y(places)
    near: npt.NDArray[np.bool_] = (
        (x >= west - reach_m) & (x <= east + reach_m) & (y >= south - reach_m) & (y <= north + reach_m)
    )
    shapely.prepare(region)
    for position in np.flatnonzero(near):
        near[position] = shapely.dwithin(region, places[position], float(reach_m[position]))
    return near


def _frame(
    cells: gpd.GeoDataFrame, radius_m: Float, region: shapely.Geometry, *, names: list[str], model: Model
) -> pd.DataFrame:
    """Return the polygons of every operator in its three readings."""
    readings = {"mid": 1.0, "low": 1 - model.range_error, "high": 1 + model.range_error}
    rows: list[dict[str, Any]] = []
    for name in names:
        own = (cells[OPERATOR] == name).to_numpy()
        places = cells.geometry.to_numpy()[own]
        for bound, factor in readings.items():
            reach = shapely.union_all(shapely.buffer(places, radius_m[own] * factor, quad_segs=_QUARTER))
            said = {"yes": reach}
            if model.complete:
                said["no"] = shapely.difference(region, reach)
            rows += [
                {OPERATOR: name, SIGNAL: signal, BOUND: bound, "geometry": part}
                for signal, shape in sorted(said.items())
                for part in shapely.get_parts(shape)
                if shapely.area(part) > 0
            ]
    return pd.DataFrame(rows, columns=[OPERATOR, SIGNAL, BOUND, "geometry"])


def _told(near: gpd.GeoDataFrame, radius_m: Float, cells: int, model: Model, record: Record) -> list[Issue]:
    """Return which cells speak of the region, and with which radius."""
    if model.range_from == "file" and len(near):
        how = f"radius from the file's range: {radius_m.min() / 1000:.1f} to {radius_m.max() / 1000:.1f} km"
    else:
        how = ranges.told(model.technology, table=model.range_km)
    beyond = "no signal beyond (complete = true)" if model.complete else "unknown beyond (complete = false)"
    counts = ", ".join(f"{name} {count:,}" for name, count in near[OPERATOR].value_counts().sort_index().items())
    rule = f"coverage is modelled from cells: {how}, give or take {model.range_error:.0%}; {beyond}"
    value = f"{len(near):,} of {cells:,} cells reach the plan's communes" + (f" ({counts})" if counts else "")
    if len(near):
        done = "Hills, forest and the direction of antennas are not in the model."
        return [fault(record, rule, value=value, severity="info", done=done, code="range_model")]
    done = "Check the file, networks and technology: the layer says nothing of this plan's villages."
    return [fault(record, rule, value=value, severity="warning", done=done, code="no_rows")]
