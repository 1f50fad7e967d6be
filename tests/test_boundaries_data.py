"""The shipped province: what is in data/boundaries and whether its records say the truth."""

from __future__ import annotations

import hashlib
import json
import tomllib

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers import catalog
from planner.config import PlanFile

FOLDER = catalog.boundaries_folder()
METRIC = "EPSG:32649"


@pytest.fixture(scope="module")
def communes() -> gpd.GeoDataFrame:
    return gpd.read_parquet(FOLDER / "daklak_communes_2025_approx.parquet")


@pytest.fixture(scope="module")
def records() -> dict[str, dict]:
    return {r["file"]: r for r in json.loads((FOLDER / "catalog.json").read_text(encoding="utf-8"))["records"]}


def test_every_shipped_data_file_has_a_record_and_the_bytes_it_names(records):
    data = {p.name for p in FOLDER.iterdir() if p.suffix in {".parquet", ".csv", ".geojson"}}
    assert data == set(records)
    for name, record in records.items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == record["sha256"]
        assert all(s["producer"] and s["licence"] and len(s["sha256"]) == 64 for s in record["sources"])


def test_it_is_small():
    assert sum(p.stat().st_size for p in FOLDER.iterdir() if p.is_file()) < 2_000_000


def test_102_communes_in_one_piece_each_tile_the_outline(communes):
    assert len(communes) == 102
    assert communes["code"].is_unique
    assert communes["code"].is_monotonic_increasing
    assert communes.crs == "EPSG:4326"
    cells = communes.geometry.to_numpy()
    assert set(communes.geom_type) == {"Polygon"}
    assert shapely.is_valid(cells).all()
    assert shapely.coverage_is_valid(cells)
    outline = gpd.read_file(FOLDER / "daklak_outline_approx.geojson").geometry
    assert shapely.union_all(cells).symmetric_difference(outline[0]).area < 1e-9
    assert shapely.area(cells).sum() == pytest.approx(outline[0].area)


def test_areas_are_the_published_ones_and_the_cells_come_near_them(communes):
    assert communes["area_km2"].sum() == pytest.approx(18_096.37)
    drawn_km2 = communes.to_crs(METRIC).area / 1e6
    off = np.abs(drawn_km2 / communes["area_km2"] - 1)
    assert off.median() < 0.15


def test_people_add_to_the_resolution(communes):
    people = pd.read_csv(FOLDER / "daklak_population_2025.csv", dtype={"code": "str"})
    assert people["population_2025"].sum() == 3_346_853
    assert list(people["code"]) == list(communes["code"])
    assert list(people["full_name"]) == list(communes["full_name"])
    assert people.set_index("code")["population_2025"]["24259"] == 61_104


def test_the_islands_are_there_with_their_names():
    islands = gpd.read_file(FOLDER / "islands.geojson").set_index("code")
    assert dict(islands["name"]) == {"20333": "Quần đảo Hoàng Sa (Việt Nam)", "22736": "Quần đảo Trường Sa (Việt Nam)"}
    assert islands.geometry["20333"].coords[0] == (112.135, 16.568)
    assert islands.geometry["22736"].coords[0] == (114.45, 9.71)


def test_places_lie_inside(communes):
    places = gpd.read_file(FOLDER / "daklak_places.geojson")
    assert "Quảng Phú" in set(places["name"])
    assert places.within(communes.union_all()).all()


def test_the_record_of_the_polygons_says_how_good_they_are_and_the_readme_repeats_it(records):
    record = records["daklak_communes_2025_approx.parquet"]
    assert record["approximate"]
    said = record["agreement_with_real_polygons"]
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert str(said["iou_mean"]) in readme
    assert str(said["iou_median"]) in readme


@pytest.mark.real
def test_the_published_agreement_is_what_it_is(communes, records, real_data):
    said = records["daklak_communes_2025_approx.parquet"]["agreement_with_real_polygons"]
    real = gpd.read_parquet(real_data / "boundaries" / "daklak_communes_2025.parquet").set_index("code")
    theirs = real.to_crs(METRIC).geometry.loc[list(communes["code"])].to_numpy()
    ours = communes.to_crs(METRIC).geometry.to_numpy()
    iou = shapely.area(shapely.intersection(ours, theirs)) / shapely.area(shapely.union(ours, theirs))
    assert iou.mean() == pytest.approx(said["iou_mean"], abs=1e-4)
    assert np.median(iou) == pytest.approx(said["iou_median"], abs=1e-4)
    assert iou.mean() > 0.59  # plain Voronoi cells of the centres


@pytest.mark.real
def test_people_and_areas_are_those_of_the_resolution(real_data):
    ours = pd.read_csv(FOLDER / "daklak_population_2025.csv", dtype={"code": "str"}).set_index("code")
    table = real_data / "population" / "daklak_communes_population_2025.csv"
    theirs = pd.read_csv(table, dtype={"code": "str"}).set_index("code").loc[ours.index]
    assert ours["population_2025"].equals(theirs["population_2025"])
    assert ours["area_km2"].equals(theirs["area_km2_published"])


def test_the_plan_reads_and_finds_its_files():
    file = PlanFile(FOLDER / "plan.toml")
    layers = file.plan.layers
    for section in (layers.communes, layers.population, layers.outline, layers.places):
        assert section is not None
        assert file.resolve(section.path, key="test").parent == FOLDER
    assert layers.communes.approximate
    assert file.plan.needs.eligible_total == 2_597_500
    assert {name: a.total for name, a in layers.adoption.items()} == {
        "vneid_issued": 2_157_292,
        "vneid_activated": 2_045_508,
    }
    assert layers.roads is None


def test_the_province_rates_are_those_of_the_article():
    plan = tomllib.loads((FOLDER / "plan.toml").read_text(encoding="utf-8"))
    of = {name: a["total"] / plan["needs"]["eligible_total"] for name, a in plan["layers"]["adoption"].items()}
    assert round(100 * of["vneid_issued"], 2) == 83.05
    assert round(100 * of["vneid_activated"], 2) == 78.75
