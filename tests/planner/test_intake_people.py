"""People by a raster, by a weight and by age: from the files of a plan to its villages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine

from planner import intake, steps
from planner.config import PlanFile
from planner.errors import PlanError
from planner.tasks import Serial
from tests import tiny_world
from tests.layers.test_rasters import write
from tests.test_flow import write_inputs

CELLS = Affine(500.0, 0.0, tiny_world.X0, 0.0, -500.0, tiny_world.Y0 + 8000.0)
COMMUNES = "unit_id,people\nk00,1001\nk01,2000\nk10,3000\nk11,77\n"


@pytest.fixture
def plan(tmp_path) -> Path:
    """The tiny world with people per commune and a raster: one cell in v00 and v01 each, all of k01 in v02."""
    write_inputs(tmp_path)
    (tmp_path / "people.csv").write_text(COMMUNES, encoding="utf-8")
    cells = np.zeros((16, 16), dtype=np.float32)
    cells[15, 0], cells[15, 4], cells[13, 9] = 30, 10, 5
    write(tmp_path / "grid.tif", cells, transform=CELLS, crs=tiny_world.CRS)
    text = (tmp_path / "plan.toml").read_text(encoding="utf-8")
    table = '[layers.population]\npath = "population.csv"\nlevel = "village"\ndate = 2025-07-01\n'
    assert table in text
    ours = '[layers.population]\npath = "people.csv"\nlevel = "commune"\nspread = "raster:grid"\n'
    (tmp_path / "plan.toml").write_text(
        text.replace(table, ours) + '\n[layers.rasters.grid]\npath = "grid.tif"\n', encoding="utf-8"
    )
    return tmp_path / "plan.toml"


def edit(plan: Path, before: str, after: str) -> None:
    text = plan.read_text(encoding="utf-8")
    assert before in text
    plan.write_text(text.replace(before, after), encoding="utf-8")


def gather(plan: Path) -> intake.Inputs:
    return intake.gather(PlanFile(plan), seed=1, now=dt.datetime(2026, 1, 2, tzinfo=dt.UTC))


def people(inputs: intake.Inputs) -> pd.DataFrame:
    return inputs.people_frame().set_index("unit_id")


def codes(inputs: intake.Inputs) -> set[str]:
    return {issue.code for issue in inputs.issues}


def test_a_raster_says_where_a_communes_people_live(plan):
    inputs = gather(plan)
    assert inputs.faults == []
    found = people(inputs)
    assert found.loc[["v00", "v01", "v10", "v11"], "population_people"].tolist() == [751, 250, 0, 0]
    assert found.loc["v02", "population_people"] == 2000
    assert found.loc[["v20", "v33"], "population_people"].tolist() == [750, 19]
    assert found.loc[["v00", "v33"], "flags"].tolist() == [("population_weighted",), ("population_spread",)]
    assert found["population_people"].sum() == 6078
    assert {"nobody_in_raster", "no_weight", "raster_total", "people_outside"} <= codes(inputs)


def test_coverage_is_weighted_by_the_people_of_the_raster(plan):
    """A covers the western half of column 2, in which all people of v02 live; half of v12, where nobody is known to."""
    inputs = gather(plan)
    needs = PlanFile(plan).plan.needs
    shares = steps.shares(
        villages=inputs.frame("villages"),
        communes=inputs.frame("communes"),
        coverage=inputs.coverage_frame(),
        grid=steps.grid(inputs),
        plan_needs=needs,
        tasks=Serial(),
    )
    of_a = shares[shares["operator"] == "A"].set_index("unit_id")
    assert of_a.loc["v02", ["share", "share_low", "share_high"]].tolist() == [1, 1, 1]
    assert of_a.loc["v02", "flags"] == ()
    assert of_a.loc["v12", "share"] == pytest.approx(0.5)
    assert of_a.loc["v12", "flags"] == ("area_weighted",)


def test_a_raster_at_fault_is_told_and_nothing_is_spread_in_its_stead(plan):
    write(plan.parent / "grid.tif", np.full((16, 16), -5, dtype=np.int16), transform=CELLS, crs=tiny_world.CRS)
    inputs = gather(plan)
    assert [issue.layer for issue in inputs.faults] == ["rasters.grid"]
    assert inputs.people is None


def test_a_raster_that_the_plan_does_not_have_is_named(plan):
    edit(plan, "raster:grid", "raster:gird")
    with pytest.raises(PlanError, match=r"no \[layers.rasters.gird\] \(there are: grid\)"):
        PlanFile(plan)


def test_a_column_of_the_villages_is_a_weight(plan):
    edit(plan, "raster:grid", "weight:households")
    villages = gpd.read_file(plan.parent / "villages.gpkg").assign(households=[9, 1, 0, 0, *[1] * 12])
    villages.loc[15, "households"] = None
    villages.to_file(plan.parent / "villages.gpkg", driver="GPKG")
    inputs = gather(plan)
    assert inputs.faults == []
    found = people(inputs)
    assert found.loc[["v00", "v01", "v10", "v11"], "population_people"].tolist() == [751, 84, 83, 83]
    assert found["population_people"].sum() == 6078
    assert "missing_weight" in codes(inputs)


def test_a_weight_that_the_file_does_not_have_or_that_is_negative_is_at_fault(plan):
    edit(plan, "raster:grid", "weight:households")
    assert any("households" in str(issue) for issue in gather(plan).faults)
    villages = gpd.read_file(plan.parent / "villages.gpkg").assign(households=-1.0)
    villages.to_file(plan.parent / "villages.gpkg", driver="GPKG")
    assert any("0 or more" in issue.rule for issue in gather(plan).faults)


def with_ages(plan: Path, text: str, level: str = "commune") -> intake.Inputs:
    (plan.parent / "ages.csv").write_text(text, encoding="utf-8")
    section = f'\n[layers.ages]\npath = "ages.csv"\nlevel = "{level}"\n'
    plan.write_text(plan.read_text(encoding="utf-8") + section, encoding="utf-8")
    return gather(plan)


def test_people_of_14_and_over_come_from_the_table_by_age(plan):
    ages = "unit_id,0-13,14+\nk00,1,1000\nk01,1000,1000\nk10,0,3000\nk11,77,0\n"
    inputs = with_ages(plan, ages)
    assert inputs.faults == []
    found = people(inputs)
    villages = inputs.frame("villages").set_index("unit_id")["commune_id"]
    assert found["eligible_people"].groupby(villages).sum().tolist() == [1000, 1000, 3000, 0]
    assert not any("age_interpolated" in flags for flags in found["flags"])
    assert "ages_differ" not in codes(inputs)


def test_a_group_across_14_flags_every_village_and_other_people_are_told(plan):
    ages = "unit_id,0-9,10-19,20+\nk00,0,10,0\nk01,0,10,0\nk10,0,10,0\nk11,0,10,0\n"
    inputs = with_ages(plan, ages)
    found = people(inputs)
    assert all("age_interpolated" in flags for flags in found["flags"])
    assert {"age_interpolated", "ages_differ"} <= codes(inputs)
    assert found.loc["v02", "eligible_people"] == 1200


def test_two_words_on_who_is_eligible_are_refused(plan):
    edit(plan, "[needs]\n", "[needs]\neligible_total = 5\n")
    with pytest.raises(PlanError, match="both say how many people are 14 and over"):
        with_ages(plan, "unit_id,0-13,14+\n")
