"""Cells into discs: usual names, operators out of network codes, outliers set aside, radii and their error."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from layers import cell_sites
from layers.catalog import Layer, Record
from layers.cell_sites import Model
from layers.errors import LayerError
from layers.schema import COVERAGE
from planner import overlay
from tests import tiny_world

NAMES = {"452-01": "A", "452-04": "B"}
HEADER = "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal"


def degrees(east_m: float, north_m: float) -> str:
    """`lon,lat` of a place so many metres from the south-west corner of the tiny world."""
    at = gpd.GeoSeries([Point(tiny_world.X0 + east_m, tiny_world.Y0 + north_m)], crs=tiny_world.CRS).to_crs(4326)[0]
    return f"{at.x:.8f},{at.y:.8f}"


def cell(east_m: float, north_m: float, *, radio="LTE", net=1, number=1, reach=1000, samples=9) -> str:
    return f"{radio},452,{net},7,{number},0,{degrees(east_m, north_m)},{reach},{samples},1,1459813819,1459813819,0"


def load(record: Record, *, columns=None, **model) -> Layer:
    return cell_sites.load(
        record,
        columns=columns or {},
        source_crs=None,
        layer_name=None,
        crs=tiny_world.CRS,
        communes=tiny_world.communes(),
        model=Model(**({"networks": NAMES} | model)),
    )


def reasons(layer: Layer) -> dict[str, int]:
    return layer.set_aside["reason"].value_counts().to_dict() if len(layer.set_aside) else {}


def codes(layer: Layer) -> set[str]:
    return {issue.code for issue in layer.issues}


def test_opencellid_becomes_discs_of_each_operator(csv):
    layer = load(csv(HEADER, cell(1000, 1000), cell(7000, 7000, net=4, number=2)), range_km={"4G": 1.0})
    assert list(layer.frame.columns) == [*COVERAGE, "bound"]
    assert set(layer.frame["evidence"]) == {"modelled"}
    areas = layer.frame.set_index(["operator", "bound"]).area / 1e6
    assert areas["A", "mid"] == pytest.approx(math.pi, rel=0.01)
    assert areas["B", "low"] == pytest.approx(math.pi * 0.6**2, rel=0.01)
    assert areas["B", "high"] == pytest.approx(math.pi * 1.4**2, rel=0.01)
    told = next(issue for issue in layer.issues if issue.code == "range_model")
    assert "range_km (4G: 1 km)" in told.rule
    assert told.value == "2 of 2 cells reach the plan's communes (A 1, B 1)"


def test_shares_of_the_tiny_world(csv):
    """A disc of 2.5 km round the middle of v11 covers it in full, and no corner of the world."""
    layer = load(csv(HEADER, cell(3000, 3000)), range_km={"4G": 2.5}, range_error=0.2)
    found = overlay.coverage_shares(tiny_world.villages(), layer.frame).set_index(["unit_id", "operator"])
    assert found.loc[("v11", "A"), ["share", "share_low", "share_high"]].tolist() == [1, 1, 1]
    assert np.isnan(found.loc[("v33", "A"), "share"])
    side = found.loc[("v10", "A")]
    inside = tiny_world.square(1, 0).intersection(Point(tiny_world.X0 + 3000, tiny_world.Y0 + 3000).buffer(2500)).area
    assert side["share"] == pytest.approx(inside / 4e6, abs=0.01)
    assert side["share_low"] < side["share"] < side["share_high"] == 1


def test_a_complete_list_says_no_beyond_its_cells(csv):
    layer = load(csv(HEADER, cell(3000, 3000)), range_km={"4G": 2.5}, complete=True)
    found = overlay.coverage_shares(tiny_world.villages(), layer.frame).set_index(["unit_id", "operator"])["share"]
    assert found["v33", "A"] == 0
    assert found["v33", "B"] == 0
    assert found["v11", "A"] == 1


@pytest.mark.parametrize(
    ("line", "reason", "ruled"),
    [
        (cell(1000, 1000).replace(degrees(1000, 1000), "-74.0,12.6"), "more than 1,500 km", False),
        (cell(1000, 1000).replace(degrees(1000, 1000), "0,0"), "no place on the earth", False),
        (cell(1000, 1000).replace(degrees(1000, 1000), ","), "no place on the earth", False),
        (cell(1000, 1000, reach=99000), "a range above 35 km", False),
        (cell(1000, 1000, samples=1), "fewer than min_samples = 2", True),
        (cell(1000, 1000, net=99), "a network that networks does not name", True),
        (cell(1000, 1000, radio="GSM"), "another technology than 4G", True),
    ],
)
def test_what_says_nothing_is_set_aside_and_counted(csv, line, reason, ruled):
    good = [cell(3000, 3000, number=n) for n in range(10, 14)]
    layer = load(csv(HEADER, *good, line))
    assert len(reasons(layer)) == 1
    assert reason in next(iter(reasons(layer)))
    assert layer.left_out == int(ruled)
    assert "cells_set_aside" in codes(layer)


def test_of_a_cell_that_is_listed_twice_the_most_seen_stays(csv):
    layer = load(csv(HEADER, cell(1000, 1000, samples=3), cell(3000, 3000, samples=30)), range_km={"4G": 0.5})
    assert reasons(layer) == {"listed twice": 1}
    middle = layer.frame.loc[layer.frame["bound"] == "mid"].geometry.iloc[0].centroid
    assert (middle.x - tiny_world.X0, middle.y - tiny_world.Y0) == pytest.approx((3000, 3000), abs=1)


def test_the_files_own_range_is_used_only_when_the_plan_says_so(csv):
    record = csv(HEADER, cell(1000, 1000, reach=500), cell(3000, 3000, number=2, reach=0))
    layer = load(record, range_from="file")
    assert layer.frame.loc[layer.frame["bound"] == "mid"].area.sum() == pytest.approx(math.pi * 0.25e6, rel=0.01)
    assert reasons(layer) == {"no range": 1}
    assert any("file's range" in issue.rule for issue in layer.issues)
    assert reasons(load(record)) == {}


def test_bands_have_their_own_radius(csv):
    record = csv("operator,radio_type,lon,lat,frequency_mhz", f"A,4G,{degrees(4000, 4000)},942.5")
    layer = load(record, range_km={"4G-900": 2.0, "4G": 1.0}, networks={})
    assert layer.frame.loc[layer.frame["bound"] == "mid"].area.sum() == pytest.approx(math.pi * 4e6, rel=0.01)


def test_without_a_technology_it_is_the_plans_and_that_is_said(csv):
    layer = load(csv("mcc,mnc,lac,cid,longitude,latitude,samples", f"452,1,7,1,{degrees(4000, 4000)},5"))
    assert {"no_technology", "column_alias", "range_model"} <= codes(layer)
    assert len(layer.frame) == 3


def test_nobody_says_whose_the_cells_are(csv):
    with pytest.raises(LayerError, match=r"452-01 \(2 cells\), 452-04 \(1 cells\)"):
        load(csv(HEADER, cell(1, 1), cell(1, 1, number=2), cell(1, 1, net=4)), networks={})


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["mcc,net,lon", "452,1,108"], "lat"),
        ([HEADER, cell(1, 1).replace(degrees(1, 1), "abc,12")], "number"),
        ([HEADER, cell(1, 1).replace(degrees(1, 1), "12.5,108.2")], "swapped"),
        ([cell(1, 1), cell(2, 2)], "radio,mcc,net,area,cell,unit,lon,lat"),
    ],
)
def test_faults_are_named(csv, lines, said):
    with pytest.raises(LayerError, match=said):
        load(csv(*lines))


def test_a_file_without_range_cannot_give_it(csv):
    with pytest.raises(LayerError, match="range_m"):
        load(csv("operator,lon,lat", f"A,{degrees(1, 1)}"), range_from="file")


@pytest.mark.parametrize(("suffix", "write"), [("geojson", "to_file"), ("gpkg", "to_file"), ("parquet", "to_parquet")])
def test_cells_of_a_vector_file_in_another_crs(tmp_path, record_of, suffix, write):
    place = gpd.GeoSeries([Point(tiny_world.X0 + 4000, tiny_world.Y0 + 4000)], crs=tiny_world.CRS)
    crs = "EPSG:4326" if suffix == "geojson" else "EPSG:9218"
    frame = gpd.GeoDataFrame({"mcc": [452], "MNC": [4], "Radio": ["LTE"]}, geometry=place.to_crs(crs))
    path = tmp_path / f"cells.{suffix}"
    getattr(frame, write)(path)
    layer = load(record_of(path), range_km={"4G": 1.0})
    middle = layer.frame.loc[layer.frame["bound"] == "mid"].geometry.iloc[0].centroid
    assert (middle.x - tiny_world.X0, middle.y - tiny_world.Y0) == pytest.approx((4000, 4000), abs=0.1)


def test_capitals_in_the_names_of_columns_do_not_count(csv):
    layer = load(csv(HEADER.upper(), cell(3000, 3000)))
    assert set(layer.frame["operator"]) == {"A"}


def test_an_area_is_no_cell(tmp_path, record_of):
    path = tmp_path / "cells.geojson"
    gpd.GeoDataFrame({"operator": ["A"]}, geometry=[tiny_world.square(0, 0)], crs=tiny_world.CRS).to_crs(4326).to_file(
        path
    )
    with pytest.raises(LayerError, match="a cell is a point; this one is a Polygon"):
        load(record_of(path), networks={})


def test_networks_without_network_codes_and_a_reserved_name_are_at_fault(csv):
    with pytest.raises(LayerError, match="by the columns mcc and mnc"):
        load(csv("lon,lat,net_name", f"{degrees(1, 1)},B"))
    with pytest.raises(LayerError, match="no operator's name"):
        load(csv("lon,lat,operator", f"{degrees(1, 1)},Any"))


def test_a_wrong_network_code_in_the_plan_is_named(csv):
    with pytest.raises(LayerError, match="45204A"):
        load(csv(HEADER, cell(1, 1)), networks={"45204A": "B"})


def test_network_codes_in_other_spellings(csv):
    layer = load(
        csv(HEADER, cell(3000, 3000), cell(3000, 3000, net=4, number=2)), networks={"45201": "A", "452 4": "B"}
    )
    assert set(layer.frame["operator"]) == {"A", "B"}


def test_semicolons_decimal_commas_and_a_parquet_without_geometry(csv, tmp_path, record_of):
    lon, lat = degrees(4000, 4000).split(",")
    line = f"A;{lon.replace('.', ',')};{lat.replace('.', ',')}"
    layer = load(csv("operator;lon;lat", line, line.replace("A", "B")), range_km={"4G": 1.0})
    assert set(layer.frame["operator"]) == {"A", "B"}
    path = tmp_path / "cells.parquet"
    pd.DataFrame({"mcc": [452], "mnc": [4], "longitude": [float(lon)], "latitude": [float(lat)]}).to_parquet(path)
    assert set(load(record_of(path)).frame["operator"]) == {"B"}


def test_cells_far_from_the_region_say_nothing_and_that_is_told(csv):
    layer = load(csv(HEADER, cell(900_000, 0)))
    assert "no_rows" in codes(layer)
    assert layer.frame.empty


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("lacells_mcc456_east_cambodia.csv", {"456-01": "X", "456-06": "Y", "456-08": "Z"}),
        ("lacells_mcc457_2023-05-15.parquet", {"457-01": "X", "457-02": "V", "457-03": "Y", "457-08": "Z"}),
    ],
)
def test_real_cells_beyond_the_border(real_data, name, names):
    """Their outliers (places in America, ranges of 100 km, networks that no one has) are set aside, with few of them."""
    path: Path = real_data / "coverage" / name
    communes = gpd.read_parquet(real_data / "boundaries" / "daklak_communes_2025_simpl50m.parquet").to_crs("EPSG:32649")
    layer = cell_sites.load(
        Record("coverage.cells", name, path),
        columns={},
        source_crs=None,
        layer_name=None,
        crs="EPSG:32649",
        communes=communes,
        model=Model(networks=names, range_km={"4G": 30.0}),
    )
    kept = layer.rows_read - len(layer.set_aside)
    assert kept > 0.5 * layer.rows_read
    assert 0 < len(layer.set_aside) - layer.left_out < 0.02 * layer.rows_read
    assert "no_technology" in codes(layer)
    assert any(reason.startswith("a range above") for reason in reasons(layer))
