"""Whole numbers as text: what is packed comes back, by a reader written from the description alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.maps import packing
from tests.planner.maps.reading import arcs_of, column, shapes_of, unfolded, unpacked

WHOLE = st.integers(0, packing.LARGEST)
ARC = st.integers(-200, 200)


@given(st.lists(WHOLE))
def test_numbers_come_back(numbers: list[int]) -> None:
    assert unpacked(packing.pack(numbers)) == numbers


def test_by_hand() -> None:
    assert packing.pack([0, 31, 32, 33]) == "A" + "f" + "gB" + "hB"
    assert packing.fold([0, -1, 1, -2]).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("wrong", [-1, packing.LARGEST + 1])
def test_what_does_not_fit_is_refused(wrong: int) -> None:
    with pytest.raises(ValueError, match=str(wrong)):
        packing.pack([3, wrong])


@given(st.lists(st.integers(-(2**29), 2**29)))
def test_signs_come_back(numbers: list[int]) -> None:
    assert [unfolded(n) for n in packing.fold(numbers).tolist()] == numbers


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(-1000, 1000)), min_size=1))
def test_a_column_is_shown_as_its_numbers_are(values: list[float | None]) -> None:
    exact = np.array([math.nan if v is None else v for v in values])
    found = column({"x": packing.column(exact, digits=4, shown=3)}, "x")
    for value, back in zip(values, found, strict=True):
        if value is None:
            assert back is None
        else:
            assert math.floor(back * 1000 + 0.5) == math.floor(value * 1000 + 0.5)
            assert back == pytest.approx(value, abs=5.1e-5)


def test_a_column_too_large_is_not_packed() -> None:
    assert packing.column(np.array([1e12]), digits=0, shown=0) is None


@given(st.lists(st.sampled_from(["a", "b", None])))
def test_texts_come_back(values: list[str | None]) -> None:
    assert column({"x": packing.texts(values)}, "x") == values


@given(st.lists(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=6).filter(lambda w: len(w) % 2 == 0)))
def test_arcs_come_back(ways: list[list[int]]) -> None:
    assert arcs_of(packing.arcs(ways)) == ways


@given(st.lists(st.lists(st.lists(st.lists(ARC, max_size=4), max_size=3), max_size=3)))
def test_shapes_come_back(layer: list[list[list[list[int]]]]) -> None:
    assert shapes_of(packing.shapes(layer)) == layer
