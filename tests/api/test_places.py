from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from api.places import places

SQUARES = places(
    gpd.GeoDataFrame(
        {"unit_id": ["a", "b", "c", "d"]},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), None, shapely.box(0, 3, 1, 4)],
        crs="EPSG:4326",
    )
)


def test_a_point_is_in_one_unit():
    assert SQUARES.at(0.5, 0.5) == "a"
    assert SQUARES.at(1.5, 0.5) == "b"
    assert SQUARES.at(5.0, 5.0) is None


def test_on_a_shared_border_the_first_unit_answers_every_time():
    assert {SQUARES.at(1.0, 0.25) for _ in range(5)} == {"a"}
    assert SQUARES.at(0.0, 0.0) == "a"


def test_a_box_touches_units_by_their_shape():
    assert SQUARES.touching((0.2, 0.2, 0.8, 0.8)) == {"a"}
    assert SQUARES.touching((1.0, 1.0, 1.0, 3.5)) == {"a", "b", "d"}
    assert SQUARES.touching((0.0, 1.5, 5.0, 2.5)) == set()


def test_a_box_over_the_antimeridian():
    assert SQUARES.touching((1.5, 0.0, -170.0, 1.0)) == {"b"}
    assert SQUARES.touching((179.0, 0.0, 0.5, 1.0)) == {"a"}


def test_many_points_at_once():
    assert SQUARES.at_each([0.5, 1.0, 5.0, 1.5], [0.5, 0.25, 5.0, 0.5]) == ["a", "a", None, "b"]
    assert SQUARES.at_each([], []) == []


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=20)
def test_the_tree_agrees_with_trying_every_polygon(seed):
    numbers = np.random.Generator(np.random.PCG64(seed))
    centres = numbers.uniform(0, 10, (30, 2))
    shapes = [
        shapely.Point(x, y).buffer(r, quad_segs=3)
        for (x, y), r in zip(centres, numbers.uniform(0.1, 2, 30), strict=True)
    ]
    frame = gpd.GeoDataFrame({"unit_id": [f"{i:02}" for i in range(30)]}, geometry=shapes, crs="EPSG:4326")
    found = places(frame)
    asked = numbers.uniform(0, 10, (50, 2))
    assert found.at_each(asked[:, 0], asked[:, 1]) == [found.at(x, y) for x, y in asked]
    for x, y in asked:
        holding = [
            i for i, shape in zip(frame["unit_id"], shapes, strict=True) if shape.intersects(shapely.Point(x, y))
        ]
        assert found.at(x, y) == (holding[0] if holding else None)
