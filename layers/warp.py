"""Rasters moved onto other cells and another CRS. Beside `layers.crs`, which stays free of all that reads files."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyproj
from affine import Affine
from rasterio import Band
from rasterio.enums import Resampling
from rasterio.warp import reproject


def to_cells(
    band: Band,
    *,
    source_crs: pyproj.CRS,
    nodata: float | None,
    crs: pyproj.CRS | str,
    transform: Affine,
    shape: tuple[int, int],
    resampling: Resampling,
) -> npt.NDArray[np.float32]:
    """Return a band of a raster on other cells.

    Parameters
    ----------
    band : rasterio.Band
    source_crs : pyproj.CRS
        Of the band.
    nodata : float or None
        Its value for cells without data.
    crs, transform, shape
        Of the cells asked for.
    resampling : rasterio.enums.Resampling
        How several cells become one.

    Returns
    -------
    ndarray of float32, shape as asked
        NaN where the raster says nothing.
    """
    found = np.full(shape, np.nan, dtype=np.float32)
    reproject(
        band,
        found,
        src_crs=source_crs,
        src_nodata=nodata,
        dst_crs=pyproj.CRS(crs),
        dst_transform=transform,
        dst_nodata=np.nan,
        init_dest_nodata=True,
        resampling=resampling,
        num_threads=1,
    )
    return found
