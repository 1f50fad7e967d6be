"""Which bytes a plan reads: the files behind its layers, by what they hold."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from layers import catalog
from layers.catalog import Layer
from layers.errors import Issue
from planner.config import PlanFile
from planner.errors import PlanError

KEYS: Final = ("path", "truth")
"""Keys of a layer that name a file."""
ABSENT: Final = "absent"


def sources(file: PlanFile) -> dict[str, dict[str, str]]:
    """Return the SHA-256 of every file that a plan's layers name, by key of the plan and name of the file.

    A file counts with all that stand beside it under the same name before the dot: the parts of a shapefile, a world
    file, a projection. One that is not there is `ABSENT`; reading will say so.

    Parameters
    ----------
    file : PlanFile
    """
    found = {}
    for key, text in _named(file.plan.layers.model_dump(), "layers"):
        try:
            path = file.resolve(text, key=key)
        except PlanError:
            found[key] = {text: ABSENT}
            continue
        found[key] = {part.name: _sha256(part) for part in _parts(path)}
    return found


def _named(section: Mapping[str, Any], key: str) -> Iterator[tuple[str, str]]:
    for name, value in section.items():
        if isinstance(value, Mapping):
            yield from _named(value, f"{key}.{name}")
        elif name in KEYS and isinstance(value, str):
            yield f"{key}.{name}", value


def _parts(path: Path) -> list[Path]:
    beside = path.parent.glob(f"{glob.escape(path.stem)}.*")
    return sorted({path, *(part for part in beside if part.is_file())})


def _sha256(path: Path) -> str:
    return catalog.sha256_of(path) if path.is_file() else ABSENT


def changed_meanwhile(layers: Sequence[Layer], found: Mapping[str, Mapping[str, str]]) -> list[Issue]:
    """Return the faults of files that hold something else now than when the run began.

    Parameters
    ----------
    layers : sequence of Layer
        As they were read.
    found : mapping
        `sources` when the run began.
    """
    rule = "the file changed while it was being read"
    done = "Wait until it is written and run again."
    return [
        Issue(layer=layer.record.layer, file=layer.record.file, rule=rule, done=done, code="changed")
        for layer in layers
        if layer.record.path is not None
        and (parts := found.get(f"layers.{layer.record.layer}.path"))
        and layer.record.sha256 != parts.get(layer.record.path.name)
    ]
