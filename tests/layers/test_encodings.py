from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import encodings
from layers.catalog import Record
from layers.errors import LayerError

RECORD = Record(layer="names", file="names.csv")
TEXT = (
    "Phường Tuy Hoà\nXã Ea H'Leo\nĐắk Lắk\nKrông Búk\nXuân Thọ\nBuôn Đôn\nCư M'gar\nThành phố Buôn Ma Thuột\n"
    "Sông Cầu\nEa Súp\nViệt Nam\nDliê Ya\nXã Phú Mỡ\nthị trấn Củng Sơn\n"
)
# typed by hand as the fonts show it, not made with the table under test
TCVN3 = "Ph\xadêng Tuy Hoµ, §¾k L¾k, Kr«ng Bók, Bu«n §«n, ViÖt Nam, céng hoµ x· héi, tù do, h¹nh phóc"
VNI = "Phöôøng Tuy Hoøa, Ñaék Laék, Kroâng Buùk, Buoân Ñoân, Vieät Nam, coäng hoøa xaõ hoäi, töï do, haïnh phuùc"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_comes_back_as_it_was(encoding):
    assert encodings.decode(TEXT.encode(encoding), record=RECORD).text == TEXT


def test_utf8_is_taken_in_silence_and_utf16_is_told():
    assert encodings.decode(TEXT.encode(), record=RECORD).issues == ()
    assert [i.value for i in encodings.decode(TEXT.encode("utf-16"), record=RECORD).issues] == ["UTF-16"]


@pytest.mark.parametrize("as_bytes", [True, False])
@pytest.mark.parametrize(
    ("given_text", "name", "mended"),
    [
        (TCVN3, "TCVN3", "Phường Tuy Hoà, Đắk Lắk, Krông Búk, Buôn Đôn, Việt Nam, cộng hoà xã hội, tự do, hạnh phúc"),
        (VNI, "VNI", "Phường Tuy Hòa, Đắk Lắk, Krông Búk, Buôn Đôn, Việt Nam, cộng hòa xã hội, tự do, hạnh phúc"),
    ],
)
def test_the_old_fonts_are_undone_and_told(given_text, name, mended, as_bytes):
    data = given_text.encode("latin-1" if as_bytes else "utf-8")
    decoded = encodings.decode(data, record=RECORD)
    assert decoded.text == mended
    assert [(i.value, i.severity) for i in decoded.issues] == [(name, "warning")]


def test_mojibake_is_undone_and_told():
    spoilt = "".join(bytes([b]).decode("cp1252", errors="ignore") or chr(b) for b in TEXT.encode())
    decoded = encodings.decode(spoilt.encode(), record=RECORD)
    assert decoded.text == TEXT
    assert "mojibake" in str(decoded.issues[0].value)


def test_one_line_of_mojibake_in_a_sound_file():
    lines = TEXT.splitlines()
    lines[3] = lines[3].encode().decode("latin-1")
    decoded = encodings.decode("\n".join(lines).encode(), record=RECORD)
    assert decoded.text.splitlines() == TEXT.splitlines()
    assert [(i.code, i.row) for i in decoded.issues] == [("mojibake", 3)]


def test_lost_letters_are_refused_with_their_row():
    with pytest.raises(LayerError, match=r"row 2.*lost") as caught:
        encodings.decode("name\nHoà\nH\ufffd\n".encode(), record=RECORD)
    assert caught.value.issues[0].code == "lost_letters"


def test_a_font_of_capitals_loses_case_and_is_refused():
    with pytest.raises(LayerError, match=r"Convert it to Unicode|converted to Unicode"):
        encodings.decode("PH\xad\xeaNG TUY HO\xb5, BU\xabN \xa7\xa4N, S\xa4NG C\xc7U".encode("latin-1"), record=RECORD)


def test_another_language_is_left_alone():
    text = "château, garçon, élève, Žižkov, Übermäßig"
    assert encodings.decode(text.encode(), record=RECORD).text == text


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_a_layer_error(data):
    with contextlib.suppress(LayerError):
        assert isinstance(encodings.decode(data, record=RECORD).text, str)
