"""Workbooks: what is written is what other programs read, whatever stands in a cell."""

from __future__ import annotations

import datetime as dt
import io
import math
import zipfile
from xml.etree import ElementTree as ET

import openpyxl
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import spreadsheet
from planner.spreadsheet import Sheet, workbook

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
WORD = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def written(*sheets):
    return io.BytesIO(workbook(sheets, created=NOW))


def test_two_readers_see_the_same_cells():
    rows = [["Thôn 1", 3, -0.5], [None, None, None], ["=1+1", 0, 1e-300], ["007", 2**53, 0.1]]
    made = written(Sheet("a", ["name", "whole", "number"], list(zip(*rows, strict=True))), Sheet("b", ["x"], [[]]))
    book = openpyxl.load_workbook(made)
    assert book.sheetnames == ["a", "b"]
    assert [list(row) for row in book["a"].iter_rows(values_only=True)] == [["name", "whole", "number"], *rows]
    assert book.properties.created == dt.datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - as openpyxl gives it
    assert [c.font.b for c in book["a"][1]] == [True] * 3
    assert not book["a"]["A2"].font.b
    assert book["a"].freeze_panes == "B2"
    made.seek(0)
    other = python_calamine.load_workbook(made).get_sheet_by_name("a").to_python()
    assert other == [["name", "whole", "number"], *([("" if v is None else v) for v in row] for row in rows)]


def test_names_of_columns_go_on_after_z():
    made = written(Sheet("a", [str(n) for n in range(703)], [[n] for n in range(703)]))
    sheet = openpyxl.load_workbook(made)["a"]
    assert (sheet["Z2"].value, sheet["AA2"].value, sheet["ZZ2"].value, sheet["AAA2"].value) == (25, 26, 701, 702)


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_reads_back(text):
    found = python_calamine.load_workbook(written(Sheet("a", ["x", "y"], [[text], [1]]))).get_sheet_by_name("a")
    assert str(found.to_python()[-1][0]) == text


@settings(deadline=None, max_examples=200)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_reads_back_to_the_last_bit(number):
    found = openpyxl.load_workbook(written(Sheet("a", ["x"], [[number]])))["a"]["A2"].value
    assert float(found) == number
    assert math.copysign(1, float(found)) == math.copysign(1, number) or number == 0


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("a\rb", "a_x000D_b"),
        ("a\x00\x1b", "a_x0000__x001B_"),
        ("_x0041_", "_x005F_x0041_"),
        ("\ud800", "_xD800_"),
        (" a ", " a "),
        ("<&>\"'", "<&>\"'"),
    ],
)
def test_what_xml_cannot_hold_is_coded_as_the_format_says(text, stands):
    with zipfile.ZipFile(written(Sheet("a", ["x"], [[text]]))) as archive:
        root = ET.fromstring(archive.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - of the test's own
    assert [t.text for t in root.iter(f"{WORD}t")] == ["x", stands]


def test_a_long_text_is_cut_between_characters():
    made = written(Sheet("a", ["x"], [["x" * 40_000, "😀" * 20_000, "x" * 32_767]]))
    one, two, three = (row[0] for row in openpyxl.load_workbook(made)["a"].iter_rows(min_row=2, values_only=True))
    assert (len(one), len(two), len(three)) == (32_767, 16_383, 32_767)


def test_blocks_of_rows_join_without_a_gap(monkeypatch):
    sheet = Sheet("a", ["x"], [list(range(10))])
    whole = written(sheet)
    monkeypatch.setattr(spreadsheet, "AT_ONCE", 3)
    assert written(sheet).getvalue() == whole.getvalue()
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 7)
    rows = openpyxl.load_workbook(written(sheet))["a"].iter_rows(min_row=2, values_only=True)
    assert [row[0] for row in rows] == list(range(7))


def test_every_part_is_whole_xml_and_bears_no_clock():
    with zipfile.ZipFile(written(Sheet("a", ["x"], [["<"]]))) as archive:
        for entry in archive.infolist():
            ET.fromstring(archive.read(entry))  # noqa: S314 - of the test's own
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert archive.testzip() is None
