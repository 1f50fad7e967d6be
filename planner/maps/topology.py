"""Borders that are drawn once: polygons as a coverage, simplified together, kept as the arcs they share."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

Polygons = npt.NDArray[np.object_]
Int = npt.NDArray[np.int64]

STEP_DEG: Final = 1e-5
"""Published positions are whole multiples of this, degrees: about one metre."""
METRES_PER_DEGREE: Final = 111_320.0
"""Of latitude. Only used to say how coarse a drawing may be; nothing is measured with it."""
_ROW: Final = 2**32


def cover(polygons: Polygons) -> Polygons:
    """Return `polygons` as a coverage: neighbours share their vertices, and nothing lies in two of them.

    Cells that were clipped one by one meet at points that only one of them has as a vertex; simplified like that they
    would come apart. So all borders are noded together on the grid of `STEP_DEG`, and each face goes to the first
    polygon that contains it.

    Parameters
    ----------
    polygons : ndarray of Polygon or MultiPolygon, shape (n,)
        EPSG:4326, lon and lat in degrees.

    Returns
    -------
    ndarray, shape (n,)
        Vertices on the grid. A polygon smaller than the grid is an empty polygon.
    """
    if len(polygons) == 0:
        return polygons
    lines = shapely.union_all(shapely.boundary(polygons), grid_size=STEP_DEG)
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
        About the side, in metres, of the square whose area a corner must enclose to be kept (Visvalingam and Whyatt).
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
    """A growing TopoJSON topology: every border once, polygons as lists of arc numbers.

    Vertices are where two rings part; all layers must be added before the first is encoded, so `encode` takes all.
    """

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
        """Return the TopoJSON object: arcs delta-encoded in whole steps of `STEP_DEG`."""
        origin = np.min([a.min(axis=0) for a in self.arcs], axis=0) if self.arcs else np.zeros(2, np.int64)
        deltas = [np.diff(a - origin, axis=0, prepend=np.zeros((1, 2), np.int64)).tolist() for a in self.arcs]
        translate = [round(float(v) * STEP_DEG, 5) for v in origin]
        transform = {"scale": [STEP_DEG, STEP_DEG], "translate": translate}
        return {"type": "Topology", "transform": transform, "arcs": deltas, "objects": objects}


def encode(areas: dict[str, Polygons], lines: dict[str, Polygons]) -> dict[str, Any]:
    """Return areas and lines as one TopoJSON topology.

    Parameters
    ----------
    areas : dict of str to ndarray of Polygon or MultiPolygon
        Layers that share vertices share arcs, within a layer and between layers. EPSG:4326.
    lines : dict of str to ndarray of LineString or MultiLineString
        Kept as they are, an arc per line.

    Returns
    -------
    dict
        TopoJSON with one GeometryCollection per name; geometries stand in the order of their rows, null where empty.
    """
    topology = Topology()
    rings = {name: [_rings(polygon) for polygon in polygons] for name, polygons in areas.items()}
    corners = _junctions([r for layer in rings.values() for shape in layer for part in shape for r in part])
    objects: dict[str, Any] = {}
    for name, layer in rings.items():
        shapes = [[[_cut(ring, corners, topology) for ring in part] for part in shape] for shape in layer]
        objects[name] = _collection("MultiPolygon", shapes)
    for name, frame in lines.items():
        found = [[[topology.arc(_steps(p))] for p in shapely.get_parts(line) if not p.is_empty] for line in frame]
        objects[name] = _collection("MultiLineString", found)
    return topology.as_dict(objects)


def decode(topology: dict[str, Any], name: str) -> list[list[list[Int]]]:
    """Return the areas of an object of a topology: per row its parts, per part its closed rings in steps.

    Parameters
    ----------
    topology : dict
        From `encode`.
    name : str
        Of an object of areas.
    """
    origin = np.rint(np.array(topology["transform"]["translate"]) / STEP_DEG).astype(np.int64)
    arcs = [np.cumsum(np.array(a, dtype=np.int64), axis=0) + origin for a in topology["arcs"]]

    def ring(numbers: list[int]) -> Int:
        pieces = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in numbers]
        return np.concatenate([pieces[0], *[p[1:] for p in pieces[1:]]])

    geometries = topology["objects"][name]["geometries"]
    return [[[ring(r) for r in part] for part in g.get("arcs", [])] for g in geometries]


def _collection(kind: str, shapes: list[Any]) -> dict[str, Any]:
    geometries = [{"type": kind, "arcs": shape} if shape else {"type": None} for shape in shapes]
    return {"type": "GeometryCollection", "geometries": geometries}


def _steps(line: shapely.Geometry) -> Int:
    """Return a line's points in whole steps, repeated points once; a line within one step keeps two points."""
    points = np.rint(shapely.get_coordinates(line) / STEP_DEG).astype(np.int64)
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = (np.diff(points, axis=0) != 0).any(axis=1)
    kept: Int = points[keep]
    return kept if len(kept) > 1 else np.repeat(kept[:1], 2, axis=0)


def _rings(polygon: shapely.Geometry) -> list[list[Int]]:
    """Return the parts of a polygon as open rings in steps; rings of fewer than three points are nothing on a map."""
    parts = []
    for part in shapely.get_parts(polygon):
        rings = [_steps(r)[:-1] for r in shapely.get_rings(part)]
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


def tolerance_for(polygons: Polygons, *, smallest_m: float = 50.0, vertices: int = 60_000) -> float:
    """Return how coarse, in metres, a drawing of this many vertices may be: 50 m for a province, more for a country."""
    count = int(shapely.get_num_coordinates(polygons).sum())
    return smallest_m * max(1.0, math.sqrt(count / (vertices * 10)))
