"""The rings of polygons as the compiled kernels walk them: one array of vertices."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine

from layers.kernels import zonal

Geometries = npt.NDArray[np.object_]


class Unpacked(NamedTuple):
    """Rings of many polygons in one array.

    `coordinates` of shape (v, 2); ring i has those from ``starts[i]`` to ``starts[i + 1]``, the first again as the last;
    `owner` is the number of its polygon, `exterior` whether it is the outer one of a part.
    """

    coordinates: npt.NDArray[np.float64]
    starts: npt.NDArray[np.int64]
    owner: npt.NDArray[np.int64]
    exterior: npt.NDArray[np.bool_]


def unpacked(polygons: Geometries) -> Unpacked:
    """Return the rings of polygons, in the direction in which they run.

    Parameters
    ----------
    polygons : ndarray of Polygon or MultiPolygon
        None missing.
    """
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    starts = np.searchsorted(ring, np.arange(len(rings) + 1)).astype(np.int64)
    first_of_part = np.diff(part, prepend=-1) != 0  # a polygon's exterior comes before its holes
    return Unpacked(coordinates, starts, owner[part].astype(np.int64), first_of_part)


def in_cells(polygons: Geometries, to_cells: Affine) -> zonal.Rings:
    """Return the rings of polygons, their vertices in columns and rows of a grid, fractions included.

    Parameters
    ----------
    polygons : ndarray of Polygon or MultiPolygon
        None missing; their rings may run either way.
    to_cells : Affine
        From the polygons' x and y to columns and rows.

    Returns
    -------
    Rings
        With the sign by which each counts: what an exterior encloses is added, what a hole encloses is taken away.
    """
    to: Any = to_cells
    matrix = (to.a, to.b, to.c, to.d, to.e, to.f)
    return zonal.placed(*unpacked(polygons), matrix)
