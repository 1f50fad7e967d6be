"""A dry run says what will be computed and why, and computes and writes nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from planner import pipeline, workspace
from planner.progress import LogProgress

NOW = dt.datetime(2026, 1, 31, 8, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that was run, with its cache beside it."""
    base = tmp_path_factory.mktemp("finished")
    folder = workspace.init(base / "w")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANNER_CACHE", str(base / "cache"))
        pipeline.run(folder / "plan.toml", out=None, now=NOW, seed=None, progress=LogProgress())
    return folder


def foresee(folder: Path, *, now: dt.datetime = NOW) -> dict[str, str]:
    lines = pipeline.foresee(folder / "plan.toml", now=now, seed=None, progress=LogProgress())
    return {line[9:].split(":")[0]: line for line in lines}


def test_a_plan_that_was_never_run_is_computed_whole(tmp_path: Path):
    folder = workspace.init(tmp_path / "w")
    found = foresee(folder)
    assert found["reading and checking inputs"].startswith("compute  ")
    assert found["choosing team sites"].startswith("perhaps  ")
    assert all("not run here before" in line for line in found.values() if "always" not in line)
    assert not (folder / "published").exists()


def test_what_is_kept_and_what_changed_are_told(finished: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PLANNER_CACHE", str(finished.parent / "cache"))
    found = foresee(finished)
    assert found["overlaying coverage"] == "keep     overlaying coverage"
    assert found["scoring"] == "compute  scoring: it is not kept between runs"
    tomorrow = foresee(finished, now=NOW + dt.timedelta(days=1))
    assert tomorrow["reading and checking inputs"] == "compute  reading and checking inputs: another day"
    plan = finished / "plan.toml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace("\nteams = 2", "\nteams = 1"), encoding="utf-8")
    assert foresee(finished)["choosing team sites"] == "compute  choosing team sites: [deploy] of the plan changed"
    plan.write_text(text, encoding="utf-8")
    roads = finished / "inputs" / "roads.geojson"
    before = roads.read_bytes()
    roads.write_bytes(before + b"\n")
    assert foresee(finished)["reading and checking inputs"].endswith(": roads.geojson changed")
    roads.write_bytes(before)


def test_a_damaged_record_is_no_record(finished: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    for note in (finished.parent / "cache").glob("plan-*"):
        (cache / note.name).write_text("{}", encoding="utf-8")
    assert "not run here before" in foresee(finished)["scoring"]
