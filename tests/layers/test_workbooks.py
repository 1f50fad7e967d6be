"""What a spreadsheet shows and its cells do not hold."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pytest

from layers import notes, readers
from layers.errors import LayerError


@pytest.fixture
def book(tmp_path, record_of):
    """Write rows, change the sheet, and return the record."""

    def write(*rows, change=lambda _: None):
        made = openpyxl.Workbook()
        for row in rows:
            made.active.append(row)
        change(made)
        made.save(tmp_path / "t.xlsx")
        return record_of(tmp_path / "t.xlsx")

    return write


def test_text_merged_downwards_stands_in_every_row_and_numbers_do_not(book):
    def merge(made):
        made.active.merge_cells("A2:A4")
        made.active.merge_cells("C2:C3")

    record = book(("huyen", "xa", "dan"), ("Ea Kar", "A", 900), (None, "B", None), (None, "C", 7), change=merge)
    frame = readers.read_table(record)
    assert frame["huyen"].tolist() == ["Ea Kar"] * 3
    assert frame["dan"].isna().tolist() == [False, True, False]
    assert {(i.code, i.severity, i.value) for i in notes.of(frame)} == {
        ("merged_cells", "info", "Ea Kar"),
        ("merged_numbers", "warning", "900"),
    }


def test_a_title_merged_across_stays_a_title(book):
    record = book(("Bảng 1", None), ("a", "b"), ("1", "2"), change=lambda made: made.active.merge_cells("A1:B1"))
    assert list(readers.read_table(record).columns) == ["a", "b"]


def test_a_formula_without_a_result_is_a_fault_with_its_place(book):
    with pytest.raises(LayerError, match=r"'B2, B3'; a workbook stores what its formulas give.*save it again"):
        readers.read_table(book(("a", "b"), ("1", "=2+3"), ("2", "=SUM(B2)")))


def test_a_cell_with_an_error_is_told_and_empty(book):
    frame = readers.read_table(book(("a", "b"), ("1", "#N/A"), ("2", "5")))
    assert frame["b"].isna().tolist() == [True, False]
    assert [(i.code, i.value) for i in notes.of(frame)] == [("cell_error", "B2")]


def test_a_hidden_first_sheet_is_not_taken_for_the_table(book):
    def hide(made):
        made.active.sheet_state = "hidden"
        other = made.create_sheet("Dân số")
        other.append(("a",))
        other.append(("7",))

    frame = readers.read_table(book(("x",), ("old",), change=hide))
    assert frame["a"].tolist() == ["7"]
    assert "first visible one, 'Dân số'" in notes.of(frame)[0].rule


def test_dates_are_days_and_midnight_says_nothing(book):
    frame = readers.read_table(book(("d",), (dt.date(2025, 7, 1),), (dt.datetime(2025, 7, 1),), ("2025-07-02",)))  # noqa: DTZ001
    assert frame["d"].tolist() == ["2025-07-01", "2025-07-01", "2025-07-02"]
