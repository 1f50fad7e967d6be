from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point, Polygon, box

from layers import boundaries, population
from layers.catalog import Record
from layers.errors import CrsError, LayerError
from layers.schema import COMMUNES, OUTLINE, PLACES, VILLAGES
from tests import tiny_world

X, Y, CRS = tiny_world.X0, tiny_world.Y0, tiny_world.CRS


@pytest.fixture
def communes_file(tmp_path, record_of):
    """Write communes and return their record."""

    def write(frame=None):
        path = tmp_path / "communes.gpkg"
        (tiny_world.communes().drop(columns=["flags", "data_date"]) if frame is None else frame).to_file(path)
        return record_of(path)

    return write


def _communes(record, *, approximate=False, **columns):
    return boundaries.load_communes(
        record, columns=columns, source_crs=None, layer_name=None, crs=CRS, approximate=approximate
    )


def _villages(record, *, kind="points", same_place="error", alone="error", coarse=100.0, communes=None, **columns):
    return boundaries.load_villages(
        record,
        columns=columns,
        source_crs=None,
        layer_name=None,
        crs=CRS,
        communes=tiny_world.communes() if communes is None else communes,
        kind=kind,
        same_place=same_place,
        commune_without_village=alone,
        coarse_above_km2=coarse,
    )


def _row(unit_id, name, x_m, y_m, *more):
    point = gpd.GeoSeries([Point(x_m, y_m)], crs=CRS).to_crs(4326).iloc[0]
    return ",".join([unit_id, name, repr(point.x), repr(point.y), *more])


FOUR = [
    _row("a", "A", X + 1000, Y + 2000),
    _row("b", "B", X + 5000, Y + 2000),
    _row("c", "C", X + 1000, Y + 6000),
    _row("d", "D", X + 5000, Y + 6000),
]
HEADER = "unit_id,name,lon,lat"


def _codes(layer_or_error):
    return [(i.row, i.code) for i in layer_or_error.issues]


def test_communes_come_in_the_order_of_ids(communes_file):
    layer = _communes(communes_file(tiny_world.communes()[["unit_id", "name", "geometry"]].iloc[::-1]))
    assert list(layer.frame.columns) == list(COMMUNES)
    assert layer.frame["unit_id"].tolist() == ["k00", "k01", "k10", "k11"]
    assert layer.frame.geometry.area.tolist() == [16e6] * 4
    assert layer.frame["data_date"].tolist() == [tiny_world.DATE] * 4
    assert layer.frame["flags"].tolist() == [()] * 4
    assert (layer.rows_read, layer.record.crs, layer.issues) == (4, CRS, ())


def test_approximate_boundaries_are_flagged(communes_file):
    assert set(_communes(communes_file(), approximate=True).frame["flags"]) == {("approximate_boundary",)}


def test_all_faults_of_a_file_are_told_at_once(communes_file):
    frame = tiny_world.communes()[["unit_id", "name", "geometry"]]
    frame["unit_id"] = ["k00", "k00", None, "k11"]
    frame.loc[3, "geometry"] = Polygon([(X, Y), (X + 1000, Y + 1000), (X + 1000, Y), (X, Y + 1000)])
    with pytest.raises(LayerError) as caught:
        _communes(communes_file(frame))
    assert sorted(_codes(caught.value)) == [
        (1, "repeated_id"),
        (2, "repeated_id"),
        (3, "empty"),
        (4, "invalid_geometry"),
    ]


def test_communes_without_a_crs_stop(tmp_path, record_of):
    path = tmp_path / "communes.parquet"
    tiny_world.communes()[["unit_id", "name", "geometry"]].set_crs(None, allow_override=True).to_parquet(path)
    with pytest.raises(CrsError, match="coordinate reference system"):
        _communes(record_of(path))


def test_communes_need_a_row(communes_file):
    frame = tiny_world.communes()[["unit_id", "name", "geometry"]].iloc[:1]
    frame["geometry"] = [None]
    with pytest.raises(LayerError, match="at least one row"):
        _communes(communes_file(frame))


def test_number_codes_stay_text(communes_file):
    frame = tiny_world.communes()[["name", "geometry"]].assign(code=np.array([7, 8, 9, 10]))
    assert _communes(communes_file(frame), unit_id="code").frame["unit_id"].tolist() == ["10", "7", "8", "9"]


def test_a_point_owns_its_commune_when_it_is_alone(csv):
    layer = _villages(csv(HEADER, *FOUR))
    assert list(layer.frame.columns) == list(VILLAGES)
    assert layer.frame["commune_id"].tolist() == ["k00", "k01", "k10", "k11"]
    assert layer.frame.geometry.area.tolist() == pytest.approx([16e6] * 4)
    assert layer.frame["x_m"].tolist() == pytest.approx([X + 1000, X + 5000, X + 1000, X + 5000], abs=0.001)
    assert layer.frame["hamlets"].tolist() == [1] * 4
    assert layer.issues == ()


def test_two_points_share_their_commune_along_the_bisector(csv):
    layer = _villages(csv(HEADER, *FOUR, _row("e", "E", X + 3000, Y + 2000)), coarse=7.9)
    found = layer.frame.set_index("unit_id")
    assert found.loc[["a", "e"], "geometry"].area.tolist() == pytest.approx([8e6, 8e6], rel=1e-6)
    assert set(found["flags"]) == {("coarse_catchment",)}
    assert (
        found.loc["a", "geometry"]
        .union(found.loc["e", "geometry"])
        .symmetric_difference(tiny_world.square(0, 0, rows=2, columns=2))
        .area
        < 1
    )


def test_hamlets_at_one_place_are_merged_or_refused(csv):
    record = csv(HEADER, *FOUR, _row("0a", "Buôn Z", X + 1000, Y + 2000))
    with pytest.raises(LayerError) as caught:
        _villages(record)
    assert _codes(caught.value) == [(1, "same_place"), (5, "same_place")]
    row = _villages(record, same_place="merge").frame.iloc[0]
    assert (row["unit_id"], row["name"], row["hamlets"], row["flags"]) == ("0a", "Buôn Z / A", 2, ("merged_points",))


def test_a_commune_without_a_village_is_its_own_or_a_fault(csv):
    record = csv(HEADER, *FOUR[:3])
    with pytest.raises(LayerError, match=r"k11.*every commune has a village"):
        _villages(record)
    layer = _villages(record, alone="commune", coarse=15.0)
    row = layer.frame.set_index("unit_id").loc["k11"]
    assert (row["commune_id"], row["name"], row["hamlets"]) == ("k11", "Xã 11", 0)
    assert row["flags"] == ("coarse_catchment", "commune_as_village")
    assert [(i.code, i.severity) for i in layer.issues] == [("no_village", "info")]


def test_a_village_may_not_take_the_id_of_such_a_commune(csv):
    rows = [FOUR[0].replace("a,A", "k11,A"), *FOUR[1:3]]
    with pytest.raises(LayerError, match="stands for its own village"):
        _villages(csv(HEADER, *rows), alone="commune")


def test_points_outside_every_commune_are_set_aside_and_told(csv):
    layer = _villages(csv(HEADER, *FOUR, _row("x", "Far", X - 5000, Y), "y,Nowhere,,"))
    assert layer.frame["unit_id"].tolist() == ["a", "b", "c", "d"]
    assert layer.set_aside[["row", "reason"]].to_numpy().tolist() == [[5, "outside every commune"], [6, "no geometry"]]
    assert layer.set_aside["unit_id"].tolist() == ["x", "y"]
    assert sorted(_codes(layer)) == [(5, "outside_communes"), (6, "no_geometry")]
    assert layer.rows_read == 6


def test_the_named_commune_is_kept_and_a_mismatch_told(csv):
    rows = [f"{row},{code}" for row, code in zip(FOUR, ["k00", "k01", "k10", "k11"], strict=True)]
    layer = _villages(csv(f"{HEADER},code", *rows, _row("e", "E", X + 4100, Y + 2000, "k00")), commune_id="code")
    assert _codes(layer) == [(5, "commune_mismatch")]
    assert "lies in 'k01'" in str(layer.issues[0])
    assert layer.frame.set_index("unit_id").loc["e", "commune_id"] == "k00"
    assert layer.frame.geometry.area.groupby(layer.frame["commune_id"]).sum().tolist() == pytest.approx([16e6] * 4)


def test_a_point_with_no_part_of_its_named_commune_stops(csv):
    rows = [f"{row},{code}" for row, code in zip(FOUR, ["k00", "k01", "k10", "k11"], strict=True)]
    # nearer to k00 than 'e' are, everywhere in k00, 'a' and its like
    with pytest.raises(LayerError, match="some part of the commune"):
        _villages(
            csv(
                f"{HEADER},commune_id",
                *rows,
                _row("f", "F", X + 3999, Y + 2000, "k00"),
                _row("e", "E", X + 7900, Y + 2000, "k00"),
            )
        )


def test_an_unknown_commune_stops_with_the_nearest(csv):
    rows = [f"{FOUR[0]},k0", *(f"{row}," for row in FOUR[1:])]
    with pytest.raises(LayerError, match=r"row 1, column 'code': found 'k0'.*Did you mean 'k"):
        _villages(csv(f"{HEADER},code", *rows), commune_id="code")


def test_swapped_degrees_stop(csv):
    with pytest.raises(LayerError, match="swapped"):
        _villages(csv("unit_id,name,lat,lon", *FOUR))


def test_polygons_keep_their_shape_and_get_a_point_inside(tmp_path, record_of):
    path = tmp_path / "villages.gpkg"
    tiny_world.villages()[["unit_id", "name", "geometry"]].iloc[::-1].to_file(path)
    layer = _villages(record_of(path), kind="polygons", coarse=1.0)
    expected = tiny_world.villages()
    pd.testing.assert_frame_equal(
        pd.DataFrame(layer.frame.drop(columns="geometry")), pd.DataFrame(expected.drop(columns="geometry"))
    )
    assert layer.frame.geometry.geom_equals(expected.geometry).all()


def test_a_polygon_with_its_middle_outside_gets_a_point_inside(tmp_path, record_of):
    horseshoe = box(X, Y, X + 3000, Y + 3000) - box(X + 1000, Y + 1000, X + 3000, Y + 2000)
    path = tmp_path / "villages.gpkg"
    gpd.GeoDataFrame({"unit_id": ["h"], "name": ["H"]}, geometry=[horseshoe], crs=CRS).to_file(path)
    row = _villages(record_of(path), kind="polygons", alone="commune").frame.set_index("unit_id").loc["h"]
    assert horseshoe.contains(Point(row["x_m"], row["y_m"]))


def test_cells_take_the_flag_of_an_approximate_commune(csv):
    communes = tiny_world.communes()
    communes["flags"] = [("approximate_boundary",)] * 4
    assert set(_villages(csv(HEADER, *FOUR), communes=communes).frame["flags"]) == {("approximate_boundary",)}


def test_outline_and_places(tmp_path, csv, record_of):
    path = tmp_path / "outline.geojson"
    gpd.GeoDataFrame({"x": [1]}, geometry=[tiny_world.square(0, 0, rows=4, columns=4)], crs=CRS).to_crs(4326).to_file(
        path
    )
    common = {"source_crs": None, "layer_name": None, "crs": CRS}
    outline = boundaries.load_outline(record_of(path), columns={}, **common)
    assert list(outline.frame.columns) == list(OUTLINE)
    assert outline.frame["name"].tolist() == [""]
    assert outline.frame.geometry.area.sum() == pytest.approx(64e6, rel=1e-3)
    places = boundaries.load_places(
        csv("ten,lon,lat", "B,108.2,12.6", "A,108.3,12.7", "C,,"), columns={"name": "ten"}, **common
    )
    assert list(places.frame.columns) == list(PLACES)
    assert places.frame["name"].tolist() == ["A", "B"]
    assert places.set_aside["ten"].tolist() == ["C"]


@pytest.fixture(scope="module")
def real_layers(real_data):
    def record(layer, file):
        return Record(layer=layer, file=file, path=real_data / file)

    communes = _communes(
        record("communes", "boundaries/daklak_communes_2025.parquet"), unit_id="code", name="full_name"
    )
    villages = _villages(
        record("villages", "settlements/hes_hamlets_1974_daklak.csv"),
        same_place="merge",
        alone="commune",
        communes=communes.frame,
        unit_id="usid",
        commune_id="code_2025",
    )
    people = population.load(
        record("population", "population/daklak_communes_population_2025.csv"),
        columns={"unit_id": "code", "people": "population_2025"},
        level="commune",
        unit_ids=communes.frame["unit_id"],
    )
    return communes, villages, people


@pytest.mark.real
def test_the_real_hamlets_are_1448_villages(real_layers):
    communes, villages, _ = real_layers
    frame = villages.frame
    assert (villages.rows_read, len(frame), len(villages.set_aside)) == (1715, 1448, 0)
    assert frame["hamlets"].sum() == 1715
    assert frame["flags"].map(lambda f: "commune_as_village" in f).sum() == 5
    assert frame["unit_id"].is_unique
    assert frame["unit_id"].is_monotonic_increasing
    assert frame.geometry.is_valid.all()
    assert set(frame.geom_type) == {"Polygon", "MultiPolygon"}
    coarse = frame.geometry.area > 100e6
    assert frame["flags"].map(lambda f: "coarse_catchment" in f).equals(coarse)
    cells = frame.geometry.area.groupby(frame["commune_id"]).sum()
    assert cells.to_numpy() == pytest.approx(communes.frame.geometry.area.to_numpy(), rel=1e-9)


@pytest.mark.real
def test_a_real_point_lies_in_its_cell(real_layers):
    frame = real_layers[1].frame
    assert shapely.intersects_xy(frame.geometry.to_numpy(), frame["x_m"], frame["y_m"]).all()


@pytest.mark.real
def test_real_people_are_conserved_in_every_commune(real_layers):
    _, villages, people = real_layers
    spread = population.spread_equal(people.frame, villages.frame)
    commune = villages.frame.set_index("unit_id")["commune_id"]
    sums = spread["people"].groupby(spread["unit_id"].map(commune)).sum()
    assert sums.to_dict() == people.frame.set_index("unit_id")["people"].to_dict()
    assert len(sums) == 102
    assert spread["people"].sum() == 3_346_853
