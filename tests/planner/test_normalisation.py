"""Scales by hand, against SciPy, and the laws that every one of them holds."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from planner import normalisation

ENDS = (0.0, 10.0)
METHODS = ("min_max", "goalposts", "z_score", "percentile")


def places(values, method, ends=ENDS):
    array = np.array(values, dtype=float)
    return normalisation.fit(array, method, ends=ends).apply(array)


def test_by_hand():
    values = [2.0, 4.0, math.nan, 12.0, 4.0]
    assert places(values, "min_max")[[0, 1, 3, 4]].tolist() == pytest.approx([0, 0.2, 1, 0.2])
    assert places(values, "goalposts")[[0, 1, 3, 4]].tolist() == pytest.approx([0.2, 0.4, 1, 0.4])
    # mean 5.5, sample deviation sqrt((12.25 + 2.25 + 2.25 + 42.25) / 3); 3 of them are half the scale
    deviation = math.sqrt(59 / 3)
    assert places(values, "z_score")[0] == pytest.approx(0.5 + (2 - 5.5) / (6 * deviation))
    # ranks 1, 2.5, 4, 2.5 of four
    assert places(values, "percentile")[[0, 1, 3, 4]].tolist() == pytest.approx([0, 0.5, 1, 0.5])
    assert all(np.isnan(places(values, method)[2]) for method in METHODS)


def test_beyond_three_deviations_is_the_end():
    values = [0.0] * 99 + [100.0]
    assert places(values, "z_score")[-1] == 1.0


@pytest.mark.parametrize("method", METHODS)
def test_nothing_known_is_nowhere(method):
    assert np.isnan(places([math.nan, math.nan], method)).all()


@pytest.mark.parametrize("method", ["min_max", "z_score", "percentile"])
def test_no_spread_is_the_best_place(method):
    assert places([3.0, 3.0], method).tolist() == ([0.5, 0.5] if method == "percentile" else [0.0, 0.0])
    assert places([3.0], method).tolist() == [0.0]


some = st.lists(st.one_of(st.just(math.nan), st.integers(-3, 13).map(float)), min_size=2, max_size=12)


@settings(deadline=None, max_examples=100)
@given(values=some)
def test_z_scores_and_percentiles_are_scipy_s(values):
    array = np.array(values)
    known = array[~np.isnan(array)]
    if len(known) < 2 or known.min() == known.max():
        return
    expected = np.clip(0.5 + stats.zscore(known, ddof=1) / 6, 0, 1)
    assert places(values, "z_score")[~np.isnan(array)].tolist() == pytest.approx(expected.tolist())
    ranks = (stats.rankdata(known) - 1) / (len(known) - 1)
    assert places(values, "percentile")[~np.isnan(array)].tolist() == pytest.approx(ranks.tolist())


@settings(deadline=None, max_examples=100)
@given(values=some, method=st.sampled_from(METHODS), data=st.data())
def test_a_scale_keeps_the_order_and_stays_between_0_and_1(values, method, data):
    array = np.array(values)
    found = places(values, method)
    assert (np.isnan(found) == np.isnan(array)).all()
    known = ~np.isnan(array)
    order = np.argsort(array[known], kind="stable")
    assert (np.diff(found[known][order]) >= 0).all()
    assert ((found[known] >= 0) & (found[known] <= 1)).all()
    shuffle = data.draw(st.permutations(range(len(values))))
    np.testing.assert_array_equal(places(array[shuffle], method), found[shuffle])


@settings(deadline=None, max_examples=100)
@given(values=some, method=st.sampled_from(METHODS))
def test_who_does_not_move_stays_and_who_gets_better_does_not_get_worse(values, method):
    array = np.array(values)
    scale = normalisation.fit(array, method, ends=ENDS)
    before, after = scale.apply(array), scale.moved(array - 0.5)
    known = ~np.isnan(array)
    assert (after[known] <= before[known] + 1e-12).all()
    if method != "percentile":
        np.testing.assert_array_equal(scale.moved(array), before)


def test_winsorising_draws_in_both_ends_and_nothing_else():
    values = np.array([0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, math.nan])
    found = normalisation.winsorise(values, share=0.1)
    assert found[:11].tolist() == [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]
    assert math.isnan(found[11])
    assert values[0] == 0
    assert found[:11].tolist() == np.sort(np.asarray(stats.mstats.winsorize(values[:11], 0.1))).tolist()


def test_winsorising_keeps_what_few_villages_have():
    values = np.array([0.0] * 98 + [1.0, 0.5])
    assert normalisation.winsorise(values, share=0.05).tolist() == values.tolist()
