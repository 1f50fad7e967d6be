"""What a wheel carries: the code, its data files and the shipped province, nothing that was fetched."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def names(wheel) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel) -> Path:
    """A folder as an installer leaves it: what the wheel holds, and nothing of this checkout."""
    folder = wheel.parent / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, folder: Path, *arguments: str) -> str:
    """Run the installed product from another folder and return what it printed."""
    environment = os.environ | {"PYTHONPATH": str(installed), "PLANNER_CACHE": ""}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout


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


def test_the_wheel_carries_every_file_of_the_packages(names):
    command = ["git", "ls-files", "--", "api", "layers", "planner"]
    tracked = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert set(tracked) - names == set()


def test_what_is_installed_finds_its_own_files_from_another_folder(installed, tmp_path):
    run(installed, tmp_path, "-m", "planner", "init", "mine")
    templates = {p.name for p in (ROOT / "planner" / "templates" / "inputs").iterdir()}
    assert {p.name for p in (tmp_path / "mine" / "inputs").iterdir()} == templates
    script = (
        "from pathlib import Path; import planner; from planner import demonstration\n"
        "print(planner.__file__, demonstration.prepare(Path('province')))"
    )
    where, plan = run(installed, tmp_path, "-c", script).split()
    assert Path(where).is_relative_to(installed)
    assert (tmp_path / plan).read_bytes() == (ROOT / "data" / "boundaries" / "plan.toml").read_bytes()


@pytest.mark.soak
def test_what_is_installed_runs_the_shipped_province_from_another_folder(installed, tmp_path):
    published = Path(run(installed, tmp_path, "-m", "planner", "demo").splitlines()[-1])
    assert published.is_relative_to(tmp_path)
    assert (published / "maps" / "need.html").is_file()


def test_no_test_benchmark_or_notebook_is_installed(names):
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"api", "layers", "planner"}


def test_the_distribution_is_never_uploaded():
    with (ROOT / "pyproject.toml").open("rb") as stream:
        assert "Private :: Do Not Upload" in tomllib.load(stream)["project"]["classifiers"]
