"""The collections of OGC API - Features: a published table each, with geometries in any of the known systems."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from api.crs import CRS84, SYSTEMS, Crs, project
from api.language import Language
from api.records import Row
from planner import products
from planner.products import Column

Name = Literal["villages", "communes", "sites", "assignments"]
IDS: Final[dict[Name, tuple[str, ...]]] = {
    "villages": ("unit_id",),
    "communes": ("unit_id",),
    "sites": ("site_id",),
    "assignments": ("unit_id", "site_id"),
}
"""Columns that make a feature's id, joined by a colon."""

TITLES: Final[dict[Name, dict[Language, str]]] = {
    "villages": {"vi": "Thôn, buôn, tổ dân phố", "en": "Villages"},
    "communes": {"vi": "Xã, phường", "en": "Communes"},
    "sites": {"vi": "Nơi đặt tổ công nghệ số", "en": "Team sites"},
    "assignments": {"vi": "Thôn nào do nơi nào phục vụ", "en": "Which site serves which village"},
}


@dataclass(frozen=True, slots=True)
class Layer:
    """The geometries of a collection in one system, as they are given out.

    Parameters
    ----------
    geometries : array of shapely geometries
        None where a row has none.
    tree : STRtree
        Over them.
    """

    geometries: NDArray[np.object_]
    tree: shapely.STRtree

    def touching(self, boxes: Iterable[tuple[float, float, float, float]]) -> NDArray[np.intp]:
        """Return the positions of the geometries that touch any of the boxes, ascending."""
        found = [self.tree.query(shapely.box(*box), predicate="intersects") for box in boxes]
        return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.intp)


@dataclass(frozen=True)
class Collection:
    """One collection.

    Parameters
    ----------
    name : str
        Its id, the name of the table.
    ids : list of str
        Of its features, in the order of the table.
    rows : list of dict
        Their properties.
    """

    name: Name
    ids: list[str]
    rows: list[Row]
    _published: NDArray[np.object_] = field(repr=False)
    _layers: dict[str, Layer] = field(default_factory=dict, repr=False)
    _features: dict[int, bytes] = field(default_factory=dict, repr=False)

    def layer(self, crs: Crs) -> Layer:
        """Return the geometries in `crs`, computed once."""
        found = self._layers.get(crs.uri)
        if found is None:
            geometries = project(self._published, crs)
            found = self._layers[crs.uri] = Layer(geometries, shapely.STRtree(geometries))
        return found

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each feature stands."""
        return {feature_id: i for i, feature_id in enumerate(self.ids)}

    def feature(self, position: int, crs: Crs) -> bytes:
        """Return a feature as GeoJSON; in longitude and latitude it is encoded once."""
        if crs.uri != CRS84:  # the others are asked for seldom: not worth their memory
            return self._encode(position, crs)
        found = self._features.get(position)
        if found is None:
            found = self._features[position] = self._encode(position, crs)
        return found

    def _encode(self, position: int, crs: Crs) -> bytes:
        geometry = self.layer(crs).geometries[position]
        shape = None if geometry is None else orjson.Fragment(shapely.to_geojson(geometry))
        content = {"type": "Feature", "id": self.ids[position], "geometry": shape, "properties": self.rows[position]}
        return orjson.dumps(content)

    def bounds(self) -> list[float] | None:
        """Return west, south, east, north in degrees; None for a collection without a geometry."""
        known = [float(value) for value in shapely.total_bounds(self.layer(SYSTEMS[CRS84]).geometries)]
        return None if any(np.isnan(known)) else known

    def interval(self) -> tuple[str, str] | None:
        """Return the first and the last date of its data; None when it has none."""
        dates = sorted(str(row["data_date"]) for row in self.rows if row.get("data_date"))
        return (dates[0], dates[-1]) if dates else None


def collection(name: Name, frame: gpd.GeoDataFrame, found: list[Row]) -> Collection:
    """Return a collection of a published table (OGC:CRS84) whose rows are `found`, in the table's order."""
    ids = [":".join(str(row[part]) for part in IDS[name]) for row in found]
    return Collection(name, ids, found, np.asarray(frame.geometry.array, dtype=object))


def queryables(name: Name) -> list[Column]:
    """Return the properties that features can be asked for by: single values, under the same name in every publication."""
    return [column for column in products.TABLES[name] if column.kind != "list" and "*" not in column.name]


def schema(column: Column) -> dict[str, Any]:
    """Return a queryable as JSON Schema."""
    kinds = {"number": "number", "whole": "integer"}
    unit = f" ({column.unit})" if column.unit else ""
    return {"title": column.name, "description": column.meaning + unit, "type": kinds.get(column.kind, "string")}
