"""A new workspace: a plan in which every key is explained, and a template per layer that runs as it stands."""

from __future__ import annotations

import os
import shutil
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from planner.errors import PlanError

PLAN: Final = "plan.toml"
INPUTS: Final = "inputs"


def default_plan() -> str:
    """Return ``planner.default.toml``: every key with its type, unit, default and meaning."""
    return resources.files("planner").joinpath("planner.default.toml").read_text(encoding="utf-8")


def _copy(source: Traversable, target: Path) -> None:
    target.mkdir()
    for entry in sorted(source.iterdir(), key=lambda e: e.name):
        if entry.is_file():
            (target / entry.name).write_bytes(entry.read_bytes())


def init(folder: Path) -> Path:
    """Make a workspace: ``plan.toml`` and ``inputs/`` with a small made-up region.

    Parameters
    ----------
    folder : Path
        New or empty; ``plan.toml`` appears last, when all else stands.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    PlanError
        When something stands there already: nothing is ever overwritten.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = "this folder is not empty" if folder.is_dir() else "this is a file"
        message = f"{folder}: {what}; name a new or an empty folder"
        raise PlanError(message)
    target = folder.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        beside.mkdir()
        (beside / PLAN).write_text(default_plan(), encoding="utf-8", newline="\n")
        _copy(resources.files("planner").joinpath("templates").joinpath(INPUTS), beside / INPUTS)
        target.mkdir(exist_ok=True)
        for name in (INPUTS, PLAN):
            (beside / name).rename(target / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder
