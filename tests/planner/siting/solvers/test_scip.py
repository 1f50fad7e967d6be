"""SCIP beside HiGHS on programmes of random covers: the same values, points that keep to every row."""

import numpy as np
import pytest

from planner.siting.solvers import highs, scip
from planner.siting.solvers.programme import Programme


def covering(seed: int, *, least: float = 0.0) -> Programme:
    """Open at most 4 of 12 sites; 30 villages count once an open site is near; at least `least` sites open."""
    random = np.random.default_rng(seed)
    near = random.random((30, 12)) < 0.15
    rows = np.vstack([np.hstack([-near.astype(float), np.eye(30)]), np.concatenate([np.ones(12), np.zeros(30)])])
    index = [np.flatnonzero(row) for row in rows]
    return Programme(
        cost=np.concatenate([np.zeros(12), random.integers(1, 50, 30)]).astype(float),
        integer=np.arange(42) < 12,
        start=np.concatenate([[0], np.cumsum([part.size for part in index])]),
        index=np.concatenate(index),
        value=np.concatenate([row[part] for row, part in zip(rows, index, strict=True)]),
        lower=np.concatenate([np.full(30, -np.inf), [least]]),
        upper=np.concatenate([np.zeros(30), [4.0]]),
    )


@pytest.mark.parametrize("seed", range(6))
def test_values_and_bounds_are_those_of_highs(seed: int) -> None:
    programme = covering(seed)
    theirs = highs.solve(programme, first=None, slack=0.5, seconds=60.0)
    for first in (None, theirs.x):
        ours = scip.solve(programme, first=first, slack=0.5, seconds=60.0)
        assert programme.cost @ ours.x == pytest.approx(programme.cost @ theirs.x)
        assert ours.bound == pytest.approx(programme.cost @ theirs.x, abs=0.5)
        assert ours.feasible
        assert not ours.cut
        assert np.round(ours.x[:12]).sum() <= 4


def test_a_programme_without_any_point_says_so() -> None:
    found = scip.solve(covering(1, least=5.0), first=None, slack=0.5, seconds=60.0)
    assert not found.feasible
    assert found.x.size == 0
    assert found.bound == np.inf


def test_columns_may_end_elsewhere_than_at_one() -> None:
    one = np.array([1.0])
    programme = Programme(one, np.array([False]), np.array([0, 1]), np.array([0]), one, one * -9, one * 9, most=one * 7)
    assert scip.solve(programme, first=None, slack=0.1, seconds=9.0).x == pytest.approx([7.0])
