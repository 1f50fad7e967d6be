"""GDAL with its doors closed: the only place that opens vectors with it, by the drivers listed here and by no other.

GDAL reads some two hundred formats, several of which lead to other files, archives, servers or commands. Drivers are
registered once per process, when pyogrio or rasterio asks first; this module is imported before either.
"""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

__all__ = [
    "ALLOWED",
    "ALONE",
    "OPTIONS",
    "SKIPPED",
    "CrsUnknown",
    "Unreadable",
    "information",
    "layers",
    "pyogrio",
    "read",
    "staged",
]

ALLOWED: Final = frozenset({"GPKG", "ESRI Shapefile", "FlatGeobuf", "GeoJSON", "GTiff", "COG", "MEM", "Memory"})
"""GeoJSON is written for exports and read by `layers.geojson`; MEM is what rasterio makes arrays into."""
SKIPPED: Final = (
    "AAIGrid,ACE2,ADBC,ADRG,AIG,AIVector,AVCBin,AVCE00,AirSAR,AmigoCloud,BAG,BIGGIF,BLX,BMP,BSB,BT,BYN,CALS,CEOS,"
    "COASP,COSAR,CPG,CSV,CSW,CTG,CTable2,Carto,DAAS,DERIVED,DGN,DIMAP,DIPEx,DOQ1,DOQ2,DTED,DXF,ECRGTOC,EDIGEO,EEDA,"
    "EEDAI,EHdr,EIR,ELAS,ENVI,ERS,ESAT,ESRIC,ESRIJSON,Elasticsearch,FAST,FIT,GDALG,GFF,GIF,GML,GNMDatabase,GNMFile,"
    "GPSBabel,GPX,GRASSASCIIGrid,GRIB,GS7BG,GSAG,GSBG,GSC,GTFS,GTI,GTX,GXF,GenBin,GeoJSONSeq,GeoRSS,HDF4,HDF4Image,"
    "HDF5,HDF5Image,HEIF,HF2,HFA,HTTP,ILWIS,IRIS,ISCE,ISG,ISIS2,ISIS3,Idrisi,Interlis 1,Interlis 2,JAXAPALSAR,JDEM,"
    "JML,JP2OpenJPEG,JPEG,JPEGXL,JSONFG,KEA,KML,KMLSUPEROVERLAY,KRO,L1B,LAN,LCP,LIBKML,LOSLAS,LVBAG,Leveller,"
    "LIBERTIFF,MAP,MBTiles,MFF,MFF2,MRF,MSGN,MSSQLSpatial,MVT,MapInfo File,MapML,MiraMonRaster,MiraMonVector,"
    "MongoDBv3,MySQL,NAS,NDF,NGSGEOID,NGW,NITF,NOAA_B,NSIDCbin,NTv2,NWT_GRC,NWT_GRD,OAPIF,ODBC,ODS,OGCAPI,OGR_GMT,"
    "OGR_PDS,OGR_VRT,OSM,OZI,OpenFileGDB,PAux,PCIDSK,PCRaster,PDF,PDS,PDS4,PGDUMP,PGEO,PLMOSAIC,PLSCENES,PMTiles,PNG,"
    "PNM,PRF,Parquet,PostGISRaster,PostgreSQL,R,RCM,RIK,RMF,ROI_PAC,RPFTOC,RRASTER,RS2,RST,Rasterlite,S102,S104,S111,"
    "S57,SAFE,SAGA,SAR_CEOS,SDTS,SENTINEL2,SGI,SIGDEM,SNAP_TIFF,SNODAS,SQLite,SRP,SRTMHGT,STACIT,STACTA,SXF,Selafin,"
    "TGA,TIL,TSX,Terragen,TopoJSON,USGSDEM,VDV,VFK,VICAR,VRT,WAsP,WCS,WEBP,WFS,WMS,WMTS,XLS,XLSX,XODR,XPM,XYZ,ZMap,"
    "Zarr,netCDF,Arrow"
)
"""For ``GDAL_SKIP``: every driver of the two builds of GDAL that is not allowed; a test compares the list with what is registered."""
OPTIONS: Final = {
    "GDAL_SKIP": SKIPPED,
    "GDAL_DRIVER_PATH": "disable",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "200",
}
"""No driver beyond `ALLOWED`, no plug-ins, no network file systems, no ``.aux.xml`` beside a file, no code."""

ALONE: Final = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}
"""For rasters: files beside one (masks, overviews, world files) are not looked at."""

os.environ.update(OPTIONS)
os.environ["CPL_LOG"] = os.devnull  # a build of GDAL warns of each driver to skip that it does not have

import pyogrio  # noqa: E402 - this import registers the drivers
import pyogrio.errors  # noqa: E402
import rasterio  # noqa: E402 - of its own build of GDAL, in the first environment

_told = logging.getLogger("rasterio._env")
_told.disabled = True  # rasterio passes the same warnings on to whoever has set up logging by now
with rasterio.Env():
    for name in ("CPL_LOG", "GDAL_SKIP"):  # done with; a child process decides for itself
        del os.environ[name]
_told.disabled = False

CrsUnknown: Final = pyogrio.errors.CRSError
Unreadable: Final = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError)


@contextmanager
def staged(path: Path, parts: tuple[Path, ...]) -> Iterator[Path]:
    """Show GDAL a file in an empty folder under a name of our own, so that neither names nor neighbours say anything.

    Parameters
    ----------
    path : Path
        The file.
    parts : tuple of Path
        Files beside it that belong to it, of the same stem.

    Yields
    ------
    Path
    """
    with tempfile.TemporaryDirectory() as folder:
        for each in (path, *parts):
            (Path(folder) / f"layer{each.suffix.lower()}").symlink_to(each.resolve())
        yield Path(folder) / f"layer{path.suffix.lower()}"


def layers(path: Path) -> list[tuple[str, str | None]]:
    """Return the layers of a file with their kind of geometry, None for a table."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said again when the layer is read
        return [(str(name), None if kind is None else str(kind)) for name, kind in pyogrio.list_layers(path)]


def information(path: Path, *, layer: str, encoding: str | None) -> dict[str, Any]:
    """Return what GDAL says of a layer: ``driver``, ``features``, ``fields`` and more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: dict[str, Any] = pyogrio.read_info(path, layer=layer, encoding=encoding)
    return found


def read(path: Path, *, layer: str, encoding: str | None) -> tuple[Any, tuple[str, ...]]:
    """Return the rows of a layer, dates as text, and what GDAL warned of."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        frame = pyogrio.read_dataframe(path, layer=layer, encoding=encoding, datetime_as_string=True, use_arrow=False)
    return frame, tuple(dict.fromkeys(str(warning.message) for warning in said))
