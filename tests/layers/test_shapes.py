from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, Point, Polygon, box

from layers import readers, shapes
from layers.catalog import Record
from layers.errors import CrsError
from tests import tiny_world

CRS = tiny_world.CRS
RECORD = Record(layer="communes", file="communes.gpkg")
X, Y = tiny_world.X0, tiny_world.Y0


def _frame(*geometries, crs=CRS):
    frame = gpd.GeoDataFrame({"code": [str(n) for n in range(len(geometries))]}, geometry=list(geometries), crs=crs)
    frame.index = np.arange(1, len(frame) + 1)
    return frame


def _place(*geometries, crs=CRS, kind="polygon", plan=CRS):
    return shapes.place(_frame(*geometries, crs=crs), crs=plan, kind=kind, record=RECORD)


def test_good_polygons_pass_as_they_are():
    placed = _place(tiny_world.square(0, 0), tiny_world.square(1, 1))
    assert placed.issues == ()
    assert placed.set_aside.empty
    assert placed.geometry.index.tolist() == [1, 2]
    assert placed.geometry.area.tolist() == [4e6, 4e6]


def test_degrees_become_metres():
    placed = _place(box(108.0, 12.6, 108.01, 12.61), crs="EPSG:4326")
    assert placed.geometry.crs.to_string() == CRS
    assert placed.geometry.area.iloc[0] == pytest.approx(1086 * 1107, rel=0.01)


def test_the_plan_needs_metres():
    with pytest.raises(CrsError, match="metres"):
        _place(tiny_world.square(0, 0), plan="EPSG:4326")


def test_rows_without_geometry_are_set_aside_and_told():
    placed = _place(None, tiny_world.square(0, 0), Polygon())
    assert placed.geometry.index.tolist() == [2]
    assert placed.set_aside["row"].tolist() == [1, 3]
    assert set(placed.set_aside["reason"]) == {"no geometry"}
    assert [(i.row, i.code, i.severity) for i in placed.issues] == [
        (1, "no_geometry", "warning"),
        (3, "no_geometry", "warning"),
    ]


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [("polygon", Point(X, Y)), ("point", MultiPoint([(X, Y), (X + 1, Y)])), ("line", box(X, Y, X + 1, Y + 1))],
)
def test_another_kind_of_geometry_is_a_fault(kind, wrong):
    placed = _place(wrong, kind=kind)
    assert [(i.row, i.code) for i in placed.issues] == [(1, "other_kind")]
    assert placed.geometry.empty


def test_lines_pass_as_lines():
    assert _place(LineString([(X, Y), (X + 9, Y)]), kind="line").issues == ()


def test_swapped_axes_are_named():
    placed = _place(box(12.6, 108.0, 12.7, 108.1), box(108.0, 12.6, 108.1, 12.7), crs="EPSG:4326")
    assert [(i.row, i.code) for i in placed.issues] == [(1, "swapped")]
    assert placed.geometry.index.tolist() == [2]
    assert "12.6 to 12.7" in str(placed.issues[0])


@pytest.mark.parametrize(
    "where", [box(-74, 40, -73, 41), box(200_000, 1_400_000, 201_000, 1_401_000), Point(0, 0).buffer(1)]
)
def test_what_lies_outside_the_region_is_a_fault(where):
    placed = _place(where, crs="EPSG:4326")
    assert (1, "outside_region") in [(i.row, i.code) for i in placed.issues]
    assert placed.geometry.empty


def test_infinite_coordinates_are_outside():
    assert [i.code for i in _place(Point(np.inf, 12.0), kind="point", crs="EPSG:4326").issues] == ["outside_region"]


def test_a_small_fault_is_repaired_and_told_with_both_areas():
    # a square of 4 km² with a spike of a crossed triangle, 1 m²
    bow = Polygon(
        [
            (X, Y),
            (X + 2000, Y),
            (X + 2000, Y + 2000),
            (X + 1, Y + 2000),
            (X - 1, Y + 2001),
            (X - 1, Y + 2000),
            (X + 1, Y + 2001),
            (X, Y + 1999),
        ]
    )
    assert not bow.is_valid
    placed = _place(bow)
    issue = placed.issues[0]
    assert (issue.code, issue.severity, issue.row) == ("repaired_geometry", "warning", 1)
    assert "km² before" in issue.value
    assert "self-intersection" in issue.rule
    assert placed.geometry.is_valid.all()
    assert placed.geometry.area.iloc[0] == pytest.approx(4e6, rel=shapes.MAX_REPAIR_SHARE)
    assert 107 < issue.lon < 109


def test_a_bow_tie_is_a_fault_since_nobody_knows_what_it_meant():
    bow = Polygon([(X, Y), (X + 1000, Y + 1000), (X + 1000, Y), (X, Y + 1000)])
    placed = _place(bow, tiny_world.square(3, 3))
    assert [(i.row, i.code, i.severity) for i in placed.issues] == [(1, "invalid_geometry", "error")]
    assert placed.geometry.index.tolist() == [2]


def test_a_polygon_without_area_is_a_fault():
    assert _place(Polygon([(X, Y), (X + 1, Y), (X + 2, Y)])).issues[0].code == "invalid_geometry"


def test_the_input_is_left_alone():
    frame = _frame(None, Polygon([(X, Y), (X + 1000, Y + 1000), (X + 1000, Y), (X, Y + 1000)]))
    before = frame.copy(deep=True)
    shapes.place(frame, crs=CRS, kind="polygon", record=RECORD)
    assert frame.geometry.to_wkb().equals(before.geometry.to_wkb())


def test_a_layer_without_rows():
    placed = _place()
    assert placed.geometry.empty
    assert placed.issues == ()


def test_points_find_their_polygon_and_a_border_belongs_to_the_first():
    polygons = tiny_world.villages().geometry
    found = shapes.containing([X + 1, X + 2000, X - 1, X + 7999], [Y + 1, Y + 1000, Y, Y + 7999], polygons)
    assert found.tolist() == [0, 0, -1, 15]
    assert shapes.containing([], [], polygons).tolist() == []


def _overlaps(*polygons):
    frame = _frame(*polygons)
    return shapes.overlaps(frame.geometry, ids=frame["code"], record=RECORD)


def test_neighbours_do_not_overlap():
    assert _overlaps(*tiny_world.villages().geometry) == []
    assert _overlaps() == []
    assert _overlaps(tiny_world.square(0, 0)) == []


def test_an_overlap_is_told_with_its_area():
    found = _overlaps(tiny_world.square(0, 0), tiny_world.square(0, 0.75), tiny_world.square(3, 3))
    assert [(i.row, i.severity, i.value) for i in found] == [(1, "warning", "'0' and '1' share 1.000000 km²")]
    assert "25.0%" in found[0].rule


def test_the_same_polygon_twice_is_a_fault():
    found = _overlaps(tiny_world.square(1, 1), tiny_world.square(0, 0, rows=4, columns=4), tiny_world.square(1, 1))
    assert [(i.row, i.severity) for i in found] == [(1, "error"), (1, "error"), (2, "error")]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.floats(-3000, 11000), st.floats(-3000, 11000)), min_size=1, max_size=20))
def test_containing_agrees_with_asking_one_by_one(offsets):
    polygons = tiny_world.villages().geometry
    x, y = np.array(offsets).T
    found = shapes.containing(X + x, Y + y, polygons)
    for x_m, y_m, position in zip(X + x, Y + y, found, strict=True):
        holding = [n for n, p in enumerate(polygons) if p.intersects(Point(x_m, y_m))]
        assert position == (holding[0] if holding else -1)


@pytest.mark.real
def test_real_damaged_layers_are_caught(real_data, record_of):
    derived = real_data / "adversarial" / "derived"
    for name, code in (("swapped_lat_lon", "swapped"), ("vn2000_metres_labelled_wgs84", "metres_as_degrees")):
        record = record_of(derived / f"{name}.geojson")
        frame = readers.read_vector(record)
        placed = shapes.place(frame, crs=CRS, kind="polygon", record=record)
        assert code in {i.code for i in placed.issues} <= {code, "outside_region", "doubtful_crs"}
        assert len({i.row for i in placed.issues} - {None}) == len(frame) == 30


@pytest.mark.real
def test_real_geometry_defects_are_all_said(real_data, record_of):
    record = record_of(real_data / "adversarial/derived/communes_geometry_defects.geojson")
    frame = readers.read_vector(record)
    placed = shapes.place(frame, crs=CRS, kind="polygon", record=record)
    told = dict(zip(frame["defect"], range(1, 11), strict=True))
    said = {i.row: i.code for i in placed.issues}
    assert said[told["bowtie"]] in {"invalid_geometry", "repaired_geometry"}
    assert placed.geometry.is_valid.all()
    assert (
        len(placed.geometry) + len({i.row for i in placed.issues if i.severity == "error"}) + len(placed.set_aside)
        == 10
    )


@pytest.mark.real
def test_the_real_invalid_wards_are_repaired_or_refused(real_data, record_of):
    for path in sorted((real_data / "adversarial" / "vn_invalid_wards").glob("*.geojson")):
        record = record_of(path)
        placed = shapes.place(readers.read_vector(record), crs=CRS, kind="polygon", record=record)
        assert [i.row for i in placed.issues] == [1]
        assert placed.issues[0].code in {"repaired_geometry", "invalid_geometry"}


def test_overlaps_and_gaps_have_a_place(record_of, tmp_path):
    record = record_of(tmp_path / "c.gpkg")
    west, south = 200_000, 1_400_000
    ring = [box(west, south, west + 100, south + 300), box(west + 200, south, west + 300, south + 300)]
    ring += [box(west + 100, south, west + 200, south + 100), box(west + 100, south + 200, west + 200, south + 300)]
    closed = gpd.GeoSeries(ring, index=[1, 2, 3, 4], crs=CRS)
    (gap,) = shapes.gaps(closed, record=record)
    assert (gap.code, gap.value, gap.severity) == ("gap", "0.010000 km²", "warning")
    x, y = gpd.GeoSeries([Point(gap.lon, gap.lat)], crs=4326).to_crs(CRS).iloc[0].coords[0]
    assert (x, y) == pytest.approx((west + 150, south + 150), abs=1)
    assert not shapes.gaps(closed.iloc[:2], record=record)
    double = gpd.GeoSeries([ring[0], ring[0].buffer(5)], index=[1, 2], crs=CRS)
    (overlap,) = shapes.overlaps(double, ids=pd.Series(["a", "b"], index=[1, 2]), record=record)
    assert overlap.lon is not None
