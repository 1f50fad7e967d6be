"""Catchments of points: each point's Voronoi cell, clipped to one polygon that the cells tile."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPolygon, Polygon

Area = Polygon | MultiPolygon


def voronoi_cells(x_m: npt.ArrayLike, y_m: npt.ArrayLike, polygon: Area) -> list[Area]:
    """Return the part of `polygon` that is nearest to each point.

    Parameters
    ----------
    x_m, y_m : array_like of float, shape (n,)
        Points in a metric CRS, all different. They may lie outside `polygon`.
    polygon : Polygon or MultiPolygon
        Valid, in the same CRS.

    Returns
    -------
    list of Polygon or MultiPolygon
        In the order of the points; together they tile `polygon`. A cell that the outline cuts into pieces is one
        MultiPolygon. A point so far outside that no part of `polygon` is nearest to it gets an empty Polygon.

    Raises
    ------
    ValueError
        When there is no point, a coordinate is not finite, or two points coincide.
    """
    points = np.column_stack([np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)])
    _require_distinct(points)
    if len(points) == 1:
        return [polygon]
    # Near zero the diagram keeps the digits that UTM northings cost; a whole-metre shift is exact both ways.
    origin = np.rint(points.mean(axis=0))
    local = shapely.transform(polygon, lambda xy: xy - origin)
    seeds = shapely.points(points - origin)
    cells = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=local, ordered=True)
    clipped = shapely.intersection(shapely.get_parts(cells), local)
    return [_area(shapely.transform(c, lambda xy: xy + origin)) for c in clipped]


def _require_distinct(points: npt.NDArray[np.float64]) -> None:
    if not len(points):
        message = "a Voronoi diagram needs at least one point"
        raise ValueError(message)
    if not np.isfinite(points).all():
        message = "a Voronoi diagram needs finite coordinates"
        raise ValueError(message)
    if len(np.unique(points, axis=0)) != len(points):
        message = "two points at one place have no Voronoi cells of their own; merge them first"
        raise ValueError(message)


def _area(shape: shapely.Geometry) -> Area:
    """Return the areal part: a clip may leave points and lines where a cell only touches the outline."""
    flat = shapely.get_parts(shapely.get_parts(shape))
    parts = [part for part in flat if isinstance(part, Polygon) and not part.is_empty]
    if not parts:
        return Polygon()
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
