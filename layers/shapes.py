"""Geometries as read, brought into the plan's CRS: placed in the region, valid, of the kind that a layer needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from shapely.geometry import MultiPolygon, Polygon

from layers import coordinates
from layers.catalog import Record
from layers.checks import capped, fault, set_aside
from layers.crs import GEOGRAPHIC, require_metric, to_crs
from layers.errors import Issue, Severity

Kind = Literal["polygon", "point", "line"]

REGION: Final = (102.0, 6.0, 118.0, 24.0)
"""West, south, east, north, degrees: Việt Nam with Hoàng Sa and Trường Sa. What lies outside is a slip of coordinates."""
MAX_REPAIR_SHARE: Final = 0.001
"""A repair may change a polygon's area by less than this; beyond it a person decides what the polygon means."""
_OVERLAP_M2: Final = 1.0
"""Less than this is the rounding of coordinates."""
_SAME_SHARE: Final = 0.5
_LEAST_M2: Final = 10.0
_LEAST_ROUND: Final = 1e-4
"""Area over that of a circle with the same border: a strip a metre wide and a kilometre long has 0.003."""
_TYPES: Final[dict[Kind, tuple[str, ...]]] = {
    "polygon": ("Polygon", "MultiPolygon"),
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
}


@dataclass(frozen=True, slots=True)
class Placed:
    """Geometries that can be used, and what happened to the others.

    Parameters
    ----------
    geometry : GeoSeries
        In the plan's metric CRS, index = row of the file; rows without geometry are gone, rows at fault too.
    issues : tuple of Issue
    set_aside : DataFrame
        Rows without geometry, as found, with ``row`` and ``reason``.
    """

    geometry: gpd.GeoSeries
    issues: tuple[Issue, ...]
    set_aside: pd.DataFrame


def place(source: gpd.GeoDataFrame, *, crs: str, kind: Kind, record: Record) -> Placed:
    """Bring the geometries of a layer into the plan's CRS and check each of them.

    Parameters
    ----------
    source : GeoDataFrame
        As read, with its CRS, index = row of the file.
    crs : str
        The plan's metric CRS.
    kind : {"polygon", "point", "line"}
        What the layer needs; collections of several kinds are a fault.
    record : Record

    Returns
    -------
    Placed
        An invalid polygon is repaired (OGC simple features, GEOS ``make_valid``) when its area changes by less than
        `MAX_REPAIR_SHARE`, which is told with both areas; else it is a fault.

    Raises
    ------
    CrsError
        When `crs` is not metric or `source` has no CRS.
    """
    require_metric(crs, name=f"{record.layer}: the plan's crs")
    there = pd.Series(~(source.geometry.isna() | source.geometry.is_empty), index=source.index)
    aside = set_aside(source, ~there, reason="no geometry")
    issues = [_no_geometry(row, record) for row in source.index[~there]]
    rows = gpd.GeoDataFrame(geometry=source.geometry.loc[there])
    issues += _other_kinds(rows.geometry, kind, record)
    rows = rows.loc[rows.geom_type.isin(_TYPES[kind])]
    inside, swapped = _in_region(rows)
    issues += _mislabelled(rows.geometry[~inside], record)
    issues += _outside_region(rows.geometry[~inside], swapped[~inside], record)
    issues += _doubtful(rows.geometry, record)
    issues += _moved(source.crs, crs, record)
    rows = rows.loc[inside]
    placed = to_crs(rows, crs, name=record.layer).geometry
    if kind == "polygon":
        placed, repairs = _repaired(placed, record)
        issues += [*repairs, *_slivers(placed, record)]
    return Placed(placed, tuple(issues), aside)


def containing(x_m: npt.ArrayLike, y_m: npt.ArrayLike, polygons: gpd.GeoSeries) -> npt.NDArray[np.int64]:
    """Return the position of the polygon that holds each point, -1 where none does.

    Parameters
    ----------
    x_m, y_m : array_like of float, shape (n,)
    polygons : GeoSeries
        In the same CRS. A point on a border belongs to the first of its polygons.
    """
    points = gpd.points_from_xy(np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64))
    found = np.full(len(points), len(polygons), dtype=np.int64)
    point, polygon = shapely.STRtree(polygons.to_numpy()).query(points, predicate="intersects")
    np.minimum.at(found, point, polygon)
    return np.where(found == len(polygons), -1, found)


def overlaps(polygons: gpd.GeoSeries, *, ids: pd.Series[str], record: Record) -> list[Issue]:
    """Return an issue for every two polygons that claim the same ground: its people would count twice.

    Parameters
    ----------
    polygons : GeoSeries
        Valid, in a metric CRS, index = row of the file.
    ids : Series of str
        What the polygons are called, the same index.
    record : Record

    Returns
    -------
    list of Issue
        With the common area; an error when it is half of the smaller polygon or more, else a warning.
    """
    shapes = polygons.to_numpy()
    suspect = _suspects(shapes)
    doubtful, rows = shapes[suspect], polygons.index[suspect]
    left, right = shapely.STRtree(doubtful).query(doubtful, predicate="intersects")
    left, right = left[left < right], right[left < right]
    common = shapely.area(shapely.intersection(doubtful[left], doubtful[right]))
    smaller = np.minimum(shapely.area(doubtful[left]), shapely.area(doubtful[right]))
    issues = []
    for a, b, area, least in sorted(zip(left, right, common, smaller, strict=True)):
        if area > _OVERLAP_M2:
            names = (str(ids.loc[rows[a]]), str(ids.loc[rows[b]]))
            where = shapely.point_on_surface(shapely.intersection(doubtful[a], doubtful[b]))
            told = _overlap(rows[a], names, area_m2=area, share=area / least, record=record)
            issues.append(_placed(told, where, polygons.crs))
    return capped(issues)


def gaps(polygons: gpd.GeoSeries, *, record: Record) -> list[Issue]:
    """Return a warning for every hole between polygons that should cover their ground: who lives there is nowhere.

    Parameters
    ----------
    polygons : GeoSeries
        Valid, in a metric CRS.
    record : Record

    Returns
    -------
    list of Issue
        With the hole's area, largest first; a hole of one polygon alone (a lake that it leaves out) is told as well.
    """
    whole = shapely.union_all(polygons.to_numpy())
    rings = [ring for part in shapely.get_parts(whole) for ring in getattr(part, "interiors", ())]
    holes = sorted((shapely.Polygon(ring) for ring in rings), key=lambda hole: (-hole.area, hole.bounds))
    return capped(
        [
            _placed(
                fault(
                    record,
                    "polygons of this layer leave no hole between them",
                    column="geometry",
                    value=f"{hole.area / 1e6:.6f} km²",
                    severity="warning",
                    done="Kept; nobody is counted there.",
                    code="gap",
                ),
                shapely.point_on_surface(hole),
                polygons.crs,
            )
            for hole in holes
            if hole.area > _OVERLAP_M2
        ]
    )


def _placed(issue: Issue, where: Any, crs: pyproj.CRS) -> Issue:
    """Return an issue with its place on the earth, for the map of the report."""
    lon, lat = pyproj.Transformer.from_crs(crs, GEOGRAPHIC, always_xy=True).transform(where.x, where.y)
    return replace(issue, lon=round(lon, 6), lat=round(lat, 6))


def _suspects(polygons: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Return which polygons may overlap another: borders that cross, or one lies inside the other. They are few."""
    suspect: npt.NDArray[np.bool_] = ~shapely.is_empty(shapely.coverage_invalid_edges(polygons))
    inner, outer = shapely.STRtree(polygons).query(shapely.point_on_surface(polygons), predicate="intersects")
    suspect[inner[inner != outer]] = True
    suspect[outer[inner != outer]] = True
    return suspect


def _overlap(row: int, names: tuple[str, str], *, area_m2: float, share: float, record: Record) -> Issue:
    same = share >= _SAME_SHARE
    return fault(
        record,
        f"polygons do not overlap; this is {share:.1%} of the smaller one",
        row=row,
        column="geometry",
        value=f"'{names[0]}' and '{names[1]}' share {area_m2 / 1e6:.6f} km²",
        severity="error" if same else "warning",
        done="Remove one of them." if same else "Correct the border in the file.",
        code="overlap",
    )


def _no_geometry(row: int, record: Record) -> Issue:
    done = "The row is set aside."
    return fault(
        record, "a row of this layer needs a geometry", row=row, severity="warning", done=done, code="no_geometry"
    )


def _other_kinds(geometry: gpd.GeoSeries, kind: Kind, record: Record) -> list[Issue]:
    wrong = geometry.geom_type[~geometry.geom_type.isin(_TYPES[kind])]
    rule = f"a geometry of this layer is one of {', '.join(_TYPES[kind])}"
    return capped(
        [fault(record, rule, row=row, column="geometry", value=str(v), code="other_kind") for row, v in wrong.items()]
    )


def _in_region(rows: gpd.GeoDataFrame) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which geometries lie within `REGION`, and which would if their axes were swapped."""
    bounds = rows.geometry.bounds.to_numpy()
    change = pyproj.Transformer.from_crs(rows.crs, GEOGRAPHIC, always_xy=True)
    low = np.column_stack(change.transform(bounds[:, 0], bounds[:, 1]))
    high = np.column_stack(change.transform(bounds[:, 2], bounds[:, 3]))
    swapped = _within(bounds[:, [1, 0]]) & _within(bounds[:, [3, 2]]) & bool(rows.crs.is_geographic)
    return _within(low) & _within(high), swapped


def _moved(source: pyproj.CRS, crs: str, record: Record) -> list[Issue]:
    """Return which operation of PROJ brings another datum's coordinates into the plan's CRS."""
    target = pyproj.CRS(crs)
    datums = [crs.datum.name for crs in (source, target) if crs.datum is not None]
    if datums[:1] == datums[1:]:
        return []
    name = coordinates.transformation(source, target)
    ballpark = "ballpark" in name.lower()
    rule = f"coordinates in {source.to_string()[:80]} are brought into {target.to_string()}"
    done = (
        "No transformation between the two is known: places may be off by 200 m." if ballpark else "By this operation."
    )
    severity: Severity = "warning" if ballpark else "info"
    return [fault(record, rule, value=name, severity=severity, done=done, code="transformation")]


def _doubtful(geometry: gpd.GeoSeries, record: Record) -> list[Issue]:
    """Return a warning when the stated system puts a layer beside the province and another one puts it inside."""
    found = None if geometry.empty else coordinates.doubt(geometry)
    if found is None:
        return []
    rule = (
        f"a layer of the province lies in it; read in {geometry.crs.to_string()[:80]}, as stated, part of it does not"
    )
    done = f"Kept as stated. {found[1]}: if the source names that one, correct the file's coordinate reference system."
    value = f"{found[0]:.0%} inside the shipped outline"
    return [fault(record, rule, value=value, severity="warning", done=done, code="doubtful_crs")]


def _slivers(geometry: gpd.GeoSeries, record: Record) -> list[Issue]:
    """Return a warning for each polygon without ground: left over where borders were drawn twice."""
    shapes = geometry.to_numpy()
    area_m2, border_m = shapely.area(shapes), shapely.length(shapes)
    round_share = 4 * np.pi * area_m2 / np.maximum(border_m, 1e-9) ** 2
    thin = (area_m2 < _LEAST_M2) | (round_share < _LEAST_ROUND)
    rule, done = "a polygon has ground; this one is a sliver", "Kept; remove it if nothing is there."
    issues = []
    for row, area, where in zip(geometry.index[thin], area_m2[thin], shapely.centroid(shapes[thin]), strict=True):
        issue = fault(
            record,
            rule,
            row=row,
            column="geometry",
            value=f"{area:,.2f} m²",
            severity="warning",
            done=done,
            code="sliver",
        )
        issues.append(issue if where.is_empty else _placed(issue, where, geometry.crs))
    return capped(issues)


def _mislabelled(geometry: gpd.GeoSeries, record: Record) -> list[Issue]:
    """Return a fault when coordinates called degrees are none, or no place of the region, with what fits instead."""
    if geometry.empty or not coordinates.beyond_a_turn(geometry.bounds.to_numpy()) or not geometry.crs.is_geographic:
        return []
    rule = f"coordinates in {geometry.crs.to_string()} are degrees; these are metres of another system"
    value = f"{len(geometry)} geometries"
    return [fault(record, rule, value=value, done=coordinates.offer(geometry), code="metres_as_degrees")]


def _outside_region(geometry: gpd.GeoSeries, swapped: npt.NDArray[np.bool_], record: Record) -> list[Issue]:
    """Return an issue for each of the geometries, which lie beyond `REGION`."""
    west, south, east, north = (f"{edge:g}" for edge in REGION)
    issues = []
    for (row, box), turned in zip(geometry.bounds.iterrows(), swapped, strict=True):
        value = f"x {box['minx']:.6g} to {box['maxx']:.6g}, y {box['miny']:.6g} to {box['maxy']:.6g}"
        rule = f"coordinates lie in the region {west} to {east} E, {south} to {north} N"
        done = "Check the coordinate reference system of the file."
        if not any(box):
            rule, done = "a position is known; (0, 0) stands for none", "Leave the coordinates empty, or correct them."
            issues.append(fault(record, rule, row=row, column="geometry", value=value, done=done, code="zero_position"))
            continue
        if turned:
            rule, done = "x is the longitude and y the latitude; here they are swapped", "Swap them in the file."
        code = "swapped" if turned else "outside_region"
        issues.append(fault(record, rule, row=row, column="geometry", value=value, done=done, code=code))
    return capped(issues)


def _within(points: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    west, south, east, north = REGION
    x, y = points[:, 0], points[:, 1]
    inside: npt.NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside


def _repaired(geometry: gpd.GeoSeries, record: Record) -> tuple[gpd.GeoSeries, list[Issue]]:
    """Return the geometries, slightly invalid ones repaired and the others left out, with an issue each."""
    issues: list[Issue] = []
    repaired = geometry.copy()
    dropped: list[Any] = []
    for row in geometry.index[~geometry.is_valid]:
        before = geometry.loc[row]
        after = shapely.make_valid(before, method="structure", keep_collapsed=False)
        change = abs(after.area - before.area)
        small = after.geom_type in _TYPES["polygon"] and change < MAX_REPAIR_SHARE * before.area
        issues.append(_invalid(row, before, after, geometry.crs, record, repaired=small))
        if small:
            repaired.loc[row] = after
        else:
            dropped.append(row)
    return repaired.drop(index=dropped), issues


def _invalid(
    row: int,
    before: Polygon | MultiPolygon,
    after: Polygon | MultiPolygon,
    crs: pyproj.CRS,
    record: Record,
    *,
    repaired: bool,
) -> Issue:
    reason, _, _ = shapely.is_valid_reason(before).partition("[")
    areas = f"{before.area / 1e6:.6f} km² before, {after.area / 1e6:.6f} km² after a repair"
    x, y = shapely.get_coordinates(before)[0]
    lon, lat = pyproj.Transformer.from_crs(crs, GEOGRAPHIC, always_xy=True).transform(x, y)
    return fault(
        record,
        f"a polygon is valid; this one has: {reason.strip().lower()}",
        row=row,
        column="geometry",
        value=areas,
        severity="warning" if repaired else "error",
        done="It was repaired."
        if repaired
        else f"Repair it in the file: a repair here may change {MAX_REPAIR_SHARE:.1%}.",
        code="repaired_geometry" if repaired else "invalid_geometry",
        lon=round(lon, 6),
        lat=round(lat, 6),
    )
