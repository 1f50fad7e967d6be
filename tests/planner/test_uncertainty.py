"""Rank intervals and the worst tenth: a plain loop as oracle, and intervals that hold what they promise."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import scoring, uncertainty


def generator(*seed):
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))


def intervals(values, weights=None, **options):
    found = {p: np.asarray(v, dtype=float) for p, v in values.items()}
    return uncertainty.rank_intervals(found, weights=weights or dict.fromkeys(found, 1.0), **options)


def test_certain_values_give_certain_ranks():
    found = intervals({"a": [1.0, 3.0, 2.0, 3.0]}, worst=0.25)
    assert found.rank_low.tolist() == found.rank_high.tolist() == [4, 1, 3, 1]
    assert found.score_low.tolist() == [0.0, 100.0, 50.0, 100.0]
    # One place for two villages that tie: half a place each.
    assert found.tenth_size == 1
    assert found.worst_tenth_probability.tolist() == [0.0, 0.5, 0.0, 0.5]


def test_intervals_by_hand():
    # In 20 draws village 0 is the worst but in two, where it is the best: one of them lies below the 5 % end.
    a = np.tile([3.0, 2.0, 1.0], (20, 1))
    a[:2] = [0.0, 2.0, 1.0]
    found = intervals({"a": a})
    assert (found.rank_low[0], found.rank_high[0]) == (1, 3)
    assert (found.rank_low[1], found.rank_high[1]) == (1, 2)
    assert found.worst_tenth_probability.tolist() == pytest.approx([0.9, 0.1, 0.0])
    a[0] = [3.0, 2.0, 1.0]
    assert intervals({"a": a}).rank_high[0] == 1


def test_what_is_unknown_has_no_rank_and_takes_no_place():
    found = intervals({"a": [math.nan, 1.0, 2.0], "b": [math.nan, math.nan, 1.0]}, worst=0.5)
    assert found.rank_low.tolist() == [0, 2, 1]
    assert math.isnan(found.score_low[0])
    assert math.isnan(found.worst_tenth_probability[0])
    assert found.tenth_size == 1


@pytest.mark.parametrize(
    ("values", "weights", "message"),
    [
        ({"a": [1.0]}, {"a": 0.0}, "no pillar"),
        ({"a": [1.0], "b": [1.0, 2.0]}, None, "do not fit"),
        ({"a": np.ones((2, 3)), "b": np.ones((4, 3))}, None, "do not fit"),
        ({"a": [[1.0, math.nan], [1.0, 2.0]]}, None, "unknown in some draws"),
        ({"a": [math.nan]}, None, "of any village"),
    ],
)
def test_refuses(values, weights, message):
    with pytest.raises(ValueError, match=message):
        intervals(values, weights)


def frame(covered, rate, minutes):
    return pd.DataFrame(
        {
            "covered_share": covered,
            "x_rate": rate,
            "support_minutes": minutes,
            "support_status": np.where(np.isnan(minutes), "unknown", "reached"),
        }
    )


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32), villages=st.integers(2, 9), draws=st.integers(1, 70), holes=st.booleans())
def test_equals_scoring_every_draw_by_itself(seed, villages, draws, holes):
    rng = generator(seed)
    covered, rate = rng.integers(0, 5, (draws, villages)) / 4, rng.random((draws, villages))
    minutes = rng.integers(0, 120, villages).astype(float)
    if holes:
        minutes[rng.integers(villages)] = np.nan
        covered[:, rng.integers(villages)] = np.nan
    weights = {"connectivity": 2.0, "adoption": 1.0, "access": 3.0}
    found = intervals({"connectivity": 1 - covered, "adoption": 1 - rate, "access": minutes}, weights, level=1.0)
    one_by_one = [
        scoring.score(frame(c, r, minutes), weights=weights, adoption="x", cutoff_minutes=120.0)
        for c, r in zip(covered, rate, strict=True)
    ]
    ranks = np.array([s.rank for s in one_by_one], dtype=int)
    assert found.rank_low.tolist() == ranks.min(axis=0).tolist()
    assert found.rank_high.tolist() == ranks.max(axis=0).tolist()
    scores = np.array([s.score for s in one_by_one])
    assert found.score_high.tolist() == pytest.approx(scores.max(axis=0).tolist())


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32), villages=st.integers(1, 60), draws=st.integers(1, 100), steps=st.integers(1, 30))
def test_chances_add_to_the_size_of_the_tenth(seed, villages, draws, steps):
    rng = generator(seed)
    values = rng.integers(0, steps, (draws, villages)) / steps
    found = intervals({"a": values, "b": rng.random(villages)})
    assert found.tenth_size == math.ceil(villages / 10)
    assert found.worst_tenth_probability.sum() == pytest.approx(found.tenth_size)
    assert (found.rank_low <= found.rank_high).all()
    assert ((found.worst_tenth_probability >= 0) & (found.worst_tenth_probability <= 1 + 1e-12)).all()
