"""Catchments of points: each point's Voronoi cell, clipped to one polygon that the cells tile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Voronoi, cKDTree
from shapely.geometry import MultiPoint, MultiPolygon, Polygon

Area = Polygon | MultiPolygon
Shapes = npt.NDArray[np.object_]
Draw = Callable[[Shapes, Area], Shapes]
"""Unclipped cells of points around a polygon, in the order of the points."""
TOLERANCE: Final = 1e-9
"""Share of the polygon, or of its size, below which two areas or places are the same."""
FAR: Final = 8.0
"""How far the closing points stand, in diameters: nothing inside is nearer to them than to any point."""


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
        When there is no point, a coordinate is not finite, or two points coincide or nearly do.
    """
    points = np.column_stack([np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)])
    _require_distinct(points)
    if len(points) == 1:
        return [polygon]
    # Near zero the diagram keeps the digits that UTM northings cost; a whole-metre shift is exact both ways.
    origin = np.rint(points.mean(axis=0))
    local = shapely.transform(polygon, lambda xy: xy - origin)
    seeds = shapely.points(points - origin)
    clipped = next(
        (found for draw in (_by_geos, _by_qhull) if (found := _checked(draw, seeds, local)) is not None), None
    )
    if clipped is None:
        message = "the catchments of these points cannot be drawn: some lie too near to each other; merge those first"
        raise ValueError(message)
    return [_area(shapely.transform(c, lambda xy: xy + origin)) for c in clipped]


def _checked(draw: Draw, seeds: Shapes, local: Area) -> Shapes | None:
    """Return the clipped cells of a diagram, or None where it is wrong.

    GEOS loses or inverts a cell, or stops, for about one in four hundred sets of points on a lattice (measured), as
    rounded coordinates are: a diagram is believed only where its cells tile the polygon and every corner of a cell is
    nearest to its own point.
    """
    try:
        cells = draw(seeds, local)
        if len(cells) != len(seeds):
            return None
        clipped = np.asarray(shapely.intersection(cells, local))
    except shapely.GEOSException:
        return None
    whole = shapely.area(local)
    tiled = abs(float(shapely.area(clipped).sum()) - whole) <= TOLERANCE * whole
    return clipped if tiled and shapely.is_valid(cells).all() and _nearest_to_their_own(clipped, seeds) else None


def _nearest_to_their_own(clipped: Shapes, seeds: Shapes) -> bool:
    """Return whether no corner of any cell is nearer to another point than to the cell's own."""
    corners, owner = shapely.get_coordinates(clipped, return_index=True)
    points = shapely.get_coordinates(seeds)
    own = np.hypot(*(corners - points[owner]).T)
    nearest, _ = cKDTree(points).query(corners)
    return bool((own - nearest <= TOLERANCE * np.maximum(own, 1.0)).all())


def _by_geos(seeds: Shapes, local: Area) -> Shapes:
    """Return the unclipped cells by GEOS."""
    return np.asarray(
        shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=local, ordered=True))
    )


def _by_qhull(seeds: Shapes, local: Area) -> Shapes:
    """Return the unclipped cells by Qhull, slower; four points far away close those at the rim."""
    points = shapely.get_coordinates(seeds)
    west, south, east, north = shapely.bounds(local)
    corners = np.array([[west, south], [east, north]])
    low, high = np.minimum(points.min(axis=0), corners[0]), np.maximum(points.max(axis=0), corners[1])
    middle, far = (low + high) / 2, FAR * float(np.hypot(*(high - low)))
    frame = middle + far * np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    diagram = Voronoi(np.vstack([points, frame]))
    regions = [diagram.regions[diagram.point_region[k]] for k in range(len(points))]
    return np.asarray(shapely.convex_hull([MultiPoint(diagram.vertices[region]) for region in regions]))


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
