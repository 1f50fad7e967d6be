"""Which share of each area lies in a region: exact areas of intersections, none of which is built."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layers.crs import require_metric, require_same
from layers.kernels import shares

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
    whole = _disjoint(shapely.get_parts(region.to_numpy()))
    whole = whole[shapely.area(whole) > 0]
    if not whole.size:
        return np.zeros(len(areas))
    origin, cell_m, rows, columns = _grid(whole)
    cut = shares.cut_region(_edges(whole, origin, cell_m), rows, columns)
    found = shares.areas(_edges(areas.to_numpy(), origin, cell_m), len(areas), cut)
    # Rounding may leave the last digit below 0 where nothing is common, or above the whole where all is.
    common: Float = np.clip(found * cell_m**2, 0.0, shapely.area(areas.to_numpy()))
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


def _disjoint(parts: Geometries) -> Geometries:
    """Return polygons that cover the same and do not overlap: those that overlap others are united."""
    first, second = shapely.STRtree(parts).query(parts, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    # Touching is the rule among neighbours; only what shares area counts twice.
    area = shapely.area(shapely.intersection(parts[first], parts[second]))
    least = np.minimum(shapely.area(parts[first]), shapely.area(parts[second]))
    twice = np.unique(np.concatenate([pair[area > least * OVERLAP_SHARE] for pair in (first, second)]))
    if not twice.size:
        return parts
    united = shapely.get_parts(shapely.union_all(parts[twice]))
    return np.concatenate([np.delete(parts, twice), united[shapely.get_dimensions(united) == 2]])


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
    parts, owner = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    starts = np.searchsorted(ring, np.arange(len(rings) + 1)).astype(np.int64)
    return shares.Edges((coordinates - origin) / cell_m, starts, owner[part].astype(np.int64))
