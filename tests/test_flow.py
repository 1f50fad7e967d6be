"""One village followed from the raw file to the table, the map and the API: the same numbers everywhere."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from api.main import create_app
from api.settings import Settings
from planner import products
from tests import tiny_world
from tests.api.client import Client

ROOT = Path(__file__).resolve().parent.parent
NOW = "2026-01-02T03:04:05Z"
PLAN = """
[plan]
title = "Thế giới nhỏ"
crs = "EPSG:32649"
language = "en"

[layers.communes]
path = "communes.geojson"
licence = "MIT"
date = 2025-07-01

[layers.villages]
path = "villages.gpkg"
kind = "polygons"
date = 2025-07-01

[layers.population]
path = "population.csv"
level = "village"
date = 2025-07-01

[layers.coverage.declared]
path = "coverage.geojson"
evidence = "declared"
date = 2025-06-30

[layers.adoption.vneid_activated]
path = "adoption.csv"
level = "village"
date = 2025-09-30

[layers.teams]
path = "teams.csv"
date = 2025-07-01

[needs]
eligible_share = 0.5

[deploy]
teams = 1
reach_minutes = 7
"""
"""Straight lines times 1.4 at 30 km/h: 2,000 m take 5.6 minutes, the diagonal 7.9."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    """The tiny world as the files a planner would have."""
    folder = tmp_path_factory.mktemp("flow")
    write_inputs(folder)
    return folder


def write_inputs(folder: Path) -> None:
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    for name, frame in (("communes", tiny_world.communes()), ("coverage", tiny_world.coverage())):
        kept = frame.drop(columns=["flags", "data_date", "synthetic"], errors="ignore")
        kept.to_crs("EPSG:4326").to_file(folder / f"{name}.geojson", driver="GeoJSON")
    villages = tiny_world.villages()[["unit_id", "name", "commune_id", "geometry"]]
    villages.to_file(folder / "villages.gpkg", driver="GPKG")
    tiny_world.population().drop(columns="data_date").to_csv(folder / "population.csv", index=False)
    tiny_world.adoption()[["unit_id", "numerator", "denominator"]].to_csv(folder / "adoption.csv", index=False)
    team = tiny_world.teams()
    points = gpd.GeoSeries(gpd.points_from_xy(team["x_m"], team["y_m"]), crs=tiny_world.CRS).to_crs("EPSG:4326")
    team.assign(lon=points.x, lat=points.y)[["site_id", "unit_id", "name", "team_type", "teams", "lon", "lat"]].to_csv(
        folder / "teams.csv", index=False
    )


def planner(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "planner", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def publication(workspace) -> products.Publication:
    run = planner("run", workspace / "plan.toml", "--now", NOW)
    assert run.returncode == 0, run.stderr
    path = Path(run.stdout.splitlines()[-1])
    assert path.parent == workspace / "published"
    return products.open_publication(path)


def test_the_table_holds_what_a_person_works_out(publication):
    """v12: 1,000 people, half of them eligible, half of the area covered, 60 of 100 adopted."""
    row = publication.village("v12")
    assert (row["population_people"], row["eligible_people"]) == (1_000, 500)
    assert row["covered_share"] == pytest.approx(0.5)
    assert row["coverage_status"] == "partial"
    assert row["vneid_activated_rate"] == pytest.approx(0.6)
    # adopted 0.6 x 500; the rest in halves, since adoption does not depend on signal by default
    assert [row[c] for c in products.FOUR] == [300, 100, 100, 0]
    assert (row["without_signal_people"], row["need_people"]) == (250, 100)
    # two cells east and one north of the team in v00: sqrt(5) x 2,000 m x 1.4 at 30 km/h
    assert row["support_minutes"] == pytest.approx(5**0.5 * 2_000 * 1.4 / 500, rel=1e-3)


def test_a_small_count_is_pooled_from_its_commune(publication):
    row = publication.village("v33")
    assert row["vneid_activated_status"] == "suppressed"
    assert row["vneid_activated_rate"] == pytest.approx(0.2)
    assert "pooled" in row["flags"]


def test_people_are_conserved_everywhere(publication):
    villages, communes = publication.villages, publication.communes
    four = list(products.FOUR)
    assert (villages[four].sum(axis=1) == villages["eligible_people"]).all()
    assert (communes[four].sum(axis=1) == communes["eligible_people"]).all()
    given = tiny_world.population().set_index("unit_id")["people"]
    assert (villages.set_index("unit_id")["population_people"] == given).all()


def test_contributions_add_to_the_score_and_the_worst_ranks_first(publication):
    villages = publication.villages
    parts = [c for c in villages.columns if c.startswith("contribution_")]
    assert villages[parts].sum(axis=1).to_numpy() == pytest.approx(villages["score"].to_numpy())
    assert villages.sort_values("rank")["score"].is_monotonic_decreasing


def test_the_plan_adds_one_team_with_its_certificate(publication):
    solver = publication.manifest.solver
    assert solver is not None
    assert solver.greedy_people <= solver.objective_people <= solver.bound_people
    assert list(publication.sites["status"]).count("new") == 1
    assert solver.objective_people == publication.assignments["people"].sum()


def test_the_map_shows_the_same_numbers(publication):
    page = (publication.path / "maps" / "need.html").read_text(encoding="utf-8")
    assert not re.search(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["']?(?:https?:)?//""", page)
    assert "default-src 'none'" in page
    assert "v12" in page
    assert "Quần đảo Hoàng Sa (Việt Nam)" in page
    assert "Quần đảo Trường Sa (Việt Nam)" in page


def test_the_api_answers_the_same_numbers(publication):
    row = publication.village("v12")
    with Client(create_app(Settings(published=publication.path.parent))) as client:
        answer = client.get("/v1/coverage", params={"lat": row["lat"], "lon": row["lon"]})
        assert answer.status_code == 200
        found = answer.json()
    assert found["unit_id"] == "v12"
    assert found["status"] == "partial"
    assert found["publication"] == publication.manifest.id
    text = json.dumps(found)
    assert "NaN" not in text
    assert found["covered_share"] == pytest.approx(0.5)


def test_explain_says_the_same_numbers(publication):
    run = planner("explain", publication.path, "v12", "--json")
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["unit_id"] == "v12"


def test_gdal_and_geopandas_open_what_is_published(publication):
    layers = {name for name, _ in pyogrio.list_layers(publication.path / "plan.gpkg")}
    assert layers >= {"villages", "communes", "sites", "assignments"}
    table = gpd.read_parquet(publication.path / "villages.parquet")
    assert table.crs.to_epsg() == 4326
    again = gpd.read_file(publication.path / "plan.gpkg", layer="villages")
    assert list(again["unit_id"]) == list(table["unit_id"])
    csv = pd.read_csv(publication.path / "villages.csv", encoding="utf-8-sig", dtype={"unit_id": str})
    assert len(csv) == 16


def test_the_same_inputs_give_the_same_bytes(workspace, publication, tmp_path):
    run = planner("run", workspace / "plan.toml", "--now", NOW, "--out", tmp_path / "again")
    assert run.returncode == 0, run.stderr
    again = products.open_publication(Path(run.stdout.splitlines()[-1]))
    assert again.manifest.id == publication.manifest.id
    first = {f.path: f.sha256 for f in publication.manifest.files if not f.path.endswith(".gpkg")}
    second = {f.path: f.sha256 for f in again.manifest.files if not f.path.endswith(".gpkg")}
    assert first == second


def test_the_same_run_twice_is_verified_and_kept(workspace, publication):
    run = planner("run", workspace / "plan.toml", "--now", NOW)
    assert run.returncode == 0, run.stderr
    assert Path(run.stdout.splitlines()[-1]) == publication.path


def damaged(workspace: Path, folder: Path) -> Path:
    shutil.copytree(workspace, folder, ignore=shutil.ignore_patterns("published", "quality"))
    return folder


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


FAULTS = {
    "a misspelt key": (
        lambda f: edit(f / "plan.toml", "reach_minutes", "reach_minute"),
        ["deploy.reach_minute", "did you mean 'reach_minutes'"],
    ),
    "a missing file": (
        lambda f: (f / "adoption.csv").unlink(),
        ["layers.adoption.vneid_activated.path", "adoption.csv", "no such file"],
    ),
    "a layer without CRS": (
        lambda f: (
            tiny_world.villages()[["unit_id", "name", "commune_id", "geometry"]]
            .set_crs(None, allow_override=True)
            .to_file(f / "villages.gpkg", driver="GPKG")
        ),
        ["villages.gpkg", "coordinate reference system"],
    ),
    "a repeated village id": (
        lambda f: (
            tiny_world.villages()
            .replace({"unit_id": {"v01": "v00"}})[["unit_id", "name", "commune_id", "geometry"]]
            .to_file(f / "villages.gpkg", driver="GPKG")
        ),
        ["villages.gpkg", "row", "unit_id", "v00"],
    ),
    "a negative population": (
        lambda f: edit(f / "population.csv", "v01,1000", "v01,-5"),
        ["population.csv", "row 2", "people", "-5"],
    ),
    "a rate above 1": (
        lambda f: edit(f / "adoption.csv", "v01,80.0,100.0", "v01,180.0,100.0"),
        ["adoption.csv", "row 2", "numerator", "180"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")  # the fault we make is a file without CRS
def test_a_fault_ends_with_status_1_and_a_message_for_planners(fault, workspace, tmp_path):
    make, expected = FAULTS[fault]
    folder = damaged(workspace, tmp_path / "damaged")
    make(folder)
    for command in ("run", "check"):
        run = planner(command, folder / "plan.toml")
        assert run.returncode == 1, run.stdout + run.stderr
        said = run.stdout + run.stderr
        assert "Traceback" not in said
        for part in expected:
            assert part in said
    assert not (folder / "published" / "current").exists()


def test_check_passes_and_writes_its_report(workspace):
    run = planner("check", workspace / "plan.toml")
    assert run.returncode == 0, run.stdout + run.stderr
    assert (workspace / "quality" / "report.html").is_file()
    assert (workspace / "quality" / "issues.csv").is_file()


def test_time_is_read_as_utc(publication):
    assert publication.manifest.now == NOW
    assert publication.manifest.id.startswith(dt.datetime.fromisoformat(NOW).strftime("%Y%m%dT%H%M%SZ-"))
