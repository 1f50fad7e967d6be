"""The only place that reprojects. Distances and areas are taken in a metric CRS or not at all."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pyproj

from layers.errors import CrsError, Issue

GEOGRAPHIC: Final = "EPSG:4326"
"""What is published: WGS 84, degrees, stored as lon, lat."""


def _fault(name: str, rule: str, value: str | None, done: str) -> CrsError:
    return CrsError(Issue(layer=name, file=name, rule=rule, value=value, done=done, code="crs"))


def require_crs(frame: gpd.GeoDataFrame | gpd.GeoSeries, *, name: str) -> pyproj.CRS:
    """Return the CRS of `frame`.

    Parameters
    ----------
    frame : GeoDataFrame or GeoSeries
    name : str
        What the message calls it.

    Raises
    ------
    CrsError
        When there is none: a CRS is never guessed.
    """
    if frame.crs is None:
        raise _fault(
            name,
            "a layer with geometry needs a coordinate reference system",
            None,
            'Add crs = "EPSG:…" to the layer in the plan, or the missing .prj file.',
        )
    return pyproj.CRS(frame.crs)


def require_metric(crs: pyproj.CRS | str | None, *, name: str) -> pyproj.CRS:
    """Return `crs` when it is projected in metres.

    Raises
    ------
    CrsError
        When it is missing, geographic or in another unit.
    """
    found = None if crs is None else pyproj.CRS(crs)
    if found is None or not found.is_projected or found.axis_info[0].unit_name != "metre":
        raise _fault(
            name,
            "distances and areas need a projected CRS in metres",
            None if found is None else found.to_string(),
            "Use for example EPSG:32649 or a VN-2000 zone (EPSG:9205 to 9218).",
        )
    return found


def to_crs(frame: gpd.GeoDataFrame, crs: pyproj.CRS | str, *, name: str) -> gpd.GeoDataFrame:
    """Return `frame` in `crs`; a frame without a CRS raises (EPSG codes and PROJ strings are accepted)."""
    require_crs(frame, name=name)
    return frame.to_crs(crs)


def require_same(
    left: gpd.GeoDataFrame | gpd.GeoSeries, right: gpd.GeoDataFrame | gpd.GeoSeries, *, name: str
) -> pyproj.CRS:
    """Return the common CRS of two frames.

    Raises
    ------
    CrsError
        When they differ: nothing is overlaid across two systems.
    """
    a, b = require_crs(left, name=name), require_crs(right, name=name)
    if a != b:
        raise _fault(name, "two layers must share one CRS before they meet", f"{a.to_string()} and {b.to_string()}", "")
    return a
