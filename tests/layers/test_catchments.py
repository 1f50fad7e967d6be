from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import catchments
from layers.schema import VILLAGES
from tests import tiny_world

X, Y = tiny_world.X0, tiny_world.Y0


def _points(*rows):
    frame = pd.DataFrame(rows, columns=["unit_id", "name", "x_m", "y_m"])
    return frame.assign(commune_id="k00", data_date=None)


def test_points_at_one_place_are_one_village():
    found = catchments.merge_same_place(
        _points(("b", "Buôn B", X, Y), ("c", "Buôn A", X, Y), ("a", "Buôn A", X, Y), ("d", "D", X + 1, Y))
    )
    assert found["unit_id"].tolist() == ["a", "d"]
    assert found["name"].tolist() == ["Buôn A / Buôn B", "D"]
    assert found["hamlets"].tolist() == [3, 1]
    assert found["flags"].tolist() == [("merged_points",), ()]
    assert found[["x_m", "y_m"]].to_numpy().tolist() == [[X, Y], [X + 1, Y]]


def test_the_oldest_date_stands_for_all():
    days = [dt.date(2025, 1, 1), None, dt.date(1974, 1, 1)]
    assert catchments.oldest(days) == dt.date(1974, 1, 1)
    assert catchments.oldest([None]) is None
    points = _points(("a", "A", X, Y), ("b", "B", X, Y), ("c", "C", X, Y)).assign(data_date=days)
    assert catchments.merge_same_place(points)["data_date"].tolist() == [dt.date(1974, 1, 1)]


def test_the_order_of_rows_does_not_matter():
    points = _points(("b", "B", X, Y), ("a", "A", X, Y), ("c", "C", X + 5, Y))
    one, two = (catchments.merge_same_place(p) for p in (points, points.iloc[::-1]))
    pd.testing.assert_frame_equal(one, two)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=20))
def test_no_hamlet_is_lost(places):
    points = _points(*[(f"{n:03}", f"N{n}", X + x, Y + y) for n, (x, y) in enumerate(places)])
    found = catchments.merge_same_place(points)
    assert len(found) == len(set(places))
    assert found["hamlets"].sum() == len(places)
    assert sorted(name for names in found["name"] for name in names.split(" / ")) == sorted(points["name"])


def test_cells_are_cut_at_the_commune():
    villages = catchments.merge_same_place(_points(("a", "A", X + 1000, Y + 2000), ("b", "B", X + 3000, Y + 2000)))
    found = catchments.with_cells(villages, tiny_world.communes())
    assert found.geometry.area.tolist() == pytest.approx([8e6, 8e6])
    assert found.geometry.iloc[0].bounds == pytest.approx((X, Y, X + 2000, Y + 4000))


def test_a_commune_alone_stands_for_its_village():
    alone = catchments.communes_as_villages(tiny_world.communes().iloc[[3]])
    row = alone.iloc[0]
    assert (row["unit_id"], row["commune_id"], row["name"], row["hamlets"]) == ("k11", "k11", "Xã 11", 0)
    assert row["flags"] == ("commune_as_village",)
    assert row["geometry"].area == 16e6
    assert (row["x_m"], row["y_m"]) == (X + 6000, Y + 6000)
    assert set(alone.columns) == set(VILLAGES)


def test_large_cells_and_approximate_boundaries_are_flagged():
    communes = tiny_world.communes()
    communes["flags"] = [("approximate_boundary",), (), (), ()]
    villages = tiny_world.villages()
    found = catchments.flagged(villages, communes, coarse_above_km2=4.0)
    assert found["flags"].iloc[0] == ("approximate_boundary",)
    assert found["flags"].iloc[2] == ()
    found = catchments.flagged(villages, communes, coarse_above_km2=3.999)
    assert found["flags"].iloc[0] == ("approximate_boundary", "coarse_catchment")
    assert villages["flags"].iloc[0] == ()
