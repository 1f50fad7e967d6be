"""Classes of a raster on the cells of web maps: EPSG:3857, of limited size, and as a palette PNG."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
from affine import Affine
from rasterio.features import geometry_mask
from rasterio.transform import array_bounds, xy
from rasterio.warp import Resampling, reproject

from layers.crs import GEOGRAPHIC, to_crs

WEB: Final = "EPSG:3857"
"""What web maps draw in: a picture in it lies on the map undistorted."""
MOST_SIDE: Final = 1200
"""Cells on the longer side of a picture, at most."""
NOTHING: Final = 0
"""The class of cells of which nothing is known; transparent in a picture."""
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Classes on square cells of EPSG:3857.

    Parameters
    ----------
    codes : ndarray of uint8, shape (rows, columns)
        First row in the north; `NOTHING` where nothing is known.
    bounds_deg : tuple of float
        West, south, east, north of the outer edges, degrees (EPSG:4326).
    cell_m : float
        Side of a cell in the metres of EPSG:3857, which are longer than those on the ground.
    """

    codes: Codes
    bounds_deg: tuple[float, float, float, float]
    cell_m: float


def place(
    codes: Codes, *, transform: Affine, crs: pyproj.CRS | str, area: gpd.GeoDataFrame, most_side: int = MOST_SIDE
) -> Placed:
    """Return classes on the cells of a web map, each from the nearest cell, nothing outside an area.

    Parameters
    ----------
    codes : ndarray of uint8, shape (rows, columns)
        `NOTHING` where nothing is known.
    transform : Affine
        From (column, row) of `codes` to (x, y) in `crs`.
    crs : pyproj.CRS or str
    area : GeoDataFrame
        Polygons in any CRS; the picture is as large as their box.
    most_side : int
        Cells on the longer side, at most: finer rasters become coarser.

    Raises
    ------
    ValueError
        When the area is empty.
    """
    if area.empty:
        message = "a picture needs an area"
        raise ValueError(message)
    shown = to_crs(area, WEB, name="area").geometry
    cell_m = max(_native_cell_m(codes.shape, transform, crs), _longest_side_m(shown) / most_side)
    west, south, east, north = (float(v) for v in shown.total_bounds)
    columns, rows = (max(1, int(np.ceil(side / cell_m))) for side in (east - west, north - south))
    there = Affine(cell_m, 0.0, west, 0.0, -cell_m, north)
    found = np.full((rows, columns), NOTHING, dtype=np.uint8)
    reproject(
        codes,
        found,
        src_transform=transform,
        src_crs=pyproj.CRS(crs),
        src_nodata=NOTHING,
        dst_transform=there,
        dst_crs=WEB,
        dst_nodata=NOTHING,
        resampling=Resampling.nearest,
        num_threads=1,
    )
    found[geometry_mask(shown, out_shape=found.shape, transform=there)] = NOTHING
    return Placed(found, _degrees(array_bounds(rows, columns, there)), cell_m)


def png(placed: Placed, colours: Sequence[str]) -> bytes:
    """Return a palette PNG (ISO/IEC 15948); the same classes and colours give the same bytes.

    It is put together here because GDAL's driver for pictures is shut, as everything is that no input needs.

    Parameters
    ----------
    placed : Placed
    colours : sequence of str
        ``#rrggbb`` of class 1, 2, …; `NOTHING` is transparent.

    Raises
    ------
    ValueError
        When a colour is none, or a class has none.
    """
    if wrong := [c for c in colours if not _COLOUR.fullmatch(c)]:
        message = f"not a colour #rrggbb: {wrong[0]}"
        raise ValueError(message)
    if placed.codes.max(initial=0) > len(colours):
        message = f"class {placed.codes.max()} has no colour (there are {len(colours)})"
        raise ValueError(message)
    rows, columns = placed.codes.shape
    palette = bytes(3) + b"".join(bytes.fromhex(c[1:]) for c in colours)
    # a zero before each row: no filter, the best one for classes
    lines = np.concatenate([np.zeros((rows, 1), dtype=np.uint8), placed.codes], axis=1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
        (b"PLTE", palette),
        (b"tRNS", bytes([0])),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _native_cell_m(shape: tuple[int, ...], transform: Affine, crs: pyproj.CRS | str) -> float:
    """Return how far apart the centres of neighbours are in the middle of a raster, in the metres of EPSG:3857."""
    row, column = shape[0] / 2, shape[1] / 2
    x, y = xy(transform, [row, row, row + 1], [column, column + 1, column])
    x_m, y_m = pyproj.Transformer.from_crs(pyproj.CRS(crs), WEB, always_xy=True).transform(x, y)
    return min(float(np.hypot(x_m[i] - x_m[0], y_m[i] - y_m[0])) for i in (1, 2))


def _longest_side_m(shown: gpd.GeoSeries) -> float:
    west, south, east, north = (float(v) for v in shown.total_bounds)
    return max(east - west, north - south)


def _degrees(bounds_m: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return the corners of a box of EPSG:3857 in degrees; its sides are meridians and parallels there too."""
    to_degrees = pyproj.Transformer.from_crs(WEB, GEOGRAPHIC, always_xy=True)
    west, south, east, north = bounds_m
    (left, right), (low, high) = to_degrees.transform([west, east], [south, north])
    return float(left), float(low), float(right), float(high)
