"""Every fault of every layer is told at once; what is old or lost is said."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from planner import intake, workspace
from planner.config import PlanFile

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def plan(tmp_path) -> Path:
    """A new workspace as `planner init` makes it: all its inputs are good."""
    return workspace.init(tmp_path / "w") / "plan.toml"


def gather(plan: Path, *, now: dt.datetime = NOW) -> intake.Inputs:
    return intake.gather(PlanFile(plan), seed=1, now=now)


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_a_new_workspace_has_no_fault_and_people_for_every_village(plan):
    inputs = gather(plan)
    assert inputs.faults == []
    people = inputs.people_frame()
    assert set(people["unit_id"]) == set(inputs.frame("villages")["unit_id"])
    assert people["population_people"].sum() == inputs.population.frame["people"].sum()


def test_faults_of_several_layers_are_told_at_once(plan):
    (plan.parent / "inputs" / "adoption.csv").write_text("unit_id,numerator\n", encoding="utf-8")
    (plan.parent / "inputs" / "teams.csv").unlink()
    layers = {issue.layer.partition(".")[0] for issue in gather(plan).faults}
    assert {"adoption", "teams"} <= layers


def test_a_layer_older_than_its_limit_is_stale_and_one_from_the_future_is_remarked(plan):
    text = plan.read_text(encoding="utf-8")
    head, mark, tail = text.partition("[layers.communes]\n")
    plan.write_text(f"{head}{mark}max_age_days = 30\n" + tail, encoding="utf-8")
    inputs = gather(plan, now=dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
    assert inputs.stale
    assert inputs.faults == []
    early = gather(plan, now=dt.datetime(1990, 1, 1, tzinfo=dt.UTC))
    assert "future_date" in {issue.code for issue in early.issues}
    assert early.faults == []


def test_islands_carry_both_labels():
    assert set(intake.islands()["name"]) == {
        "Quần đảo Hoàng Sa (Việt Nam)",
        "Quần đảo Trường Sa (Việt Nam)",
    }
