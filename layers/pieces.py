"""Pieces of cells: polygons clipped to one cell each, overlaid cell by cell in arrays. No tables, no files.

An array of pieces has one polygon, multipolygon or empty polygon per cell, which lies in the cell. All is in one metric
CRS. Lines and points, in which polygons only touch, are left out everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]
Float = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

ROUNDING: Final = 1e-9
"""Two areas that differ by less than this share of them are the same area."""
MANY_VERTICES: Final = 500
_FEW_CELLS: Final = 16
"""A polygon of many vertices is cut to the box of ever fewer cells before it meets them: a map of coverage is one polygon
of a million vertices, and each cell would walk along all of them."""
_MARGIN_M: Final = 1.0
"""By which that box is wider, so that its own corners touch no cell."""


def nothing(size: int) -> Geometries:
    """Return `size` empty pieces."""
    return np.full(size, shapely.Polygon(), dtype=object)


def is_full(pieces: Geometries, cells: Geometries) -> npt.NDArray[np.bool_]:
    """Say of each piece whether it fills its cell."""
    full: npt.NDArray[np.bool_] = shapely.area(pieces) >= shapely.area(cells) * (1 - ROUNDING)
    return full


def inside(cells: Geometries, polygons: Geometries) -> Geometries:
    """Return the piece of each cell that some polygons cover together.

    Parameters
    ----------
    cells : ndarray of polygons, shape (n,)
    polygons : ndarray of polygons, shape (m,)
        Valid; they may overlap.

    Returns
    -------
    ndarray, shape (n,)
        Where all of the cell is covered, the cell itself: the same object.
    """
    found = nothing(cells.size)
    united = shapely.get_parts(shapely.union_all(polygons))  # united once, so that no cell has to
    waiting = [(np.flatnonzero(~shapely.is_empty(cells)), united)]
    while waiting:
        rows, parts = waiting.pop()
        if rows.size > _FEW_CELLS and parts.size and shapely.get_num_coordinates(parts).max() > MANY_VERTICES:
            waiting += [(half, within(parts, cells[half])) for half in _halves(cells, rows)]
        else:
            found[rows] = _inside(cells[rows], parts)
    return found


def within(polygons: Geometries, cells: Geometries) -> Geometries:
    """Return what polygons cover of the box round some cells, part by part: the cells find the same pieces in it.

    Parameters
    ----------
    polygons : ndarray of polygons, shape (m,)
        Valid.
    cells : ndarray of polygons, shape (n,)
        At least one that is not empty.

    Returns
    -------
    ndarray of Polygon
    """
    west, south, east, north = shapely.total_bounds(cells)
    box = shapely.box(west - _MARGIN_M, south - _MARGIN_M, east + _MARGIN_M, north + _MARGIN_M)
    near = polygons[shapely.intersects(polygons, box)]
    large = shapely.get_num_coordinates(near) > MANY_VERTICES
    cut = shapely.get_parts(shapely.intersection(near[large], box))
    return np.concatenate([shapely.get_parts(near[~large]), cut[shapely.get_dimensions(cut) == 2]])


def _halves(cells: Geometries, rows: Rows) -> tuple[Rows, Rows]:
    """Return the rows of the western or southern half of some cells, and of the other half."""
    bounds = shapely.bounds(cells[rows])
    middle = bounds[:, :2] + bounds[:, 2:]
    order = np.argsort(middle[:, int(np.argmax(np.ptp(middle, axis=0)))], kind="stable")
    return rows[order[: rows.size // 2]], rows[order[rows.size // 2 :]]


def _inside(cells: Geometries, parts: Geometries) -> Geometries:
    """Return the piece of each cell that polygons cover which do not overlap; the cell itself where all of it is."""
    tree = shapely.STRtree(cells)  # each part is prepared once and asked about many cells
    full = np.zeros(cells.size, dtype=bool)
    full[tree.query(parts, predicate="covers")[1]] = True
    which, rows = tree.query(parts, predicate="intersects")
    which, rows = which[~full[rows]], rows[~full[rows]]
    found = _by_row(shapely.intersection(cells[rows], parts[which]), rows, cells.size)
    return np.where(full, cells, found)


def minus(pieces: Geometries, others: Geometries) -> Geometries:
    """Return what is left of each piece without the other one, shape (n,); the piece itself where they do not meet."""
    found = pieces.copy()
    met = _both(pieces, others)
    found[met] = shapely.difference(pieces[met], others[met])
    return found


def common(pieces: Geometries, others: Geometries) -> Geometries:
    """Return what each piece has in common with the other one, shape (n,)."""
    same = np.fromiter(map(is_, pieces, others), dtype=bool, count=pieces.size)  # as where both are the whole cell
    met = _both(pieces, others)
    met = met[~same[met]]
    found = _by_row(shapely.intersection(pieces[met], others[met]), met, pieces.size)
    return np.where(same, pieces, found)


def union(cells: Geometries, pieces: Sequence[Geometries]) -> Geometries:
    """Return the union of one or more arrays of pieces, shape (n,); the cell itself where one of them fills it."""
    stack = np.stack(pieces)
    there = ~shapely.is_empty(stack)
    first = np.argmax(there, axis=0)
    found: Geometries = np.take_along_axis(stack, first[None, :], axis=0)[0]
    full = np.any([is_full(each, cells) for each in stack], axis=0)
    found[full] = cells[full]
    several = np.flatnonzero(~full & (there.sum(axis=0) > 1))
    found[several] = shapely.union_all(stack[:, several], axis=0)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """Areas round one point of each cell: the cell itself, then smaller and smaller discs clipped to it.

    Parameters
    ----------
    shapes : ndarray of polygons, shape (k, n)
        Each row lies in the one before it; the first row is the cells.
    sizes : ndarray of float64, shape (k, n)
        Areas in m², or whatever `weigh` gives.
    weigh : callable
        Polygons to what they weigh: their area in m², or the people in them.
    """

    shapes: Geometries
    sizes: Float
    weigh: Callable[[Geometries], Float] = shapely.area

    @classmethod
    def round(cls, cells: Geometries, *, x_m: Float, y_m: Float, radii_m: Sequence[float]) -> Zones:
        """Return the cells and, for each radius from the largest, the discs round their points."""
        points = shapely.points(x_m, y_m)
        shapes = [cells]
        for radius_m in sorted(radii_m, reverse=True):
            discs = np.asarray(shapely.buffer(points, radius_m, quad_segs=16), dtype=object)
            shapes.append(common(shapes[-1], discs))
        stack = np.stack(shapes)
        return cls(stack, shapely.area(stack))

    def cut(self, pieces: Geometries) -> Float:
        """Return the size of pieces of the cells inside each zone, shape (k, n)."""
        found = np.zeros_like(self.sizes)
        found[0] = self.weigh(pieces)
        for k in range(1, len(found)):  # most pieces are empty or fill the zone before, and then this one too
            full = found[k - 1] >= self.sizes[k - 1] * (1 - ROUNDING)
            found[k, full] = self.sizes[k, full]
            part = np.flatnonzero((found[k - 1] > 0) & ~full)
            pieces = pieces.copy()
            pieces[part] = common(pieces[part], self.shapes[k, part])
            found[k, part] = self.weigh(pieces[part])
        return found


def _both(pieces: Geometries, others: Geometries) -> Rows:
    """Return the positions where neither is empty."""
    return np.flatnonzero(~(shapely.is_empty(pieces) | shapely.is_empty(others)))


def _by_row(geometries: Geometries, rows: Rows, size: int) -> Geometries:
    """Return the polygons of geometries that do not overlap, collected by row, shape (size,)."""
    parts, which = shapely.get_parts(geometries, return_index=True)
    polygonal = shapely.get_dimensions(parts) == 2
    parts, which = parts[polygonal], rows[which[polygonal]]
    order = np.argsort(which, kind="stable")
    filled, position = np.unique(which[order], return_inverse=True)
    found = nothing(size)
    if filled.size:
        found[filled] = shapely.multipolygons(parts[order], indices=position)
    return found
