"""Rasters: opened with limits, and summed over polygons exactly, block by block.

A cell counts by the share of its area that a polygon covers (`layers.kernels.zonal`), not by its centre. Nodata, NaN
and masked cells never count: the area in which the raster says something is returned beside every sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
import shapely
from affine import Affine
from rasterio.enums import MaskFlags
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from layers import gdal, readers
from layers.catalog import Record
from layers.checks import beyond, fault
from layers.crs import require_crs
from layers.errors import CrsError, LayerError, UnsafeFileError
from layers.kernels import zonal
from layers.rings import in_cells

Float = npt.NDArray[np.float64]
Cells = npt.NDArray[Any]

SUFFIXES: Final = (".tif", ".tiff")
BLOCK_CELLS: Final = 8_000_000
"""Cells held at a time, 64 MB at most."""
STRIP_NUMBERS: Final = 3_000_000
"""Prefix sums held at a time, 24 MB: what the processor's last cache holds."""
_STARTS: Final = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
"""TIFF and BigTIFF, little and big endian."""
_REAL: Final = frozenset("uif")
_LONG_BYTES: Final = 8

_Fill = Callable[[slice, Cells], None]
"""Fills the prefix sums of some rows of a block."""
_Read = Callable[[Window], tuple[_Fill, type[np.number[Any]]]]
"""Reads the cells of a block; with the type that its prefix sums need."""


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What polygons cover of a raster, one entry per polygon.

    Parameters
    ----------
    valid_cells : ndarray of float64
        Area with a value, in cells (not whole: a cell half covered is 0.5).
    total : ndarray of float64
        Sum of value x covered share of the cell; 0 where nothing is valid.
    """

    valid_cells: Float
    total: Float

    @property
    def mean(self) -> Float:
        """Mean value over the valid area; NaN where nothing is valid."""
        return _ratio(self.total, self.valid_cells)


@dataclass(frozen=True, slots=True, eq=False)
class WeightedSums:
    """What polygons cover of a raster of values and one of weights, where both are known.

    Parameters
    ----------
    valid_cells, weight, total : ndarray of float64
        Area in cells, sum of weights and of weight x value, each by the covered share of the cell.
    """

    valid_cells: Float
    weight: Float
    total: Float

    @property
    def mean(self) -> Float:
        """Weighted mean; NaN where the weights add to 0."""
        return _ratio(self.total, self.weight)


@dataclass(frozen=True, slots=True, eq=False)
class Fractions:
    """Which share of the valid area of each polygon each category has.

    Parameters
    ----------
    valid_cells : ndarray of float64, shape (n,)
    cells : ndarray of float64, shape (n, categories)
        Area of each category in cells.
    """

    valid_cells: Float
    cells: Float

    @property
    def share(self) -> Float:
        """Share of the valid area, shape (n, categories); NaN where nothing is valid."""
        return _ratio(self.cells, self.valid_cells[:, None])


@contextmanager
def opened(record: Record) -> Iterator[DatasetReader]:
    """Open a GeoTIFF (also a COG) within the limits; files beside it are not looked at.

    Parameters
    ----------
    record : Record
        `record.path` is the file.

    Yields
    ------
    DatasetReader

    Raises
    ------
    LayerError
        When it is missing, cannot be read or has no position on the earth.
    UnsafeFileError
        When it is no TIFF file or has more cells than its limits allow.
    """
    path = _require_tiff(record)
    try:
        with (
            rasterio.Env(**gdal.ALONE),
            rasterio.open(path, driver="GTiff", sharing=False) as dataset,
        ):
            _require_usable(dataset, record)
            yield dataset
    except RasterioError as error:
        raise LayerError(fault(record, f"the raster cannot be read: {error}", code="unreadable")) from None


def require_cells(dataset: DatasetReader, key: str, record: Record) -> None:
    """Refuse a raster of more cells than the limit `key` (``pixels`` or ``held_pixels``) allows.

    Raises
    ------
    UnsafeFileError
    """
    cells = dataset.width * dataset.height
    if cells > getattr(record.limits, key):
        value = f"{dataset.width:,} x {dataset.height:,} = {cells:,} cells"
        raise UnsafeFileError(beyond(record, key, value, "a raster has"))


def crs_of(dataset: DatasetReader, record: Record, *, source_crs: str | None = None) -> pyproj.CRS:
    """Return the CRS of a raster, `source_crs` where the file states none.

    Raises
    ------
    CrsError
        When there is none, or they differ.
    """
    stated = None if source_crs is None else readers.named_crs(source_crs, record)
    found = None if dataset.crs is None else pyproj.CRS.from_wkt(dataset.crs.to_wkt())
    if found is not None and stated is not None and not found.equals(stated, ignore_axis_order=True):
        rule = f"the file states its own coordinate reference system, {found.to_string()}"
        raise CrsError(fault(record, rule, value=stated.to_string(), code="crs"))
    crs = found or stated
    if crs is None:
        rule = "a raster needs a coordinate reference system"
        raise CrsError(fault(record, rule, code="crs", done='Add crs = "EPSG:…" to the layer in the plan.'))
    readers.require_on_earth(crs, record)
    return crs


def recoded(dataset: DatasetReader, code: Callable[[Float, int], npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    """Return one byte for each cell of the first band, found block by block: the values are never held whole.

    Parameters
    ----------
    dataset : DatasetReader
    code : callable
        Takes some rows of values (float64, scale and offset applied, NaN where there is no data) and the number of the
        first of them; returns their codes.
    """
    codes = np.empty((dataset.height, dataset.width), dtype=np.uint8)
    rows = _block_rows(dataset, dataset.width)
    for first in range(0, dataset.height, rows):
        height = min(rows, dataset.height - first)
        cells, missing = _read(dataset, Window(0, first, dataset.width, height))
        values: Float = cells.astype(np.float64) * dataset.scales[0] + dataset.offsets[0]
        values[cells == missing] = np.nan
        codes[first : first + height] = code(values, first)
    return codes


def zonal_sums(record: Record, polygons: gpd.GeoSeries, *, source_crs: str | None = None) -> Sums:
    """Sum the first band of a raster over polygons.

    Parameters
    ----------
    record : Record
        Of the raster.
    polygons : GeoSeries
        Valid polygons in the raster's CRS; empty ones have sums of 0. Any part outside the raster has no value.
    source_crs : str, optional
        CRS of a raster that states none.

    Returns
    -------
    Sums
        In the order of `polygons`; the raster's scale and offset are applied.

    Raises
    ------
    LayerError
        When the raster cannot be used, or holds an infinite value.
    CrsError
        When the CRS differ: nothing is overlaid across two systems.
    """
    with opened(record) as dataset:
        _require_polygons(dataset, polygons, record, source_crs)
        found = _integrate(dataset, polygons, quantities=2, read=_values_reader(dataset, record))
        valid, total = found.T
        return Sums(valid, total * dataset.scales[0] + valid * dataset.offsets[0])


def zonal_weighted_sums(
    record: Record, weights: Record, polygons: gpd.GeoSeries, *, source_crs: str | None = None
) -> WeightedSums:
    """Sum a raster over polygons, weighted by another raster on the same grid.

    Parameters
    ----------
    record, weights : Record
        Rasters of one size, transform and CRS. A cell counts where both are known; weights are 0 or more.
    polygons, source_crs
        As for `zonal_sums`.

    Returns
    -------
    WeightedSums

    Raises
    ------
    LayerError
        As for `zonal_sums`; when the grids differ, or a weight is negative.
    """
    with opened(record) as dataset, opened(weights) as factors:
        _require_polygons(dataset, polygons, record, source_crs)
        if (dataset.shape, dataset.transform, dataset.crs) != (factors.shape, factors.transform, factors.crs):
            rule = f"the weights lie on the grid of {record.file}: the same size, position and coordinate system"
            raise LayerError(fault(weights, rule, value=f"{factors.shape}", code="other_grid"))
        read = _weights_reader(dataset, factors, record, weights)
        valid, weight, total = _integrate(dataset, polygons, quantities=3, read=read).T
        return WeightedSums(valid, weight, total * dataset.scales[0] + weight * dataset.offsets[0])


def zonal_fractions(
    record: Record, polygons: gpd.GeoSeries, *, categories: Sequence[float], source_crs: str | None = None
) -> Fractions:
    """Measure the area of each category of a raster over polygons.

    Parameters
    ----------
    record, polygons, source_crs
        As for `zonal_sums`.
    categories : sequence of float
        The values that are looked for, as the file stores them; other values count as valid and are no category.

    Returns
    -------
    Fractions
    """
    codes = np.asarray(categories, dtype=np.float64)
    with opened(record) as dataset:
        _require_polygons(dataset, polygons, record, source_crs)

        def read(window: Window) -> tuple[_Fill, type[np.number[Any]]]:
            cells, missing = _read(dataset, window)
            return lambda rows, prefix: zonal.category_prefix(cells[rows], missing, codes, prefix), np.float64

        found = _integrate(dataset, polygons, quantities=1 + codes.size, read=read)
        return Fractions(found[:, 0], found[:, 1:])


def _require_tiff(record: Record) -> Path:
    """Return the path of a file that is there, not too large, and begins as a TIFF file does."""
    path = record.path
    if path is None or not path.is_file():
        raise LayerError(fault(record, "the file is missing", code="missing_file", done="Check the path in the plan."))
    if path.suffix.lower() not in SUFFIXES:
        rule = f"a raster comes as one of {', '.join(SUFFIXES)}"
        raise LayerError(fault(record, rule, value=path.suffix or path.name, code="unknown_format"))
    readers.require_bytes([path], record)
    with path.open("rb") as stream:
        start = stream.read(len(_STARTS[0]))
    if start not in _STARTS:
        rule = "a .tif file begins with the bytes of its format; this one is something else or is damaged"
        raise UnsafeFileError(fault(record, rule, value=start.hex(" "), code="wrong_format"))
    return path.resolve()


def _ratio(part: Float, whole: Float) -> Float:
    """Return part / whole, NaN where the whole is 0 (or the rounding of it)."""
    part, whole = np.broadcast_arrays(part, whole)
    share: Float = np.divide(part, whole, out=np.full(part.shape, np.nan), where=np.abs(whole) > 1e-9)
    return share


def _require_usable(dataset: DatasetReader, record: Record) -> None:
    """Refuse a raster that is too large, holds no real numbers, or lies nowhere."""
    require_cells(dataset, "pixels", record)
    if np.dtype(dataset.dtypes[0]).kind not in _REAL:
        raise LayerError(fault(record, "a raster holds real numbers", value=dataset.dtypes[0], code="unknown_format"))
    transform = dataset.transform
    if transform.is_identity or not np.isfinite(transform.determinant) or transform.determinant == 0:
        rule = "a raster states where its cells lie (a geotransform)"
        raise LayerError(fault(record, rule, code="no_position", done="Write it as a GeoTIFF with its position."))


def _require_polygons(dataset: DatasetReader, polygons: gpd.GeoSeries, record: Record, source_crs: str | None) -> None:
    kinds = shapely.get_type_id(polygons.to_numpy())
    if not np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)).all():
        message = "zonal sums need polygons or multipolygons, none missing"
        raise ValueError(message)
    theirs = crs_of(dataset, record, source_crs=source_crs)
    ours = require_crs(polygons, name=record.layer)
    if not ours.equals(theirs, ignore_axis_order=True):
        rule = f"polygons and raster share one coordinate reference system; the raster's is {theirs.to_string()}"
        raise CrsError(fault(record, rule, value=ours.to_string(), code="crs"))


def _read(dataset: DatasetReader, window: Window) -> tuple[Cells, Any]:
    """Return the cells of a window as stored, and the value that stands for no data (NaN: none)."""
    cells = dataset.read(1, window=window)
    flags = dataset.mask_flag_enums[0]
    if MaskFlags.per_dataset in flags or MaskFlags.alpha in flags:
        masked = np.where(dataset.read_masks(1, window=window) > 0, cells.astype(np.float64), np.nan)
        return masked, np.nan
    if cells.dtype.kind in "iu" and cells.dtype.itemsize == _LONG_BYTES:
        cells = cells.astype(np.float64)  # their sums may not fit in 64 bits
    nodata = dataset.nodata
    if nodata is None or (cells.dtype.kind != "f" and not _fits(nodata, cells)):
        return cells, np.nan
    return cells, cells.dtype.type(nodata)


def _fits(nodata: float, cells: Cells) -> bool:
    """Say whether a cell of this whole-number type can be `nodata` at all."""
    limits = np.iinfo(cells.dtype)
    return bool(nodata == np.floor(nodata)) and limits.min <= nodata <= limits.max


def _values_reader(dataset: DatasetReader, record: Record) -> _Read:
    def read(window: Window) -> tuple[_Fill, type[np.number[Any]]]:
        cells, missing = _read(dataset, window)

        def fill(rows: slice, prefix: Cells) -> None:
            _refuse_infinite(zonal.value_prefix(cells[rows], missing, prefix), record)

        return fill, np.int32 if _is_small(cells) else np.float64

    return read


def _weights_reader(dataset: DatasetReader, factors: DatasetReader, record: Record, weights: Record) -> _Read:
    def read(window: Window) -> tuple[_Fill, type[np.number[Any]]]:
        cells, missing = _read(dataset, window)
        raw, unknown = _read(factors, window)
        known = raw != unknown
        factor = np.where(known, raw.astype(np.float64) * factors.scales[0] + factors.offsets[0], np.nan)
        if np.any(factor < 0):
            least = str(np.nanmin(factor))
            raise LayerError(fault(weights, "a weight is 0 or more", value=least, code="negative"))

        def fill(rows: slice, prefix: Cells) -> None:
            _refuse_infinite(zonal.weighted_prefix(cells[rows], missing, factor[rows], prefix), record)

        return fill, np.float64

    return read


def _refuse_infinite(rows: int, record: Record) -> None:
    if rows:
        rule = "the cells of a raster are finite numbers, or no data"
        raise LayerError(fault(record, rule, value=f"infinite in {rows} rows", code="infinite"))


def _integrate(dataset: DatasetReader, polygons: gpd.GeoSeries, *, quantities: int, read: _Read) -> Float:
    """Return the integral of each quantity over each polygon, in cells, shape (n, quantities).

    A block of rows is read at a time, of the columns that the polygons have there; its prefix sums are made and used
    strip by strip, so that they stay in the processor's cache.
    """
    totals = np.zeros((len(polygons), quantities))
    window = _window(dataset, polygons)
    if window is None:
        return totals
    to = ~dataset.transform
    to_cells = Affine(to.a, to.b, to.c - window.col_off, to.d, to.e, to.f - window.row_off)
    rings = in_cells(polygons.to_numpy(), to_cells)
    rows = _block_rows(dataset, window.width)
    for first in range(0, window.height, rows):
        height = min(rows, window.height - first)
        left, right = zonal.columns_in(rings, first, height, window.width)
        if left < right:
            fill, kind = read(Window(window.col_off + left, window.row_off + first, right - left, height))
            held = np.empty(_strip_numbers(height, right - left, quantities), dtype=kind)
            _add_strips(rings, (first, left), (height, right - left), fill, held=held, totals=totals)
    return totals


def _strip_numbers(height: int, width: int, quantities: int) -> int:
    """Return how many prefix sums of a block are held at a time: those of whole rows."""
    numbers = (width + 1) * quantities
    return min(max(1, STRIP_NUMBERS // numbers), height) * numbers


def _add_strips(
    rings: zonal.Rings, corner: tuple[int, int], shape: tuple[int, int], fill: _Fill, *, held: Cells, totals: Float
) -> None:
    """Add what the polygons cover of one block of cells, whose first row and column and whose size are given."""
    height, width = shape
    numbers = (width + 1) * totals.shape[1]
    rows = held.size // numbers
    for top in range(0, height, rows):
        count = min(rows, height - top)
        prefix = held[: count * numbers].reshape(count, width + 1, totals.shape[1])
        fill(slice(top, top + count), prefix)
        zonal.add_block(rings, corner[0] + top, corner[1], prefix, totals)


def _is_small(cells: Cells) -> bool:
    """Return whether the sum of each row fits in 32 bits: half the memory to walk through."""
    if cells.dtype.kind not in "iu" or cells.dtype.itemsize > 2:
        return False
    limits = np.iinfo(cells.dtype)
    return bool(cells.shape[1] * max(abs(limits.min), limits.max) <= np.iinfo(np.int32).max)


def _block_rows(dataset: DatasetReader, columns: int) -> int:
    """Return how many rows are read at a time: what memory allows, whole tiles where that is more than one."""
    rows = max(1, BLOCK_CELLS // columns)
    tile = dataset.block_shapes[0][0]
    return int(rows - rows % tile if rows > tile else rows)


def _window(dataset: DatasetReader, polygons: gpd.GeoSeries) -> Window | None:
    """Return the rows and columns of the raster that the polygons can touch; None where they do not meet."""
    west, south, east, north = shapely.total_bounds(polygons.to_numpy())
    if not np.isfinite([west, south, east, north]).all():
        return None
    x, y = _in_cells(dataset, np.array([west, west, east, east]), np.array([south, north, south, north]))
    first_column, last_column = np.clip([np.floor(x.min()), np.ceil(x.max())], 0, dataset.width).astype(int)
    first_row, last_row = np.clip([np.floor(y.min()), np.ceil(y.max())], 0, dataset.height).astype(int)
    if first_column >= last_column or first_row >= last_row:
        return None
    return Window(int(first_column), int(first_row), int(last_column - first_column), int(last_row - first_row))


def _in_cells(dataset: DatasetReader, x: Float, y: Float) -> tuple[Float, Float]:
    """Return places on the map as columns and rows, fractions included."""
    to = ~dataset.transform
    return to.a * x + to.b * y + to.c, to.d * x + to.e * y + to.f
