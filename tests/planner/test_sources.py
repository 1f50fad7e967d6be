"""What a plan reads is known by its bytes, all parts of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from planner import intake, workspace
from planner.config import PlanFile
from planner.sources import ABSENT, changed_meanwhile, sources


def plan_in(folder: Path) -> PlanFile:
    return PlanFile(workspace.init(folder / "w") / "plan.toml")


def test_every_file_of_a_plan_is_listed_by_its_key(tmp_path: Path):
    found = sources(plan_in(tmp_path))
    assert found["layers.communes.path"].keys() == {"communes.geojson"}
    assert found["layers.adoption.vneid_activated.path"].keys() == {"adoption.csv"}
    assert all(len(digest) == 64 for parts in found.values() for digest in parts.values())


def test_a_changed_byte_counts_wherever_it_stands(tmp_path: Path):
    file = plan_in(tmp_path)
    before = sources(file)
    roads = file.folder / "inputs" / "roads.geojson"
    roads.write_bytes(roads.read_bytes() + b"\n")
    after = sources(file)
    assert [key for key in before if before[key] != after[key]] == ["layers.roads.path"]


def test_the_parts_beside_a_file_count_too(tmp_path: Path):
    file = plan_in(tmp_path)
    before = sources(file)
    (file.folder / "inputs" / "roads.prj").write_text("x")
    after = sources(file)
    assert [key for key in before if before[key] != after[key]] == ["layers.roads.path"]
    assert after["layers.roads.path"].keys() == {"roads.geojson", "roads.prj"}


def test_a_file_that_is_not_there_is_absent_and_no_fault_here(tmp_path: Path):
    file = plan_in(tmp_path)
    (file.folder / "inputs" / "roads.geojson").unlink()
    assert sources(file)["layers.roads.path"] == {"inputs/roads.geojson": ABSENT}


def test_a_file_that_changes_while_it_is_read_is_a_fault(tmp_path: Path):
    file = plan_in(tmp_path)
    found = sources(file)
    inputs = intake.gather(file, seed=1, now=dt.datetime(2026, 1, 31, tzinfo=dt.UTC))
    assert changed_meanwhile(inputs.layers, found) == []
    found["layers.roads.path"] = {"roads.geojson": "0" * 64}
    (issue,) = changed_meanwhile(inputs.layers, found)
    assert (issue.layer, issue.file, issue.severity) == ("roads", "inputs/roads.geojson", "error")
