"""Which letters spell Vietnamese: how a text in a wrong encoding is told from one in the right encoding."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_TONES: Final = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_RHYMES: Final = (
    "a ă â e ê i o ô ơ u ư y ai ao au ay âu ây eo êu ia iê iêu iu oa oai oao oay oă oe oeo oi oo ôi ơi ua uâ uây uê "
    "ui uô uôi uơ uy uya uyê uyu ưa ưi ươ ươi ươu ưu yê yêu iơ uă uôu"
)
_NUCLEUS: Final = "|".join(sorted(_RHYMES.split(), key=len, reverse=True))
_SYLLABLE: Final = re.compile(rf"[bcdđghjklmnñpqrstvwxčƀ]{{0,4}}(?:{_NUCLEUS})[bcghklmnprtñč]{{0,2}}")
"""Wide enough for the names of the Ê Đê, Jrai and M'nông: clusters such as Kr, Dl, endings such as k, l, r."""
_WORD: Final = re.compile(r"[^\s\x00-\x26\x28-\x40\x5b-\x60\x7b-\x7f'\u2010-\u2027\u2030-\u205e\u00a0]+")
_ENOUGH: Final = 0.8
_EIGHT_BIT: Final = frozenset("àáâãèéêìíòóôõùúýÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝñÑ\u00a0°²³½·–")
"""What a sound text may have of the upper half of Latin-1."""


def is_spelled(word: str) -> bool:
    """Return whether a word without spaces is a syllable of Vietnamese or of a name of the highlands."""
    lower = unicodedata.normalize("NFD", word).lower().translate(_TONES)
    return _SYLLABLE.fullmatch(unicodedata.normalize("NFC", lower)) is not None


def has_foreign_letters(text: str) -> bool:
    """Return whether a text has 8-bit letters or signs that no Vietnamese text has: ©, §, «, ö, ø."""
    return any(0xA0 <= ord(letter) <= 0xFF and letter not in _EIGHT_BIT for letter in text)


def spelled_share(text: str, *, most: int = 20_000) -> float | None:
    """Return the share of the words with letters beyond ASCII that are spelled as Vietnamese is.

    Parameters
    ----------
    text : str
    most : int
        Distinct words that are looked at, the first ones.

    Returns
    -------
    float or None
        Each distinct word counts once; None where no word has such a letter.
    """
    words = list(dict.fromkeys(word for word in _WORD.findall(text) if not word.isascii()))[:most]
    if not words:
        return None
    return sum(map(is_spelled, words)) / len(words)


def is_vietnamese(text: str) -> bool:
    """Return whether nearly all words beyond ASCII are spelled as Vietnamese is, or none is beyond ASCII."""
    share = spelled_share(text)
    return share is None or share >= _ENOUGH
