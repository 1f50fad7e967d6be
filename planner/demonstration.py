"""The shipped province as a workspace, and the official boundaries that may be fetched but not shipped."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from layers import catalog, fetch
from planner.errors import PlanError
from planner.progress import Progress


def prepare(folder: Path) -> Path:
    """Copy the shipped province into `folder` (what a person changed there is kept) and return its plan.

    Raises
    ------
    PlanError
        When `folder` is something else than a folder.
    """
    if folder.exists() and not folder.is_dir():
        message = f"{folder}: is not a folder"
        raise PlanError(message)
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(catalog.boundaries_folder().iterdir()):
        target = folder / source.name
        if source.is_file() and not target.exists():
            shutil.copyfile(source, target)
    return folder / "plan.toml"


def fetch_boundaries(folder: Path | None, *, base_url: str | None, progress: Progress) -> Path:
    """Download the official commune polygons, which may be used but not shipped, and return the file made of them.

    Parameters
    ----------
    folder : Path, optional
        ``official/`` beside the shipped boundaries when None.
    base_url : str, optional
        Another place that holds the same bytes.
    progress : Progress

    Raises
    ------
    LayerError
        When the server cannot be read or a file's size or sha256 is not the pinned one.
    """
    shipped = catalog.boundaries_folder()
    pins = fetch.read_pins(shipped / "official.json")
    target = folder or shipped / "official"
    stage = f"fetching {len(pins.files)} files"
    progress.start(stage)
    found = fetch.official_boundaries(target, pins=pins, base_url=base_url)
    progress.done(stage, pins.licence)
    return found


def command() -> str:
    """Return how this program was started, so that the printed command can be pasted."""
    started = Path(sys.argv[0])
    on_path = shutil.which("planner")
    if on_path is not None and Path(on_path).resolve() == started.resolve():
        return "planner"
    return str(started) if started.name == "planner" else f"{sys.executable} -m planner"
