"""What a rank owes to method: by hand, and against scoring each method by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planner import methods, scoring
from planner.framework import Framework
from planner.indicators.base import Attribute
from tests.planner.test_composite import WEIGHTS, scored, villages

PLAIN = ("min_max", "arithmetic", 0.0, 0.0)


def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(5)))


def test_who_is_worst_in_all_stays_first_under_every_method():
    frame = pd.DataFrame(
        {"covered_share": [0.0, 0.5, 1.0], "x_rate": [0.1, 0.5, 0.9], "support_minutes": [90.0, 60.0, 30.0]}
    ).assign(support_status="reached")
    found = scoring.score(
        frame, weights=dict.fromkeys(("connectivity", "adoption", "access"), 1), adoption="x", cutoff_minutes=120.0
    )
    low, high = methods.ranks(found.workings, count=50, weight_error=0.9, level=1.0, rng=rng())
    assert low.tolist() == high.tolist() == [1, 2, 3]


def test_two_villages_that_only_weights_tell_apart_take_turns():
    frame = pd.DataFrame({"covered_share": [0.0, 1.0], "x_rate": [1.0, 0.0], "support_minutes": 5.0}).assign(
        support_status="reached"
    )
    found = scoring.score(frame, weights={"connectivity": 1, "adoption": 1}, adoption="x", cutoff_minutes=120.0)
    low, high = methods.ranks(found.workings, count=60, weight_error=0.25, level=0.9, rng=rng())
    assert (low.tolist(), high.tolist()) == ([1, 1], [2, 2])


def test_without_error_each_method_ranks_as_a_plan_that_chose_it():
    frame = villages(3)
    base = scored(frame, PLAIN)
    low, high = methods.ranks(base.workings, count=80, weight_error=0.0, level=1.0, rng=rng())
    assert methods.choices(base.workings) == [(n, a) for n in methods.NORMALISATIONS for a in methods.AGGREGATIONS]
    every = np.array([scored(frame, (n, a, 0.0, 0.0)).rank for n, a in methods.choices(base.workings)], dtype=float)
    known = base.rank.notna().to_numpy()
    assert low[known].tolist() == every.min(axis=0)[known].tolist()
    assert high[known].tolist() == every.max(axis=0)[known].tolist()
    assert set(low[~known]) <= {0}


def test_goalposts_are_tried_only_where_every_indicator_has_both():
    frame = villages(3)
    found = scoring.score(
        frame,
        weights=WEIGHTS,
        adoption="x",
        cutoff_minutes=120.0,
        attributes=[Attribute("poverty", unit="share")],
        framework=Framework(),
    )
    assert {n for n, _ in methods.choices(found.workings)} == {"min_max", "z_score", "percentile"}


@pytest.mark.parametrize("weight_error", [0.0, 0.5])
def test_more_doubt_about_weights_never_narrows_much(weight_error):
    base = scored(villages(3), PLAIN)
    low, high = methods.ranks(base.workings, count=200, weight_error=weight_error, level=0.9, rng=rng())
    wider_low, wider_high = methods.ranks(base.workings, count=200, weight_error=0.9, level=0.9, rng=rng())
    assert (wider_high - wider_low).mean() > (high - low).mean()
