"""Aggregation by hand, against SciPy, and Shapley values against every order one by one."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from planner import aggregation


def test_by_hand():
    places, weights = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]), np.full((3, 2), 0.5)
    assert aggregation.arithmetic(places, weights).tolist() == [50.0, 0.0, 100.0]
    # the mean of 1 and 100 is 10: 100 x 90 / 99
    assert aggregation.geometric(places, weights).tolist() == pytest.approx([100 * 90 / 99, 0.0, 100.0])


def test_shapley_values_by_hand():
    places, weights = np.array([[1.0, 0.5]]), np.array([[0.5, 0.5]])

    def score(a, b):
        return 100 * (100 - math.sqrt(a * b)) / 99

    only_first, only_second, both = score(1, 100), score(100, 50.5), score(1, 50.5)
    first = (only_first + both - only_second) / 2
    found = aggregation.contributions(places, weights, "geometric")
    assert found.tolist() == [pytest.approx([first, both - first])]
    assert aggregation.contributions(places, weights, "arithmetic").tolist() == [[50.0, 25.0]]


def test_too_many_pillars_are_refused():
    many = np.zeros((1, aggregation.MAX_PILLARS + 1))
    with pytest.raises(ValueError, match="exact up to 10"):
        aggregation.contributions(many, many, "geometric")


def one_by_one(places, weights, method):
    """The definition: over every order, what each pillar adds when it joins."""
    number = len(places)
    found = np.zeros(number)
    for order in itertools.permutations(range(number)):
        inside, before = np.zeros(number), 0.0
        for pillar in order:
            inside[pillar] = places[pillar]
            after = float(aggregation.METHODS[method](inside, weights))
            found[pillar] += (after - before) / math.factorial(number)
            before = after
    return found


places = st.floats(0, 1)


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.lists(places, min_size=4, max_size=4), min_size=1, max_size=3),
    parts=st.lists(st.integers(0, 5), min_size=4, max_size=4).filter(any),
    method=st.sampled_from(list(aggregation.METHODS)),
)
def test_contributions_are_shapley_values_and_add_to_the_score(rows, parts, method):
    array = np.array(rows)
    weights = np.tile(np.array(parts) / sum(parts), (len(rows), 1))
    found = aggregation.contributions(array, weights, method)
    score = aggregation.METHODS[method](array, weights)
    assert found.sum(axis=1).tolist() == pytest.approx(score.tolist(), abs=1e-9)
    assert (found >= -1e-9).all()
    for row, weight, values in zip(array, weights, found, strict=True):
        assert values.tolist() == pytest.approx(one_by_one(row, weight, method).tolist(), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(row=st.lists(places, min_size=3, max_size=3), parts=st.lists(st.integers(1, 5), min_size=3, max_size=3))
def test_the_geometric_mean_is_scipy_s_and_never_below_the_arithmetic_score(row, parts):
    array, weights = np.array(row), np.array(parts) / sum(parts)
    mean = stats.gmean(100 - 99 * array, weights=weights)
    found = float(aggregation.geometric(array, weights))
    assert found == pytest.approx(100 * (100 - mean) / 99, abs=1e-9)
    assert found >= float(aggregation.arithmetic(array, weights)) - 1e-9
