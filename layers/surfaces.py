"""Rasters that say how hard each cell is to cross: heights, land cover, friction; read onto the cells of the ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from scipy.ndimage import distance_transform_edt

from layers import rasters
from layers.catalog import Layer, Record
from layers.checks import fault
from layers.errors import Issue, LayerError
from layers.lattice import Lattice
from layers.warp import to_cells

Float32 = npt.NDArray[np.float32]
Unit = Literal["minutes_per_m", "minutes_per_km", "kmh"]

HEIGHTS_M: Final = (-500.0, 9_000.0)
MAX_MINUTES_PER_M: Final = 2.0
"""Slower than 30 m in an hour: a slip in the unit, not a friction."""
_PER_M: Final = {"minutes_per_m": 1.0, "minutes_per_km": 1000.0}


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A raster on the cells of a lattice.

    Parameters
    ----------
    layer : Layer
        Its record; ``rows_read`` counts the lattice's cells, the frame has none.
    cells : ndarray of float32, shape of the lattice
        NaN: nothing is known.
    """

    layer: Layer
    cells: Float32


def load_dem(record: Record, *, source_crs: str | None, lattice: Lattice) -> Surface:
    """Load heights above sea level, metres: the mean of the raster's cells in each cell, or between them where they are larger.

    A cell without a height takes that of the nearest one that has it, with a warning: a slope out of nothing would
    otherwise stand at the edge of the data.

    Raises
    ------
    LayerError
        When the raster cannot be used, covers no cell or holds values that are no heights.
    """
    cells, record = _on(record, source_crs, lattice, smooth=True)
    known = _require_values(
        cells, record, least=HEIGHTS_M[0], most=HEIGHTS_M[1], rule="heights lie between {} and {} m"
    )
    issues = []
    if not known.all():
        share = 1 - float(known.mean())
        rule = "every cell has a height"
        done = "Cells without one take the height of the nearest cell that has one."
        issues.append(
            fault(record, rule, value=f"{share:.1%} have none", severity="warning", done=done, code="no_height")
        )
        nearest = distance_transform_edt(~known, return_distances=False, return_indices=True)
        cells = cells[tuple(nearest)]
    return _surface(record, cells, issues)


def load_landcover(record: Record, *, source_crs: str | None, lattice: Lattice) -> Surface:
    """Load classes of land cover, whole numbers: the most frequent in each cell; NaN where there is none.

    Raises
    ------
    LayerError
        When the raster cannot be used, covers no cell or holds values that are no classes.
    """
    cells, record = _on(record, source_crs, lattice, smooth=False)
    known = _require_values(cells, record, least=0, most=65_535, rule="classes are whole numbers from {} to {}")
    broken = known & (cells != np.floor(cells))
    if broken.any():
        value = f"{float(cells[broken][0]):g}"
        raise LayerError(fault(record, "classes are whole numbers from 0 to 65535", value=value, code="no_class"))
    return _surface(record, cells, [])


def load_friction(record: Record, *, source_crs: str | None, lattice: Lattice, unit: Unit) -> Surface:
    """Load a ready friction raster as minutes per metre; a speed of 0 or less closes a cell, NaN: nothing is known.

    Parameters
    ----------
    record, source_crs, lattice
    unit : {"minutes_per_m", "minutes_per_km", "kmh"}
        Of the raster's values.

    Raises
    ------
    LayerError
        When the raster cannot be used, covers no cell or holds values that are no friction.
    """
    cells, record = _on(record, source_crs, lattice, smooth=True)
    _require_values(cells, record, least=0, most=np.inf, rule="friction is {} or more")
    with np.errstate(divide="ignore"):
        pace = np.float32(0.06) / cells if unit == "kmh" else cells / np.float32(_PER_M[unit])
    slow = np.isfinite(pace) & (pace > MAX_MINUTES_PER_M)
    if unit != "kmh" and slow.mean() > 0.5:
        value = f"{float(np.nanmedian(pace)):g} minutes per metre in the middle"
        done = f"Is unit = {unit!r} right? Global friction surfaces are in minutes per metre."
        rule = "people cross most cells faster than 30 m in an hour"
        raise LayerError(fault(record, rule, value=value, done=done, code="friction_unit"))
    if np.any(pace == 0):
        raise LayerError(fault(record, "crossing a cell takes time: friction is above 0", value="0", code="friction"))
    return _surface(record, pace.astype(np.float32), [])


def _surface(record: Record, cells: Float32, issues: list[Issue]) -> Surface:
    return Surface(Layer(record, pd.DataFrame(), rows_read=int(cells.size), issues=issues), cells)


def _on(record: Record, source_crs: str | None, lattice: Lattice, *, smooth: bool) -> tuple[Float32, Record]:
    """Return a raster on the lattice, and its record with its CRS."""
    with rasters.opened(record) as dataset:
        found = rasters.crs_of(dataset, record, source_crs=source_crs)
        cells = to_cells(
            rasterio.band(dataset, 1),
            source_crs=found,
            nodata=dataset.nodata,
            crs=lattice.crs,
            transform=lattice.transform,
            shape=lattice.shape,
            resampling=_resampling(dataset, lattice, smooth=smooth),
        )
    return cells, replace(record, crs=found.to_string())


def _resampling(dataset: DatasetReader, lattice: Lattice, *, smooth: bool) -> Resampling:
    """Return how cells are taken together; a raster in degrees has cells of about 111 km times their side."""
    side = max(abs(dataset.transform.a), abs(dataset.transform.e))
    side_m = side * 111_000 if dataset.crs is not None and dataset.crs.is_geographic else side
    if side_m >= lattice.cell_m:
        return Resampling.bilinear if smooth else Resampling.nearest
    return Resampling.average if smooth else Resampling.mode


def _require_values(cells: Float32, record: Record, *, least: float, most: float, rule: str) -> npt.NDArray[np.bool_]:
    known = ~np.isnan(cells)
    if not known.any():
        done = "Does it lie over the communes? Is its CRS right?"
        raise LayerError(fault(record, "the raster says something of the plan's region", done=done, code="elsewhere"))
    wrong = known & ~((cells >= least) & (cells <= most))
    if wrong.any():
        value = f"{float(cells[wrong][0]):g} in {int(wrong.sum()):,} cells"
        done = "State the raster's nodata value in the file, or correct it."
        raise LayerError(fault(record, rule.format(least, most), value=value, done=done, code="out_of_range"))
    return known
