"""Search of names with or without diacritics."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_MARKS = range(0x300, 0x370)


def fold(text: str) -> str:
    """Return `text` without diacritics and case: ``Tuy Hoà`` and ``tuy hoa`` fold to the same."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if ord(c) not in _MARKS)
    return " ".join(plain.replace("đ", "d").split())


def exact(text: str) -> str:
    """Return `text` in one spelling of the same letters, diacritics kept."""
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())


@dataclass(frozen=True, slots=True)
class Name:
    """A name in both spellings, ready to be searched."""

    exact: str
    folded: str


def index(names: Sequence[str]) -> list[Name]:
    """Return `names` ready to be searched."""
    return [Name(exact(name), fold(name)) for name in names]


def search(names: Sequence[Name], question: str) -> list[int]:
    """Return the positions of the names that hold `question`, best first.

    Same letters with their diacritics come before same letters without, whole names before beginnings, beginnings of
    words before the rest; ties keep the order of `names`. A question without a letter finds nothing.
    """
    wanted, folded = exact(question), fold(question)
    if not folded:
        return []
    found = [(_grade(name, wanted, folded), i) for i, name in enumerate(names) if folded in name.folded]
    return [i for _, i in sorted(found)]


def _grade(name: Name, wanted: str, folded: str) -> tuple[int, int]:
    if wanted in name.exact:
        return 0, _place(name.exact, wanted)
    return 1, _place(name.folded, folded)


def _place(name: str, part: str) -> int:
    if name == part:
        return 0
    if name.startswith(part):
        return 1
    return 2 if f" {part}" in name else 3
