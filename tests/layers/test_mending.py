"""Old fonts in one column, or in one cell, of a table that is sound otherwise."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from layers import encodings, mending, notes, readers
from layers.catalog import Record

RECORD = Record(layer="l", file="l.csv")
NAMES = ["Xã Hoà Tiến", "Buôn Đôn", "Phường Tuy Hoà"]


def typed_in(table, texts):
    """Return texts as a font shows them, its bytes read as windows-1252."""
    written = {}
    for byte, letter in table.items():
        written.setdefault(letter, byte if isinstance(byte, str) else chr(byte))
    return ["".join(written.get(letter, letter) for letter in text) for text in texts]


FONTS = [("TCVN3", encodings._TCVN3), ("VNI", encodings._VNI)]


@pytest.mark.parametrize(("font", "table"), FONTS)
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_one_column_of_a_table_is_mended_and_told(tmp_path, record_of, font, table, suffix):
    rows = [("unit_id", "name", "note"), *zip("123", typed_in(table, NAMES), ["Đắk Lắk"] * 3, strict=True)]
    path = tmp_path / f"t.{suffix}"
    if suffix == "csv":
        path.write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    frame = readers.read_table(record_of(path))
    assert frame["name"].tolist() == NAMES
    assert frame["note"].tolist() == ["Đắk Lắk"] * 3
    assert [(i.column, i.value) for i in notes.of(frame) if i.code == "encoding"] == [("name", font)]


@pytest.mark.parametrize(("font", "table"), FONTS)
def test_one_cell_of_a_sound_column_is_mended_and_told_by_row(font, table):
    cells = pd.Series([*NAMES * 10, *typed_in(table, ["Phường Buôn Hồ"])], name="name")
    mended, told = mending.column(cells, record=RECORD)
    assert mended.tolist() == [*NAMES * 10, "Phường Buôn Hồ"]
    assert [(i.row, i.code, font in i.rule) for i in told] == [(30, "spoilt_cell", True)]


def test_names_of_columns_are_mended_each_by_itself():
    given = ["unit_id", *typed_in(encodings._TCVN3, ["Dân số"]), "Tên xã"]
    found, told = mending.names(given, record=RECORD)
    assert found == ["unit_id", "Dân số", "Tên xã"]
    assert [i.column for i in told] == ["Dân số"]


@pytest.mark.parametrize(
    "text", ["Café", "Ibiza ñ", "Ñoã", "Škoda", "ລາວ", "Đắk Lắk", "5 m²", "12° 40'", "H’leo", "«x»"]
)
def test_other_languages_and_signs_are_left_alone(text):
    cells = pd.Series([*NAMES, text], name="name")
    mended, told = mending.column(cells, record=RECORD)
    assert mended.tolist() == [*NAMES, text]
    assert told == []


def test_values_that_are_no_text_stay_what_they_are():
    cells = pd.Series(["Buôn Đôn", None, 5, 2.5], name="x", dtype="object")
    mended, told = mending.column(cells, record=RECORD)
    assert mended.tolist() == cells.tolist()
    assert told == []
