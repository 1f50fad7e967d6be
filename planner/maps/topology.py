"""Borders that are drawn once: polygons as a coverage, simplified together, kept as the arcs they share."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

Polygons = npt.NDArray[np.object_]
Int = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]

STEPS_DEG: Final = (1e-5, 2e-4)
"""Drawn positions are whole multiples of one of these, degrees: about one metre for a province, twenty for a country."""
METRES_PER_DEGREE: Final = 111_320.0
"""Of latitude. Only used to say how coarse a drawing may be; nothing is measured with it."""
FULL_VERTICES: Final = 450_000
"""Up to so many vertices are drawn at `FINEST_M`; beyond, the drawing is coarser in proportion."""
FINEST_M: Final = 50.0
COARSE_M: Final = 100.0
"""From here on the coarser step is fine enough."""
_ROW: Final = 2**32


@dataclass(frozen=True, slots=True)
class Detail:
    """How fine a drawing is.

    Parameters
    ----------
    tolerance_m : float
        About the side, in metres, of the square whose area a corner must enclose to be kept (Visvalingam and Whyatt).
    step_deg : float
        Grid of the positions, degrees.
    """

    tolerance_m: float
    step_deg: float

    @classmethod
    def of(cls, polygons: Polygons) -> Detail:
        """Return how fine a drawing of these polygons may be: 50 m for a province, coarser for a country."""
        count = int(shapely.get_num_coordinates(polygons).sum())
        tolerance = FINEST_M * max(1.0, count / FULL_VERTICES)
        return cls(tolerance, STEPS_DEG[0] if tolerance < COARSE_M else STEPS_DEG[1])


def cover(polygons: Polygons, *, step_deg: float) -> Polygons:
    """Return `polygons` as a coverage: neighbours share their vertices, and nothing lies in two of them.

    Cells that were clipped one by one meet at points that only one of them has as a vertex; simplified like that they
    would come apart. So all borders are noded together on the grid of `STEP_DEG`, and each face goes to the first
    polygon that contains it.

    Parameters
    ----------
    polygons : ndarray of Polygon or MultiPolygon, shape (n,)
        EPSG:4326, lon and lat in degrees.
    step_deg : float
        Of the grid.

    Returns
    -------
    ndarray, shape (n,)
        Vertices on the grid. A polygon smaller than the grid is an empty polygon.
    """
    if len(polygons) == 0:
        return polygons
    lines = shapely.union_all(shapely.boundary(polygons), grid_size=step_deg)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    face, owner = shapely.STRtree(polygons).query(shapely.point_on_surface(faces), predicate="intersects")
    first = np.full(len(faces), len(polygons))
    np.minimum.at(first, face, owner)
    order = np.argsort(first, kind="stable")
    starts = np.searchsorted(first[order], np.arange(len(polygons) + 1))
    groups = [faces[order[a:b]] for a, b in pairwise(starts)]
    return np.array([shapely.coverage_union_all(g) if len(g) else shapely.Polygon() for g in groups], dtype=object)


def simplify(polygons: Polygons, *, tolerance_m: float) -> Polygons:
    """Return a coverage with fewer vertices: shared borders stay shared, no gap opens and no overlap appears.

    Parameters
    ----------
    polygons : ndarray, shape (n,)
        From `cover`.
    tolerance_m : float
        See `Detail`.
    """
    if len(polygons) == 0:
        return polygons
    return np.asarray(shapely.coverage_simplify(polygons, tolerance_m / METRES_PER_DEGREE), dtype=object)


def merge(polygons: Polygons, groups: npt.NDArray[Any], names: list[str]) -> Polygons:
    """Return the union of the polygons of each group, in the order of `names`; vertices are those of `polygons`."""
    found = [polygons[(groups == name) & ~shapely.is_empty(polygons)] for name in names]
    return np.array([shapely.coverage_union_all(g) if len(g) else shapely.Polygon() for g in found], dtype=object)


@dataclass
class Topology:
    """A growing list of arcs, each border once; `encode` fills it.

    Parameters
    ----------
    step_deg : float
        Of the grid.
    arcs : list of ndarray of int64, shape (k, 2)
        Lon and lat in steps.
    """

    step_deg: float
    arcs: list[Int] = field(default_factory=list)
    _known: dict[bytes, int] = field(default_factory=dict)

    def arc(self, points: Int) -> int:
        """Return the number of an arc, ``~number`` when it is stored in the other direction.

        Parameters
        ----------
        points : ndarray of int64, shape (k, 2)
            Lon and lat in steps.
        """
        forward, backward = points.tobytes(), points[::-1].tobytes()
        if forward in self._known:
            return self._known[forward]
        if backward in self._known:
            return ~self._known[backward]
        self._known[forward] = len(self.arcs)
        self.arcs.append(points)
        return self._known[forward]

    def as_dict(self, objects: dict[str, Any]) -> dict[str, Any]:
        """Return what is written: per arc x, y of its first point from the origin, then the way to each next point."""
        origin = np.min([a.min(axis=0) for a in self.arcs], axis=0) if self.arcs else np.zeros(2, np.int64)
        zero = np.zeros((1, 2), np.int64)
        arcs = [np.diff(a - origin, axis=0, prepend=zero).ravel().tolist() for a in self.arcs]
        return {"step": self.step_deg, "origin": origin.tolist(), "arcs": arcs, "objects": objects}


def encode(areas: dict[str, Polygons], lines: dict[str, Polygons], *, step_deg: float) -> dict[str, Any]:
    """Return areas and lines as one topology: TopoJSON without the words that it repeats for each geometry.

    Parameters
    ----------
    areas : dict of str to ndarray of Polygon or MultiPolygon
        Layers that share vertices share arcs, within a layer and between layers. EPSG:4326.
    lines : dict of str to ndarray of LineString or MultiLineString
        Kept as they are but for the grid, an arc per line.
    step_deg : float
        Of the grid; that of `cover`.

    Returns
    -------
    dict
        ``step`` in degrees, ``origin`` in steps, ``arcs`` and ``objects``: per name and row the parts, per part the
        rings, per ring arc numbers (``~number`` runs backwards); per line the parts and their arcs. Empty where a
        geometry is empty.
    """
    topology = Topology(step_deg)
    rings = {name: [_rings(polygon, step_deg) for polygon in polygons] for name, polygons in areas.items()}
    corners = _junctions([r for layer in rings.values() for shape in layer for part in shape for r in part])
    objects: dict[str, Any] = {}
    for name, layer in rings.items():
        shapes = [[[_cut(ring, corners, topology) for ring in part] for part in shape] for shape in layer]
        objects[name] = shapes
    for name, frame in lines.items():
        found = [
            [[topology.arc(_steps(p, step_deg))] for p in shapely.get_parts(line) if not p.is_empty] for line in frame
        ]
        objects[name] = found
    return topology.as_dict(objects)


def decode(topology: dict[str, Any], name: str) -> list[list[list[Float]]]:
    """Return the areas of an object of a topology: per row its parts, per part its closed rings, lon and lat in degrees.

    Parameters
    ----------
    topology : dict
        From `encode`.
    name : str
        Of an object of areas.
    """
    step, origin = topology["step"], np.array(topology["origin"], dtype=np.int64)
    ways = (np.array(a, dtype=np.int64).reshape(-1, 2) for a in topology["arcs"])
    arcs = [(np.cumsum(way, axis=0) + origin) * step for way in ways]

    def ring(numbers: list[int]) -> Float:
        pieces = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in numbers]
        return np.concatenate([pieces[0], *[p[1:] for p in pieces[1:]]])

    return [[[ring(r) for r in part] for part in shape] for shape in topology["objects"][name]]


def _steps(line: shapely.Geometry, step_deg: float) -> Int:
    """Return a line's points in whole steps, repeated points once; a line within one step keeps two points."""
    points = np.rint(shapely.get_coordinates(line) / step_deg).astype(np.int64)
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = (np.diff(points, axis=0) != 0).any(axis=1)
    kept: Int = points[keep]
    return kept if len(kept) > 1 else np.repeat(kept[:1], 2, axis=0)


def _rings(polygon: shapely.Geometry, step_deg: float) -> list[list[Int]]:
    """Return the parts of a polygon as open rings in steps; rings of fewer than three points are nothing on a map."""
    parts = []
    for part in shapely.get_parts(polygon):
        rings = [_steps(r, step_deg)[:-1] for r in shapely.get_rings(part)]
        if rings and len(rings[0]) >= 3:
            parts.append([r for r in rings if len(r) >= 3])
    return parts


def _keys(points: Int) -> Int:
    """Return one whole number per point."""
    keys: Int = points[:, 0] * _ROW + points[:, 1] + _ROW // 2
    return keys


def _junctions(rings: list[Int]) -> Int:
    """Return, sorted, the keys of points whose neighbours are not the same two in every ring."""
    if not rings:
        return np.zeros(0, np.int64)
    own = np.concatenate([_keys(r) for r in rings])
    before = np.concatenate([np.roll(_keys(r), 1) for r in rings])
    after = np.concatenate([np.roll(_keys(r), -1) for r in rings])
    points, position = np.unique(own, return_inverse=True)
    same = np.ones(len(points), dtype=bool)
    for values in (np.minimum(before, after), np.maximum(before, after)):
        low = np.full(len(points), np.iinfo(np.int64).max)
        high = np.full(len(points), np.iinfo(np.int64).min)
        np.minimum.at(low, position, values)
        np.maximum.at(high, position, values)
        same &= low == high
    junctions: Int = points[~same]
    return junctions


def _cut(ring: Int, corners: Int, topology: Topology) -> list[int]:
    """Return a ring as arc numbers: cut where it meets others, else one closed arc from its smallest point."""
    keys = _keys(ring)
    place = np.minimum(np.searchsorted(corners, keys), max(len(corners) - 1, 0))
    at = np.flatnonzero(corners[place] == keys) if len(corners) else np.zeros(0, np.int64)
    if len(at) == 0:
        start = int(np.argmin(keys))
        closed = np.concatenate([ring[start:], ring[: start + 1]])
        return [topology.arc(closed)]
    turned = np.roll(ring, -int(at[0]), axis=0)
    stops = [*(at - at[0]).tolist(), len(ring)]
    path = np.concatenate([turned, turned[:1]])
    return [topology.arc(path[a : b + 1].copy()) for a, b in pairwise(stops)]
