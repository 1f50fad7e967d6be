"""GeoJSON read feature by feature, so that a fault names its row and no text becomes a number."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyproj
import shapely
from pyproj.exceptions import CRSError

from layers.catalog import Record
from layers.crs import GEOGRAPHIC
from layers.errors import CrsError, Issue, LayerError

_GEOMETRIES: Final = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)


def read(path: Path, *, record: Record, source_crs: pyproj.CRS | None) -> gpd.GeoDataFrame:
    """Read a GeoJSON FeatureCollection, or one Feature.

    Parameters
    ----------
    path : Path
    record : Record
        Names the file in messages.
    source_crs : pyproj.CRS or None
        For a file that does not state its CRS; without it, RFC 7946 says WGS 84, lon, lat.

    Returns
    -------
    GeoDataFrame
        Properties as found (nested ones as JSON text), geometry in the file's CRS, index 0 to n - 1.

    Raises
    ------
    LayerError
        When it is not JSON, not features, or a geometry cannot be read: every such row.
    """
    document = _parse(path, record)
    crs = _stated_crs(document, record) or source_crs or pyproj.CRS(GEOGRAPHIC)
    features = _features(document, record)
    geometry = _geometries(features, record)
    rows = [f.get("properties") or {} for f in features]
    names = list(dict.fromkeys(key for row in rows for key in row if key != "geometry"))
    table = {name: pd.Series([_cell(row.get(name)) for row in rows], dtype=object) for name in names}
    return gpd.GeoDataFrame(pd.DataFrame(table, index=range(len(rows))), geometry=geometry, crs=crs)


def _fault(record: Record, rule: str, **more: Any) -> Issue:
    return Issue(layer=record.layer, file=record.file, rule=rule, **{"code": "not_geojson", **more})


def _parse(path: Path, record: Record) -> dict[str, Any]:
    data = _utf8(path.read_bytes())
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise LayerError(_fault(record, f"the file is not valid JSON in UTF-8 ({error})")) from None
    if not isinstance(document, dict):
        raise LayerError(_fault(record, "a GeoJSON file holds one object of type FeatureCollection"))
    _require_one_value_per_key(data, record)
    return document


def _require_one_value_per_key(data: bytes, record: Record) -> None:
    """Refuse an object that names a key twice: which of the two is meant nobody knows, and parsers keep the last."""
    twice: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        if len(pairs) != len({key for key, _ in pairs}):
            keys = [key for key, _ in pairs]
            twice.append(next(key for place, key in enumerate(keys) if key in keys[:place]))

    # only the names are looked at: numbers stay text, and objects are let go at once
    try:
        json.loads(data, object_pairs_hook=look, parse_float=str, parse_int=str)
    except RecursionError:
        raise LayerError(_fault(record, "a GeoJSON file is not nested hundreds of levels deep")) from None
    if twice:
        rule = "an object of a GeoJSON file names each key once"
        value = f"{twice[0][:80]!r}, in {len(twice)} objects"
        raise LayerError(_fault(record, rule, value=value, done="Keep the value that is meant.", code="twice"))


def _utf8(data: bytes) -> bytes:
    """Return the bytes without a BOM, and from UTF-16 into the UTF-8 that JSON has."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace").encode()
    return data.removeprefix(codecs.BOM_UTF8)


def _stated_crs(document: dict[str, Any], record: Record) -> pyproj.CRS | None:
    """Return the CRS of the old `crs` member (GeoJSON 2008); axis order is lon, lat whatever it names."""
    member = document.get("crs")
    if member is None:
        return None
    try:
        return pyproj.CRS(member["properties"]["name"])
    except (CRSError, KeyError, TypeError):
        rule = "the crs member names a coordinate reference system that is known"
        raise CrsError(_fault(record, rule, value=str(member)[:80], code="crs")) from None


def _features(document: dict[str, Any], record: Record) -> list[dict[str, Any]]:
    kind = document.get("type")
    found = [document] if kind == "Feature" else document.get("features")
    if kind not in {"Feature", "FeatureCollection"} or not isinstance(found, list):
        rule = "a GeoJSON layer is a FeatureCollection with a list of features"
        raise LayerError(_fault(record, rule, value=str(kind)[:80]))
    wrong = [row for row, feature in enumerate(found, start=1) if not _is_feature(feature)]
    if wrong:
        rule = "a feature has the type 'Feature', an object of properties and a geometry"
        raise LayerError(_fault(record, rule, row=row) for row in wrong)
    return found


def _is_feature(feature: object) -> bool:
    return (
        isinstance(feature, dict)
        and feature.get("type") == "Feature"
        and isinstance(feature.get("properties", {}), dict | None)
        and isinstance(feature.get("geometry"), dict | None)
    )


def _geometries(features: list[dict[str, Any]], record: Record) -> np.ndarray[Any, np.dtype[np.object_]]:
    given = [feature.get("geometry") for feature in features]
    texts = np.array([_geometry_text(g) for g in given], dtype=object)
    shapes = shapely.from_geojson(texts, on_invalid="ignore")
    wrong = [row for row, (g, s) in enumerate(zip(given, shapes, strict=True), start=1) if g is not None and s is None]
    if wrong:
        rule = "a geometry is one of the GeoJSON types with coordinates as lists of numbers, rings closed"
        raise LayerError(_fault(record, rule, row=row, column="geometry", code="geometry_unreadable") for row in wrong)
    return np.asarray(shapes, dtype=object)


def _geometry_text(geometry: dict[str, Any] | None) -> str | None:
    if geometry is None:
        return None
    if geometry.get("type") not in _GEOMETRIES:
        return "not a geometry"
    return orjson.dumps(geometry).decode()


def _cell(value: object) -> object:
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value
