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
FINE_DEG: Final = 1e-7
"""About a centimetre: corners closer than two of these are taken for the same."""
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


def draw(polygons: Polygons, detail: Detail) -> Polygons:
    """Return polygons as a coverage on the grid of a drawing, simplified as a whole.

    Parameters
    ----------
    polygons : ndarray of Polygon or MultiPolygon, shape (n,)
        EPSG:4326, lon and lat in degrees.
    detail : Detail

    Returns
    -------
    ndarray, shape (n,)
        Neighbours share their vertices, nothing lies in two of them; empty where a polygon is smaller than the detail.
    """
    try:
        fewer = simplify(align(polygons), tolerance_m=detail.tolerance_m)
    except shapely.errors.GEOSException:
        # GEOS gives up on some sets that overlap; made a coverage first, they are drawn the same, only slower
        fewer = simplify(cover(polygons, step_deg=detail.step_deg), tolerance_m=detail.tolerance_m)
    return cover(fewer, step_deg=detail.step_deg)


def align(polygons: Polygons) -> Polygons:
    """Return `polygons` with the corners that lie on a neighbour's border put into that border too.

    Cells that were clipped one by one meet at points that only one of them has as a corner; simplified like that they
    would come apart there. Only borders that no neighbour has in the same points are looked at, which makes this a
    tenth of the work of noding all lines.

    Parameters
    ----------
    polygons : ndarray of Polygon or MultiPolygon, shape (n,)
        EPSG:4326, lon and lat in degrees.

    Returns
    -------
    ndarray, shape (n,)
        Vertices on a grid of `FINE_DEG`. What is not a coverage before is none after: `cover` makes it one.
    """
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    places, ring = shapely.get_coordinates(rings, return_index=True)
    points = np.rint(places / FINE_DEG).astype(np.int64)
    start = np.flatnonzero(ring[1:] == ring[:-1])
    lonely = start[_unmatched(points[start], points[start + 1])]
    if len(lonely) == 0:
        return polygons
    on, extra = _lying_on(points[lonely], points[lonely + 1])
    if len(on) == 0:
        return polygons
    after = lonely[on]
    along = ((extra - points[after]) ** 2).sum(axis=1)
    order = np.lexsort((along, after))
    at = after[order] + 1
    whole = np.insert(points, at, extra[order], axis=0)
    return _rebuilt(whole, np.insert(ring, at, ring[after[order]]), part, owner, len(polygons))


def _unmatched(begin: Int, end: Int) -> npt.NDArray[np.bool_]:
    """Return whether an edge is in one ring only."""
    a, b = _keys(begin), _keys(end)
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((high, low))
    same = (low[order][1:] == low[order][:-1]) & (high[order][1:] == high[order][:-1])
    alone = np.ones(len(order), dtype=bool)
    alone[1:] &= ~same
    alone[:-1] &= ~same
    found = np.empty(len(order), dtype=bool)
    found[order] = alone
    lonely: npt.NDArray[np.bool_] = found & (a != b)
    return lonely


def _lying_on(begin: Int, end: Int) -> tuple[Int, Int]:
    """Return edge numbers and the points of other edges' ends that lie on them, not at their own ends."""
    corners = np.unique(np.concatenate([begin, end]), axis=0)
    edges = np.asarray(shapely.linestrings(np.stack([begin, end], axis=1).astype(np.float64)), dtype=object)
    corner, edge = shapely.STRtree(edges).query(
        shapely.points(corners.astype(np.float64)), predicate="dwithin", distance=2
    )
    found = corners[corner]
    inner = (found != begin[edge]).any(axis=1) & (found != end[edge]).any(axis=1)
    return edge[inner].astype(np.int64), found[inner]


def _rebuilt(points: Int, ring: Int, part: Int, owner: Int, count: int) -> Polygons:
    """Return polygons from points of the fine grid: `ring` by point, `part` by ring, `owner` by part.

    Rings that are nothing on that grid are left out, and parts whose outer ring is.
    """
    fresh = np.r_[True, (points[1:] != points[:-1]).any(axis=1) | (ring[1:] != ring[:-1])]
    points, ring = points[fresh], ring[fresh]
    large = np.bincount(ring, minlength=len(part)) >= 4
    outer = np.r_[True, part[1:] != part[:-1]]
    large &= large[np.flatnonzero(outer)][np.cumsum(outer) - 1]
    kept = large[ring]
    _, renumbered = np.unique(ring[kept], return_inverse=True)
    rings: Polygons = np.asarray(shapely.linearrings(points[kept] * FINE_DEG, indices=renumbered), dtype=object)
    parts, first, sizes = np.unique(part[large], return_index=True, return_counts=True)
    made: Polygons = np.asarray(shapely.polygons(rings[first]), dtype=object)
    holed = np.flatnonzero(sizes > 1)
    made[holed] = [
        shapely.Polygon(rings[f], rings[f + 1 : f + n]) for f, n in zip(first[holed], sizes[holed], strict=True)
    ]
    return _gathered(made, owner[parts], count)


def _gathered(parts: Polygons, owner: Int, count: int) -> Polygons:
    """Return one geometry per owner from its parts, which stand together; empty where it has none."""
    found = np.full(count, shapely.Polygon(), dtype=object)
    owners, first, sizes = np.unique(owner, return_index=True, return_counts=True)
    found[owners[sizes == 1]] = parts[first[sizes == 1]]
    for several in np.flatnonzero(sizes > 1):
        found[owners[several]] = shapely.MultiPolygon(list(parts[first[several] : first[several] + sizes[several]]))
    return found


def cover(polygons: Polygons, *, step_deg: float) -> Polygons:
    """Return `polygons` as a coverage: neighbours share their vertices, and nothing lies in two of them.

    All borders are noded together on the grid of `step_deg`, and each face goes to the first polygon that contains it.

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
        From `align` or `cover`.
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
        Layers that share vertices share arcs, within a layer and between layers. EPSG:4326. Arcs are numbered in the
        order of first use: those of the lines, then those of the first layer, then what the next ones add.
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
    for name, frame in lines.items():
        found = [
            [[topology.arc(_steps(p, step_deg))] for p in shapely.get_parts(line) if not p.is_empty] for line in frame
        ]
        objects[name] = found
    for name, layer in rings.items():
        shapes = [[[_cut(ring, corners, topology) for ring in part] for part in shape] for shape in layer]
        objects[name] = shapes
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
    """Return one whole number per point; 32 bits for each of lon and lat hold 180 degrees of the finest grid."""
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
