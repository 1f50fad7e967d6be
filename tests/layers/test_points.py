from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import Point

from layers import notes, points
from layers.errors import CrsError, LayerError


def test_a_table_of_degrees_becomes_points(csv):
    frame = points.read(csv("code,lon,lat", "007,108.1,12.7", "8,,12.7"), columns={})
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.loc[1] == Point(108.1, 12.7)
    assert frame.geometry.isna().tolist() == [False, True]
    assert frame["code"].tolist() == ["007", "8"]


def test_columns_may_have_other_names(csv):
    frame = points.read(
        csv("x,kinh do,vi do", "1,108.1,12.7"), columns={"lon": "kinh do", "lat": "vi do", "unit_id": "x"}
    )
    assert frame.geometry.loc[1] == Point(108.1, 12.7)


def test_a_table_may_be_in_vn2000_degrees_but_not_in_metres(csv):
    record = csv("lon,lat", "108.1,12.7")
    assert points.read(record, columns={}, source_crs="EPSG:4756").crs.to_epsg() == 4756
    with pytest.raises(CrsError, match="degrees"):
        points.read(record, columns={}, source_crs="EPSG:32649")


def test_every_coordinate_that_is_no_number_is_told(csv):
    with pytest.raises(LayerError) as caught:
        points.read(csv("lon,lat", "east,12.7", "108.1,north"), columns={})
    assert [(i.row, i.column) for i in caught.value.issues] == [(1, "lon"), (2, "lat")]


def test_notations_mixed_in_one_column_are_each_read_in_their_own(csv):
    frame = points.read(
        csv(
            "lon;lat",
            "108°14'30\"E;12°40'N",
            "108,5;12,75",
            "108.25;12 40 30",
            "108d30m;12d30m0s",
            "E108°14'30;12:40:00",
            "108-14-30;12° 40' 0'' B",
        ),
        columns={},
    )
    expected = [(108.241667, 12.666667), (108.5, 12.75), (108.25, 12.675), (108.5, 12.5)]
    expected += [(108.241667, 12.666667)] * 2
    assert [(round(p.x, 6), round(p.y, 6)) for p in frame.geometry] == expected
    assert {i.code for i in notes.of(frame)} == {"degrees_minutes", "mixed_decimal_signs"}
    assert all(i.severity == "warning" for i in notes.of(frame))


def test_a_table_without_coordinates_is_told(csv):
    with pytest.raises(LayerError) as caught:
        points.read(csv("long,lat", "1,2"), columns={})
    assert "Did you mean 'long'?" in str(caught.value)


def test_a_vector_file_brings_its_own_points(tmp_path, record_of):
    path = tmp_path / "p.gpkg"
    gpd.GeoDataFrame({"a": ["x"]}, geometry=[Point(108.1, 12.7)], crs="EPSG:4326").to_file(path)
    assert points.read(record_of(path), columns={}).geometry.loc[1] == Point(108.1, 12.7)


def test_degrees_minutes_and_seconds_mixed_with_decimals(csv):
    record = csv("lon;lat", "108°06'00\"E;12°42'N", "108,25;12,7")
    frame = points.read(record, columns={})
    assert frame.geometry.loc[1].x == pytest.approx(108.1)
    assert frame.geometry.loc[1].y == pytest.approx(12.7)
    codes = [i.code for i in notes.of(frame)]
    assert codes.count("degrees_minutes") == 2
