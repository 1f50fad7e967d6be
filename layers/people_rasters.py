"""Rasters of people per cell: where in a commune or a village its people live."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from rasterio.io import DatasetReader
from rasterio.windows import Window

from layers import bands, rasters
from layers.catalog import Layer, Record
from layers.checks import fault
from layers.crs import to_crs
from layers.errors import Issue, LayerError
from layers.grids import Grid
from layers.schema import PEOPLE, UNIT_ID

_TIMES: Final = 2.0
"""A raster whose people are so many times those of the table, or so few, counts something else."""

Float = npt.NDArray[np.float64]


def load(record: Record, *, source_crs: str | None, crs: str, communes: gpd.GeoDataFrame) -> tuple[Layer, Grid]:
    """Load the part of a raster of people that lies round the communes.

    Parameters
    ----------
    record : Record
        Of a GeoTIFF or COG of one band: people per cell (a count, no density); no data is nobody.
    source_crs : str or None
        CRS of a file that states none.
    crs : str
        The plan's metric CRS.
    communes : GeoDataFrame
        `layers.schema.COMMUNES`, in `crs`.

    Returns
    -------
    Layer
        ``unit_id`` and ``people`` (float) of each commune; ``rows_read`` counts cells.
    Grid

    Raises
    ------
    LayerError
        When it has several bands, does not meet the communes, holds nobody, or a value below 0 or infinite.
    """
    with rasters.opened(record) as dataset:
        bands.require_one(dataset, record)
        file_crs = rasters.crs_of(dataset, record, source_crs=source_crs)
        window = _window(dataset, to_crs(communes, file_crs, name=record.layer), record)
        people = _people(dataset, window, record)
        at, right, down = dataset.transform, window.col_off, window.row_off
    corner_x, corner_y = at.c + at.a * right + at.b * down, at.f + at.d * right + at.e * down
    grid = Grid(people, (at.a, at.b, corner_x, at.d, at.e, corner_y), file_crs.to_wkt(), crs)
    inside = grid.people_in(communes.geometry.to_numpy())
    if not inside.sum() > 0:
        rule = "a raster of people has some in the plan's communes"
        raise LayerError(fault(record, rule, code="no_rows", done="Check its place and its nodata value."))
    frame = pd.DataFrame({UNIT_ID: communes[UNIT_ID].tolist(), PEOPLE: inside})
    named = replace(record, crs=file_crs.to_string())
    return Layer(named, frame, rows_read=people.size, issues=_outside(grid, inside, communes, record)), grid


def compared(layer: Layer, population: pd.DataFrame) -> list[Issue]:
    """Return what is to be said of a raster beside the table of people.

    Parameters
    ----------
    layer : Layer
        From `load`.
    population : DataFrame
        ``unit_id`` and ``people``; of communes, or of anything that adds to the same people.
    """
    found, wanted = float(layer.frame[PEOPLE].sum()), float(population[PEOPLE].sum())
    value = f"{found:,.0f} in the raster, {wanted:,.0f} in the table"
    rule = "a raster of people per cell adds to about the people of the table"
    if wanted > 0 and 1 / _TIMES <= found / wanted <= _TIMES:
        return [
            fault(layer.record, rule, value=value, severity="info", done="Only shares are used.", code="raster_total")
        ]
    done = "Only shares are used; check whether its cells hold people or a density."
    return [fault(layer.record, rule, value=value, severity="warning", done=done, code="raster_total")]


def nobody(weights: pd.Series[float], record: Record) -> list[Issue]:
    """Return which villages the raster holds nobody in; `weights` by ``unit_id``."""
    empty = sorted(str(unit) for unit in weights.index[weights <= 0])
    if not empty:
        return []
    rule = f"every village has people in the raster; in {len(empty):,} of {len(weights):,} it holds nobody"
    shown = ", ".join(empty[:20]) + (f" and {len(empty) - 20} more" if len(empty) > 20 else "")
    done = "Their coverage is weighted by area; of a commune's people they get none where others have some."
    return [fault(record, rule, value=shown, severity="warning", done=done, code="nobody_in_raster")]


def _window(dataset: DatasetReader, communes: gpd.GeoDataFrame, record: Record) -> Window:
    """Return the rows and columns round the communes."""
    west, south, east, north = communes.total_bounds
    to = ~dataset.transform
    x, y = np.array([west, west, east, east]), np.array([south, north, south, north])
    columns, rows = to.a * x + to.b * y + to.c, to.d * x + to.e * y + to.f
    left, right = np.clip([np.floor(columns.min()), np.ceil(columns.max())], 0, dataset.width).astype(int)
    top, bottom = np.clip([np.floor(rows.min()), np.ceil(rows.max())], 0, dataset.height).astype(int)
    if left >= right or top >= bottom:
        rule = "the raster lies where the plan's communes are"
        raise LayerError(fault(record, rule, value=str(dataset.bounds), code="elsewhere", done="Check its crs."))
    if (right - left) * (bottom - top) > record.limits.held_pixels:
        rule = f"the part of a raster round the communes has at most {record.limits.held_pixels:,} cells (held_pixels)"
        raise LayerError(fault(record, rule, value=f"{right - left} x {bottom - top}", code="too_large"))
    return Window(int(left), int(top), int(right - left), int(bottom - top))


def _people(dataset: DatasetReader, window: Window, record: Record) -> Float:
    """Return the cells of a window, 0 where there is no data."""
    read = dataset.read(1, window=window, masked=True)
    cells: Float = read.filled(0).astype(np.float64) * dataset.scales[0] + dataset.offsets[0]
    cells[np.ma.getmaskarray(read) | np.isnan(cells)] = 0.0
    wrong = ~np.isfinite(cells) | (cells < 0)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        value = f"{cells[row, column]:g}; {int(wrong.sum()):,} such cells"
        done = "State the file's nodata value: gdal_edit -a_nodata."
        raise LayerError(fault(record, "people per cell are 0 or more", value=value, done=done, code="negative"))
    return cells


def _outside(grid: Grid, inside: Float, communes: gpd.GeoDataFrame, record: Record) -> tuple[Issue, ...]:
    """Return how many people of the raster lie near the communes and in none of them."""
    outside = max(grid.total - float(inside.sum()), 0.0)
    empty = communes.loc[inside <= 0, UNIT_ID].tolist()
    rule = "people of the raster lie in a commune"
    value = f"{outside:,.0f} of {grid.total:,.0f} in the rectangle round the communes lie in none"
    done = "They are not counted: neighbours, or cells on the border."
    told = [fault(record, rule, value=value, severity="info", done=done, code="people_outside")]
    if empty:
        rule = "every commune has people in the raster"
        more = {"severity": "warning", "done": "Its people are spread equally.", "code": "nobody_in_raster"}
        told.append(fault(record, rule, value=", ".join(map(str, empty[:20])), **more))
    return tuple(told)
