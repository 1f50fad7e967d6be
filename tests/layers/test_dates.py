"""Dates: ISO, stored, and as Vietnam writes them; the order is the column's, never a cell's."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import dates


def column(*cells):
    return pd.Series(cells, index=range(1, len(cells) + 1), dtype=object)


def test_iso_texts_and_stored_dates():
    day = dt.date(2025, 7, 1)
    stored = pd.Timestamp("2025-07-01 10:00")
    found = dates.read(column("2025-07-01", " 2025-07-01T10:00:00", day, stored, "2025-02-30", 20250701, "soon", True))
    assert found.typed.tolist() == [day] * 4 + [None] * 4
    assert found.faulty.tolist() == [False] * 4 + [True] * 4
    assert (found.order, found.decided, found.example) == ("iso", True, "")


@pytest.mark.parametrize("empty", ["", "  ", None, np.nan, pd.NaT])
def test_empty_is_missing_and_no_fault(empty):
    found = dates.read(column(empty))
    assert found.typed.isna().all()
    assert not found.faulty.any()


def test_a_cell_that_can_only_be_day_first_decides_for_all():
    found = dates.read(column("01/07/2025", "25-12-2024", "2025-07-03", "1.2.2025", "3/4/2025 08:30"))
    assert found.typed.tolist() == [
        dt.date(2025, 7, 1), dt.date(2024, 12, 25), dt.date(2025, 7, 3), dt.date(2025, 2, 1), dt.date(2025, 4, 3),
    ]  # fmt: skip
    assert (found.order, found.decided, found.example) == ("day", True, "01/07/2025")


def test_a_cell_that_can_only_be_month_first_decides_for_all():
    found = dates.read(column("01/07/2025", "12/25/2024"))
    assert found.typed.tolist() == [dt.date(2025, 1, 7), dt.date(2024, 12, 25)]
    assert (found.order, found.decided) == ("month", True)


def test_without_a_deciding_cell_the_day_comes_first_and_that_is_said():
    found = dates.read(column("01/07/2025", "02/03/2025"))
    assert found.typed.tolist() == [dt.date(2025, 7, 1), dt.date(2025, 3, 2)]
    assert (found.order, found.decided) == ("day", False)


def test_cells_that_contradict_each_other_are_faults_all_of_them():
    found = dates.read(column("25/12/2024", "12/25/2024", "01/07/2025", "2025-07-01"))
    assert found.faulty.tolist() == [True, True, True, False]
    assert found.example == ""


@pytest.mark.parametrize(
    "cell", ["31/02/2025", "1/7/25", "01/07-2025", "0/7/2025", "1/7/2025x", "١/٧/2025", "01/07/0000"]
)
def test_no_date_is_a_fault(cell):
    assert dates.read(column(cell)).faulty.tolist() == [True]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.dates(min_value=dt.date(1000, 1, 1)), min_size=1, max_size=20))
def test_written_day_first_they_come_back_and_undecided_is_told(days):
    found = dates.read(column(*(day.strftime("%d/%m/%Y") for day in days)))
    assert found.typed.tolist() == days
    assert found.decided == any(day.day > 12 for day in days)
