from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from layers import pieces

CELLS = np.array([box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 0, 30, 10)], dtype=object)


def array(*geometries) -> np.ndarray:
    found = np.empty(len(geometries), dtype=object)
    found[:] = geometries
    return found


def random_polygons(seed: int, count: int) -> np.ndarray:
    """Blobs and boxes, some of them on the cells' borders."""
    rng = np.random.default_rng(seed)
    x, y, r = rng.uniform(-2, 32, count), rng.uniform(-2, 12, count), rng.uniform(0.5, 9, count)
    discs = shapely.buffer(shapely.points(x, y), r, quad_segs=3)
    boxes = shapely.box(np.round(x), np.round(y), np.round(x + r) + 1, np.round(y + r) + 1)
    return np.where(rng.random(count) < 0.5, discs, boxes)


def test_what_lies_inside_is_united_and_what_only_touches_is_left():
    found = pieces.inside(CELLS, array(box(5, 0, 10, 10), box(0, 0, 6, 10), box(30, 0, 40, 10)))
    assert shapely.area(found).tolist() == [100, 0, 0]
    assert found[1].is_empty


def test_a_cell_that_is_covered_is_itself():
    found = pieces.inside(CELLS, array(box(-5, -5, 25, 25)))
    assert found[0] is CELLS[0]
    assert found[1] is CELLS[1]
    assert shapely.area(found[2]) == 50


def test_no_polygons_cover_nothing():
    found = pieces.inside(CELLS, np.array([], dtype=object))
    assert shapely.is_empty(found).all()


def test_minus_common_and_union_by_cell():
    one = array(box(0, 0, 10, 10), box(10, 0, 15, 10), Polygon())
    other = array(box(0, 0, 4, 10), Polygon(), box(20, 0, 22, 10))
    assert shapely.area(pieces.minus(one, other)).tolist() == [60, 50, 0]
    assert shapely.area(pieces.common(one, other)).tolist() == [40, 0, 0]
    assert shapely.area(pieces.union(CELLS, [one, other])).tolist() == [100, 50, 20]


def test_the_arguments_are_not_changed():
    one, other = CELLS.copy(), array(*[box(0, 0, 30, 5)] * 3)
    pieces.minus(one, other)
    pieces.union(CELLS, [one, other])
    assert all(a is b for a, b in zip(one, CELLS, strict=True))


@settings(deadline=None, max_examples=400)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 12))
def test_areas_equal_those_of_shapely_one_by_one(seed, count):
    first, second = random_polygons(seed, count), random_polygons(seed + 1, count)
    a, b = pieces.inside(CELLS, first), pieces.inside(CELLS, second)
    one, other = shapely.union_all(first), shapely.union_all(second)
    for k, cell in enumerate(CELLS):
        # whole polygons before the cell: GEOS overlays no collections in which lines are left over from touching
        x, y, either = (whole.intersection(cell).area for whole in (one, other, one.union(other)))
        assert a[k].area == pytest.approx(x, abs=1e-9)
        assert pieces.minus(a, b)[k].area == pytest.approx(one.difference(other).intersection(cell).area, abs=1e-9)
        assert pieces.common(a, b)[k].area == pytest.approx(x + y - either, abs=1e-9)
        assert pieces.union(CELLS, [a, b])[k].area == pytest.approx(either, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 8))
def test_zones_cut_pieces_as_shapely_does_one_by_one(seed, count):
    zones = pieces.Zones.round(CELLS, x_m=np.array([5.0, 12.0, 40.0]), y_m=np.array([5.0, 1.0, 5.0]), radii_m=(2, 8, 4))
    part = pieces.inside(CELLS, random_polygons(seed, count))
    found = zones.cut(part)
    for row, radius in enumerate((None, 8, 4, 2)):
        for k, (x, y) in enumerate([(5, 5), (12, 1), (40, 5)]):
            zone = CELLS[k] if radius is None else Point(x, y).buffer(radius, quad_segs=16).intersection(CELLS[k])
            assert zones.sizes[row, k] == pytest.approx(zone.area, abs=1e-9)
            assert found[row, k] == pytest.approx(zone.intersection(part[k]).area, abs=1e-9)


def test_a_cell_in_pieces_stays_one_cell():
    cells = array(MultiPolygon([box(0, 0, 1, 1), box(5, 0, 6, 1)]))
    found = pieces.inside(cells, array(box(0, 0, 10, 0.5)))
    assert found[0].area == pytest.approx(1.0)
    assert found[0].geom_type == "MultiPolygon"


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_polygon_of_many_vertices_is_cut_like_any_other(seed):
    rng = np.random.default_rng(seed)
    side = int(rng.integers(5, 9))
    cells = array(*(box(10 * x, 10 * y, 10 * x + 10, 10 * y + 10) for x in range(side) for y in range(side)))
    centres = shapely.points(rng.uniform(0, 10 * side, (40, 2)))
    blobs = shapely.buffer(centres, rng.uniform(1, 9, 40), quad_segs=40)
    united = shapely.union_all(blobs)
    sea = box(-50, -50, 10 * side + 50, 10 * side + 50).difference(united)  # one polygon of many holes
    assert shapely.get_num_coordinates(sea) > pieces.MANY_VERTICES
    found, rest = pieces.inside(cells, blobs), pieces.inside(cells, array(sea))
    assert shapely.area(found) == pytest.approx(shapely.area(shapely.intersection(cells, united)), abs=1e-9)
    assert shapely.area(found) + shapely.area(rest) == pytest.approx(shapely.area(cells), abs=1e-9)
    assert shapely.is_valid(found).all()
    covered = shapely.covers(united, cells)
    assert [a is b for a, b in zip(found, cells, strict=True)] == covered.tolist()


def test_the_box_round_some_cells_holds_all_that_they_find():
    ring = Point(10, 5).buffer(30, quad_segs=200).difference(Point(10, 5).buffer(4, quad_segs=200))
    few = pieces.within(array(ring, box(100, 0, 110, 10)), CELLS[:2])
    assert shapely.get_num_coordinates(few).sum() < shapely.get_num_coordinates(ring)
    assert shapely.area(pieces.inside(CELLS[:2], few)) == pytest.approx(
        shapely.area(shapely.intersection(CELLS[:2], ring)), abs=1e-9
    )
