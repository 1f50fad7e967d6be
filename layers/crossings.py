"""Which steps between cells a river, a lake or a border closes, and which of them a bridge opens again."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from rasterio.features import rasterize
from scipy.ndimage import binary_dilation

from layers import schema
from layers.lattice import Lattice

Bits = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

BRIDGE_CELLS: Final = 1.5
"""How far from the place where a road crosses a barrier the road's own steps are open, cells."""
_STEPS: Final = ((0, 1, 4), (1, -1, 5), (1, 0, 6), (1, 1, 7))
"""Down, right and bit of one half of the neighbours; the way back from bit k is bit 7 - k."""


def closed_steps(lattice: Lattice, barriers: gpd.GeoDataFrame, roads: gpd.GeoDataFrame | None) -> Bits | None:
    """Return the steps that barriers close, as `layers.kernels.minutes.Ground.closed`; None where they close none.

    A step is closed when the line between the two centres meets a barrier. So no way slips through where a thin barrier
    passes the corner of a cell, and a village beside a river is not taken for one in it. Where a road crosses a barrier
    whose ``roads_cross`` is not ``no``, the steps between cells of that road within `BRIDGE_CELLS` are open: a bridge.

    Parameters
    ----------
    lattice : Lattice
    barriers : GeoDataFrame
        `layers.schema.BARRIERS`, in the lattice's CRS.
    roads : GeoDataFrame, optional
        Lines that may be bridges, same CRS.
    """
    if barriers.empty:
        return None
    for_good = barriers[schema.ROADS_CROSS].to_numpy() == "no"
    closed = _met(lattice, barriers.geometry.to_numpy()[for_good])
    crossable = barriers.geometry.to_numpy()[~for_good]
    if crossable.size:
        closed |= _met(lattice, crossable) & ~_bridged(lattice, crossable, roads)
    return closed if closed.any() else None


def _touched(lattice: Lattice, geometries: npt.NDArray[np.object_]) -> Mask:
    """Return the cells that geometries touch."""
    found = np.zeros(lattice.shape, dtype=np.uint8)
    kept = geometries[~shapely.is_empty(geometries)]
    if kept.size:
        rasterize(list(kept), out=found, transform=lattice.transform, default_value=1, all_touched=True)
    return found.astype(bool)


def _met(lattice: Lattice, barriers: npt.NDArray[np.object_]) -> Bits:
    """Return the steps whose line meets a barrier, both ways."""
    closed = np.zeros(lattice.shape, dtype=np.uint8)
    if not barriers.size:
        return closed
    # rasterising passes over cells that a line touches at a corner only: the ring round them is looked at as well
    row, column = np.nonzero(binary_dilation(_touched(lattice, barriers), structure=np.ones((3, 3), dtype=bool)))
    for down, right, bit in _STEPS:
        r, c = row + down, column + right
        inside = (r < lattice.rows) & (c >= 0) & (c < lattice.columns)
        ends = np.stack([lattice.centres(row[inside], column[inside]), lattice.centres(r[inside], c[inside])], axis=1)
        steps = np.asarray(shapely.linestrings(ends), dtype=object)
        met = np.unique(shapely.STRtree(steps).query(barriers, predicate="intersects")[1])
        closed[row[inside][met], column[inside][met]] |= np.uint8(1 << bit)
        closed[r[inside][met], c[inside][met]] |= np.uint8(1 << (7 - bit))
    return closed


def _bridged(lattice: Lattice, barriers: npt.NDArray[np.object_], roads: gpd.GeoDataFrame | None) -> Bits:
    """Return the steps along roads close to where they cross a barrier."""
    opened = np.zeros(lattice.shape, dtype=np.uint8)
    if roads is None or roads.empty:
        return opened
    lines = roads.geometry.to_numpy()
    which, road = shapely.STRtree(lines).query(barriers, predicate="intersects")
    if not road.size:
        return opened
    places = shapely.buffer(shapely.intersection(lines[road], barriers[which]), BRIDGE_CELLS * lattice.cell_m)
    bridge = _touched(lattice, places) & _touched(lattice, lines[np.unique(road)])
    row, column = np.nonzero(bridge)
    for down, right, bit in _STEPS:
        r, c = row + down, column + right
        inside = (r < lattice.rows) & (c >= 0) & (c < lattice.columns)
        both = np.flatnonzero(inside)[bridge[r[inside], c[inside]]]
        opened[row[both], column[both]] |= np.uint8(1 << bit)
        opened[r[both], c[both]] |= np.uint8(1 << (7 - bit))
    return opened
