"""Hot and cold spots: G* by hand, a planted cluster that is found, noise in which next to nothing is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from esda import G_Local, fdr
from libpysal.weights import KNN, fill_diagonal
from scipy import stats
from scipy.spatial import cKDTree

from planner import hotspots


def grid(side: int = 12) -> np.ndarray:
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    rng = np.random.default_rng(1)
    return np.column_stack([x.ravel(), y.ravel()]) * 1000.0 + rng.uniform(-90, 90, (side * side, 2))


def frame(points: np.ndarray, score: np.ndarray) -> pd.DataFrame:
    ids = [f"v{i:03d}" for i in range(len(score))]
    return pd.DataFrame({"unit_id": ids, "x_m": points[:, 0], "y_m": points[:, 1], "score": score})


def test_g_by_the_formula_of_ord_and_getis():
    points = grid(6)
    values = np.random.default_rng(2).uniform(0, 100, 36)
    z, _ = hotspots.local_g(points, values, seed=1, permutations=99)
    near = cKDTree(points).query(points, k=hotspots.NEIGHBOURS + 1)[1]
    n, w = len(values), 1 / (hotspots.NEIGHBOURS + 1)
    mean, spread = values.mean(), values.std()
    by_hand = [(values[i].mean() - mean) / (spread * ((n * len(i) * w**2 - 1) / (n - 1)) ** 0.5) for i in near]
    assert z == pytest.approx(by_hand)


def test_a_planted_cluster_is_hot_and_its_opposite_cold():
    points = grid()
    score = np.random.default_rng(3).normal(50, 5, 144)
    hot, cold = (np.hypot(*(points - at).T) < 2200 for at in ([2000, 2000], [9000, 9000]))
    found = hotspots.table(frame(points, score + 25.0 * hot - 25.0 * cold), seed=1)
    inner = np.hypot(*(points - [2000, 2000]).T) < 1100
    assert set(found.loc[inner, "spot"]) == {"hot"}
    assert set(found.loc[np.hypot(*(points - [9000, 9000]).T) < 1100, "spot"]) == {"cold"}
    far = np.minimum(*(np.hypot(*(points - at).T) for at in ([2000, 2000], [9000, 9000]))) > 4500
    assert set(found.loc[far, "spot"]) == {"none"}
    again = hotspots.table(frame(points, score + 25.0 * hot - 25.0 * cold).sample(frac=1, random_state=1), seed=1)
    pd.testing.assert_frame_equal(found, again)


def test_in_noise_nothing_is_named_though_some_look_unusual():
    found = hotspots.table(frame(grid(), np.random.default_rng(4).normal(50, 5, 144)), seed=1)
    assert (found["p"] < 0.05).any()
    assert set(found["spot"]) == {"none"}


@pytest.mark.parametrize("seed", range(5))
def test_the_correction_is_that_of_benjamini_and_hochberg(seed):
    """Some of the villages really unusual; esda's threshold names the same as SciPy's adjusted p."""
    rng = np.random.default_rng(seed)
    p = np.concatenate([rng.uniform(0, 1, 90), rng.uniform(0, 0.002, 10 * (seed > 0))])
    level = hotspots.FALSE_DISCOVERIES
    assert (p <= fdr(p, alpha=level)).tolist() == (stats.false_discovery_control(p) <= level).tolist()


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore:The alternative hypothesis:DeprecationWarning")
def test_p_is_that_of_esda():
    points, values = grid(), np.random.default_rng(6).gamma(2.0, 20.0, 144)
    _, ours = hotspots.local_g(points, values, seed=1)
    weights = fill_diagonal(KNN.from_array(points, k=hotspots.NEIGHBOURS), 1.0)
    theirs = G_Local(values, weights, transform="R", star=True, permutations=9_999, seed=1, n_jobs=1).p_sim
    assert ours == pytest.approx(np.minimum(1.0, 2 * theirs), abs=0.03)


def test_too_few_or_equal_villages_have_no_spots():
    few = hotspots.table(frame(grid(5), np.arange(25.0)), seed=1)
    equal = hotspots.table(frame(grid(), np.full(144, 5.0)), seed=1)
    for found in (few, equal):
        assert found["p"].isna().all()
        assert set(found["spot"]) == {"none"}
