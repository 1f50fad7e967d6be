"""Which share of each area lies in a region: exact areas of intersections, none of which is built."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layers.crs import require_metric, require_same
from layers.kernels import shares
from layers.rings import unpacked

Float = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]

MAX_GRID_CELLS: Final = 8_000_000
"""Of the grid that cuts the region, 16 bytes each."""
VERTICES_PER_CELL: Final = 1.0
"""Vertices of the region per cell of its grid: fewer make longer walks, more make longer lists to look through."""
OVERLAP_SHARE: Final = 1e-9
"""Two polygons of a region that share less than this part of the smaller one only touch: the rounding of coordinates."""


def common_areas_m2(areas: gpd.GeoSeries, region: gpd.GeoSeries) -> Float:
    """Return the area in m² of each polygon's part inside a region.

    Parameters
    ----------
    areas : GeoSeries
        Valid polygons; they may overlap each other. An empty one has 0.
    region : GeoSeries
        Valid polygons in the same metric CRS; what several of them cover counts once.

    Returns
    -------
    ndarray of float64, shape (areas,)

    Raises
    ------
    CrsError
        When the CRS differ or are not metric.
    ValueError
        When a geometry is missing or no polygon.
    """
    require_metric(areas.crs, name="areas")
    require_same(areas, region, name="region")
    _require_polygons(areas, "areas")
    _require_polygons(region, "region")
    whole = shapely.get_parts(region.to_numpy())
    whole = whole[shapely.area(whole) > 0]
    if not whole.size:
        return np.zeros(len(areas))
    cut = _Cut(whole)
    if (twice := _overlapping(whole, cut)).any():
        cut = _Cut(_united(whole, twice))
    # Rounding may leave the last digit below 0 where nothing is common, or above the whole where all is.
    common: Float = np.clip(cut.areas_m2(areas.to_numpy()), 0.0, shapely.area(areas.to_numpy()))
    return common


def polygon_shares(areas: gpd.GeoSeries, region: gpd.GeoSeries) -> Float:
    """Return the share of each polygon's area that lies in a region, 0 to 1; NaN for a polygon without area.

    Parameters and errors as for `common_areas_m2`.
    """
    whole = shapely.area(areas.to_numpy())
    common = common_areas_m2(areas, region)
    share: Float = np.divide(common, whole, out=np.full(common.shape, np.nan), where=whole > 0)
    return share


def _require_polygons(series: gpd.GeoSeries, name: str) -> None:
    kinds = shapely.get_type_id(series.to_numpy())
    if not np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)).all():
        message = f"{name}: polygons or multipolygons are needed, none missing"
        raise ValueError(message)


class _Cut:
    """A region cut by a grid; where its polygons overlap, areas inside count as often as they are covered."""

    def __init__(self, region: Geometries) -> None:
        self._origin, self._cell_m, rows, columns = _grid(region)
        self._own = _edges(region, self._origin, self._cell_m)
        self._region = shares.cut_region(self._own, rows, columns)

    def areas_m2(self, polygons: Geometries) -> Float:
        """Return the area of each polygon's part inside the region, shape (polygons,)."""
        return self._areas_m2(_edges(polygons, self._origin, self._cell_m), len(polygons))

    def own_areas_m2(self, count: int) -> Float:
        """Return what the region covers of each of its own polygons: their areas, where none overlaps another."""
        return self._areas_m2(self._own, count)

    def _areas_m2(self, edges: shares.Edges, count: int) -> Float:
        found: Float = shares.areas(edges, count, self._region) * self._cell_m**2
        return found


def _overlapping(parts: Geometries, cut: _Cut) -> npt.NDArray[np.bool_]:
    """Return which polygons of a region overlap others: within them the region counts for more than their own area.

    Touching is the rule among neighbours, and asking each pair is slow where one polygon has most of the vertices.
    """
    own = shapely.area(parts)
    more = cut.own_areas_m2(len(parts)) - own > own * OVERLAP_SHARE
    found: npt.NDArray[np.bool_] = more.copy()
    if more.any():  # of two that overlap, the larger may not feel it
        found[shapely.STRtree(parts).query(parts[more], predicate="intersects")[1]] = True
    return found


def _united(parts: Geometries, twice: npt.NDArray[np.bool_]) -> Geometries:
    """Return polygons that cover the same and do not overlap: some of them are united."""
    united = shapely.get_parts(shapely.union_all(parts[twice]))
    return np.concatenate([parts[~twice], united[shapely.get_dimensions(united) == 2]])


def _grid(region: Geometries) -> tuple[Float, float, int, int]:
    """Return the lower left corner, cell size in metres, rows and columns of the grid that cuts the region."""
    west, south, east, north = shapely.total_bounds(region)
    vertices = int(shapely.get_num_coordinates(region).sum())
    cells = min(max(vertices / VERTICES_PER_CELL, 1.0), MAX_GRID_CELLS)
    width, height = east - west, north - south
    # A region much longer than wide must not get more cells along than there may be at all.
    cell_m = max(np.sqrt(width * height / cells), max(width, height) / cells)
    origin = np.array([west, south]) - 1.5 * cell_m
    rows, columns = int(height / cell_m) + 4, int(width / cell_m) + 4
    return origin, float(cell_m), rows, columns


def _edges(polygons: Geometries, origin: Float, cell_m: float) -> shares.Edges:
    """Return the rings of polygons, exteriors counter-clockwise, in cells of a grid."""
    coordinates, starts, owner, _ = unpacked(shapely.orient_polygons(polygons))
    return shares.Edges((coordinates - origin) / cell_m, starts, owner)
