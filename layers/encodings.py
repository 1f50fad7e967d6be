"""Bytes into text: UTF-8, UTF-16 and windows-1258; TCVN3, VNI and mojibake recognised, undone where nothing is lost.

Sources of the tables: TCVN 5712:1993 (VN3, the ".Vn" fonts) and VNI Software's 8-bit double-byte encoding ("VNI-" fonts).
"""

from __future__ import annotations

import codecs
import contextlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from layers import syllables
from layers.catalog import Record
from layers.errors import Issue, LayerError

_TCVN3_LETTERS: Final = (
    "ĂÂÊÔƠƯĐăâêôơưđ",
    "¡¢£¤¥¦§¨©ª«¬\xad®",
    "àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
    "µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
)
_VNI_TONES: Final = {"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_VNI_ROUND: Final = {"à": "\u0300", "á": "\u0301", "å": "\u0309", "ã": "\u0303", "ä": "\u0323", "â": ""}
_VNI_SHORT: Final = {"è": "ằ", "é": "ắ", "ú": "ẳ", "ü": "ẵ", "ë": "ặ", "ê": "ă"}
_VNI_ALONE: Final = {"ñ": "đ", "ô": "ơ", "ö": "ư", "ì": "ì", "í": "í", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_MOJIBAKE: Final = re.compile("[ÃÂÄÅÆáâÇ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_CAPITAL_FONT: Final = re.compile(
    r"[A-ZĂÂÊÔƠƯĐ]{2,}[àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]|"
    r"\b[A-ZĐ]*[àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ][A-ZĐ]{2,}"
)
_REPLACEMENT: Final = "\ufffd"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and what was done to have it.

    Parameters
    ----------
    text : str
        As given: composed and combining letters stay what they are.
    issues : tuple of Issue
    """

    text: str
    issues: tuple[Issue, ...] = ()


def decode(data: bytes, *, record: Record) -> Decoded:
    """Return the text of a file.

    Parameters
    ----------
    data : bytes
    record : Record
        Names the file in messages.

    Returns
    -------
    Decoded
        UTF-8 (with or without BOM) is taken in silence; another encoding is told as ``info``, a text that was spoilt on
        its way and mended as ``warning``.

    Raises
    ------
    LayerError
        When no encoding gives Vietnamese, two do, or letters are lost; the message names the conversion to do.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16(data, "utf-16", record)
    wide = _wide(data)
    if wide is not None:
        return _utf16(data, wide, record)
    try:
        return mend(data.decode("utf-8-sig"), record=record)
    except UnicodeDecodeError as error:
        return _legacy(data, error, record)


def mend(text: str, *, record: Record) -> Decoded:
    """Return a text in Unicode with TCVN3, VNI or mojibake undone, where that gives Vietnamese and loses nothing.

    Raises
    ------
    LayerError
        When letters are lost, or the text is none of them.
    """
    if _REPLACEMENT in text:
        row = text.count("\n", 0, text.index(_REPLACEMENT)) or None
        rule = "letters were lost before this file was written (U+FFFD stands for them)"
        done = "Export it again from its source, as UTF-8."
        raise LayerError(_fault(record, rule, row=row, done=done, code="lost_letters"))
    if syllables.is_vietnamese(text):
        return _line_by_line(text, record)
    found = {name: undone for name, undo in _UNDO.items() if (undone := undo(text)) is not None}
    spelled = {name: undone for name, undone in found.items() if syllables.is_vietnamese(undone)}
    if not spelled and not _MOJIBAKE.search(text) and not _looks_legacy(text, found):
        return Decoded(text)  # another language: French, Czech, Lao; not ours to mend
    return _the_one(spelled, record)


def undoings(text: str) -> Iterator[tuple[str, str]]:
    """Yield how a text may have been spoilt, by name, and what it was then."""
    for name, undo in _UNDO.items():
        undone = undo(text)
        if undone is not None and undone != text:
            yield name, undone


def mojibake(text: str) -> str | None:
    """Return the text whose UTF-8 bytes were once read as windows-1252; None when it is not such a text."""
    try:
        return bytes(_byte(letter) for letter in text).decode("utf-8")
    except (UnicodeDecodeError, ValueError):
        return None


def tcvn3(text: str) -> str | None:
    """Return the text of a ".Vn" font (TCVN 5712, VN3), its bytes having been read as windows-1252.

    None when a letter is not of that encoding, or a capital was drawn by a font of capitals: its case is lost.
    """
    if any(letter.isalpha() and ord(letter) > 0x7F and ord(letter) not in _TCVN3 for letter in text):
        return None
    undone = text.translate(_TCVN3)
    return None if _CAPITAL_FONT.search(undone) else undone


def vni(text: str) -> str | None:
    """Return the text of a "VNI-" font, its bytes having been read as windows-1252; None when it is not such a text."""
    return _VNI_PATTERN.sub(lambda found: _VNI[found.group()], text) if _is_eight_bit(text) else None


def _is_eight_bit(text: str) -> bool:
    """Return whether all letters have 8 bits; typographic quotes and dashes have not, and are no letters."""
    return all(ord(letter) <= 0xFF or not letter.isalpha() for letter in text)


def _fault(record: Record, rule: str, **more: Any) -> Issue:
    return Issue(layer=record.layer, file=record.file, rule=rule, **more)


def _told(record: Record, name: str, *, spoilt: bool) -> Issue:
    rule = f"the text is in {name}, not in UTF-8"
    done = "It was read as such; save it as UTF-8 to be sure of every letter."
    return _fault(record, rule, value=name, severity="warning" if spoilt else "info", done=done, code="encoding")


def _wide(data: bytes) -> str | None:
    """Return which UTF-16 a file without BOM is in: half of its bytes are zero, all on one side."""
    head = data[:4096]
    if len(head) < 4 or b"\x00" not in head:
        return None
    even, odd = head[::2].count(0) / len(head), head[1::2].count(0) / len(head)
    if odd > 0.2 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.2 and odd < 0.05 else None


def _utf16(data: bytes, name: str, record: Record) -> Decoded:
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        rule = "the file begins as UTF-16 and is not UTF-16 to its end"
        raise LayerError(_fault(record, rule, done="Save it again as UTF-8.", code="not_utf16")) from None
    mended = mend(text, record=record)
    return Decoded(mended.text, (_told(record, "UTF-16", spoilt=False), *mended.issues))


def _legacy(data: bytes, error: UnicodeDecodeError, record: Record) -> Decoded:
    """Try the 8-bit encodings of Việt Nam; one of them must spell Vietnamese, and one only."""
    found: dict[str, str] = {}
    western = data.decode("latin-1") if b"\x00" not in data else ""
    with contextlib.suppress(UnicodeDecodeError):
        found["windows-1258"] = data.decode("cp1258")
    found |= {name: undone for name in ("TCVN3", "VNI") if (undone := _UNDO[name](western)) is not None}
    spelled = {name: text for name, text in found.items() if text and syllables.is_vietnamese(text)}
    if not spelled:
        row = data.count(b"\n", 0, error.start) or None
        rule = "a text file is encoded in UTF-8, UTF-16 or windows-1258"
        done = "Save it again as CSV UTF-8; text typed with .Vn or VNI- fonts is first converted to Unicode."
        value = f"byte 0x{data[error.start]:02x}"
        raise LayerError(_fault(record, rule, row=row, value=value, done=done, code="not_utf8"))
    return _the_one(spelled, record)


def _the_one(spelled: Mapping[str, str], record: Record) -> Decoded:
    """Return the only reading; several that differ, or none, are for a person to decide."""
    if len({unicodedata.normalize("NFC", text) for text in spelled.values()}) == 1:
        name, text = next(iter(spelled.items()))
        return Decoded(text, (_told(record, name, spoilt=name != "windows-1258"),))
    if spelled:
        rule = f"the text can be read as {' and as '.join(spelled)}, with different letters"
    else:
        rule = "the text was spoilt by a wrong encoding (TCVN3, VNI or mojibake) and cannot be restored without loss"
    done = "Convert it to Unicode (TCVN3 or VNI to Unicode, then CSV UTF-8) where it was typed."
    raise LayerError(_fault(record, rule, done=done, code="spoilt_text"))


def _looks_legacy(text: str, found: Mapping[str, str]) -> bool:
    """Return whether an undoing spells clearly more words than the text as given does."""
    given = syllables.spelled_share(text) or 0.0
    return any((syllables.spelled_share(undone) or 0.0) >= given + 0.3 for undone in found.values())


def _line_by_line(text: str, record: Record) -> Decoded:
    """Mend single lines of mojibake in a sound text: two exports pasted into one file."""
    if not _MOJIBAKE.search(text):
        return Decoded(text)
    lines, issues = text.split("\n"), []
    for position, line in enumerate(lines):
        undone = mojibake(line) if _MOJIBAKE.search(line) and not syllables.is_vietnamese(line) else None
        if undone is not None and syllables.is_vietnamese(undone):
            lines[position] = undone
            rule, done = "a line was UTF-8 read as windows-1252 (mojibake)", "It was read back, without loss."
            value = undone.strip()[:80]
            row = position or None
            issues.append(_fault(record, rule, row=row, value=value, severity="warning", done=done, code="mojibake"))
    return Decoded("\n".join(lines), tuple(issues))


def _byte(letter: str) -> int:
    try:
        return letter.encode("cp1252")[0]
    except UnicodeEncodeError:
        if ord(letter) < 0xA0:
            return ord(letter)
        raise ValueError(letter) from None


def _tcvn3_table() -> dict[int, str]:
    capitals_and_hooks, their_bytes, toned, toned_bytes = _TCVN3_LETTERS
    return {
        ord(byte): letter for byte, letter in zip(their_bytes + toned_bytes, capitals_and_hooks + toned, strict=True)
    }


def _vni_table() -> dict[str, str]:
    """Return what one or two letters of a VNI font stand for, both cases."""
    pairs: dict[str, str] = {}
    for vowel in "aeou":
        marks = {mark: vowel + tone for mark, tone in _VNI_TONES.items()}
        if vowel in "aeo":
            hat = {"a": "â", "e": "ê", "o": "ô"}[vowel]
            marks |= {mark: hat + tone for mark, tone in _VNI_ROUND.items()}
        if vowel == "a":
            marks |= _VNI_SHORT
        pairs |= {vowel + mark: letter for mark, letter in marks.items()}
    pairs |= {"y" + mark: "y" + tone for mark, tone in _VNI_TONES.items()}
    for base, horn in (("ô", "ơ"), ("ö", "ư")):
        pairs |= {base + mark: horn + tone for mark, tone in _VNI_TONES.items()}
    whole = {key: unicodedata.normalize("NFC", letter) for key, letter in (pairs | _VNI_ALONE).items()}
    upper = {key.upper(): letter.upper() for key, letter in whole.items()}
    title = {key[0].upper() + key[1:]: letter.upper() for key, letter in whole.items()}
    return whole | title | upper


_TCVN3: Final = _tcvn3_table()
_VNI: Final = _vni_table()
_VNI_PATTERN: Final = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))
_UNDO: Final[Mapping[str, Callable[[str], str | None]]] = {
    "UTF-8 read as windows-1252 (mojibake)": mojibake,
    "TCVN3": tcvn3,
    "VNI": vni,
}
