"""Which unit holds a point, which units touch a box: on the published coordinates, EPSG:4326."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from api.cells import Cells, cells

BBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Places:
    """Units with their geometries, ordered as their table.

    Parameters
    ----------
    ids : tuple of str
        Ids of the units.
    geometries : array of shapely geometries, EPSG:4326
        None where a unit has none; such a unit holds no point.
    tree : STRtree
        Over `geometries`, for boxes and many points.
    cells : Cells
        Over `geometries`, for one point: in a third of the tree's time.
    """

    ids: tuple[str, ...]
    geometries: NDArray[np.object_]
    tree: shapely.STRtree
    cells: Cells

    def at(self, lon: float, lat: float) -> str | None:
        """Return the unit that holds the point (degrees); on a shared border the first of the table; None outside."""
        near = self.cells.near(lon, lat)
        if near is None or not near.ids:
            return None
        # tested one by one against prepared polygons: the tree's own predicate would not use the preparation
        inside = shapely.intersects_xy(near.geometries, lon, lat)
        first = int(inside.argmax())
        return near.ids[first] if inside[first] else None

    def at_each(self, lons: Sequence[float], lats: Sequence[float]) -> list[str | None]:
        """Return `at` for many points in one pass."""
        x, y = np.asarray(lons, dtype=float), np.asarray(lats, dtype=float)
        asked, near = self.tree.query(shapely.points(x, y))
        inside = shapely.intersects_xy(self.geometries[near], x[asked], y[asked])
        first = np.full(len(x), len(self.ids))
        np.minimum.at(first, asked[inside], near[inside])
        return [self.ids[i] if i < len(self.ids) else None for i in first.tolist()]

    def touching(self, bbox: BBox) -> set[str]:
        """Return the units that touch a box (west, south, east, north; degrees); west > east crosses the antimeridian."""
        west, south, east, north = bbox
        boxes = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        found: set[str] = set()
        for left, right in boxes:
            box = shapely.box(left, south, right, north)
            found.update(self.ids[i] for i in self.tree.query(box, predicate="intersects"))
        return found


def places(frame: gpd.GeoDataFrame) -> Places:
    """Return the geometries of a published table with ``unit_id``, prepared for many points."""
    geometries = np.asarray(frame.geometry.array, dtype=object)
    shapely.prepare(geometries)
    ids, tree = tuple(frame["unit_id"].astype(str)), shapely.STRtree(geometries)
    return Places(ids, geometries, tree, cells(ids, geometries, tree))
