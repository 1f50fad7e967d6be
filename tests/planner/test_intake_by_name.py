from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from planner import intake
from planner.config import PlanFile
from planner.errors import PlanError
from tests import tiny_world

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
ROOT = Path(__file__).resolve().parent.parent.parent
CENSUS = """[layers.population]
path = "real:population/census2019_communes_daklak_phuyen.csv"
level = "commune"
spread = "equal"
match = "name"
crosswalk = "2019"
columns = { name = "ward", parent = "district", people = "total" }
date = 2019-04-01

[layers.coverage.declared]"""
DIRTY = """[layers.population]
path = "real:population/daklak_sapnhap_raw_2025-07-17.csv"
level = "commune"
spread = "equal"
match = "name"
columns = { name = "tenhc", people = "dansonguoi" }

[layers.coverage.declared]"""


@pytest.fixture
def world(tmp_path):
    """Write the communes and villages of the tiny world and return a function that writes a plan of them."""
    tiny_world.communes().drop(columns=["flags", "data_date"]).to_crs("EPSG:4326").to_file(tmp_path / "c.geojson")
    villages = tiny_world.villages()[["unit_id", "name", "commune_id", "geometry"]]
    villages.to_crs("EPSG:4326").to_file(tmp_path / "v.geojson")

    def plan(population: str, *rows: str) -> PlanFile:
        (tmp_path / "p.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        (tmp_path / "plan.toml").write_text(
            '[plan]\ntitle = "t"\n[layers.communes]\npath = "c.geojson"\n[layers.villages]\npath = "v.geojson"\n'
            f'[layers.population]\npath = "p.csv"\n{population}\n',
            encoding="utf-8",
        )
        return PlanFile(tmp_path / "plan.toml")

    return plan


def _gather(file):
    return intake.gather(file, seed=1, now=NOW)


def test_people_by_name_of_the_commune(world):
    rows = ("name,people", "xã 00,4000", "X. 01,4000", "01 0,4000", "Xã 11,3030")
    inputs = _gather(world('level = "commune"\nspread = "equal"\nmatch = "name"', *rows))
    assert inputs.faults == []
    assert inputs.people["people"].sum() == 15_030
    assert inputs.crosswalk is None  # nothing leads to these communes: no table, no input
    assert "crosswalk" not in {layer.record.layer for layer in inputs.layers}


def test_people_by_name_of_the_village_within_its_commune(world):
    villages = tiny_world.villages()
    rows = [f"{n.replace('Thôn', 'thon')},{'k' + c[1:] if i % 2 else 'Xã ' + c[1:]},10"
            for i, (n, c) in enumerate(zip(villages["name"], villages["commune_id"], strict=True))]  # fmt: skip
    inputs = _gather(world('match = "name"', "name,parent,people", *rows))
    assert inputs.faults == []
    assert inputs.people["people"].sum() == 160


def test_former_communes_of_another_province_are_told(world):
    inputs = _gather(world('level = "commune"\nspread = "equal"\ncrosswalk = "2025-06"', "unit_id,people", "22024,5"))
    assert {i.code for i in inputs.faults} == {"other_province", "missing_unit"}


def _real(tmp_path, section, real_data):
    text = (ROOT / "tests/real/plan.toml").read_text(encoding="utf-8")
    before, rest = text.split("[layers.population]")
    after = rest.split("[layers.coverage.declared]")[1]
    (tmp_path / "truth.json").write_bytes((ROOT / "tests/real/truth.json").read_bytes())
    plan = before.replace("${PLANNER_REAL_DATA:-../../../shared/data}", str(real_data)) + section + after
    (tmp_path / "plan.toml").write_text(plan, encoding="utf-8")
    return PlanFile(tmp_path / "plan.toml")


@pytest.mark.real
def test_the_census_of_2019_becomes_people_of_the_communes_of_today(tmp_path, real_data):
    inputs = _gather(_real(tmp_path, CENSUS, real_data))
    assert inputs.faults == []
    assert inputs.population.frame["people"].sum() == 1_869_322 + 872_964
    assert inputs.population.frame["unit_id"].nunique() == 102
    assert inputs.population.rows_read == 296
    people = inputs.people_frame()
    assert people["population_people"].sum() == 1_869_322 + 872_964
    communes = gpd.GeoDataFrame(inputs.villages.frame).set_index("unit_id")["commune_id"]
    flagged = people["flags"].map(lambda flags: "split_share" in flags)
    assert set(people["unit_id"].map(communes)[flagged]) == inputs.divided
    assert len(inputs.divided) == 13
    assert sum(i.code == "split_share" for i in inputs.issues) == 16
    assert inputs.crosswalk["old_id"].nunique() == 286


@pytest.mark.real
def test_a_split_commune_is_nobodys_default(tmp_path, real_data):
    """Phường 9 had 23,920 people in 2019: both successors hold some, and the parts add up."""
    census = pd.read_csv(real_data / "population/census2019_communes_daklak_phuyen.csv", dtype="str")
    census["total"] = [t if (d, w) == ("TuyHoà", "9") else "0"
                       for d, w, t in zip(census["district"], census["ward"], census["total"], strict=True)]  # fmt: skip
    census.to_csv(tmp_path / "census.csv", index=False)
    file = _real(
        tmp_path, CENSUS.replace("real:population/census2019_communes_daklak_phuyen.csv", "census.csv"), real_data
    )
    people = _gather(file).population.frame.set_index("unit_id")["people"]
    assert people[people > 0].index.tolist() == ["22015", "22045"]
    assert people.sum() == 23_920


@pytest.mark.real
def test_all_names_of_the_dirty_table_join_in_a_plan(tmp_path, real_data):
    inputs = _gather(_real(tmp_path, DIRTY, real_data))
    (matched,) = [i for i in inputs.issues if i.code == "matched"]
    assert "102 by name; 0 set aside" in matched.rule
    assert [i for i in inputs.issues if i.code in {"not_matched", "missing_unit", "unknown_id"}] == []
    assert len(inputs.faults) == 6  # "đang cập nhật" instead of a number
    assert {i.value for i in inputs.faults} == {"đang cập nhật"}


def test_an_eligible_total_above_all_people_is_told_with_the_other_faults(world):
    rows = ("name,people", "xã 00,1", "xã 01,1", "xã 10,1", "xã 11,1")
    section = 'level = "commune"\nspread = "equal"\nmatch = "name"\n[needs]\neligible_total = 5'
    assert [i.column for i in _gather(world(section, *rows)).faults] == ["eligible_total"]


def test_former_units_are_communes(world):
    with pytest.raises(PlanError, match=r'crosswalk = "2019" moves figures of former communes: it needs level'):
        world('crosswalk = "2019"', "unit_id,people")
    with pytest.raises(PlanError, match=r"population\.crosswalk = '2020'"):
        world('level = "commune"\ncrosswalk = "2020"', "unit_id,people")
