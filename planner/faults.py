"""The map of faulty places in the quality report: inline SVG, without scripts and without a network."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layers.catalog import Layer
from layers.crs import GEOGRAPHIC
from layers.errors import Issue

MAX_PLACES: Final = 2_000
"""Places that the map shows, errors first; the table has the others."""
_WIDTH: Final = 800.0
_MARGIN: Final = 12.0
_SIMPLIFY_M: Final = 400.0
"""What is below two pixels of a province."""
_ORDER: Final = ("info", "warning", "error")
"""Errors are drawn last, on top."""
_LEAST_SPAN: Final = 0.05
"""Degrees that a map of a single place shows."""
_Array = npt.NDArray[np.float64]


def drawing(issues: Sequence[Issue], layers: Sequence[Layer]) -> str:
    """Return the section of the page with the map; empty when no issue has a place.

    Parameters
    ----------
    issues : sequence of Issue
        Those with ``lon`` and ``lat`` (EPSG:4326, degrees) are drawn.
    layers : sequence of Layer
        The communes among them lie behind the places.

    Returns
    -------
    str
        HTML; every foreign text escaped. Plate carrée with the middle latitude true to scale.
    """
    placed = [issue for issue in issues if _is_somewhere(issue)]
    if not placed:
        return ""
    shown = sorted(placed, key=lambda issue: -_ORDER.index(issue.severity))[:MAX_PLACES]
    background = _communes(layers)
    view = _View.around(np.array([(issue.lon, issue.lat) for issue in shown], dtype=np.float64), background)
    circles = [_circle(issue, view) for issue in reversed(shown)]
    paths = [f'<path d="{view.path(shape)}"/>' for shape in background]
    return (
        '<h2>Nơi có vấn đề <span lang="en">(faulty places)</span></h2>'
        f"<p>Hiện {len(shown)} trong {len(placed)} vị trí; đỏ: lỗi, cam: cảnh báo, xám: ghi chú.</p>"
        f'<svg viewBox="0 0 {_WIDTH:.0f} {view.height:.0f}" role="img" aria-label="Bản đồ nơi có vấn đề">'
        f"{''.join(paths)}{''.join(circles)}</svg>"
    )


class _View:
    """From degrees to pixels."""

    def __init__(self, west: float, south: float, east: float, north: float) -> None:
        self._west, self._north = west, north
        self._cosine = math.cos(math.radians((south + north) / 2))
        self._scale = (_WIDTH - 2 * _MARGIN) / ((east - west) * self._cosine)
        self.height = (north - south) * self._scale + 2 * _MARGIN

    @classmethod
    def around(cls, points: _Array, background: Sequence[Any]) -> _View:
        """Return the view that shows the points and what lies behind them."""
        boxes = np.vstack([np.hstack([points, points]), *(shapely.bounds(shape) for shape in background)])
        west, south = boxes[:, :2].min(axis=0)
        east, north = boxes[:, 2:].max(axis=0)
        wider, higher = (max(0.0, _LEAST_SPAN - span) / 2 for span in (east - west, north - south))
        return cls(west - wider, south - higher, east + wider, north + higher)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Return x and y in pixels, y downwards."""
        return _MARGIN + (lon - self._west) * self._cosine * self._scale, _MARGIN + (self._north - lat) * self._scale

    def path(self, shape: Any) -> str:
        """Return the rings of a polygon as SVG path data."""
        return "".join(
            self._ring(shapely.get_coordinates(ring)) for ring in shapely.get_rings(shapely.get_parts(shape))
        )

    def _ring(self, corners: _Array) -> str:
        points = (self.at(float(lon), float(lat)) for lon, lat in corners[:-1])
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def _is_somewhere(issue: Issue) -> bool:
    return issue.lon is not None and issue.lat is not None and math.isfinite(issue.lon) and math.isfinite(issue.lat)


def _communes(layers: Iterable[Layer]) -> list[Any]:
    """Return the communes' polygons in degrees, coarse enough for a page."""
    found = next((layer for layer in layers if layer.record.layer == "communes"), None)
    if found is None or not isinstance(found.frame, gpd.GeoDataFrame) or found.frame.empty:
        return []
    coarse = found.frame.geometry.simplify(_SIMPLIFY_M)
    return list(coarse[~coarse.is_empty].to_crs(GEOGRAPHIC))


def _circle(issue: Issue, view: _View) -> str:
    x, y = view.at(float(issue.lon or 0.0), float(issue.lat or 0.0))
    title = html.escape(str(issue))
    return f'<circle class="{issue.severity}" cx="{x:.1f}" cy="{y:.1f}" r="6"><title>{title}</title></circle>'
