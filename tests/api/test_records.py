from __future__ import annotations

import math

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from api.records import rows
from planner.products import Column

COLUMNS = [
    Column("id", "text", "", ""),
    Column("share", "number", "share", ""),
    Column("people", "whole", "people", ""),
    Column("flags", "list", "", ""),
    Column("when", "date", "", ""),
    Column("later", "number", "", "not in the table"),
]


def test_unknown_is_null_and_never_zero_or_nan():
    frame = pd.DataFrame(
        {
            "id": ["001", None],
            "share": [0.1 + 0.2, np.nan],
            "people": pd.array([7, None], dtype="Int64"),
            "flags": [np.array(["a", "b"]), None],
            "when": ["2025-07-01", None],
        }
    )
    assert rows(frame, COLUMNS) == [
        {"id": "001", "share": 0.1 + 0.2, "people": 7, "flags": ["a", "b"], "when": "2025-07-01"},
        {"id": None, "share": None, "people": None, "flags": [], "when": None},
    ]


def test_whole_numbers_that_became_floats_are_whole_again():
    frame = pd.DataFrame({"people": [3.0, np.nan]})
    assert rows(frame, COLUMNS) == [{"people": 3}, {"people": None}]
    assert type(rows(frame, COLUMNS)[0]["people"]) is int


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=20))
@settings(deadline=None, max_examples=50)
def test_numbers_keep_every_digit(values):
    found = [row["share"] for row in rows(pd.DataFrame({"share": pd.Series(values, dtype="float64")}), COLUMNS)]
    assert found == [value if math.isfinite(value) else None for value in values]
