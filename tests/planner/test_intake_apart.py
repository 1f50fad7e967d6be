"""One fault hides no other: what does not need a broken layer is still read and checked, and the rest is said."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from planner import cli, intake, workspace
from planner.config import PlanFile

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def plan(tmp_path) -> Path:
    return workspace.init(tmp_path / "w") / "plan.toml"


def gather(plan: Path) -> intake.Inputs:
    return intake.gather(PlanFile(plan), seed=1, now=NOW)


def spoil(plan: Path, name: str, text: str) -> None:
    (plan.parent / "inputs" / name).write_text(text, encoding="utf-8")


def told(inputs: intake.Inputs) -> set[tuple[str, str]]:
    return {(issue.layer, issue.code) for issue in inputs.issues}


@pytest.fixture
def broken(plan):
    """Communes that are no JSON, and a fault of its own in every other file."""
    spoil(plan, "communes.geojson", "{")
    spoil(plan, "villages.csv", "unit_id,name,commune_id,lon,lat\nv1,A,00001,108.1,abc\nv1,B,00001,0,0\n")
    spoil(plan, "population.csv", "unit_id,people\nv1,-5\nv2,12.5\n")
    spoil(plan, "adoption.csv", "unit_id,numerator\nv1,x\n")
    spoil(plan, "attributes.csv", "unit_id,poor_share\nv1,many\n")
    spoil(plan, "teams.csv", "site_id,unit_id,name,team_type\ns1,v1,T,flying\n")
    spoil(plan, "roads.geojson", '{"type": "FeatureCollection"}')
    spoil(plan, "coverage.geojson", '{"type": "Feature", "properties": {}, "geometry": {"type": "Point"}}')
    return plan


def test_every_layer_tells_its_own_faults_though_the_communes_are_broken(broken):
    found = told(gather(broken))
    assert ("communes", "not_geojson") in found
    assert ("villages", "not_number") in found
    assert {("population", "negative"), ("population", "not_whole")} <= found
    assert {("adoption.vneid_activated", "missing_column"), ("adoption.vneid_activated", "not_number")} <= found
    assert ("attributes.poverty", "not_number") in found
    assert ("teams", "unknown_word") in found
    assert ("roads", "not_geojson") in found
    assert ("coverage.operators", "geometry_unreadable") in found


def test_what_was_not_compared_is_said_and_why(broken):
    said = {i.layer: i for i in gather(broken).issues if i.code == "not_compared"}
    assert set(said) == {"villages", "population", "adoption.vneid_activated", "attributes.poverty", "teams"}
    assert all("communes, villages" in issue.rule and issue.severity == "warning" for issue in said.values())


def test_broken_villages_leave_the_communes_and_what_is_known_of_them(plan):
    spoil(plan, "villages.csv", "unit_id,name\nv1,A\n")
    inputs = gather(plan)
    assert inputs.communes is not None
    assert inputs.coverage
    assert {i.rule.split("; ")[0] for i in inputs.issues if i.code == "not_compared"} == {
        "a layer is compared with villages"
    }


def test_a_missing_column_hides_no_fault_of_the_others(plan):
    spoil(plan, "population.csv", "unit_id,persons\nbad/id,5\nbad/id,7\n")
    found = {code for layer, code in told(gather(plan)) if layer == "population"}
    assert {"missing_column", "bad_id", "repeated_id"} <= found


def test_the_report_and_the_table_tell_all_of_it(broken, capsys):
    assert cli.main(["check", str(broken)]) == 1
    capsys.readouterr()
    page = (broken.parent / "quality" / "report.html").read_text(encoding="utf-8")
    assert "at fault, not used" in page
    with (broken.parent / "quality" / "issues.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["file", "layer", "row", "column", "value", "rule", "severity", "done"]
    assert {r["layer"] for r in rows if r["severity"] == "error"} >= {
        "communes",
        "villages",
        "population",
        "adoption.vneid_activated",
        "attributes.poverty",
        "teams",
        "roads",
        "coverage.operators",
    }
