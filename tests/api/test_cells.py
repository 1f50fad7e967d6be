from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from api.cells import MAX_CELLS, cells
from api.places import places

IDS = ("a", "b")


def grid(*shapes):
    geometries = np.asarray(shapes, dtype=object)
    return cells(IDS[: len(shapes)], geometries, shapely.STRtree(geometries))


def test_a_cell_names_what_touches_it_in_the_order_of_the_table():
    found = grid(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1))
    assert found.near(0.5, 0.5).ids == ("a",)
    assert found.near(1.0, 0.5).ids == ("a", "b")
    assert found.near(2.0, 1.0).ids == ("b",)  # the corner of the bounds has a cell too


def test_outside_the_bounds_nothing_is_kept():
    found = grid(shapely.box(0, 0, 1, 1))
    assert [found.near(*point) for point in ((-1e-9, 0.5), (0.5, 1.1), (180.0, 90.0), (float("nan"), 0.5))] == [
        None
    ] * 4
    assert found._known == {}


def test_a_cell_is_filled_once():
    found = grid(shapely.box(0, 0, 1, 1))
    assert found.near(0.5, 0.5) is found.near(0.5, 0.5)


def test_units_without_an_extent_or_without_a_geometry():
    assert grid(shapely.Point(1, 1)).near(1, 1).ids == ("a",)
    assert grid(shapely.LineString([(0, 0), (0, 9)])).near(0, 5).ids == ("a",)
    assert grid(None).near(1, 1) is None
    assert grid().near(1, 1) is None


def test_no_question_makes_more_cells_than_there_are():
    for shape in (shapely.box(0, 0, 3, 2), shapely.box(0, 0, 1e-9, 50), shapely.LineString([(0, 0), (7, 0)])):
        found = grid(shape)
        west, south, east, north = found.bounds
        columns, rows = int((east - west) / found.side) + 1, int((north - south) / found.side) + 1
        assert columns * rows <= 1.1 * MAX_CELLS


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=20)
def test_on_every_corner_and_border_the_first_unit_of_the_table_answers(seed):
    """Squares side by side: each point of the lattice is a corner of up to four, where rounding would show."""
    numbers = np.random.Generator(np.random.PCG64(seed))
    west, south, side = numbers.uniform(-170, 170), numbers.uniform(-80, 80), numbers.uniform(1e-4, 1)
    xs, ys = west + side * np.arange(6), south + side * np.arange(6)
    shapes = [shapely.box(xs[i], ys[j], xs[i + 1], ys[j + 1]) for i in range(5) for j in range(5)]
    frame = gpd.GeoDataFrame({"unit_id": [f"{i:02}" for i in range(25)]}, geometry=shapes, crs="EPSG:4326")
    found = places(frame)
    for x in xs:
        for y in ys:
            holding = [i for i, shape in enumerate(shapes) if shapely.intersects_xy(shape, x, y)]
            assert found.at(float(x), float(y)) == f"{holding[0]:02}"
