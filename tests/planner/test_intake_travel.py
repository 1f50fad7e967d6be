"""What people cross and the minutes that a plan brings, from a workspace as `planner init` makes it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from layers import lattice
from planner import intake, workspace
from planner.config import PlanFile

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def plan(tmp_path) -> Path:
    return workspace.init(tmp_path / "w") / "plan.toml"


def with_section(plan: Path, text: str) -> intake.Inputs:
    before = plan.read_text(encoding="utf-8")
    plan.write_text(before.replace("[layers.outline]", f"{text}\n[layers.outline]", 1), encoding="utf-8")
    return intake.gather(PlanFile(plan), seed=1, now=NOW)


def raster(plan: Path, name: str, value: float) -> None:
    path = plan.parent / "inputs" / f"{name}.tif"
    profile = {"driver": "GTiff", "width": 60, "height": 60, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", **profile, transform=Affine(0.01, 0, 107.9, 0, -0.01, 12.9)) as out:
        out.write(np.full((60, 60), value, np.float32), 1)


@pytest.mark.parametrize(("name", "value"), [("dem", 450.0), ("landcover", 10.0), ("friction", 0.012)])
def test_a_raster_lies_on_the_cells_of_the_ways_and_is_recorded(plan, name, value):
    raster(plan, name, value)
    inputs = with_section(plan, f'[layers.{name}]\npath = "inputs/{name}.tif"\nlicence = "CC0-1.0"\n')
    assert inputs.faults == []
    surface = getattr(inputs, name)
    cells = lattice.over(inputs.frame("communes"), cell_m=250.0)
    assert surface.cells.shape == cells.shape
    assert np.allclose(surface.cells, value)
    assert surface.layer in inputs.layers
    assert len(surface.layer.record.sha256) == 64


def test_a_raster_that_is_none_is_a_fault_among_the_others(plan):
    (plan.parent / "inputs" / "dem.tif").write_bytes(b"no raster")
    inputs = with_section(plan, '[layers.dem]\npath = "inputs/dem.tif"\n')
    assert [issue.layer for issue in inputs.faults] == ["dem"]
    assert inputs.dem is None


def test_the_template_of_a_matrix_is_read_whole(plan):
    inputs = with_section(plan, '[layers.minutes]\npath = "inputs/minutes.csv"\n')
    assert inputs.faults == []
    assert not [issue for issue in inputs.issues if issue.layer == "minutes"]
    assert set(inputs.minutes.unit_ids) == set(inputs.frame("villages")["unit_id"])
    assert inputs.minutes.minutes.nnz == 15


def test_a_matrix_of_other_villages_is_a_fault_and_what_it_lacks_is_told(plan):
    file = plan.parent / "inputs" / "minutes.csv"
    file.write_text("unit_id,site-x\n00001-001,4\nnobody,5\n", encoding="utf-8")
    inputs = with_section(plan, '[layers.minutes]\npath = "inputs/minutes.csv"\n')
    assert [(i.layer, i.value) for i in inputs.faults] == [("minutes", "nobody")]
    file.write_text("unit_id,site-x\n00001-001,4\n", encoding="utf-8")
    told = [i for i in intake.gather(PlanFile(plan), seed=1, now=NOW).issues if i.layer == "minutes"]
    assert [(i.code, i.severity) for i in told] == [("no_row", "warning"), ("no_column", "warning")]
    assert "7 villages" in told[0].value
    assert "T-001" in told[1].value
