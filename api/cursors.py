"""Where a list goes on: a cursor names the publication, the question and how far it was answered."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import NamedTuple

import orjson


class Cursor(NamedTuple):
    """A place in a list.

    Parameters
    ----------
    publication : str
        The list is that of this publication, whatever is in force by then.
    question : str
        Digest of the filters, see `question`.
    offset : int
        How many items were given out.
    """

    publication: str
    question: str
    offset: int

    def __str__(self) -> str:
        """Return the text that clients hand back."""
        return base64.urlsafe_b64encode(orjson.dumps(list(self))).decode().rstrip("=")


def question(filters: Mapping[str, object]) -> str:
    """Return a digest of the filters: a cursor of one question is no use for another."""
    given = {name: value for name, value in filters.items() if value is not None}
    return hashlib.sha256(orjson.dumps(given, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def parse(text: str) -> Cursor | None:
    """Return the cursor that `text` stands for; None when no server handed it out."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        publication, asked, offset = parts
    except (ValueError, TypeError):
        return None
    sound = isinstance(publication, str) and isinstance(asked, str) and type(offset) is int
    return Cursor(publication, asked, offset) if sound and offset > 0 else None
