"""Names of places made comparable: spelling that varies between tables is folded, the name itself is kept for display."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_TONES: Final = {"\u0300": "1", "\u0301": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
"""Grave, acute, hook, tilde and dot below: a word has one tone, whichever of its vowels carries the mark."""

_KINDS: Final[tuple[tuple[str, str], ...]] = (
    ("to dan pho", "tdp"),
    ("khu pho", "kp"),
    ("thi tran", "tt"),
    ("thanh pho", "tp"),
    ("thi xa", "tx"),
    ("dac khu", "đk"),
    ("phuong", "p"),
    ("huyen", "h"),
    ("quan", "q"),
    ("tinh", "t"),
    ("thon", ""),
    ("buon", "b"),
    ("xa", "x"),
)
"""Kinds of unit, folded, and their abbreviation; an abbreviation of one letter counts before a point or a number only."""

_INSEPARABLE: Final = {"thon": "Thôn", "buon": "Buôn"}
"""Parts of the name proper, not titles: 'Buôn Ma Thuột' is a city and 'Thôn 1' is not 'Buôn 1'."""


@dataclass(frozen=True, slots=True)
class Key:
    """What of a name is compared.

    Parameters
    ----------
    kind : str
        ``xa``, ``phuong``, …; empty where the name states none.
    exact : str
        Letters with their quality (ă, â, đ, ê, ô, ơ, ư) and the tones in their order; spaces, apostrophes and the
        vowel that carries a tone do not count.
    folded : str
        Letters a to z and digits only.
    numbers : tuple of str
        The numbers in it: 'Xuân Thọ 1' is not almost 'Xuân Thọ 2'.
    """

    kind: str
    exact: str
    folded: str
    numbers: tuple[str, ...]


def fold(text: str) -> str:
    """Return a text in lower case without diacritics, đ as d; spaces and punctuation stay."""
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c)).replace("đ", "d")


def key(name: str) -> Key:
    """Return what of a name is compared; the same for every spelling of one name.

    'Phường Tuy Hoà', 'P. Tuy Hòa', 'PHƯỜNG TUY HOÀ' (composed or decomposed) and 'Tuy  Hòa' share `Key.exact`, as do
    "Ea H'leo" and 'Ea H’Leo', 'Phường 01' and 'P1', and 'TuyHoà' of a table without spaces.
    """
    kind, core = _without_kind(" ".join(unicodedata.normalize("NFC", name).split()))
    core = re.sub(r"\d+", lambda number: number.group().lstrip("0") or "0", core)
    letters, tones = _apart(core)
    folded = re.sub(r"[^a-z0-9]", "", fold(core))
    return Key(kind, f"{letters}|{tones}", folded, tuple(re.findall(r"\d+", core)))


def _apart(text: str) -> tuple[str, str]:
    """Return the letters and digits of a text without tones, and the tones in their order."""
    marks = unicodedata.normalize("NFD", text.casefold())
    tones = "".join(_TONES.get(c, "") for c in marks)
    letters = unicodedata.normalize("NFC", "".join(c for c in marks if c not in _TONES))
    return "".join(c for c in letters if c.isalnum() and unicodedata.category(c) != "Lm"), tones


def _without_kind(name: str) -> tuple[str, str]:
    """Return the kind of unit that a name begins with, and the rest; a name that is nothing but a kind is kept."""
    plain = fold(name)
    for kind, short in _KINDS:
        pattern = rf"{kind.replace(' ', r' ?')}\b[.:]?\s*" if kind not in _INSEPARABLE else r"(?!)"
        if short:
            ends = r"\s*\.\s*|\s*(?=\d)" if len(short) == 1 else r"\s*\.\s*|\s*(?=\d)|\s+"
            pattern += rf"|{fold(short)}(?:{ends})"
        found = re.match(pattern, plain)
        if found and len(plain) == len(name) and name[found.end() :].strip():
            rest = name[found.end() :].strip()
            return (kind, rest) if kind not in _INSEPARABLE else ("", f"{_INSEPARABLE[kind]} {rest}")
    return "", name
