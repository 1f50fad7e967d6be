"""A raster of several bands says several things: which one is meant is for its author to say."""

from __future__ import annotations

from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader

from layers.catalog import Record
from layers.checks import fault
from layers.errors import LayerError


def require_one(dataset: DatasetReader, record: Record) -> None:
    """Refuse a raster with more than one band, by their names; a band of transparency does not count.

    Raises
    ------
    LayerError
    """
    bands = [i for i, kind in enumerate(dataset.colorinterp, start=1) if kind != ColorInterp.alpha]
    if len(bands) <= 1:
        return
    names = ", ".join(f"{i} '{dataset.descriptions[i - 1] or 'without a name'}'" for i in bands[:12])
    rule = "this layer comes as a raster of one band"
    done = "Write the band that is meant into a file of its own (gdal_translate -b)."
    raise LayerError(fault(record, rule, value=f"{len(bands)} bands: {names}", done=done, code="several_bands"))
