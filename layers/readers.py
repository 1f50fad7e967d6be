"""Reads vectors and tables with limits, and refuses what is unsafe or is not what its name says."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from pyproj.exceptions import CRSError, ProjError

from layers import archives, checks, coordinates, gdal, geojson, geopackage, kml, mending, notes, sheets
from layers.catalog import Record
from layers.crs import GEOGRAPHIC
from layers.errors import CrsError, Issue, LayerError, UnsafeFileError
from layers.gdal import CrsUnknown, Unreadable
from layers.limits import MEGABYTE
from layers.schema import GEOMETRY

ROW: Final = "row"
"""Name of the index of every frame read: the row of the data, 1 is the first."""

VECTORS: Final = (
    ".geojson",
    ".json",
    ".gpkg",
    ".shp",
    ".zip",
    ".parquet",
    ".geoparquet",
    ".fgb",
    ".kml",
    ".kmz",
)
TABLES: Final = (".csv", ".tsv", ".xlsx", ".parquet")
_DRIVERS: Final[Mapping[str, str]] = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".fgb": "FlatGeobuf"}
"""What GDAL may open: the first bytes are checked before it sees a file, the driver that took it before it is read."""
_MAGIC: Final[Mapping[str, bytes]] = {
    ".gpkg": b"SQLite format 3\x00",
    ".shp": b"\x00\x00\x27\x0a",
    ".zip": b"PK\x03\x04",
    ".xlsx": b"PK\x03\x04",
    ".kmz": b"PK\x03\x04",
    ".fgb": b"fgb\x03fgb",
    ".parquet": b"PAR1",
    ".geoparquet": b"PAR1",
}
_DBF_CODE_PAGE_OFFSET: Final = 29
_SHP_LENGTH_OFFSET: Final = 24
"""Four bytes, big-endian, count words of two bytes (ESRI Shapefile Technical Description, 1998)."""
_LOG: Final = logging.getLogger(__name__)
_Frame = TypeVar("_Frame", bound=pd.DataFrame)


def read_table(record: Record) -> pd.DataFrame:
    """Read a table without geometry: CSV, TSV, XLSX or Parquet.

    Parameters
    ----------
    record : Record
        `record.path` is the file; its other fields name it in messages.

    Returns
    -------
    DataFrame
        Cells as text (CSV, TSV, XLSX) or as stored (Parquet); index ``row`` from 1. What was noticed on the way is in its
        notes (`layers.notes`).

    Raises
    ------
    LayerError
        When the file is missing, of another format, or cannot be read.
    UnsafeFileError
        When it is beyond the limits, or not what its name says.
    """
    path = _require_file(record, TABLES)
    suffix = path.suffix.lower()
    if suffix in {".csv", ".tsv"}:
        return sheets.read_csv(path, record=record).rename_axis(index=ROW)
    if suffix == ".xlsx":
        return sheets.read_xlsx(path, record=record).rename_axis(index=ROW)
    return _numbered(sheets.read_parquet(path, record=record))


def read_vector(record: Record, *, layer_name: str | None = None, source_crs: str | None = None) -> gpd.GeoDataFrame:
    """Read a layer with geometry: GeoJSON, GeoPackage, Shapefile (also zipped), GeoParquet, FlatGeobuf, KML or KMZ.

    Parameters
    ----------
    record : Record
    layer_name : str, optional
        Which layer of a GeoPackage; needed where it has several.
    source_crs : str, optional
        CRS of a file that states none. One that contradicts the file is refused.

    Returns
    -------
    GeoDataFrame
        Columns as stored, geometry in two dimensions in the file's CRS, index ``row`` from 1.

    Raises
    ------
    LayerError
        When the file is missing, of another format, or cannot be read.
    CrsError
        When neither the file nor `source_crs` states a CRS, or they differ.
    UnsafeFileError
        When it is beyond the limits, or not what its name says.
    """
    path = _require_file(record, VECTORS)
    stated = None if source_crs is None else named_crs(source_crs, record)
    suffix = path.suffix.lower()
    if suffix in {".geojson", ".json"}:
        frame = geojson.read(path, record=record, source_crs=stated)
    elif suffix in {".parquet", ".geoparquet"}:
        frame = _read_geoparquet(path, record)
    elif suffix == ".kml":
        frame = kml.parse(path.read_bytes(), record=record)
    elif suffix == ".kmz":
        frame = kml.parse(archives.document(path, record), record=record)
    elif suffix == ".zip":
        with archives.shapefile(path, record) as shapefile:
            frame = _read_gdal(shapefile, layer_name, record)
    else:
        frame = _read_gdal(path, layer_name, record)
    checks.require_size(*frame.shape, record=record)
    told = notes.of(frame)
    flat, dropped = _flat(_with_crs(frame, stated, record), record)
    mended, spoilt = _mended(flat, record)
    return notes.attach(notes.without(_numbered(mended)), (*told, *dropped, *spoilt))


def is_table(record: Record) -> bool:
    """Return whether the file is a table of text, so that positions come from columns and not from a geometry."""
    return record.path is not None and record.path.suffix.lower() in {".csv", ".tsv", ".xlsx"}


def named_crs(text: str, record: Record) -> pyproj.CRS:
    """Return the CRS that a plan names.

    Raises
    ------
    CrsError
        When it is not known.
    """
    try:
        return pyproj.CRS.from_user_input(text)
    except CRSError:
        rule = "crs names a coordinate reference system that is known, for example EPSG:4326"
        raise CrsError(_fault(record, rule, value=text, code="crs")) from None


def require_bytes(paths: Iterable[Path], record: Record) -> None:
    """Refuse a file that, with its parts, is larger than the plan allows.

    Raises
    ------
    UnsafeFileError
    """
    size = sum(path.stat().st_size for path in paths)
    if size > record.limits.file_mb * MEGABYTE:
        raise UnsafeFileError(checks.beyond(record, "file_mb", f"{size / MEGABYTE:,.1f} MB", "a file has"))


def _fault(record: Record, rule: str, **more: Any) -> Issue:
    return Issue(layer=record.layer, file=record.file, rule=rule, **more)


def _numbered(frame: _Frame) -> _Frame:
    frame.index = pd.RangeIndex(1, len(frame) + 1, name=ROW)
    return frame


def _require_file(record: Record, suffixes: tuple[str, ...]) -> Path:
    """Return the path of a file that is there, has a known format, is not too large and begins as its format does."""
    path = record.path
    if path is None or not path.is_file():
        raise LayerError(_fault(record, "the file is missing", code="missing_file", done="Check the path in the plan."))
    suffix = path.suffix.lower()
    if suffix not in suffixes:
        rule = f"this layer comes as one of {', '.join(suffixes)}"
        raise LayerError(_fault(record, rule, value=suffix or path.name, code="unknown_format"))
    require_bytes([path, *_parts(path, record)], record)
    magic = _MAGIC.get(suffix, b"")
    with path.open("rb") as stream:
        start = stream.read(len(magic))
    if start != magic:
        rule = f"a {suffix} file begins with the bytes of its format; this one is something else or is damaged"
        raise UnsafeFileError(_fault(record, rule, value=start.hex(" "), code="wrong_format"))
    return path.resolve()


def _read_gdal(path: Path, layer_name: str | None, record: Record) -> gpd.GeoDataFrame:
    """Read through GDAL; what it warns of is logged."""
    if path.suffix.lower() == ".shp":
        _require_whole(path, record)
    if path.suffix.lower() == ".gpkg":
        _require_plain(path, record)
    encoding = _encoding(path)
    with gdal.staged(path, _parts(path, record)) as staged:
        try:
            layer = _one_layer(staged, layer_name, record)
            _require_driver(staged, layer, encoding, record)
            frame, said = gdal.read(staged, layer=layer, encoding=encoding)
        except (CRSError, CrsUnknown, UnboundLocalError):  # the last: pyogrio 0.13 when PROJ cannot read it
            rule = "the file names a coordinate reference system that is known"
            raise CrsError(_fault(record, rule, code="crs", done="Correct its .prj file.")) from None
        except (*Unreadable, shapely.errors.GEOSException, ValueError, OSError) as error:
            rule = f"the file cannot be read: {str(error).replace(str(staged.parent), '')}"
            done = "A Shapefile needs its .shx and .dbf beside it." if path.suffix.lower() == ".shp" else ""
            raise LayerError(_fault(record, rule, code="unreadable", done=done)) from None
    for message in said:
        _LOG.warning("%s: %s", record.file, message)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise LayerError(_fault(record, "this layer needs geometries, and the file has none", code="no_geometries"))
    changed = geopackage.flattened(path, layer) if path.suffix.lower() == ".gpkg" else ()
    return notes.attach(frame, _flattened(changed, record))


def _parts(path: Path, record: Record) -> tuple[Path, ...]:
    """Return what belongs to a Shapefile; a part that is a link to another folder is refused."""
    if path.suffix.lower() != ".shp":
        return ()
    beside = [path.with_suffix(s) for suffix in archives.SHAPEFILE_PARTS[1:] for s in (suffix, suffix.upper())]
    found = {part.suffix.lower(): part for part in reversed(beside) if part.is_file()}
    for part in found.values():
        if part.resolve().parent != path.resolve().parent:
            rule = "the parts of a Shapefile lie in one folder; one is a link that leads outside"
            raise UnsafeFileError(_fault(record, rule, value=part.name, code="outside"))
    return tuple(found.values())


def _require_plain(path: Path, record: Record) -> None:
    """Refuse a GeoPackage that leads elsewhere, or whose latest changes are still in a file beside it."""
    if foreign := geopackage.foreign_parts(path):
        rule = "a GeoPackage holds its own tables; a virtual table may lead to other files"
        raise UnsafeFileError(_fault(record, rule, value=", ".join(foreign)[:80], code="virtual_table"))
    log = path.with_name(f"{path.name}-wal")
    if log.is_file() and log.stat().st_size:
        rule = f"a GeoPackage is whole; changes are still in {log.name}"
        done = "Close the program that has it open (QGIS), then check again."
        raise LayerError(_fault(record, rule, code="unfinished", done=done))


def _one_layer(path: Path, layer_name: str | None, record: Record) -> str:
    """Return the layer asked for, or the only one with geometries."""
    found = gdal.layers(path)
    if layer_name is not None:
        if layer_name in dict(found):
            return layer_name
        names = ", ".join(name for name, _ in found)
        raise LayerError(_fault(record, f"the file holds the layers {names}", value=layer_name, code="unknown_layer"))
    shapes = [name for name, kind in found if kind is not None]
    if len(shapes) != 1:
        rule = f"of several layers the plan names one; this file holds {', '.join(shapes) or 'none with geometries'}"
        raise LayerError(_fault(record, rule, code="which_layer", done='Add layer = "…" to the layer in the plan.'))
    return shapes[0]


def _require_driver(path: Path, layer: str, encoding: str | None, record: Record) -> None:
    info = gdal.information(path, layer=layer, encoding=encoding)
    checks.require_size(info["features"], len(info["fields"]), record=record)
    if info["driver"] != _DRIVERS[path.suffix.lower()]:
        rule = f"a {path.suffix} file is read as {_DRIVERS[path.suffix.lower()]} and as nothing else"
        raise UnsafeFileError(_fault(record, rule, value=info["driver"], code="wrong_format"))


def _require_whole(path: Path, record: Record) -> None:
    """Refuse a Shapefile that is shorter than its header says: GDAL would give the lost rows no geometry."""
    with path.open("rb") as stream:
        stated = int.from_bytes(stream.read(_SHP_LENGTH_OFFSET + 4)[_SHP_LENGTH_OFFSET:], "big") * 2
    size = path.stat().st_size
    if size < stated:
        rule = f"the Shapefile is whole: its header states {stated:,} bytes"
        raise LayerError(_fault(record, rule, value=f"{size:,} bytes", code="unreadable", done="Copy it again."))


def _encoding(path: Path) -> str | None:
    """Return UTF-8 for a Shapefile that states no encoding: GDAL would take Latin-1 and spoil Vietnamese names."""
    if path.suffix.lower() != ".shp" or any(path.with_suffix(s).exists() for s in (".cpg", ".CPG")):
        return None
    table = next((p for p in (path.with_suffix(".dbf"), path.with_suffix(".DBF")) if p.exists()), None)
    if table is None:
        return None
    with table.open("rb") as stream:
        header = stream.read(_DBF_CODE_PAGE_OFFSET + 1)
    return "UTF-8" if header[_DBF_CODE_PAGE_OFFSET:] in {b"", b"\x00"} else None


def _read_geoparquet(path: Path, record: Record) -> gpd.GeoDataFrame:
    try:
        with path.open("rb") as stream:  # as a stream: a path with "=" in it would add columns (hive partitions)
            sheets.require_small_parquet(pq.ParquetFile(stream), record=record)
            frame: gpd.GeoDataFrame = gpd.read_parquet(stream)
    except (
        pa.ArrowException,
        shapely.errors.GEOSException,
        CRSError,
        ValueError,
        KeyError,
        TypeError,
        OSError,
    ) as error:
        raise LayerError(
            _fault(record, f"the file is a readable GeoParquet file ({error})", code="unreadable")
        ) from None
    return frame


def _with_crs(frame: gpd.GeoDataFrame, stated: pyproj.CRS | None, record: Record) -> gpd.GeoDataFrame:
    if frame.crs is None and stated is None:
        rule = "a layer with geometry needs a coordinate reference system"
        done = 'Add crs = "EPSG:…" to the layer in the plan, or the missing .prj file.'
        offered = coordinates.offer(frame.geometry)
        raise CrsError(_fault(record, rule, code="crs", done=f"{done} {offered}"))
    placed = frame.set_crs(stated) if frame.crs is None else frame
    if stated is not None and not placed.crs.equals(stated, ignore_axis_order=True):
        rule = f"the file states its own coordinate reference system, {placed.crs.to_string()}"
        done = "Remove crs from the layer in the plan, or correct the file."
        raise CrsError(_fault(record, rule, value=stated.to_string(), code="crs", done=done))
    require_on_earth(placed.crs, record)
    return placed


def require_on_earth(crs: pyproj.CRS, record: Record) -> None:
    """Refuse a CRS from which no way leads to longitude and latitude: a site plan's, or a damaged one.

    Raises
    ------
    CrsError
    """
    try:
        pyproj.Transformer.from_crs(crs, GEOGRAPHIC, always_xy=True)
    except ProjError:
        rule = "the coordinate reference system leads to places on the earth"
        raise CrsError(_fault(record, rule, value=crs.to_string()[:80], code="crs")) from None


def _flattened(kinds: tuple[str, ...], record: Record) -> list[Issue]:
    """Return what is told of curves and measures, which the reading turns into straight lines and drops."""
    if not kinds:
        return []
    rule = "a layer has straight lines in two dimensions"
    done = "Curves became chains of short lines; measures (M) were dropped."
    return [_fault(record, rule, value=", ".join(kinds), severity="warning", done=done, code="flattened")]


def _flat(frame: gpd.GeoDataFrame, record: Record) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    """Drop heights, which no question of this planner uses, and hold the limit of vertices."""
    high = int(shapely.has_z(frame.geometry.array).sum())
    flat = shapely.force_2d(frame.geometry.array)
    vertices = int(shapely.get_num_coordinates(flat).sum())
    if vertices > record.limits.vertices:
        raise UnsafeFileError(checks.beyond(record, "vertices", f"{vertices:,} vertices", "a layer has"))
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name)).drop(columns=GEOMETRY, errors="ignore")
    told = []
    if high:
        rule, value = "a layer has two dimensions", f"{high} geometries with heights (Z)"
        told.append(_fault(record, rule, value=value, severity="info", done="Heights were dropped.", code="flattened"))
    return gpd.GeoDataFrame(table, geometry=flat, crs=frame.crs), told


def _mended(frame: gpd.GeoDataFrame, record: Record) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    """Undo TCVN3, VNI and mojibake in the columns of text and in their names."""
    attributes = [name for name in frame.columns if name != frame.geometry.name]
    renamed, told = mending.names(map(str, attributes), record=record)
    mended = frame.rename(columns=dict(zip(attributes, renamed, strict=True)))
    for column in renamed:
        if isinstance(mended[column], pd.Series):  # a name that stands twice is told by its layer's rules
            mended[column], more = mending.column(mended[column], record=record)
            told += more
    return mended, told
