"""The country at once (`make soak`): every province is sited, people are conserved, and workers change no byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import planner
from benchmarks import national


def run(folder: Path, out: Path, *, workers: int) -> planner.Publication:
    command = [sys.executable, "-m", "planner", "run", str(folder / "plan.toml"), "--out", str(out)]
    options = ["--now", national.NOW, "--workers", str(workers)]
    subprocess.run([*command, *options], check=True, cwd=national.ROOT, env=os.environ | {"PLANNER_CACHE": ""})
    return planner.open(out)


def people(folder: Path) -> pd.Series:
    return pd.read_csv(folder / "population.csv", dtype={"unit_id": str}).set_index("unit_id")["people"]


@pytest.mark.soak
@pytest.mark.real
def test_the_country_is_published_whole(tmp_path: Path, real_data: Path):
    held = national.write_inputs(tmp_path, villages=national.GROWTH[-1])
    assert real_data.is_dir()
    found = run(tmp_path, tmp_path / "out", workers=2)
    assert len(found.communes) == held["communes"]
    assert found.communes.set_index("unit_id")["population_people"].astype(int).equals(people(tmp_path).sort_index())
    province = pd.read_parquet(tmp_path / "communes.parquet", columns=["unit_id", "province_id"]).set_index("unit_id")
    new = found.sites[found.sites["status"] == "new"]
    at = new["unit_id"].map(found.villages.set_index("unit_id")["commune_id"]).map(province["province_id"])
    assert at.nunique() == held["provinces"] == 34
    assert found.damaged_files() == []


@pytest.mark.soak
@pytest.mark.real
def test_workers_change_no_byte_of_several_provinces(tmp_path: Path, real_data: Path):
    assert real_data.is_dir()
    national.write_inputs(tmp_path, villages=7_000)
    one, two = (run(tmp_path, tmp_path / f"out-{workers}", workers=workers) for workers in (1, 2))
    digests = [{f.path: f.sha256 for f in each.manifest.files if not f.path.endswith(".gpkg")} for each in (one, two)]
    assert digests[0] == digests[1]
