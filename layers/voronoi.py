"""Catchments of points: each point's Voronoi cell, clipped to one polygon that the cells tile."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Voronoi, cKDTree
from shapely.geometry import MultiPolygon, Polygon

Area = Polygon | MultiPolygon
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
    clipped = _by_geos(seeds, local)
    if clipped is None:
        clipped = shapely.intersection(_by_qhull(points - origin, local), local)
    return [_area(shapely.transform(c, lambda xy: xy + origin)) for c in clipped]


def _by_geos(seeds: npt.NDArray[np.object_], local: Area) -> npt.NDArray[np.object_] | None:
    """Return the clipped cells, or None where the diagram is wrong.

    GEOS loses or inverts a cell, or stops, for about one in four hundred sets of points on a lattice (measured), as
    rounded coordinates are: the answer is believed only where the cells tile the polygon and every corner of a cell is nearest to its own point.
    """
    try:
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=local, ordered=True))
        if len(cells) != len(seeds):
            return None
        clipped = np.asarray(shapely.intersection(cells, local))
    except shapely.GEOSException:
        return None
    whole = shapely.area(local)
    tiled = abs(float(shapely.area(clipped).sum()) - whole) <= TOLERANCE * whole
    return clipped if tiled and shapely.is_valid(cells).all() and _nearest_to_their_own(clipped, seeds) else None


def _nearest_to_their_own(clipped: npt.NDArray[np.object_], seeds: npt.NDArray[np.object_]) -> bool:
    """Return whether no corner of any cell is nearer to another point than to the cell's own."""
    corners, owner = shapely.get_coordinates(clipped, return_index=True)
    points = shapely.get_coordinates(seeds)
    own = np.hypot(*(corners - points[owner]).T)
    nearest, _ = cKDTree(points).query(corners)
    return bool((own - nearest <= TOLERANCE * np.maximum(own, 1.0)).all())


def _by_qhull(points: npt.NDArray[np.float64], local: Area) -> npt.NDArray[np.object_]:
    """Return the unclipped cells by Qhull, slower; four points far away close those at the rim."""
    west, south, east, north = shapely.bounds(local)
    corners = np.array([[west, south], [east, north]])
    low, high = np.minimum(points.min(axis=0), corners[0]), np.maximum(points.max(axis=0), corners[1])
    middle, far = (low + high) / 2, FAR * float(np.hypot(*(high - low)))
    frame = middle + far * np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    diagram = Voronoi(np.vstack([points, frame]))
    found = []
    for k, point in enumerate(points):
        corner = diagram.vertices[diagram.regions[diagram.point_region[k]]]
        turn = np.arctan2(*(corner - point).T[::-1])
        found.append(Polygon(corner[np.argsort(turn, kind="stable")]))
    return np.array(found, dtype=object)


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
