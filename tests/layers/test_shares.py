"""Areas in common with a region, against shapely's intersections."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from layers import shares
from layers.crs import CrsError
from tests import tiny_world

CRS = tiny_world.CRS


def series(*shapes):
    moved = [shapely.transform(s, lambda xy: xy * 1000.0 + [tiny_world.X0, tiny_world.Y0]) for s in shapes]
    return gpd.GeoSeries(moved, crs=CRS)


def oracle(areas, region):
    return shapely.area(shapely.intersection(areas.to_numpy(), shapely.union_all(region.to_numpy())))


def same(areas, region):
    found = shares.common_areas_m2(areas, region)
    assert found / 1e6 == pytest.approx(oracle(areas, region) / 1e6, abs=1e-9)
    return found


def test_by_hand():
    areas = series(box(0, 0, 2, 2), box(5, 5, 6, 6), box(1.5, 1.5, 1.75, 1.75), Polygon(), box(-9, -9, 9, 9))
    region = series(box(1, 1, 3, 3))
    assert same(areas, region) / 1e6 == pytest.approx([1, 0, 0.0625, 0, 4])
    found = shares.polygon_shares(areas, region)
    assert found[[0, 1, 2, 4]] == pytest.approx([0.25, 0, 1, 4 / 324])
    assert np.isnan(found[3])


def test_what_two_polygons_cover_counts_once():
    areas = series(box(0, 0, 4, 4))
    region = series(box(0, 0, 2, 2), box(1, 1, 3, 3), box(1, 1, 3, 3), box(3, 3, 4, 4), box(0.5, 0.5, 1, 1))
    assert same(areas, region)[0] / 1e6 == pytest.approx(4 + 4 - 1 + 1)


def test_neighbours_that_touch_are_not_united(monkeypatch):
    monkeypatch.setattr(shapely, "union_all", None)
    region = series(box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 1, 3, 2))
    found = shares.common_areas_m2(series(box(0.5, 0.5, 2.5, 1.5)), region)
    assert found[0] / 1e6 == pytest.approx(0.75 + 0.25)


def test_no_region_and_no_area():
    assert shares.common_areas_m2(series(box(0, 0, 1, 1)), series(Polygon())).tolist() == [0.0]
    assert shares.common_areas_m2(series(box(0, 0, 1, 1)), gpd.GeoSeries([], crs=CRS)).tolist() == [0.0]
    assert shares.common_areas_m2(gpd.GeoSeries([], crs=CRS), series(box(0, 0, 1, 1))).size == 0


def test_holes_on_both_sides_and_rings_of_either_direction():
    ring = box(0, 0, 6, 6).difference(box(2, 2, 4, 4))
    same(series(ring, shapely.reverse(ring), box(1, 1, 5, 5)), series(box(1, 1, 5, 5).difference(box(3, 1.5, 4.5, 3))))
    same(series(MultiPolygon([box(0, 0, 1, 1), box(3, 3, 5, 5)])), series(shapely.reverse(ring)))


CORNERS = st.one_of(st.integers(-1, 7).map(float), st.floats(-2, 8, allow_nan=False).map(lambda x: round(x, 4)))
SHAPES = st.lists(st.tuples(CORNERS, CORNERS), min_size=3, max_size=10).map(
    lambda points: shapely.make_valid(Polygon(points)).buffer(0)
)


@settings(deadline=None, max_examples=200)
@given(
    areas=st.lists(SHAPES, min_size=1, max_size=4),
    region=st.lists(SHAPES, min_size=1, max_size=4),
    vertices_per_cell=st.sampled_from([0.01, 0.3, 1.0, 100.0]),
)
def test_any_polygons_against_shapely(areas, region, vertices_per_cell):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shares, "VERTICES_PER_CELL", vertices_per_cell)
        same(series(*areas), series(*region))


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 2**16))
def test_vertices_on_grid_lines(seed):
    """Whole numbers on a grid whose lines are whole numbers: every case of touching."""
    random = np.random.default_rng(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shares, "_grid", lambda _: (np.array([tiny_world.X0, tiny_world.Y0]) - 2000.0, 1000.0, 12, 12))
        shapes = [shapely.make_valid(Polygon(random.integers(0, 8, size=(7, 2)))).buffer(0) for _ in range(6)]
        same(series(*shapes[:4], box(-50, -50, 3, 60)), series(*shapes[4:]))


@pytest.mark.parametrize("far", [1e3, 1e6, 1e9])
def test_areas_far_larger_than_the_region(far):
    areas = series(
        box(-far, -far, far, far), box(-far, -far, 1, far), box(-far, 0.5, far, 0.75), box(3, -far, far, far)
    )
    region = series(Point(1, 1).buffer(1), box(2, 2, 3, 3))
    found = shares.common_areas_m2(areas, region) / 1e6
    assert found == pytest.approx(oracle(areas, region) / 1e6, rel=1e-6 if far > 1e6 else 1e-9, abs=1e-6)


def test_a_region_long_and_thin():
    region = series(box(0, 0, 900, 1e-3), box(0, 1, 900, 1.001))
    same(series(box(10, -1, 20, 5), box(0, 0, 1, 0.0005)), region)


def test_faults():
    with pytest.raises(CrsError, match="metres"):
        shares.common_areas_m2(series(box(0, 0, 1, 1)).to_crs(4326), series(box(0, 0, 1, 1)).to_crs(4326))
    with pytest.raises(CrsError, match="share one"):
        shares.common_areas_m2(series(box(0, 0, 1, 1)), series(box(0, 0, 1, 1)).to_crs("EPSG:32648"))
    with pytest.raises(ValueError, match="areas"):
        shares.common_areas_m2(gpd.GeoSeries([None], crs=CRS), series(box(0, 0, 1, 1)))
    with pytest.raises(ValueError, match="region"):
        shares.common_areas_m2(series(box(0, 0, 1, 1)), gpd.GeoSeries([Point(0, 0)], crs=CRS))
