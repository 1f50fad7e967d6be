from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import Point

from layers import coverage
from layers.errors import CrsError, LayerError
from layers.schema import COVERAGE
from tests import tiny_world


@pytest.fixture
def load(tmp_path, record_of):
    def do(frame, *, operator=None, columns=None, synthetic=False, source_crs=None):
        path = tmp_path / "coverage.gpkg"
        frame.to_file(path)
        return coverage.load(
            record_of(path, synthetic=synthetic),
            columns=columns or {},
            source_crs=source_crs,
            layer_name=None,
            crs=tiny_world.CRS,
            operator=operator,
            technology="4G",
            evidence="declared",
        )

    return do


def _squares(*geometries, crs=tiny_world.CRS, **columns):
    shapes = list(geometries) or [tiny_world.square(0, 0), tiny_world.square(1, 1)]
    return gpd.GeoDataFrame({"n": range(len(shapes)), **columns}, geometry=shapes, crs=crs)


def test_one_operator_says_yes_everywhere(load):
    layer = load(_squares(), operator="Viettel")
    assert list(layer.frame.columns) == list(COVERAGE)
    assert set(layer.frame["operator"]) == {"Viettel"}
    assert set(layer.frame["signal"]) == {"yes"}
    assert not layer.frame["synthetic"].any()
    assert layer.frame.crs.to_string() == tiny_world.CRS
    assert layer.frame.geometry.area.sum() == pytest.approx(8e6)


def test_several_operators_and_what_they_say(load):
    layer = load(_squares(op=["B", "A"], says=["no", None]), columns={"operator": "op", "signal": "says"})
    assert layer.frame[["operator", "signal"]].to_numpy().tolist() == [["A", "yes"], ["B", "no"]]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"op": ["any", "A"]}, "reserved_operator"),
        ({"op": [None, "A"]}, "empty"),
        ({"op": ["A", "A"], "signal": ["maybe", "yes"]}, "unknown_word"),
    ],
)
def test_faults_stop(load, columns, code):
    with pytest.raises(LayerError) as caught:
        load(_squares(**columns), columns={"operator": "op"})
    assert [(i.row, i.code) for i in caught.value.issues] == [(1, code)]


def test_an_operator_comes_from_one_place(load):
    with pytest.raises(LayerError, match="one of them"):
        load(_squares(op=["A", "B"]), operator="A", columns={"operator": "op"})
    with pytest.raises(LayerError, match="'operator'"):
        load(_squares())


def test_the_plans_operator_stands_above_a_column_of_that_name(load):
    assert set(load(_squares(operator=["A", "B"]), operator="V").frame["operator"]) == {"V"}


def test_points_are_no_coverage(load):
    with pytest.raises(LayerError, match="Polygon"):
        load(_squares(Point(tiny_world.X0, tiny_world.Y0)), operator="V")


def test_rows_without_geometry_are_listed(load):
    layer = load(_squares(tiny_world.square(0, 0), None), operator="V")
    assert (len(layer.frame), layer.rows_read, layer.set_aside["row"].tolist()) == (1, 2, [2])


def test_a_layer_without_polygons_is_doubtful(load):
    layer = load(_squares(None), operator="V")
    assert "no_rows" in [i.code for i in layer.issues]
    assert layer.frame.empty
    assert list(layer.frame.columns) == list(COVERAGE)


def test_no_crs_no_coverage(tmp_path, record_of):
    path = tmp_path / "coverage.parquet"
    _squares(crs=None).to_parquet(path)
    with pytest.raises(CrsError, match=r"coverage.parquet: .*coordinate reference system"):
        coverage.load(
            record_of(path),
            columns={},
            source_crs=None,
            layer_name=None,
            crs=tiny_world.CRS,
            operator="V",
            technology="4G",
            evidence="declared",
        )
