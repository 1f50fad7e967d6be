"""KML read placemark by placemark; entities, links to elsewhere and documents nested too deep are refused."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # as below # nosec B405
from collections.abc import Iterator
from typing import Any, Final
from xml.parsers import expat

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from layers import notes
from layers.catalog import Record
from layers.crs import GEOGRAPHIC
from layers.errors import Issue, LayerError, UnsafeFileError
from layers.limits import Limits

_GEOMETRIES: Final = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry")
_OTHERS: Final = ("Track", "MultiTrack", "Model")


class _RefusedError(Exception):
    """What the first pass met."""


def parse(data: bytes, *, record: Record) -> gpd.GeoDataFrame:
    """Read the placemarks of a KML document (OGC 07-147r2).

    Parameters
    ----------
    data : bytes
    record : Record
        Names the file in messages.

    Returns
    -------
    GeoDataFrame
        ``name``, ``description`` and the extended data as text, geometry in two dimensions, EPSG:4326, index 0 to
        n - 1. Heights that were dropped and links that were not followed are in the notes.

    Raises
    ------
    LayerError
        When it is no KML, or a geometry cannot be read: every such placemark.
    UnsafeFileError
        When it has a DOCTYPE (entities) or is nested too deep.
    """
    root = _root(data, record)
    marks = [element for element in root.iter() if _tag(element) == "Placemark"]
    shapes, faults = [], []
    for row, mark in enumerate(marks, start=1):
        try:
            shapes.append(_geometry_of(mark))
        except (ValueError, IndexError, shapely.errors.GEOSException) as error:
            rule = f"a geometry is a Point, LineString, Polygon or MultiGeometry with numbers lon,lat ({error})"
            faults.append(_fault(record, rule, row=row, column="geometry", code="geometry_unreadable"))
    if faults:
        raise LayerError(faults)
    rows = [_properties(mark) for mark in marks]
    names = list(dict.fromkeys(name for row in rows for name in row if name != "geometry"))
    table = {name: [row.get(name) for row in rows] for name in names}
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=GEOGRAPHIC, index=range(len(rows)))
    return notes.attach(frame, _links(root, record))


def _fault(record: Record, rule: str, **more: Any) -> Issue:
    return Issue(layer=record.layer, file=record.file, rule=rule, **{"code": "not_kml", **more})


def _root(data: bytes, record: Record) -> ET.Element:
    try:
        _first_pass(data, record.limits)
        root = ET.fromstring(data)  # noqa: S314 - few entities, none external; expat bounds what they grow to # nosec B314
    except _RefusedError as refused:
        raise UnsafeFileError(_fault(record, str(refused), code="xml_refused")) from None
    except (expat.ExpatError, ET.ParseError, ValueError, LookupError) as error:
        raise LayerError(_fault(record, f"the file is not readable KML ({error})")) from None
    if _tag(root) != "kml":
        raise LayerError(_fault(record, "a KML document has the root element 'kml'", value=_tag(root)[:80]))
    return root


def _first_pass(data: bytes, limits: Limits) -> None:
    """Walk through the document without keeping it, and stop at what is refused."""
    depth = entities = 0
    parser = expat.ParserCreate()

    def doctype(*_: object) -> None:
        if not limits.xml_entities:
            message = "an XML document of a layer has no DOCTYPE: entities are refused (limits.xml_entities = 0)"
            raise _RefusedError(message)

    def entity(name: str, is_parameter: int, value: str | None, *_: object) -> None:
        nonlocal entities
        entities += 1
        if value is None or is_parameter:
            message = f"an XML document of a layer leads nowhere else; entity '{name[:40]}' is external"
            raise _RefusedError(message)
        if entities > limits.xml_entities:
            message = f"an XML document declares at most {limits.xml_entities} entities (limits.xml_entities)"
            raise _RefusedError(message)

    def opened(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > limits.xml_depth:
            message = f"an XML document is nested at most {limits.xml_depth} deep (limits.xml_depth)"
            raise _RefusedError(message)

    def closed(_: object) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = entity
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.Parse(data, True)


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: ET.Element, *tags: str) -> Iterator[ET.Element]:
    return (child for child in element if _tag(child) in tags)


def _text(element: ET.Element, tag: str) -> str | None:
    found = next(_children(element, tag), None)
    return None if found is None else "".join(found.itertext()).strip() or None


def _properties(mark: ET.Element) -> dict[str, str | None]:
    row = {"name": _text(mark, "name"), "description": _text(mark, "description")}
    for element in mark.iter():
        if _tag(element) == "Data":
            row[element.get("name", "")] = _text(element, "value")
        elif _tag(element) == "SimpleData":
            row[element.get("name", "")] = "".join(element.itertext()).strip() or None
    return row


def _geometry_of(element: ET.Element) -> BaseGeometry | None:
    other = next(_children(element, *_OTHERS), None)
    if other is not None:
        raise ValueError(_tag(other))
    found = list(_children(element, *_GEOMETRIES))
    return _shape(found[0]) if found else None


def _shape(element: ET.Element) -> BaseGeometry:
    tag = _tag(element)
    if tag == "MultiGeometry":
        return _multi([_shape(child) for child in _children(element, *_GEOMETRIES)])
    if tag == "Polygon":
        outer = [_positions(ring) for edge in _children(element, "outerBoundaryIs") for ring in edge]
        inner = [_positions(ring) for edge in _children(element, "innerBoundaryIs") for ring in edge]
        return shapely.Polygon(outer[0], inner)
    positions = _positions(element)
    return shapely.Point(positions[0]) if tag == "Point" else shapely.LineString(positions)


def _positions(element: ET.Element) -> list[tuple[float, float]]:
    """Return lon and lat of each tuple; a height is dropped."""
    tuples = [one.split(",") for one in (_text(element, "coordinates") or "").split()]
    if any(len(one) not in {2, 3} for one in tuples):
        message = "a position has two or three numbers"
        raise ValueError(message)
    return [(float(one[0]), float(one[1])) for one in tuples]


def _multi(parts: list[BaseGeometry]) -> BaseGeometry:
    polygons = [part for part in parts if isinstance(part, shapely.Polygon)]
    lines = [part for part in parts if isinstance(part, shapely.LineString)]
    if parts and len(polygons) == len(parts):
        return shapely.MultiPolygon(polygons)
    if parts and len(lines) == len(parts):
        return shapely.MultiLineString(lines)
    return parts[0] if len(parts) == 1 else shapely.GeometryCollection(parts)


def _links(root: ET.Element, record: Record) -> Iterator[Issue]:
    links = sum(1 for element in root.iter() if _tag(element) in {"NetworkLink", "GroundOverlay"})
    if links:
        rule = "a layer holds its own data; links to elsewhere are not followed"
        value = f"{links} NetworkLink or GroundOverlay"
        yield _fault(
            record, rule, value=value, severity="warning", done="They were left out.", code="link_not_followed"
        )
