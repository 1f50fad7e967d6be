"""What changed since the publication that was in force before: said once, when the next one is made."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Final

from planner.compare import compare
from planner.errors import PublicationError
from planner.products import Changes, Publication, open_publication
from planner.words import Language

LOG = logging.getLogger("planner")
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")
MOVES: Final = 8
"""Villages that are named; `planner compare` names more."""


def since(published: Path, after: Publication) -> Changes | None:
    """Return what differs between the publication in force and one that is about to follow it.

    The same run again must give the same publication, so one that stands already keeps what it said.

    Parameters
    ----------
    published : Path
        The folder of publications.
    after : Publication
        Its tables are written.

    Returns
    -------
    Changes or None
        None where nothing was in force, or what was cannot be read: the log says so.
    """
    try:
        if (published / after.manifest.id).is_dir():
            return open_publication(published / after.manifest.id).manifest.changes
        if not (published / "current").is_file():
            return None
        before = open_publication(published)
        found = compare(before, after)
    except PublicationError as error:
        LOG.warning("what changed since the last publication is not said: %s", error)
        return None
    vi, en = (replace(found, language=language).summary(moves=MOVES) for language in LANGUAGES)
    return Changes(before=before.manifest.id, vi=vi, en=en)
