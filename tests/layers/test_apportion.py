from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.apportion import apportion


def test_largest_remainder_by_hand():
    # quotas 4.5, 3.0, 1.5, 1.0: one person is left, the two remainders of a half tie, the earlier one gets it
    assert apportion(10, [9, 6, 3, 2]).tolist() == [5, 3, 1, 1]


def test_ties_go_to_the_earlier_position():
    assert apportion(10, [1, 1, 1]).tolist() == [4, 3, 3]
    assert apportion(11, [1, 1, 1]).tolist() == [4, 4, 3]


def test_a_tie_is_a_tie_whatever_floats_say():
    # In floats 3 * (0.1 / 0.3) differs in the last digit between equal weights of other sums.
    assert apportion(7, [0.1] * 3).tolist() == [3, 2, 2]


def test_nothing_to_share_needs_no_weight():
    assert apportion(0, [0.0, 0.0]).tolist() == [0, 0]
    assert apportion(0, []).tolist() == []


def test_no_weight_gets_nothing():
    assert apportion(5, [0, 2, 0]).tolist() == [0, 5, 0]


@pytest.mark.parametrize(
    ("total", "weights"),
    [(1, []), (1, [0.0]), (-1, [1.0]), (1, [-1.0, 3.0]), (1, [np.nan]), (1, [np.inf]), (1, [[1.0]])],
)
def test_what_cannot_be_shared_is_refused(total, weights):
    with pytest.raises(ValueError, match=r"finite|no weight"):
        apportion(total, weights)


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 10_000_000), st.lists(st.floats(0, 1e6), min_size=1, max_size=40).filter(lambda w: sum(w) > 1e-3))
def test_parts_add_to_the_whole_and_keep_within_one_of_their_quota(total, weights):
    parts = apportion(total, weights)
    assert parts.dtype == np.int64
    assert int(parts.sum()) == total
    whole = sum(map(Fraction, weights))
    for part, weight in zip(parts.tolist(), weights, strict=True):
        assert abs(part - total * Fraction(weight) / whole) < 1
