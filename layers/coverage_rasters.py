"""Coverage rasters: signal strength with a threshold, or cells of 0 and 1, as the polygons that `coverage` gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from rasterio import features
from rasterio.io import DatasetReader

from layers import bands, mercator, rasters, shapes
from layers.catalog import Layer, Record
from layers.checks import fault, stop_on_errors
from layers.errors import LayerError
from layers.schema import COVERAGE, DATA_DATE, EVIDENCE, OPERATOR, SIGNAL, SYNTHETIC, TECHNOLOGY, Evidence

Codes = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float64]

DBM: Final = (-200.0, 0.0)
"""No received power lies outside: a value that does is another unit, or a nodata value that the file does not state."""
STEPS_DB: Final = (-10.0, 0.0, 10.0, 20.0)
"""Bounds between the classes of a picture of signal strength, dB from the threshold."""
_CELLS_PER_SEGMENT: Final = 20.0
"""Long straight sides get vertices, so that they bend with the plan's CRS as the raster does."""
_UNSPOKEN, _NO, _YES = 0, 1, 2


def load(
    record: Record,
    *,
    source_crs: str | None,
    crs: str,
    operator: str,
    technology: str,
    evidence: Evidence,
    threshold_dbm: float | None,
) -> Layer:
    """Load a raster of one operator's signal.

    Parameters
    ----------
    record : Record
        Of a GeoTIFF or COG of one band.
    source_crs : str or None
        CRS of a file that states none.
    crs : str
        The plan's metric CRS.
    operator, technology : str
    evidence : {"declared", "modelled", "measured"}
    threshold_dbm : float or None
        RSRP in dBm from which a cell has signal; None: cells hold 1 (signal) and 0 (none).

    Returns
    -------
    Layer
        `layers.schema.COVERAGE`: polygons of cells side by side that say the same, yes and no. Cells without data are
        in none: what that means depends on the evidence. ``rows_read`` counts cells.

    Raises
    ------
    LayerError
        When the raster cannot be used, or holds values that are no dBm or not 0 and 1.
    """
    with rasters.opened(record) as dataset:
        rasters.require_cells(dataset, "held_pixels", record)
        bands.require_one(dataset, record)
        file_crs = rasters.crs_of(dataset, record, source_crs=source_crs)
        said = _said(dataset, threshold_dbm, record)
        try:
            polygons, signals = _polygons(said, dataset)
        except shapely.errors.GEOSException as error:
            rule = f"the cells of a coverage raster have sides of like length ({error})"
            value = f"{dataset.transform.a:g} x {dataset.transform.e:g}"
            raise LayerError(fault(record, rule, value=value, code="no_position")) from None
    source = gpd.GeoDataFrame({SIGNAL: signals}, geometry=polygons, crs=file_crs)
    source.index = pd.RangeIndex(1, len(source) + 1, name="row")
    placed = shapes.place(source, crs=crs, kind="polygon", record=record)
    issues = stop_on_errors(placed.issues)
    frame = gpd.GeoDataFrame(source[[SIGNAL]].loc[placed.geometry.index], geometry=placed.geometry)
    frame[OPERATOR], frame[TECHNOLOGY], frame[EVIDENCE] = operator, technology, evidence
    frame[DATA_DATE] = pd.Series(record.data_date, index=frame.index, dtype=object)
    frame[SYNTHETIC] = record.synthetic
    return Layer(
        record=replace(record, crs=file_crs.to_string()),
        frame=frame[list(COVERAGE)].sort_values([OPERATOR, SIGNAL], kind="stable").reset_index(drop=True),
        rows_read=said.size,
        issues=issues,
        set_aside=placed.set_aside,
    )


def picture(
    record: Record, *, source_crs: str | None, threshold_dbm: float | None, area: gpd.GeoDataFrame
) -> mercator.Placed:
    """Return a coverage raster that `load` took, as classes on the cells of web maps.

    Parameters
    ----------
    record, source_crs, threshold_dbm
        As `load` has them.
    area : GeoDataFrame
        What is shown.

    Returns
    -------
    Placed
        With a threshold class 1 is below its first step of `STEPS_DB` and each next one begins at a step; without one
        class 1 is no signal and class 2 signal.
    """
    with rasters.opened(record) as dataset:
        crs = rasters.crs_of(dataset, record, source_crs=source_crs)
        steps = [0.5] if threshold_dbm is None else [threshold_dbm + step for step in STEPS_DB]

        def classes(cells: Float, _: int) -> Codes:
            found = np.searchsorted(steps, cells, side="right") + 1
            return np.where(np.isnan(cells), mercator.NOTHING, found).astype(np.uint8)

        codes, transform = rasters.recoded(dataset, classes), dataset.transform
    return mercator.place(codes, transform=transform, crs=crs, area=area)


def _said(dataset: DatasetReader, threshold_dbm: float | None, record: Record) -> Codes:
    """Return what each cell says: nothing, no, yes."""
    least, most = (0.0, 1.0) if threshold_dbm is None else DBM
    between = 0.5 if threshold_dbm is None else threshold_dbm
    first: list[tuple[int, int, float]] = []
    wrong_cells = 0

    def said(cells: Float, top: int) -> Codes:
        nonlocal wrong_cells
        fits = np.isin(cells, (least, most)) if threshold_dbm is None else (cells >= least) & (cells <= most)
        wrong = ~np.isnan(cells) & ~fits
        if wrong.any():
            wrong_cells += int(wrong.sum())
            row, column = (int(at) for at in np.argwhere(wrong)[0])
            first.append((top + row, column, float(cells[row, column])))
        return np.where(np.isnan(cells), _UNSPOKEN, np.where(cells >= between, _YES, _NO)).astype(np.uint8)

    found = rasters.recoded(dataset, said)
    if first:
        row, column, value = first[0]
        rule = f"received power lies between {least} and {most} dBm"
        if threshold_dbm is None:
            rule = "without threshold_dbm the cells of a coverage raster hold 0 or 1"
        shown = f"{value:g} in cell row {row + 1}, column {column + 1}; {wrong_cells:,} such cells"
        done = "Correct threshold_dbm in the plan, or state the file's nodata value."
        raise LayerError(fault(record, rule, value=shown, code="no_signal_strength", done=done))
    if (found == _UNSPOKEN).all():
        raise LayerError(fault(record, "some cell of a coverage raster holds a value", code="no_rows"))
    return found


def _polygons(said: Codes, dataset: DatasetReader) -> tuple[npt.NDArray[np.object_], list[str]]:
    """Return the polygons of cells side by side that say the same, and what they say."""
    transform = dataset.transform
    found: list[tuple[Any, float]] = list(features.shapes(said, mask=said != _UNSPOKEN, transform=transform))
    side = np.hypot([transform.a, transform.b], [transform.d, transform.e]).min()
    polygons = shapely.polygons([shapely.linearrings(shape["coordinates"][0]) for shape, _ in found]).copy()
    for i, (shape, _) in enumerate(found):
        if len(shape["coordinates"]) > 1:
            polygons[i] = shapely.Polygon(shape["coordinates"][0], shape["coordinates"][1:])
    return shapely.segmentize(polygons, side * _CELLS_PER_SEGMENT), ["yes" if v == _YES else "no" for _, v in found]
