"""What a wheel carries: the code, its data files and the shipped province, nothing that was fetched."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_carries_what_runs_need(names):
    assert {"planner/planner.default.toml", "planner/maps/words.json", "planner/_boundaries/plan.toml"} <= names
    assert any(name.startswith("planner/templates/inputs/") for name in names)
    assert any(name.startswith("planner/maps/assets/leaflet") for name in names)


def test_the_wheel_carries_every_shipped_file_and_no_fetched_one(names):
    tracked = subprocess.run(
        ["git", "ls-files", "--", str(ROOT / "data")], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    shipped = {f"planner/_{Path(name).parent.name}/{Path(name).name}" for name in tracked}
    assert {name for name in names if name.startswith(("planner/_boundaries/", "planner/_crosswalk/"))} == shipped
    assert not any("official/" in name for name in names)


def test_no_test_benchmark_or_notebook_is_installed(names):
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"api", "layers", "planner"}


def test_the_distribution_is_never_uploaded():
    with (ROOT / "pyproject.toml").open("rb") as stream:
        assert "Private :: Do Not Upload" in tomllib.load(stream)["project"]["classifiers"]
