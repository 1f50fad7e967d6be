"""Roads, barriers and the minutes between places: over a cost grid, or in a straight line where no road is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.spatial import cKDTree

from layers import checks, readers, schema, shapes
from layers.catalog import Layer, Record
from layers.ground import CostGrid
from layers.kernels import minutes as kernel

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

ROADS_ONLY: Final = "roads_only"
"""Flag: minutes over main roads and open country alike; land cover, tracks and slopes are not known."""
STRAIGHT_LINE: Final = "straight_line"
"""Flag: minutes from the distance as the crow flies times a detour factor."""

_LINES: Final = ("LineString", "MultiLineString")
_MINUTES_PER_HOUR: Final = 60.0
_M_PER_KM: Final = 1000.0
_BARRIER_DEFAULTS: Final = {schema.NAME: "", schema.ROADS_CROSS: "yes", schema.SEASON: "all"}


def load_roads(
    record: Record, *, columns: Mapping[str, str], source_crs: str | None, layer_name: str | None, crs: str
) -> Layer:
    """Load roads with their class.

    Parameters
    ----------
    record : Record
    columns : mapping
        Our column name to the file's.
    source_crs : str or None
        CRS of a file that states none.
    layer_name : str or None
        Which layer of a GeoPackage.
    crs : str
        The plan's metric CRS.

    Returns
    -------
    Layer
        `layers.schema.ROADS`, lines in `crs`, in the order of the file. Any class is taken; `cost_grid` wants a speed
        for each of them.

    Raises
    ------
    LayerError
        With every fault of the file.
    """
    source = readers.read_vector(record, layer_name=layer_name, source_crs=source_crs)
    taken = checks.take(source, columns=columns, rules=schema.ROAD_RULES, record=record)
    placed = shapes.place(source, crs=crs, kind="line", record=record)
    return _layer(record, source, taken, placed, names=schema.ROADS)


def load_barriers(
    record: Record, *, columns: Mapping[str, str], source_crs: str | None, layer_name: str | None, crs: str
) -> Layer:
    """Load what nobody can cross: rivers, lakes, borders. All are lines, or all are polygons.

    Parameters are those of `load_roads`; the columns are optional: ``name``, ``roads_cross`` (``yes``: a road that crosses
    it is a bridge; ``no``: nothing does) and ``season`` in which it closes the way (``all``, ``dry``, ``wet``).

    Returns
    -------
    Layer
        `layers.schema.BARRIERS` in `crs`, in the order of the file.

    Raises
    ------
    LayerError
        With every fault of the file.
    """
    source = readers.read_vector(record, layer_name=layer_name, source_crs=source_crs)
    taken = checks.take(source, columns=columns, rules=schema.BARRIER_RULES, record=record)
    kind: shapes.Kind = "line" if source.geom_type.isin(_LINES).any() else "polygon"
    placed = shapes.place(source, crs=crs, kind=kind, record=record)
    return _layer(record, source, taken, placed, names=schema.BARRIERS)


def _layer(
    record: Record, source: gpd.GeoDataFrame, taken: checks.Taken, placed: shapes.Placed, *, names: tuple[str, ...]
) -> Layer:
    issues = checks.stop_on_errors([*taken.issues, *placed.issues])
    frame = taken.frame.loc[placed.geometry.index]
    frame = frame.fillna({name: value for name, value in _BARRIER_DEFAULTS.items() if name in names})
    return Layer(
        record=replace(record, crs=source.crs.to_string()),
        frame=gpd.GeoDataFrame(frame, geometry=placed.geometry)[list(names)].reset_index(drop=True),
        rows_read=len(source),
        issues=issues,
        set_aside=placed.set_aside,
    )


def grid_minutes(
    grid: CostGrid,
    *,
    from_x_m: npt.ArrayLike,
    from_y_m: npt.ArrayLike,
    to_x_m: npt.ArrayLike,
    to_y_m: npt.ArrayLike,
    cutoff_minutes: float,
) -> sparse.csr_array:
    """Return the minutes from every point to every other one over a cost grid, within a cutoff.

    Parameters
    ----------
    grid : CostGrid
    from_x_m, from_y_m, to_x_m, to_y_m : array_like of float, shapes (n,), (n,), (m,), (m,)
        Metres in the grid's CRS.
    cutoff_minutes : float
        Longer ways have no entry; one of exactly this has.

    Returns
    -------
    scipy.sparse.csr_array of float64, shape (n, m)
        Only the explicit entries are ways; a stored 0 is a way within one cell, inside which nothing is measured.
        Points outside the grid have empty rows and columns (`CostGrid.cells` tells them). Uphill and downhill differ:
        the other direction is another question.
    """
    start, end = grid.cells(from_x_m, from_y_m), grid.cells(to_x_m, to_y_m)
    shape = (start.size, end.size)
    # the searches start on the side with fewer points, along the ways or against them
    if end.size < start.size:
        found = kernel.matrix(grid.ground, end, start, toward=True, cutoff_minutes=cutoff_minutes)
        starts, indices, values = found
        return sparse.csc_array((values, indices, starts), shape=shape).tocsr()
    starts, indices, values = kernel.matrix(grid.ground, start, end, toward=False, cutoff_minutes=cutoff_minutes)
    return sparse.csr_array((values, indices, starts), shape=shape)


def nearest_minutes(
    grid: CostGrid,
    *,
    from_x_m: npt.ArrayLike,
    from_y_m: npt.ArrayLike,
    to_x_m: npt.ArrayLike,
    to_y_m: npt.ArrayLike,
) -> Float:
    """Return the minutes from every point to the nearest of some sites over a cost grid, however far.

    Parameters
    ----------
    grid : CostGrid
    from_x_m, from_y_m, to_x_m, to_y_m : array_like of float, shapes (n,), (n,), (m,), (m,)
        Metres in the grid's CRS.

    Returns
    -------
    ndarray of float64, shape (n,)
        inf where no way leads to any site, NaN where the point, or every site there is, lies outside the grid.
    """
    start, end = grid.cells(from_x_m, from_y_m), grid.cells(to_x_m, to_y_m)
    if end.size and np.all(end < 0):
        return np.full(start.size, np.nan)
    found = kernel.nearest(grid.ground, end, toward=True).ravel()
    return np.where(start >= 0, found[start], np.nan)


def surface_minutes(grid: CostGrid, *, to_x_m: npt.ArrayLike, to_y_m: npt.ArrayLike) -> Float:
    """Return the minutes from every cell of a cost grid to the nearest of some sites, however far.

    Parameters
    ----------
    grid : CostGrid
    to_x_m, to_y_m : array_like of float, shape (m,)
        Metres in the grid's CRS.

    Returns
    -------
    ndarray of float64, shape (rows, columns)
        As `nearest_minutes` of points in these cells: inf where no way leads to any site, NaN where nothing is known.
    """
    end = grid.cells(to_x_m, to_y_m)
    if end.size and np.all(end < 0):
        return np.full(grid.lattice.shape, np.nan)
    found = kernel.nearest(grid.ground, end, toward=True)
    return np.where(np.isnan(grid.ground.pace), np.nan, found)


def _points(x_m: npt.ArrayLike, y_m: npt.ArrayLike) -> tuple[Float, Int]:
    """Return the points that have a position, shape (k, 2), and which of all they are."""
    points = np.column_stack([np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)])
    known = np.flatnonzero(np.isfinite(points).all(axis=1))
    return points[known], known


def _minutes_per_m(kmh: float, detour_factor: float) -> float:
    if not (0 < kmh < np.inf and 1 <= detour_factor < np.inf):
        message = f"a speed above 0 and a detour of 1 or more are needed, got {kmh} km/h and {detour_factor}"
        raise ValueError(message)
    return detour_factor * _MINUTES_PER_HOUR / (kmh * _M_PER_KM)


def straight_minutes(
    *,
    from_x_m: npt.ArrayLike,
    from_y_m: npt.ArrayLike,
    to_x_m: npt.ArrayLike,
    to_y_m: npt.ArrayLike,
    kmh: float,
    detour_factor: float,
    cutoff_minutes: float,
) -> sparse.csr_array:
    """Return the minutes from every point to every other one in a straight line times a detour, within a cutoff.

    Parameters
    ----------
    from_x_m, from_y_m, to_x_m, to_y_m : array_like of float, shapes (n,), (n,), (m,), (m,)
        Metres in one metric CRS.
    kmh : float
        Speed, km/h, above 0.
    detour_factor : float
        Length of the way over the straight line, 1 or more.
    cutoff_minutes : float
        Longer ways have no entry; one of exactly this has.

    Returns
    -------
    scipy.sparse.csr_array of float64, shape (n, m)
        As `grid_minutes`; points without a position have empty rows and columns.

    Raises
    ------
    ValueError
        When the speed or the detour breaks the rules above.
    """
    per_m = _minutes_per_m(kmh, detour_factor)
    (start, rows), (end, columns) = _points(from_x_m, from_y_m), _points(to_x_m, to_y_m)
    shape = (np.size(from_x_m), np.size(to_x_m))
    if not (rows.size and columns.size):
        return sparse.csr_array(shape, dtype=np.float64)
    # a hair more than the cutoff is searched, since the cutoff itself counts
    radius_m = cutoff_minutes / per_m * (1 + 1e-9)
    near = cKDTree(start).sparse_distance_matrix(cKDTree(end), radius_m, output_type="ndarray")
    values = near["v"] * per_m
    kept = values <= cutoff_minutes
    entries = (values[kept], (rows[near["i"][kept]], columns[near["j"][kept]]))
    found = sparse.coo_array(entries, shape=shape).tocsr()
    found.sort_indices()
    return found


def nearest_straight_minutes(
    *,
    from_x_m: npt.ArrayLike,
    from_y_m: npt.ArrayLike,
    to_x_m: npt.ArrayLike,
    to_y_m: npt.ArrayLike,
    kmh: float,
    detour_factor: float,
) -> Float:
    """Return the minutes from every point to the nearest of some sites in a straight line times a detour.

    Parameters
    ----------
    from_x_m, from_y_m, to_x_m, to_y_m, kmh, detour_factor
        As in `straight_minutes`.

    Returns
    -------
    ndarray of float64, shape (n,)
        inf where there is no site, NaN where the point, or every site there is, has no position.
    """
    per_m = _minutes_per_m(kmh, detour_factor)
    (start, rows), (end, columns) = _points(from_x_m, from_y_m), _points(to_x_m, to_y_m)
    found = np.full(np.size(from_x_m), np.nan)
    if columns.size:
        found[rows] = cKDTree(end).query(start)[0] * per_m
    elif np.size(to_x_m) == 0:
        found[rows] = np.inf
    return found


def support(
    unit_ids: Sequence[str],
    minutes: Float | None,
    *,
    cutoff_minutes: float,
    flags: tuple[str, ...],
    reasons: npt.NDArray[np.object_] | None = None,
) -> pd.DataFrame:
    """Say how far the nearest team that stands today is from each village.

    Parameters
    ----------
    unit_ids : sequence of str, length n
    minutes : ndarray of float64, shape (n,), or None
        From `nearest_minutes` or `nearest_straight_minutes`; None when the plan knows of no teams.
    cutoff_minutes : float
        A longer way is not taken.
    flags : tuple of str
        How the minutes were found, such as `ROADS_ONLY` or `STRAIGHT_LINE`.
    reasons : ndarray of str, shape (n,), optional
        Why a village has no way or nothing is known of it; kept where that is so.

    Returns
    -------
    DataFrame
        ``unit_id``, ``support_minutes`` (NaN unless reached), ``support_status`` (``reached``, ``unreachable``: no way
        at all, ``beyond_cutoff``: a way, but too long, ``unknown``), ``support_reason`` (why not reached, else empty)
        and ``flags``, in the order given.
    """
    found = np.full(len(unit_ids), np.nan) if minutes is None else np.asarray(minutes, dtype=np.float64)
    reached = found <= cutoff_minutes
    status = np.select(
        [np.isnan(found), np.isinf(found), reached], ["unknown", "unreachable", "reached"], default="beyond_cutoff"
    )
    unsaid = "no_teams_known" if minutes is None else None
    why = np.full(len(unit_ids), unsaid, dtype=object) if reasons is None else reasons.copy()
    why[status == "beyond_cutoff"] = "too_far"
    why[reached] = None
    return pd.DataFrame(
        {
            schema.UNIT_ID: list(unit_ids),
            "support_minutes": np.where(reached, found, np.nan),
            "support_status": status,
            "support_reason": pd.Series(why, dtype=object),
            schema.FLAGS: pd.Series([() if s == "unknown" else flags for s in status], dtype=object),
        }
    )
