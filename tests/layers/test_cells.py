from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import cells


def _column(*values, dtype="object"):
    return pd.Series(list(values), index=range(1, len(values) + 1), dtype=dtype)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("007", "007"),
        (" 24259 ", "24259"),
        (24259, "24259"),
        (np.int32(7), "7"),
        (24259.0, "24259"),
        ("Thôn 1", "Thôn 1"),  # decomposed letters become the composed ones
    ],
)
def test_text_keeps_what_it_says(cell, found):
    read = cells.text(_column(cell))
    assert read.typed.loc[1] == found
    assert not read.faulty.any()


@pytest.mark.parametrize("cell", [1.5, True, b"007", "a\x00b", "a\nb", ["x"]])
def test_what_is_no_text_is_a_fault_and_missing(cell):
    read = cells.text(_column(cell))
    assert read.faulty.all()
    assert read.typed.isna().all()


def test_an_id_that_pandas_made_decimal_is_read_back_whole():
    assert cells.text(_column(1.0, None, 12.0, dtype="float64")).typed.tolist()[::2] == ["1", "12"]


@pytest.mark.parametrize(
    ("cell", "found"), [("1650", 1650.0), (" -5 ", -5.0), ("1.5e3", 1500.0), (".5", 0.5), ("+2.", 2.0), (3, 3.0)]
)
def test_numbers_are_read(cell, found):
    assert cells.number(_column(cell)).typed.loc[1] == found


@pytest.mark.parametrize(
    "cell", ["1,5", "1.234.567", "1 000", "nan", "inf", "1_000", "0x10", "١٢", "đang cập nhật", "1e999", True]
)
def test_what_only_looks_like_a_number_is_a_fault(cell):
    read = cells.number(_column(cell))
    assert read.faulty.all()
    assert read.typed.isna().all()


def test_a_stored_infinity_is_a_fault_and_a_stored_nan_is_missing():
    read = cells.number(_column(np.inf, np.nan, 1.0, dtype="float64"))
    assert read.faulty.tolist() == [True, False, False]
    assert read.typed.isna().tolist() == [True, True, False]


@pytest.mark.parametrize("empty", ["", "  ", None, np.nan])
@pytest.mark.parametrize("read", [cells.text, cells.number])
def test_empty_is_missing_and_no_fault(read, empty):
    found = read(_column(empty))
    assert found.typed.isna().all()
    assert not found.faulty.any()


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text(alphabet="0123456789", min_size=1, max_size=12), min_size=1, max_size=5))
def test_codes_come_back_digit_by_digit(codes):
    assert cells.text(_column(*codes)).typed.tolist() == codes


@settings(deadline=None, max_examples=100)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_written_out_comes_back(value):
    assert cells.number(_column(repr(value))).typed.loc[1] == value
