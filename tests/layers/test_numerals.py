from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import numerals


def _read(*cells, **more):
    return numerals.read(pd.Series(cells, dtype="object"), **more)


@pytest.mark.parametrize(
    ("cells", "values", "notation", "doubt"),
    [
        (("1", "22", None, " 3 "), [1, 22, np.nan, 3], "plain", "none"),
        (("2.154", "12.5"), [2.154, 12.5], "point", "none"),
        (("2.154", "12,5"), [2154, 12.5], "comma", "none"),
        (("1.234.567", "12"), [1234567, 12], "comma", "none"),
        (("1,234,567.5", "1,234"), [1234567.5, 1234], "point", "none"),
        (("1 234 567", "5\u00a0000"), [1234567, 5000], "plain", "none"),
        (("2.154", "3"), [2.154, 3], "point", "ambiguous"),
        (("-1,5", "+2", "1e3"), [-1.5, 2, 1000], "comma", "none"),
    ],
)
def test_the_whole_column_decides(cells, values, notation, doubt):
    read = _read(*cells)
    np.testing.assert_array_equal(read.typed.to_numpy(), values)
    assert (read.notation, read.doubt) == (notation, doubt)
    assert not read.faulty.any()


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("2.154", "288"), [2154, 288]),
        (("2,154", "288"), [2154, 288]),
        (("126118.0", "5.0"), [126118, 5]),
    ],
)
def test_a_sign_before_three_digits_of_a_count_is_of_thousands(cells, values):
    assert _read(*cells, whole=True).typed.tolist() == values


def test_lost_zeros_of_counts_are_at_fault_and_the_rest_is_read():
    read = _read("2.154", "1.29", "288", whole=True)
    assert read.doubt == "lost_zeros"
    assert read.faulty.tolist() == [False, True, False]
    assert read.typed.dropna().tolist() == [2154, 288]


def test_the_fewer_notation_is_at_fault():
    read = _read("1.5", "2.5", "3,5")
    assert (read.doubt, read.faulty.tolist()) == ("mixed", [False, False, True])
    assert _read("1.5", "3,5").faulty.all()
    assert _read("1,234", "1.234").faulty.all()
    assert _read("1,234", "5").faulty.tolist() == [True, False]


def test_a_value_beyond_the_most_is_not_meant():
    assert _read("108.251", "107.679", most=360).typed.tolist() == [108.251, 107.679]
    assert _read("108,251", "107,679", most=360).typed.tolist() == [108.251, 107.679]


@pytest.mark.parametrize(
    "cell", ["nan", "inf", "1e999", "12%", "1.2.3", "1,2,3", "0x1f", "", "１２", True, float("inf"), b"1"]
)
def test_what_is_no_number_is_at_fault_or_empty(cell):
    read = _read(cell, "5")
    assert np.isnan(read.typed.iloc[0])
    assert read.faulty.iloc[0] == (cell != "")


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1), st.sampled_from([",", ".", " "]))
def test_grouped_counts_come_back(counts, sign):
    cells = [f"{n:,}".replace(",", sign) for n in counts]
    assert _read(*cells, whole=True).typed.tolist() == counts


@settings(deadline=None)
@given(st.lists(st.decimals(0, 10**6, places=2), min_size=1))
def test_decimals_come_back_in_either_notation(values):
    point = [f"{v:,}" for v in values]
    comma = [p.replace(",", "_").replace(".", ",").replace("_", ".") for p in point]
    expected = [float(v) for v in values]
    assert _read(*point).typed.tolist() == expected
    assert _read(*comma).typed.tolist() == expected
