from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.names import fold, index, search

NAMES = ["Buôn Ma", "Phường Buôn Ma Thuột", "Tuy Hoà", "Đắk Lắk", "Xã Ma Đrắk", "Dak Mil"]


def found(question):
    return [NAMES[i] for i in search(index(NAMES), question)]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("tuy hoa", ["Tuy Hoà"]),
        ("Tuy Hòa", ["Tuy Hoà"]),  # the other place of the tone mark
        ("đắk", ["Đắk Lắk", "Dak Mil"]),  # the very letters first
        ("dak", ["Dak Mil", "Đắk Lắk"]),
        ("buon ma", ["Buôn Ma", "Phường Buôn Ma Thuột"]),  # the whole name before a part
        ("DRAK", ["Xã Ma Đrắk"]),
        ("  ma   thuot ", ["Phường Buôn Ma Thuột"]),
        ("hanoi", []),
        (" ", []),
        ("\u0301", []),
    ],
)
def test_names_are_found_without_diacritics(question, names):
    assert found(question) == names


@given(st.text(max_size=20))
@settings(deadline=None, max_examples=100)
def test_folding_is_stable_and_blind_to_the_form_of_unicode(text):
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


def test_every_name_finds_itself_first():
    for name in NAMES:
        assert found(name)[0] == name
