"""A run computes only what changed, and what it publishes does not tell how much of it was kept."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import pytest

from planner import pipeline, products, workspace
from planner.progress import LogProgress

NOW = dt.datetime(2026, 1, 31, 8, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path / "cache"))


def run(folder: Path, out: Path) -> Path:
    return pipeline.run(folder / "plan.toml", out=out, now=NOW, seed=None, progress=LogProgress())


def computed(caplog: pytest.LogCaptureFixture) -> set[str]:
    """Return the titles of the stages that began to work, and forget them."""
    found = {m.removesuffix(" …") for m in caplog.messages if m.endswith(" …")}
    caplog.clear()
    return found


def digests(publication: Path) -> dict[str, str]:
    files = products.open_publication(publication).manifest.files
    return {f.path: f.sha256 for f in files if not f.path.endswith(".gpkg")}


def test_only_what_changed_is_computed_and_the_bytes_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO, logger="planner")
    folder = workspace.init(tmp_path / "w")
    first = digests(run(folder, tmp_path / "a"))
    everything = computed(caplog)
    again = digests(run(folder, tmp_path / "b"))
    always = computed(caplog)
    assert first == again
    assert {"reading and checking inputs", "overlaying coverage", "choosing team sites"} <= everything - always

    plan = folder / "plan.toml"
    text = plan.read_text(encoding="utf-8")
    weighted = "[score]\npillars = { connectivity = 3, adoption = 1, access = 1, vulnerability = 1 }\n"
    plan.write_text(text.replace("[score]\n", weighted), encoding="utf-8")
    kept = digests(run(folder, tmp_path / "c"))
    # the analyses that a plan may ask for stand on the scores; here none was asked for
    assert computed(caplog) - always == {"ranking the draws", "further analyses"}
    assert kept["villages.parquet"] != first["villages.parquet"]
    assert kept["assignments.parquet"] == first["assignments.parquet"]
    monkeypatch.setenv("PLANNER_CACHE", "")
    assert digests(run(folder, tmp_path / "d")) == kept


def test_other_places_for_teams_draw_nothing_again(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, logger="planner")
    folder = workspace.init(tmp_path / "w")
    run(folder, tmp_path / "a")
    computed(caplog)
    plan = folder / "plan.toml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace("\n[deploy]\n", "\n[deploy]\nmin_per_commune = 1\n"), encoding="utf-8")
    run(folder, tmp_path / "b")
    found = computed(caplog)
    assert "choosing team sites" in found
    assert not {"drawing what is not known", "ranking the draws"} & found


def test_a_changed_file_is_read_again(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, logger="planner")
    folder = workspace.init(tmp_path / "w")
    run(folder, tmp_path / "a")
    computed(caplog)
    table = folder / "inputs" / "adoption.csv"
    lines = table.read_text(encoding="utf-8-sig").splitlines()
    table.write_text("\n".join([lines[0], *lines[2:]]) + "\n", encoding="utf-8")
    run(folder, tmp_path / "b")
    found = computed(caplog)
    assert {"reading and checking inputs", "estimating adoption"} <= found
    assert not {"overlaying coverage", "measuring the way to support"} & found
