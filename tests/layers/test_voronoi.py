from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

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
