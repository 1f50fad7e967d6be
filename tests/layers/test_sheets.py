from __future__ import annotations

import datetime as dt
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from layers import notes, sheets
from layers.errors import LayerError, UnsafeFileError
from layers.limits import Limits


@pytest.fixture
def read(csv):
    def do(*lines, **more):
        record = csv(*lines, **more)
        return sheets.read_csv(record.path, record=record)

    return do


def test_every_cell_is_text_and_leading_zeros_stay(read):
    frame = read("code,people", "00123,007", "4,")
    assert frame["code"].tolist() == ["00123", "4"]
    assert frame["people"].isna().tolist() == [False, True]
    assert {str(t) for t in frame.dtypes} == {"str"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_with_and_without_byte_order_mark(read, encoding):
    frame = read("code,name", "1,Tuy Hoà", encoding=encoding)
    assert list(frame.columns) == ["code", "name"]
    assert frame["name"].tolist() == ["Tuy Hoà"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_usual_delimiters(read, delimiter):
    assert list(read(delimiter.join(["a", "b"]), delimiter.join(["1", "2"])).columns) == ["a", "b"]


def test_quoted_commas_quotes_and_line_ends_stay_in_their_cell(read):
    frame = read("name,n", '"Buôn ""A"", Buôn B\nC",1')
    assert frame["name"].tolist() == ['Buôn "A", Buôn B\nC']


def test_na_and_null_are_text_not_missing(read):
    assert read("name", "NA", "null", "None")["name"].tolist() == ["NA", "null", "None"]


def test_blank_lines_are_no_rows(read):
    assert len(read("a,b", "", "1,2", "")) == 1


def test_another_encoding_is_told_with_its_row(read):
    with pytest.raises(LayerError, match=r"table.csv, row 2: .*UTF-8") as caught:
        read("name", "a", "Übermäßig", encoding="latin-1")
    assert caught.value.issues[0].code == "not_utf8"


def test_one_word_that_several_encodings_spell_is_refused(read):
    with pytest.raises(LayerError, match="windows-1258 and as VNI"):
        read("name", "Hoà", encoding="latin-1")


def test_titles_two_headers_and_totals_are_told_apart(read):
    frame = read(
        "Bảng 1,,,", ",,,", "Mã,Dân số,,Ghi chú", ",Nam,Nữ,", "007,1,2,x", "", "008,3,4,", "Tổng cộng,4,7,", "009,5,6,"
    )
    assert list(frame.columns) == ["Mã", "Dân số Nam", "Dân số Nữ", "Ghi chú"]
    assert frame["Mã"].tolist() == ["007", "008", "009"]
    assert frame.index.tolist() == [1, 3, 5]
    told = [(i.code, i.row) for i in notes.of(frame)]
    assert told == [
        ("title_row", None),
        ("two_headers", None),
        ("total_row", 4),
        ("total_mismatch", None),
        ("total_mismatch", None),
    ]


def test_the_separator_is_told_from_the_whole_and_not_from_a_title(read):
    frame = read("Báo cáo, quý 1, năm 2025", "code;share", "1;33,77", "2;12,5")
    assert list(frame.columns) == ["code", "share"]


def test_a_workbook_of_several_sheets_is_told(tmp_path, record_of):
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.create_sheet("later")
    book.save(tmp_path / "t.xlsx")
    frame = sheets.read_xlsx(tmp_path / "t.xlsx", record=record_of(tmp_path / "t.xlsx"))
    assert [i.code for i in notes.of(frame)] == ["several_sheets"]


def test_every_ragged_row_is_told(read):
    with pytest.raises(LayerError) as caught:
        read("a,b", "1,2", "1,2,3", "1")
    assert [(i.row, i.value) for i in caught.value.issues] == [(2, "3 cells"), (3, "1 cells")]


def test_a_header_names_each_column_once(read):
    with pytest.raises(LayerError) as caught:
        read("a,,a", "1,2,3")
    assert [i.code for i in caught.value.issues] == ["no_column_name", "repeated_column"]


def test_an_empty_file_has_no_header(read):
    with pytest.raises(LayerError, match="header"):
        read("")


def test_a_quote_that_is_never_closed(read):
    with pytest.raises(LayerError, match="readable CSV"):
        read("a", '"1')


def test_a_header_alone_is_a_table_without_rows(read):
    assert read("a,b").shape == (0, 2)


def test_more_rows_or_columns_than_the_limit_are_refused(csv):
    for limits, words in ((Limits(rows=2), "at most 2 rows"), (Limits(columns=2), "at most 2 columns")):
        record = replace(csv("a,b,c", "1,,", "2,,", "3,,"), limits=limits)
        with pytest.raises(UnsafeFileError, match=words):
            sheets.read_csv(record.path, record=record)


def test_a_stray_cell_far_below_does_not_fill_memory(tmp_path, record_of):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "code", "x"
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(UnsafeFileError, match=r"1,048,576 rows x 16,384 columns.*stray cells"):
        sheets.read_xlsx(tmp_path / "t.xlsx", record=record_of(tmp_path / "t.xlsx"))


def test_a_workbook_reads_like_the_csv(tmp_path, record_of):
    book = openpyxl.Workbook()
    for row in (["code", "people", "when"], ["00123", 1650, dt.date(2025, 7, 1)], [None, None, None], ["7", 1.5, None]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    frame = sheets.read_xlsx(tmp_path / "t.xlsx", record=record_of(tmp_path / "t.xlsx"))
    assert frame["code"].tolist() == ["00123", "7"]
    assert frame["people"].tolist() == ["1650", "1.5"]
    assert frame["when"].tolist()[0] == "2025-07-01"


def test_what_is_no_workbook_is_told(tmp_path, record_of):
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(LayerError, match="cannot be unpacked"):
        sheets.read_xlsx(tmp_path / "t.xlsx", record=record_of(tmp_path / "t.xlsx"))


def test_parquet_keeps_its_types(tmp_path, record_of):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"code": ["007"], "people": [5]}, index=[9]).to_parquet(path)
    frame = sheets.read_parquet(path, record=record_of(path))
    assert frame["code"].tolist() == ["007"]
    assert frame["people"].dtype == "int64"
    (tmp_path / "u.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(LayerError, match="Parquet"):
        sheets.read_parquet(tmp_path / "u.parquet", record=record_of(tmp_path / "u.parquet"))
