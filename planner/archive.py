"""The folder of publications over time: which there are, which is in force, which may go."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from planner import publish
from planner.errors import PublicationError, UnknownIdError
from planner.lock import FolderLock
from planner.products import current_id, open_publication

LEAVING: Final = ".leaving-"
_ID: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


def publications(published: Path) -> list[str]:
    """Return the ids of all publications in a folder, oldest first."""
    if not published.is_dir():
        return []
    return sorted(entry.name for entry in published.iterdir() if entry.is_dir() and _ID.fullmatch(entry.name))


def rollback(published: Path, publication_id: str | None = None) -> str:
    """Put an older publication in force again and return its id; nothing is deleted.

    Parameters
    ----------
    published : Path
    publication_id : str, optional
        The one before the one in force when None.

    Raises
    ------
    UnknownIdError
        When there is no such publication, or none before.
    PublicationError
        When its files differ from its manifest.
    BusyError
        When a run works in this folder.
    """
    known, current = publications(published), current_id(published)
    if publication_id is None:
        older = [name for name in known if name < current]
        if not older:
            message = f"{published}: there is no publication before {current}"
            raise UnknownIdError(message)
        publication_id = older[-1]
    if publication_id not in known:
        message = f"{published}: no publication '{publication_id}' (there are: {', '.join(known)})"
        raise UnknownIdError(message)
    if damaged := open_publication(published / publication_id).damaged_files():
        message = f"{publication_id}: damaged ({', '.join(damaged)}); {current} stays in force"
        raise PublicationError(message)
    with FolderLock(published):
        publish.switch(published, publication_id)
    return publication_id


def prune(published: Path, *, keep: int) -> list[str]:
    """Delete the oldest publications beyond `keep`, never the one in force; return the ids that went.

    Parameters
    ----------
    published : Path
    keep : int
        How many stay, at least 1.
    """
    for left in sorted(published.glob(f"{LEAVING}*")):
        shutil.rmtree(left, ignore_errors=True)
    known = publications(published)
    current = current_id(published)
    others = [name for name in known if name != current]
    gone = others[: max(0, len(known) - max(1, keep))]
    for name in gone:
        # renamed first: a half-deleted folder must never look like a publication
        leaving = published / f"{LEAVING}{name}"
        (published / name).rename(leaving)
        shutil.rmtree(leaving)
    return gone
