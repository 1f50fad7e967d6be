"""Power diagrams (Laguerre tessellations) of points, and their fit to known areas and centroids.

A power diagram gives point i the region where |p - site_i|² - weight_i is smallest (Aurenhammer, 'Power diagrams:
properties, algorithms and applications', SIAM J. Comput. 16, 1987). Its cells are convex and tile the plane, so a
larger weight is a larger cell. Plain arrays in any metric unit; imports nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPolygon, Polygon

Array = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Fit:
    """How `fitted` searches.

    Parameters
    ----------
    steps : int
        Rounds of correction; few on purpose, the early stop keeps errors of the outline from spreading inwards.
    area_step, centroid_step : float
        Share of the missing area (as a disc's squared radius) and of the centroid's distance corrected per round.
    anchor : float
        Share of a site's way back to its known centroid per round, so that sites do not wander off.
    start : float
        First weights: this share of the squared radius of a disc of the wanted area.
    border_weight : float
        A cell is corrected by 1 - border_weight x the share of its perimeter on the outline, at least 0: where the
        outline is wrong, so are the area and the centroid that are left to a cell on it.
    """

    steps: int = 30
    area_step: float = 0.2
    centroid_step: float = 0.2
    anchor: float = 0.03
    start: float = 0.5
    border_weight: float = 3.0


def cells(sites: Array, weights: Array, outline: Polygon | MultiPolygon) -> Shapes:
    """Return the power cell of each site inside `outline`.

    Parameters
    ----------
    sites : ndarray of float64, shape (n, 2)
    weights : ndarray of float64, shape (n,)
        In squared units of `sites`.
    outline : Polygon or MultiPolygon

    Returns
    -------
    ndarray of shapely geometries, shape (n,)
        Empty where a site has no cell. Together they tile `outline`.
    """
    x0, y0, x1, y1 = outline.bounds
    frame = np.array([[x0 - 1, y0 - 1], [x1 + 1, y0 - 1], [x1 + 1, y1 + 1], [x0 - 1, y1 + 1]])
    height = (sites**2).sum(axis=1) - weights
    found = np.empty(len(sites), dtype=object)
    for i, site in enumerate(sites):
        ring = frame
        for j in np.argsort(((sites - site) ** 2).sum(axis=1), kind="stable"):
            if j != i and len(ring):
                ring = _half_plane(ring, sites[j] - site, (height[j] - height[i]) / 2)
        cell = Polygon(ring) if len(ring) > 2 else Polygon()
        # corners that fall together to the last digit may cross over; a cell is convex
        found[i] = cell if cell.is_valid else cell.convex_hull
    clipped: Shapes = shapely.intersection(found, outline)
    return clipped


def _half_plane(ring: Array, normal: Array, limit: float) -> Array:
    """Return the part of a convex ring where normal . p <= limit (Sutherland and Hodgman, 1974)."""
    beyond = ring @ normal - limit
    if (beyond <= 0).all():
        return ring
    kept: list[Array] = []
    for k in range(len(ring)):
        following = (k + 1) % len(ring)
        a, b = beyond[k], beyond[following]
        if a <= 0:
            kept.append(ring[k])
        if (a <= 0) != (b <= 0):
            kept.append(ring[k] + a / (a - b) * (ring[following] - ring[k]))
    return np.array(kept).reshape(-1, 2)


def fitted(centroids: Array, areas: Array, outline: Polygon | MultiPolygon, *, fit: Fit) -> tuple[Array, Array]:
    """Return sites and weights whose cells come near the known areas and centroids.

    Cells determine a power diagram and areas with centroids nearly do (Bourne, Pearce and Roper, 'Inverting Laguerre
    tessellations', 2024); here the outline is itself wrong by kilometres, so the fit is damped instead of exact.

    Parameters
    ----------
    centroids : ndarray of float64, shape (n, 2)
    areas : ndarray of float64, shape (n,)
        In squared units of `centroids`.
    outline : Polygon or MultiPolygon
    fit : Fit

    Returns
    -------
    sites, weights : ndarray of float64, shapes (n, 2) and (n,)

    Raises
    ------
    ValueError
        When a site is left without a cell.
    """
    sites, weights = centroids.copy(), fit.start * areas / np.pi
    for _ in range(fit.steps):
        found = cells(sites, weights, outline)
        _require_cells(found)
        on_border = shapely.length(shapely.intersection(found, outline.boundary)) / shapely.length(found)
        trust = np.clip(1 - fit.border_weight * on_border, 0, 1)
        off = centroids - shapely.get_coordinates(shapely.centroid(found))
        sites = sites + fit.centroid_step * trust[:, None] * off + fit.anchor * (centroids - sites)
        weights = weights + fit.area_step * trust * (areas - shapely.area(found)) / np.pi
    _require_cells(cells(sites, weights, outline))
    return sites, weights


def _require_cells(found: Shapes) -> None:
    lost = np.flatnonzero(shapely.is_empty(found))
    if len(lost):
        message = f"no cell is left for the sites at positions {lost.tolist()}; use smaller steps"
        raise ValueError(message)


def connected(found: Shapes) -> Shapes:
    """Return the cells in one piece each: a piece cut off by the outline goes to the neighbour it borders longest.

    Parameters
    ----------
    found : ndarray of Polygon or MultiPolygon, shape (n,)
        As `coverage` returns them: borders are compared vertex by vertex.
    """
    pieces = [sorted(shapely.get_parts(shape), key=lambda part: -part.area) for shape in found]
    main = np.array([parts[0] for parts in pieces], dtype=object)
    for part in sorted((p for parts in pieces for p in parts[1:]), key=lambda p: -p.area):
        shared = shapely.length(shapely.intersection(main, part))
        main[int(shared.argmax())] = shapely.union(main[int(shared.argmax())], part)
    return main


def coverage(found: Shapes, *, grid: float) -> Shapes:
    """Return the cells with coordinates on a grid and borders that neighbours share vertex by vertex.

    Parameters
    ----------
    found : ndarray of shapely geometries, shape (n,)
        Cells that tile their union up to rounding.
    grid : float
        Spacing of the grid, in the unit of the cells.
    """
    lines = shapely.union_all(shapely.boundary(found), grid_size=grid)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    owner = shapely.STRtree(found).query_nearest(shapely.point_on_surface(faces), all_matches=False)
    result = np.empty(len(found), dtype=object)
    for i in range(len(found)):
        result[i] = shapely.union_all(faces[owner[0][owner[1] == i]])
    return result
