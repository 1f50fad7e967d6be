"""Which features of a collection a query asks for, and their page as GeoJSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from api.collections import Collection
from api.crs import CRS84, SYSTEMS, Crs
from api.queries import ItemsQuery
from api.records import Row

Box = tuple[float, float, float, float]


def select(collection: Collection, query: ItemsQuery, properties: Mapping[str, object]) -> list[int]:
    """Return the positions of the features that a query asks for, in the order of the table.

    Parameters
    ----------
    query : ItemsQuery
        Box and time.
    properties : mapping
        Wanted values by property.
    """
    found = range(len(collection.ids))
    if query.bbox is not None:
        crs = SYSTEMS[query.bbox_crs or CRS84]
        found = collection.layer(crs).touching(boxes(query.bbox, crs)).tolist()
    rows = collection.rows
    return [
        i
        for i in found
        if all(rows[i].get(name) == value for name, value in properties.items())
        and (query.datetime is None or within(rows[i], query.datetime))
    ]


def boxes(text: str, crs: Crs) -> list[Box]:
    """Return the boxes of a ``bbox`` in the axis order of `crs`; one that crosses the antimeridian becomes two.

    The two corners may come in either order, but for longitudes: there the first above the second means the antimeridian.
    """
    numbers = [float(part) for part in text.split(",")]
    a, b, c, d = numbers if len(numbers) == 4 else (numbers[0], numbers[1], numbers[3], numbers[4])
    if crs.uri == CRS84 and a > c:
        return [(a, min(b, d), 180.0, max(b, d)), (-180.0, min(b, d), c, max(b, d))]
    return [(min(a, c), min(b, d), max(a, c), max(b, d))]


def within(row: Row, wanted: str) -> bool:
    """Tell whether a row's ``data_date`` lies in an instant or interval; a row without a date always does."""
    date = row.get("data_date")
    if not isinstance(date, str):
        return True
    start, slash, end = wanted.partition("/")
    if not slash:
        end = start
    # ISO dates compare as texts
    return (start in {"", ".."} or start[:10] <= date) and (end in {"", ".."} or date <= end[:10])


def page(collection: Collection, positions: Sequence[int], crs: Crs, about: dict[str, Any]) -> bytes:
    """Return a FeatureCollection of the features at `positions`, with `about` beside them."""
    features = [orjson.Fragment(collection.feature(i, crs)) for i in positions]
    return orjson.dumps({"type": "FeatureCollection", **about, "features": features})


def bounds(collection: Collection) -> list[float] | None:
    """Return west, south, east, north of a collection in degrees; None when nothing in it has a place."""
    known = collection.bounds()
    return None if known is None else [float(np.round(value, 7)) for value in known]
