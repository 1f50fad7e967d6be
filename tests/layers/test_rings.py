"""Rings in cells: worked out by hand on squares, whichever way they run and wherever north is."""

import numpy as np
import pytest
import shapely
from affine import Affine

from layers.kernels import zonal
from layers.rings import in_cells

SQUARE = [(10, 20), (14, 20), (14, 24), (10, 24), (10, 20)]
HOLE = [(11, 21), (12, 21), (12, 22), (11, 22), (11, 21)]


def area_in_cells(rings):
    """Sum over a grid that is valid everywhere: what the polygons cover, in cells."""
    prefix = np.empty((8, 9, 2))
    zonal.value_prefix(np.ones((8, 8)), np.nan, prefix)
    totals = np.zeros((rings.owner.max() + 1, 2))
    zonal.add_block(rings, 0, 0, prefix, totals)
    return totals[:, 0].tolist()


@pytest.mark.parametrize("exterior", [SQUARE, SQUARE[::-1]])
@pytest.mark.parametrize("hole", [HOLE, HOLE[::-1]])
@pytest.mark.parametrize(
    "to_cells",
    [
        Affine(1, 0, -9, 0, -1, 26),
        Affine(1, 0, -9, 0, 1, -19),
        Affine(-1, 0, 16, 0, 1, -19),
        Affine(0, 1, -19, 1, 0, -9),
    ],
    ids=["north up", "south up", "west right", "turned"],
)
def test_exteriors_add_and_holes_take_away_whichever_way_they_run(exterior, hole, to_cells):
    rings = in_cells(np.array([shapely.Polygon(exterior, [hole])]), to_cells)
    assert area_in_cells(rings) == [15.0]


def test_vertices_are_columns_and_rows_and_rings_know_their_polygon():
    two = shapely.MultiPolygon([shapely.box(10, 20, 12, 22), shapely.box(13, 23, 14, 24)])
    rings = in_cells(np.array([shapely.box(10, 20, 11, 21), two]), Affine(2, 0, -20, 0, -2, 48))
    assert rings.owner.tolist() == [0, 1, 1]
    assert rings.starts.tolist() == [0, 5, 10, 15]
    assert rings.top.tolist() == [6.0, 4.0, 0.0]
    assert rings.bottom.tolist() == [8.0, 8.0, 2.0]
    assert sorted(map(tuple, rings.vertices[:4].tolist())) == [(0, 6), (0, 8), (2, 6), (2, 8)]


def test_a_small_ring_far_from_the_corner_keeps_its_side():
    far = shapely.affinity.translate(shapely.Polygon(SQUARE[::-1]), 3e7, -4e7)
    rings = in_cells(np.array([far]), Affine.scale(1e-3, -1e-3))
    assert rings.sign.tolist() == [1.0]  # clockwise on the map is counter-clockwise where rows run downwards


def test_nothing_gives_no_rings():
    rings = in_cells(np.array([], dtype=object), Affine.identity())
    assert rings.owner.size == 0
    assert rings.starts.tolist() == [0]
