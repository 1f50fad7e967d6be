"""Positions as people write them, and which reference system a set of positions without one may be in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from pyproj.exceptions import ProjError

from layers import catalog
from layers.crs import GEOGRAPHIC

VN2000: Final = (4756, 3405, 3406, 5896, 5897, 5898, 5899, *range(9205, 9219))
"""EPSG codes of VN-2000: degrees, UTM zones 48N and 49N, the TM-3 zones and the provinces' central meridians."""
CANDIDATES: Final = (4326, 32648, 32649, *VN2000)
_OFFERED: Final = 3
_LOOKED_AT: Final = 2_000
_LEAST_SHARE: Final = 0.5
_INSIDE: Final = 0.9
_NEARLY_ALL: Final = 0.95
_AHEAD: Final = 0.1
_TURN: Final = 360.0
_SIXTY: Final = 60.0
_DMS: Final = re.compile(
    r"(?P<before>[NSEWBĐDT])?\s*(?P<sign>-)?(?P<degrees>\d{1,3}(?:[.,]\d+)?)\s*[°º˚d]\s*"
    r"(?:(?P<minutes>\d{1,2}(?:[.,]\d+)?)\s*(?:['′’´m]\s*|(?=[NSEWBĐDT]?$)))?"
    r"(?:(?P<seconds>\d{1,2}(?:[.,]\d+)?)\s*(?:\"|″|”|''|′′|’’|s|(?=[NSEWBĐDT]?$))\s*)?(?P<after>[NSEWBĐDT])?",
    re.ASCII,
)
_THREE: Final = re.compile(
    r"(?P<before>[NSEWBĐDT])?\s*(?P<sign>-)?(?P<degrees>\d{1,3})(?P<mark>[ :\-])\s?(?P<minutes>\d{1,2})(?P=mark)\s?"
    r"(?P<seconds>\d{1,2}(?:[.,]\d+)?)\s*(?P<after>[NSEWBĐDT])?",
    re.ASCII,
)
"""Three numbers between spaces, colons or hyphens: 12 40 30."""
_PLAIN: Final = re.compile(r"-?\d{1,3}[.,]\d+", re.ASCII)
_NEGATIVE: Final = frozenset("SWT")
"""South, west and tây; N is read as north, since the region has no south (Nam)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reference system in which positions may be.

    Parameters
    ----------
    code : str
        For example ``EPSG:9218``.
    name : str
    share : float
        Of the positions that lie inside the region's outline when read so, 0 to 1.
    """

    code: str
    name: str
    share: float

    def __str__(self) -> str:
        """Return the candidate as a plan's author reads it."""
        return f'crs = "{self.code}" ({self.name}): {self.share:.0%} of the points lie inside'


def candidates(x: npt.ArrayLike, y: npt.ArrayLike) -> list[Candidate]:
    """Try positions in each system of `CANDIDATES` against the outline of the shipped province.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        As stored; easting or longitude first.

    Returns
    -------
    list of Candidate
        The best three with at least half of the positions inside, best first, ties in the order of `CANDIDATES`.
        Nothing is decided: a neighbouring zone may fit as well.
    """
    points = np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    points = points[np.isfinite(points).all(axis=1)]
    points = points[:: max(1, len(points) // _LOOKED_AT)]
    if not len(points):
        return []
    found = [_tried(code, points) for code in CANDIDATES]
    fitting = [one for one in found if one is not None and one.share >= _LEAST_SHARE]
    return sorted(fitting, key=lambda one: -one.share)[:_OFFERED]


def offer(geometry: gpd.GeoSeries) -> str:
    """Return what to write into the plan: the candidates for these geometries, or that none fits."""
    west, south, east, north = geometry.dropna().bounds.to_numpy().reshape(-1, 4).T
    x, y = (west + east) / 2, (south + north) / 2
    found = candidates(x, y)
    turned = [] if found else candidates(y, x)
    if turned:
        return "With x and y swapped, tried against the shipped outline: " + "; ".join(map(str, turned)) + "."
    if not found:
        return "None of WGS 84, UTM and VN-2000 puts them inside the shipped outline."
    return (
        "Tried against the shipped outline: " + "; ".join(map(str, found)) + ". Choose the one that the source names."
    )


def doubt(geometry: gpd.GeoSeries) -> tuple[float, Candidate] | None:
    """Return another system that fits clearly better than the stated one, and which share lies inside as stated.

    Parameters
    ----------
    geometry : GeoSeries
        As read, none missing, with the CRS that the file states.

    Returns
    -------
    tuple of float and Candidate, or None
        None when nine tenths lie inside the shipped outline as stated, or no other system brings nearly all inside
        (another province's data, or points all over the country): nothing is said then.
    """
    west, south, east, north = geometry.bounds.to_numpy().reshape(-1, 4).T
    points = np.column_stack([(west + east) / 2, (south + north) / 2])
    points = points[np.isfinite(points).all(axis=1)]
    points = points[:: max(1, len(points) // _LOOKED_AT)]
    inside = _inside(pyproj.CRS(geometry.crs), points) if len(points) else None
    if inside is None or inside >= _INSIDE:
        return None
    others = [one for one in candidates(points[:, 0], points[:, 1]) if one.share >= max(_NEARLY_ALL, inside + _AHEAD)]
    return (inside, others[0]) if others else None


def transformation(source: pyproj.CRS, target: pyproj.CRS | str) -> str:
    """Return the name and the accuracy of PROJ's operation between two systems."""
    found = pyproj.Transformer.from_crs(source, target, always_xy=True)
    accuracy = f"{found.accuracy:g} m" if found.accuracy is not None and found.accuracy >= 0 else "unknown accuracy"
    return f"{found.description} ({accuracy})"


def degrees(cell: object) -> float | None:
    """Return decimal degrees of a text such as ``108°14'30.5"E`` or ``108°14.5'``; None when it is not one."""
    text = cell.strip() if isinstance(cell, str) else ""
    found = _DMS.fullmatch(text) or _THREE.fullmatch(text)
    if found is None or (found["before"] and found["after"]):
        return None
    whole, minutes, seconds = (
        float((found[key] or "0").replace(",", ".")) for key in ("degrees", "minutes", "seconds")
    )
    parts = [found["degrees"], found["minutes"], found["seconds"]]
    broken = [part for part in parts if part and not part.isdigit()]
    finer = [part for part in parts if part][-1]
    if minutes >= _SIXTY or seconds >= _SIXTY or any(part is not finer for part in broken):
        return None
    value = whole + minutes / _SIXTY + seconds / _SIXTY**2
    return -value if found["sign"] or (found["before"] or found["after"] or "") in _NEGATIVE else value


def spelled_out(column: pd.Series[Any]) -> tuple[pd.Series[Any], int]:
    """Return a column with degrees, minutes and seconds turned into decimal degrees, and how many cells that were."""
    written = {text: degrees(text) for text in column.dropna().unique() if _may_be_degrees(text)}
    known = {row: written[cell] for row, cell in column.items() if _may_be_degrees(cell) and written[cell] is not None}
    if not known:
        return column, 0
    cells = [known.get(row, cell) for row, cell in column.items()]
    return pd.Series(cells, index=column.index, dtype="object"), len(known)


def plain(column: pd.Series[Any]) -> tuple[pd.Series[Any], int]:
    """Return a column in which each cell has its own decimal sign read, and how many were commas.

    Nothing is changed where the cells agree. Degrees have at most three digits before the sign, so that a comma or a
    point between digits is decimal whatever the other cells have.
    """
    points = [isinstance(c, str) and _PLAIN.fullmatch(c.strip()) is not None and "." in c for c in column]
    commas = [isinstance(c, str) and _PLAIN.fullmatch(c.strip()) is not None and "," in c for c in column]
    read = [isinstance(c, float) for c in column]  # spelled out in degrees and minutes already
    if not any(commas) or not (any(points) or any(read)):
        return column, 0
    cells = [
        float(cell.strip().replace(",", ".")) if point or comma else cell
        for cell, point, comma in zip(column, points, commas, strict=True)
    ]
    return pd.Series(cells, index=column.index, dtype="object"), sum(commas)


def beyond_a_turn(bounds: npt.NDArray[np.float64]) -> bool:
    """Return whether boxes (n, 4) hold values that are no degrees."""
    return bool(len(bounds)) and bool((np.isfinite(bounds) & (np.abs(bounds) > _TURN)).any())


def _may_be_degrees(cell: object) -> bool:
    return isinstance(cell, str) and any(sign in cell.strip() for sign in "°º˚d :-")


def _tried(code: int, points: npt.NDArray[np.float64]) -> Candidate | None:
    crs = pyproj.CRS.from_epsg(code)
    share = None if crs.is_geographic == beyond_a_turn(points) else _inside(crs, points)
    return None if share is None else Candidate(f"EPSG:{code}", crs.name, share)


def _inside(crs: pyproj.CRS, points: npt.NDArray[np.float64]) -> float | None:
    """Return which share of positions lies inside the shipped outline when read in a system."""
    try:
        lon, lat = pyproj.Transformer.from_crs(crs, GEOGRAPHIC, always_xy=True).transform(points[:, 0], points[:, 1])
    except ProjError:
        return None
    on_earth = np.isfinite(lon) & np.isfinite(lat)
    inside = shapely.contains_xy(_outline(), np.where(on_earth, lon, 0.0), np.where(on_earth, lat, 0.0))
    return float((inside & on_earth).mean())


@cache
def _outline() -> shapely.Geometry:
    """Return the shipped outline, EPSG:4326."""
    outline = gpd.read_file(catalog.boundaries_folder() / "daklak_outline_approx.geojson")
    whole = shapely.union_all(outline.to_crs(GEOGRAPHIC).geometry.to_numpy())
    shapely.prepare(whole)
    return whole
