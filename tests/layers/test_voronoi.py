from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from layers import voronoi
from layers.voronoi import voronoi_cells

SQUARE = box(200_000, 1_400_000, 204_000, 1_404_000)
# A horseshoe open to the east: the cell of a point in its back wall or beyond its gap falls into pieces.
HORSESHOE = SQUARE - box(201_000, 1_401_000, 204_000, 1_403_000)


def test_one_point_gets_the_polygon_itself():
    assert voronoi_cells([201_000.0], [1_401_000.0], HORSESHOE)[0] is HORSESHOE


def test_two_points_split_a_square_at_the_bisector():
    west, east = voronoi_cells([201_000, 203_000], [1_402_000, 1_402_000], SQUARE)
    assert west.normalize().equals_exact(box(200_000, 1_400_000, 202_000, 1_404_000).normalize(), 1e-6)
    assert east.normalize().equals_exact(box(202_000, 1_400_000, 204_000, 1_404_000).normalize(), 1e-6)


def test_cells_come_in_the_order_of_the_points():
    x = [203_500, 200_500, 202_000, 201_000]
    cells = voronoi_cells(x, [1_402_000] * 4, SQUARE)
    assert [cell.contains(Point(x_m, 1_402_000)) for cell, x_m in zip(cells, x, strict=True)] == [True] * 4


def test_a_cell_in_pieces_stays_one_multipolygon():
    cells = voronoi_cells([200_500, 203_500], [1_402_000, 1_402_000], HORSESHOE)
    assert isinstance(cells[1], MultiPolygon)
    assert len(cells[1].geoms) == 2
    assert sum(c.area for c in cells) == pytest.approx(HORSESHOE.area)


def test_a_point_that_is_nearest_to_nothing_gets_an_empty_cell():
    cells = voronoi_cells([201_000, 203_000, 260_000], [1_402_000] * 3, SQUARE)
    assert cells[2] == Polygon()


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([], [], "at least one point"),
        ([1.0, 1.0], [2.0, 2.0], "one place"),
        ([1.0, np.nan], [2.0, 2.0], "finite"),
    ],
)
def test_points_that_have_no_diagram_are_refused(x, y, words):
    with pytest.raises(ValueError, match=words):
        voronoi_cells(x, y, SQUARE)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(200_000, 204_000), st.integers(1_400_000, 1_404_000)),
        min_size=1,
        max_size=25,
        unique=True,
    ),
    st.sampled_from(
        [
            SQUARE,
            HORSESHOE,
            MultiPolygon([box(200_000, 1_400_000, 200_900, 1_404_000), box(203_000, 1_400_000, 204_000, 1_401_000)]),
        ]
    ),
)
def test_cells_tile_the_polygon_and_hold_what_is_nearest(points, polygon):
    x, y = np.array(points, dtype=float).T
    cells = voronoi_cells(x, y, polygon)
    assert len(cells) == len(points)
    assert shapely.is_valid(cells).all()
    assert shapely.area(cells).sum() == pytest.approx(polygon.area, rel=1e-9)
    assert shapely.union_all(cells).symmetric_difference(polygon).area < 1e-3
    for cell, x_m, y_m in zip(cells, x, y, strict=True):
        if not cell.is_empty:
            inside = cell.representative_point()
            nearest = np.hypot(x - inside.x, y - inside.y).min()
            assert np.hypot(x_m - inside.x, y_m - inside.y) == pytest.approx(nearest)


LATTICE = [
    [(1, 1), (1.2, 0.8), (1.3, 0.1), (1.5, 1.1), (1.5, 3.2), (2.3, 1.9), (3.2, 2.3), (3.6, 1.3), (4, 3.2)],
    [(0.2, 3.4), (0.4, 3.2), (0.8, 1.6), (1.1, 3.8), (1.4, 0.9), (1.6, 4), (2.5, 3.2), (3, 0.7), (3.3, 2.8)],
    [(2.9, 1.1), (3.3, 0.6), (3.3, 1.5), (3.8, 1), (3.8, 3)],
    [(0, 3), (0.1, 2.2), (0.6, 3.2), (0.8, 1), (0.9, 3), (3, 1.6), (3.7, 3.8)],
]
"""Sets of rounded coordinates for which GEOS loses a cell, turns one inside out, or stops."""


@pytest.mark.parametrize("points", LATTICE)
def test_points_on_a_lattice_that_geos_gets_wrong(points):
    sites = np.array(points)
    square = box(0, 0, 4, 4)
    cells = voronoi_cells(*sites.T, square)
    assert sum(cell.area for cell in cells) == pytest.approx(16.0)
    steps = (np.arange(80) + 0.5) / 20
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    away = np.hypot(*(grid[:, None] - sites).transpose(2, 0, 1))
    clear = np.partition(away, 1, axis=1)
    clear = clear[:, 1] - clear[:, 0] > 1e-6
    for k, cell in enumerate(cells):
        inside = shapely.contains_xy(cell, *grid.T)
        assert (inside == (away.argmin(axis=1) == k))[clear].all()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=12, unique=True))
def test_both_ways_to_the_diagram_agree(points):
    sites, square = np.array(points, dtype=float) / 10, box(0, 0, 4, 4)
    for one, other in zip(
        voronoi_cells(*sites.T, square), voronoi._by_qhull(shapely.points(sites), square), strict=True
    ):
        assert one.symmetric_difference(shapely.intersection(other, square)).area < 1e-9
