"""A new workspace explains every key, runs as it stands, and overwrites nothing."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from planner import config, pipeline, sections, workspace
from planner.config import PlanFile
from planner.errors import PlanError
from planner.products import open_publication
from planner.progress import LogProgress

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
KEY = re.compile(r"^# (\w+) \| (.+?) \| (.+?) \| (.+)$")
SET = re.compile(r"^#?(\w+) = (.+)$")
SECTION = re.compile(r"^#?\[([\w.]+)\]$")
EVERY_LAYER = "layers"
MODELS: dict[str, type[BaseModel]] = {
    "plan": sections.PlanSection,
    "layers.communes": sections.CommunesSection,
    "layers.villages": sections.VillagesSection,
    "layers.population": sections.PopulationSection,
    "layers.rasters.people": sections.FileSection,
    "layers.ages": sections.AgesSection,
    "layers.coverage.operators": sections.CoverageSection,
    "layers.adoption.vneid_activated": sections.AdoptionSection,
    "layers.attributes.poverty": sections.AttributeSection,
    "layers.teams": sections.TeamsSection,
    "layers.sites": sections.FileSection,
    "layers.roads": sections.FileSection,
    "layers.barriers": sections.GeneratedSection,
    "layers.landcover": sections.FileSection,
    "layers.dem": sections.FileSection,
    "layers.friction": sections.FrictionSection,
    "layers.minutes": sections.MinutesSection,
    "layers.outline": sections.FileSection,
    "layers.places": sections.FileSection,
    "layers.feedback": sections.FeedbackSection,
    "limits": sections.LimitsSection,
    "travel": sections.Travel,
    "needs": sections.Needs,
    "score": sections.Score,
    "estimate": sections.Estimate,
    "evidence": sections.Evidence,
    "uncertainty": sections.Uncertainty,
    "analyses": sections.Analyses,
    "privacy": sections.Privacy,
    "deploy": sections.Deploy,
    "deploy.rapid_response": sections.RapidResponse,
    "deploy.phased": sections.Phased,
    "rounds": sections.Rounds,
    "publish": sections.Publish,
}


def documented() -> dict[str, dict[str, tuple[str, str, str]]]:
    """Section to key to (type and unit, default, meaning); keys of every layer under `layers`."""
    found: dict[str, dict[str, tuple[str, str, str]]] = {}
    section = ""
    for line in workspace.default_plan().splitlines():
        if line == "# Keys of every layer:":
            section = EVERY_LAYER
        if match := SECTION.match(line):
            section = match.group(1)
        found.setdefault(section, {})
        if match := KEY.match(line):
            key, *rest = match.groups()
            assert key not in found[section], f"{section}.{key} stands twice"
            found[section][key] = (rest[0], rest[1], rest[2])
    return found


def default_of(model: type[BaseModel], key: str) -> str:
    """A key's default as the plan file states it."""
    value = model.model_fields[key].default
    return "required" if value is PydanticUndefined else value


def parsed(text: str) -> Any:
    """What the plan file's third column says."""
    if text in {"required", "none"}:
        return {"none": None}.get(text, text)
    return tomllib.loads(f"x = {text}")["x"]


def as_toml(value: Any) -> Any:
    """A default as TOML gives it: a tuple is a list, at every depth."""
    return [as_toml(part) for part in value] if isinstance(value, tuple) else value


def test_every_section_is_explained():
    layers = {s for s in MODELS if s.startswith("layers.")}
    assert {s.split(".")[1] for s in layers} == set(sections.Layers.model_fields)
    assert {s for s in MODELS if "." not in s} | {"layers", "scenario"} == set(config.Plan.model_fields)
    assert "# [scenario." in workspace.default_plan()
    assert set(documented()) - {"", EVERY_LAYER} == set(MODELS)


@pytest.mark.parametrize("section", MODELS)
def test_every_key_of_a_section_is_explained_with_its_default(section):
    model = MODELS[section]
    found = documented()[section]
    shared = set(sections.LayerSection.model_fields) if section.startswith("layers.") else set()
    assert set(found) == set(model.model_fields) - shared
    for key, (_, default, _) in found.items():
        value = default_of(model, key)
        assert parsed(default) == as_toml(value), key


def test_keys_of_every_layer_are_explained_once():
    found = documented()[EVERY_LAYER]
    assert set(found) == set(sections.LayerSection.model_fields)
    for key, (_, default, _) in found.items():
        assert parsed(default) == default_of(sections.LayerSection, key), key


@pytest.mark.parametrize("section", MODELS)
def test_the_words_of_a_type_are_the_model_s(section):
    for key, (kind, *_) in documented()[section].items():
        text = str(MODELS[section].model_fields[key].annotation)
        if "Literal" in text and "dict" not in text and "tuple" not in text:
            assert re.findall(r'"(\w+)"', kind) == re.findall(r"'(\w+)'", text.split("Literal")[1])
        elif "bool" in text:
            assert kind == "true or false"
        elif "int" in text:
            assert kind.startswith(("whole number", "list of whole numbers"))
        elif "float" in text:
            assert kind.startswith(
                ("number", "share", "table of numbers", "table of shares", "list of [slope, share")
            ), key
        elif key not in {"date", "start", "locked_in", "locked_out", "rapid_response", "phased"}:
            assert kind.startswith(("text", "list of text", "table of text", "table of numbers")), key


def test_each_commented_line_is_a_key_that_may_be_set():
    section = ""
    for line in workspace.default_plan().splitlines():
        if match := SECTION.match(line):
            section = match.group(1)
        if match := SET.match(line):
            assert match.group(1) in MODELS[section].model_fields, line
            tomllib.loads(line.removeprefix("#"))


def test_commented_values_are_the_defaults_where_there_is_one():
    section = ""
    for line in workspace.default_plan().splitlines():
        if match := SECTION.match(line):
            section = match.group(1)
        match = SET.match(line)
        if match and line.startswith("#") and match.group(1) in documented()[section]:
            default = parsed(documented()[section][match.group(1)][1])
            # what has no default and an empty table are shown with an example of what they may hold
            if default not in (None, "required", {}):
                assert tomllib.loads(line.removeprefix("#")) == {match.group(1): default}


def test_init_writes_a_plan_and_its_inputs(tmp_path):
    folder = workspace.init(tmp_path / "new" / "workspace")
    assert folder == tmp_path / "new" / "workspace"
    plan = PlanFile(folder / "plan.toml")
    named = [plan.plan.layers.communes, plan.plan.layers.villages, *plan.plan.layers.coverage.values()]
    assert all(plan.resolve(section.path or "", key="x").is_file() for section in named)
    assert "ví dụ bịa" in (folder / "inputs" / "README.md").read_text(encoding="utf-8")
    assert "bịa" in plan.plan.plan.title
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["workspace"]


def test_there_is_a_template_for_every_layer(tmp_path):
    folder = workspace.init(tmp_path / "w")
    stems = {p.stem for p in (folder / "inputs").iterdir()} - {"README"}
    kinds = {"cells", "drive_tests", "tiles"}  # further kinds of coverage have a template each
    like_others = {"landcover", "dem", "friction"}  # GeoTIFFs as rasters.tif is one
    assert stems == set(sections.Layers.model_fields) - like_others | kinds
    readme = (folder / "inputs" / "README.md").read_text(encoding="utf-8")
    assert all(f"`{p.name}`" in readme for p in (folder / "inputs").iterdir() if p.stem != "README")


def uncommented() -> str:
    """The plan with the three sections that stand commented out."""
    text = workspace.default_plan()
    for name in ("sites", "barriers", "feedback"):
        text, count = re.subn(rf"^#(\[layers\.{name}\])\n#(path = .*)$", r"\1\n\2", text, flags=re.MULTILINE)
        assert count == 1
    return text


@pytest.mark.parametrize("everything", [False, True])
def test_a_new_workspace_runs_as_it_stands(tmp_path, everything):
    folder = workspace.init(tmp_path / "w")
    if everything:
        (folder / "plan.toml").write_text(uncommented(), encoding="utf-8")
    result = pipeline.check(folder / "plan.toml", out=None, now=NOW, progress=LogProgress())
    # "108.075" could be a thousand times as much, so how a column was read is said; nothing else is to be said
    tables = ["villages", "teams", *(["sites", "feedback"] if everything else [])]
    said = sorted((i.severity, i.code, i.layer, i.column) for i in result.issues)
    assert said == sorted(("info", "number_notation", table, axis) for table in tables for axis in ("lon", "lat"))
    assert result.report == folder / "quality" / "report.html"
    path = pipeline.run(folder / "plan.toml", out=None, now=NOW, seed=None, progress=LogProgress())
    publication = open_publication(folder / "published")
    assert publication.path.resolve() == path.resolve()
    assert len(publication.villages) == 8
    assert set(publication.villages["coverage_status"]) == {"covered", "partial", "not_covered", "unknown"}


def test_an_empty_folder_is_filled_in_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    workspace.init(Path())
    assert sorted(p.name for p in Path().iterdir()) == ["inputs", "plan.toml"]


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(PlanError, match="not empty"):
        workspace.init(tmp_path)
    with pytest.raises(PlanError, match="this is a file"):
        workspace.init(tmp_path / "mine.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_failed_init_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workspace, "_copy", fail)
    with pytest.raises(OSError, match="No space"):
        workspace.init(tmp_path / "w")
    assert list(tmp_path.iterdir()) == []
