"""environment.yml and pyproject.toml name the same dependencies; the lock holds every one with a hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import rattler
import yaml

ROOT = Path(__file__).resolve().parent.parent
CONDA_NAMES = {
    "ortools": "ortools-python",
    "pandera": "pandera-geopandas",
    "prometheus-client": "prometheus_client",
}
"""Names that differ on conda-forge."""


def requirements() -> dict[str, str]:
    with (ROOT / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)["project"]
    found = {}
    for line in project["dependencies"]:
        match = re.match(r"([A-Za-z0-9_.-]+)(?:\[[^]]*\])?\s*([^;]*)", line)
        assert match is not None
        found[match.group(1).lower()] = match.group(2).strip()
    return found | {"python": project["requires-python"]}


def test_environment_equals_pyproject():
    text = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [line for line in text["dependencies"] if isinstance(line, str) and line != "pip"]
    specs = [rattler.MatchSpec(line) for line in conda]
    found = {spec.name.normalized: str(spec.version) for spec in specs}
    expected = {CONDA_NAMES.get(name, name): version for name, version in requirements().items()}
    assert found == expected


def test_environment_ends_with_the_project_itself():
    text = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert text["dependencies"][-1] == {"pip": ["-e ."]}


def test_lock_pins_every_dependency_with_a_hash():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {
        m.group(1).lower().replace("_", "-") for m in re.finditer(r"^([A-Za-z0-9_.-]+)==", lock, flags=re.MULTILINE)
    }
    assert set(requirements()) - {"python"} <= pinned
    entries = re.split(r"^(?=[A-Za-z0-9_.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in lock
