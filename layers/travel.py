"""Roads, barriers and the minutes between places: over a cost grid, or in a straight line where no road is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine
from rasterio.features import rasterize
from scipy import sparse
from scipy.ndimage import binary_dilation
from scipy.spatial import cKDTree

from layers import checks, readers, schema, shapes
from layers.catalog import Layer, Record
from layers.crs import require_metric, require_same
from layers.errors import Issue, LayerError
from layers.kernels import minutes as kernel

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

ROADS_ONLY: Final = "roads_only"
"""Flag: minutes over main roads and open country; tracks, slopes and ferries are not known."""
STRAIGHT_LINE: Final = "straight_line"
"""Flag: minutes from the distance as the crow flies times a detour factor."""

MAX_GRID_CELLS: Final = 40_000_000
"""About 1.2 GB while minutes are worked out; a finer grid is refused with a sentence."""
_MARGIN_CELLS: Final = 3
"""How far a way may leave the communes: a road that runs along the border still serves them."""
_BARRIER_CELLS: Final = 0.05
"""Barriers are this much wider on each side, in cells: GDAL passes over cells that a line touches at a corner only, and
a step on the slant would slip through there."""
_LINES: Final = ("LineString", "MultiLineString")
_MINUTES_PER_HOUR: Final = 60.0
_M_PER_KM: Final = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class CostGrid:
    """What it takes to cross each cell of a region.

    Parameters
    ----------
    cell_minutes : ndarray of float64, shape (rows, columns)
        Minutes from side to side, first row in the north. inf: a barrier. NaN: outside the region, nothing is known.
    west_m, north_m : float
        North-west corner, metres in `crs`.
    cell_m : float
        Side of a cell, metres.
    crs : str
        Metric CRS.
    """

    cell_minutes: Float
    west_m: float
    north_m: float
    cell_m: float
    crs: str

    @property
    def transform(self) -> Affine:
        """From (column, row) to (x, y), as rasterio takes it."""
        return Affine(self.cell_m, 0.0, self.west_m, 0.0, -self.cell_m, self.north_m)

    def cells(self, x_m: npt.ArrayLike, y_m: npt.ArrayLike) -> Int:
        """Return the numbers (row x columns + column) of the cells in which points lie.

        Parameters
        ----------
        x_m, y_m : array_like of float, shape (n,)
            Metres in `crs`.

        Returns
        -------
        ndarray of int64, shape (n,)
            -1 where a point lies outside the region or has no position.
        """
        rows, columns = self.cell_minutes.shape
        column = np.floor((np.asarray(x_m, dtype=np.float64) - self.west_m) / self.cell_m)
        row = np.floor((self.north_m - np.asarray(y_m, dtype=np.float64)) / self.cell_m)
        # comparisons with NaN are False: a point without a position is outside
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        number = np.where(inside, row * columns + column, 0).astype(np.int64)
        known = inside & ~np.isnan(self.cell_minutes.ravel()[number])
        return np.where(known, number, -1)


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

    Parameters are those of `load_roads`; the column ``name`` is optional.

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
    if schema.NAME in names:
        frame = frame.fillna({schema.NAME: ""})
    return Layer(
        record=replace(record, crs=source.crs.to_string()),
        frame=gpd.GeoDataFrame(frame, geometry=placed.geometry)[list(names)].reset_index(drop=True),
        rows_read=len(source),
        issues=issues,
        set_aside=placed.set_aside,
    )


def _extent(area: gpd.GeoDataFrame, cell_m: float) -> tuple[float, float, int, int]:
    """Return west, north (multiples of the cell, so that a small change moves no cell), rows and columns."""
    west, south, east, north = (float(v) for v in area.total_bounds)
    first_column, last_column = int(np.floor(west / cell_m)), int(np.ceil(east / cell_m))
    first_row, last_row = int(np.floor(south / cell_m)), int(np.ceil(north / cell_m))
    columns, rows = (last_column - first_column + 2 * _MARGIN_CELLS, last_row - first_row + 2 * _MARGIN_CELLS)
    if rows * columns > MAX_GRID_CELLS:
        rule = f"a cost grid has at most {MAX_GRID_CELLS:,} cells"
        value = f"{rows:,} x {columns:,} cells of {cell_m:g} m"
        raise LayerError(
            Issue("travel", "[travel]", rule, column="cell_m", value=value, done="Take larger cells.", code="cell_m")
        )
    return (first_column - _MARGIN_CELLS) * cell_m, (last_row + _MARGIN_CELLS) * cell_m, rows, columns


def _require_speeds(roads: gpd.GeoDataFrame, speeds_kmh: Mapping[str, float]) -> None:
    found = sorted(set(roads[schema.ROAD_CLASS].astype(str)) - speeds_kmh.keys())
    if found:
        known = ", ".join(sorted(speeds_kmh)) or "none"
        issues = [
            Issue(
                layer="roads",
                file="[travel]",
                column="speeds_kmh",
                value=road_class,
                rule="every road class needs a speed",
                done=f"Add {road_class} = <km/h> to travel.speeds_kmh (there are: {known}).",
                code="road_class",
            )
            for road_class in found
        ]
        raise LayerError(issues)


def _burn(geometries: Sequence[Any], grid: Float, transform: Affine, value: float) -> None:
    """Write `value` into every cell that a geometry touches."""
    if len(geometries):
        rasterize(geometries, out=grid, transform=transform, default_value=value, all_touched=True)


def cost_grid(
    area: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    *,
    cell_m: float,
    speeds_kmh: Mapping[str, float],
    offroad_kmh: float,
    barriers: gpd.GeoDataFrame | None = None,
) -> CostGrid:
    """Return the minutes it takes to cross each cell of a region.

    Every cell that a road touches has the speed of its fastest road, every other cell that of open country. A barrier
    closes each cell it touches, also where a road crosses it: draw a bridge or ferry as a gap in the barrier. A place in
    a closed cell reaches that cell alone.
    Cells more than three away from every commune are outside.

    Parameters
    ----------
    area : GeoDataFrame
        Communes, metric CRS.
    roads : GeoDataFrame
        `layers.schema.ROADS`, same CRS.
    cell_m : float
        Side of a cell, metres.
    speeds_kmh : mapping of str to float
        Speed by road class, km/h, above 0.
    offroad_kmh : float
        Speed elsewhere, km/h, above 0.
    barriers : GeoDataFrame, optional
        `layers.schema.BARRIERS`, same CRS.

    Returns
    -------
    CostGrid

    Raises
    ------
    LayerError
        When a road class has no speed, the CRS differ or are not metric, or the grid would be too large.
    ValueError
        When a length or speed is not above 0, or the region is empty.
    """
    crs = require_metric(area.crs, name="communes")
    require_same(area, roads, name="roads")
    _require_speeds(roads, speeds_kmh)
    if area.empty or not all(0 < v < np.inf for v in (cell_m, offroad_kmh, *speeds_kmh.values())):
        message = "a cost grid needs a region, and lengths and speeds above 0"
        raise ValueError(message)
    west_m, north_m, rows, columns = _extent(area, cell_m)
    transform = Affine(cell_m, 0.0, west_m, 0.0, -cell_m, north_m)
    kmh = np.full((rows, columns), float(offroad_kmh))
    for road_class, speed in sorted(speeds_kmh.items(), key=lambda item: (item[1], item[0])):
        _burn(list(roads.geometry[roads[schema.ROAD_CLASS] == road_class]), kmh, transform, speed)
    inside = np.zeros((rows, columns), dtype=np.uint8)
    rasterize(list(area.geometry), out=inside, transform=transform, default_value=1, all_touched=True)
    near = binary_dilation(inside, structure=np.ones((3, 3), dtype=bool), iterations=_MARGIN_CELLS)
    cell_minutes = _MINUTES_PER_HOUR * cell_m / _M_PER_KM / kmh
    if barriers is not None:
        require_same(area, barriers, name="barriers")
        _burn(list(barriers.geometry.buffer(_BARRIER_CELLS * cell_m)), cell_minutes, transform, np.inf)
    cell_minutes[~near] = np.nan
    return CostGrid(cell_minutes, west_m, north_m, float(cell_m), crs.to_string())


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
        Points outside the grid have empty rows and columns (`CostGrid.cells` tells them).
    """
    start, end = grid.cells(from_x_m, from_y_m), grid.cells(to_x_m, to_y_m)
    shape = (start.size, end.size)
    # the way back costs the same, so the searches start on the side with fewer points
    if end.size < start.size:
        starts, indices, values = kernel.matrix(grid.cell_minutes, end, start, cutoff_minutes=cutoff_minutes)
        return sparse.csc_array((values, indices, starts), shape=shape).tocsr()
    starts, indices, values = kernel.matrix(grid.cell_minutes, start, end, cutoff_minutes=cutoff_minutes)
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
    found = kernel.nearest(grid.cell_minutes, end).ravel()
    return np.where(start >= 0, found[start], np.nan)


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


def support(unit_ids: Sequence[str], minutes: Float | None, *, cutoff_minutes: float, flag: str) -> pd.DataFrame:
    """Say how far the nearest team that stands today is from each village.

    Parameters
    ----------
    unit_ids : sequence of str, length n
    minutes : ndarray of float64, shape (n,), or None
        From `nearest_minutes` or `nearest_straight_minutes`; None when the plan knows of no teams.
    cutoff_minutes : float
        A longer way is not taken.
    flag : str
        How the minutes were found: `ROADS_ONLY` or `STRAIGHT_LINE`.

    Returns
    -------
    DataFrame
        ``unit_id``, ``support_minutes`` (NaN unless reached), ``support_status`` (``reached``, ``unreachable``: no way
        at all, ``beyond_cutoff``: a way, but too long, ``unknown``) and ``flags``, in the order given.
    """
    found = np.full(len(unit_ids), np.nan) if minutes is None else np.asarray(minutes, dtype=np.float64)
    reached = found <= cutoff_minutes
    status = np.select(
        [np.isnan(found), np.isinf(found), reached], ["unknown", "unreachable", "reached"], default="beyond_cutoff"
    )
    return pd.DataFrame(
        {
            schema.UNIT_ID: list(unit_ids),
            "support_minutes": np.where(reached, found, np.nan),
            "support_status": status,
            schema.FLAGS: pd.Series([() if s == "unknown" else (flag,) for s in status], dtype=object),
        }
    )
