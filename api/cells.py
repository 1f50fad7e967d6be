"""A grid of cells over units, each with the units that touch it: found with two divisions where a tree is walked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

MAX_CELLS: Final = 16_384
"""Cells of a grid at most, whatever clients ask: a few megabytes once every one of them was asked for."""
_MARGIN: Final = 1e-6
"""Of a cell's side, added all round: a point that rounding puts into the neighbouring cell finds the same units."""


class Near(NamedTuple):
    """The units that touch a cell, in the order of their table."""

    ids: tuple[str, ...]
    geometries: NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Cells:
    """Square cells over the bounds of units; each is filled when it is asked for the first time.

    Parameters
    ----------
    ids : tuple of str
        Ids of the units.
    geometries : array of shapely geometries, EPSG:4326
    tree : STRtree
        Over `geometries`.
    bounds : tuple of float
        West, south, east, north of all of them, degrees; NaN where there is none.
    side : float
        Of a cell, degrees.
    """

    ids: tuple[str, ...]
    geometries: NDArray[np.object_]
    tree: shapely.STRtree
    bounds: tuple[float, float, float, float]
    side: float
    _known: dict[tuple[int, int], Near] = field(default_factory=dict, repr=False)

    def near(self, lon: float, lat: float) -> Near | None:
        """Return the units that may hold a point (degrees); None outside the bounds."""
        west, south, east, north = self.bounds
        if not (west <= lon <= east and south <= lat <= north):
            return None
        key = int((lon - west) / self.side), int((lat - south) / self.side)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._filled(*key)
        return found

    def _filled(self, column: int, row: int) -> Near:
        west, south, margin = self.bounds[0], self.bounds[1], self.side * _MARGIN
        left, bottom = west + column * self.side, south + row * self.side
        box = shapely.box(left - margin, bottom - margin, left + self.side + margin, bottom + self.side + margin)
        touching = np.sort(self.tree.query(box, predicate="intersects"))
        return Near(tuple(self.ids[i] for i in touching), self.geometries[touching])


def cells(ids: tuple[str, ...], geometries: NDArray[np.object_], tree: shapely.STRtree) -> Cells:
    """Return a grid over `geometries` of about `MAX_CELLS` cells at most."""
    bounds = shapely.total_bounds(geometries) if geometries.size else np.full(4, np.nan)
    west, south, east, north = bounds.tolist()
    width, height = east - west, north - south
    # neither more cells than that in all, nor in one line where the units stand in one
    side = max(math.sqrt(width * height / MAX_CELLS), max(width, height) / MAX_CELLS) if math.isfinite(width) else 1.0
    return Cells(ids, geometries, tree, (west, south, east, north), side or 1.0)
