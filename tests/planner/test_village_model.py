"""Villages without a figure: a planted signal is found, noise is not, and intervals are as wide as they must be."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.model_selection import GroupKFold

from planner import village_model
from planner.village_model import _Spread

COMMUNES, PER_COMMUNE = 40, 12
ROOT = Path(__file__).resolve().parents[2]


def world(seed, *, signal, between, within=0.3, empty=6, hidden=0.25):
    """Villages of communes; the last `empty` communes have no figure, others miss `hidden` of theirs."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(COMMUNES), PER_COMMUNE)
    covered, minutes = rng.random(len(group)), rng.random(len(group)) * 60
    commune = rng.standard_normal(COMMUNES)[group] * between
    truth = expit(signal * (2 * covered - 1) + commune + within * rng.standard_normal(len(group)))
    people = rng.integers(200, 1500, len(group)).astype(float)
    above = rng.binomial(people.astype(int), truth).astype(float)
    gone = (rng.random(len(group)) < hidden) | (group >= COMMUNES - empty)
    features = pd.DataFrame({"covered_share": covered, "support_minutes": minutes, "noise": rng.random(len(group))})
    numerator, denominator = np.where(gone, np.nan, above), np.where(gone, np.nan, people)
    return features, numerator, denominator, group, gone, truth


def learn(made, **more):
    features, numerator, denominator, group, gone, _ = made
    return village_model.learn(features, numerator, denominator, group, wanted=gone, **{"seed": 1, **more})


@pytest.fixture(scope="module")
def planted():
    made = world(3, signal=1.2, between=0.3)
    return made, learn(made)


def test_a_planted_signal_is_used_for_communes_with_and_without_figures(planted):
    made, (verdict, prediction) = planted
    assert verdict.within.used
    assert verdict.beyond.used
    assert verdict.within.model_error < 0.8 * verdict.within.mean_error
    gone, truth = made[4], made[5]
    assert prediction.where.tolist() == gone.tolist()
    error = np.sqrt(np.mean((prediction.rate[gone] - truth[gone]) ** 2))
    plain = np.sqrt(np.mean((np.nanmean(made[1] / made[2]) - truth[gone]) ** 2))
    assert error < 0.7 * plain
    # what was told of held-out communes is what happened in those without a figure
    far = gone & (made[3] >= COMMUNES - 6)
    told = np.sqrt(np.mean((prediction.rate[far] - truth[far]) ** 2))
    assert told == pytest.approx(verdict.beyond.model_error, rel=0.4)


def test_intervals_hold_nine_of_ten_truths_and_communes_err_together(planted):
    made, (_, prediction) = planted
    gone, truth, group = made[4], made[5], made[3]
    drawn = prediction.draws(count=400, rng=np.random.default_rng(5))
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    assert 0.86 <= np.mean((low <= truth[gone]) & (truth[gone] <= high)) <= 0.98
    far = np.flatnonzero(group[gone] == COMMUNES - 1)
    assert np.corrcoef(logit(drawn[:, far[0]]), logit(drawn[:, far[1]]))[0, 1] > 0.1
    again = prediction.draws(count=400, rng=np.random.default_rng(5))
    assert (again == drawn).all()


def test_noise_is_left_to_the_commune_mean():
    used = [learn(world(seed, signal=0.0, between=0.6))[0] for seed in range(4)]
    assert sum(v.within.used + v.beyond.used for v in used) <= 1  # one in twenty by chance, each
    assert used[0].within.mean_error < used[0].beyond.mean_error  # the commune's mean beats the province's


def test_the_same_seed_gives_the_same_digits(planted):
    made, (_, prediction) = planted
    again = learn(made)[1]
    assert (again.rate[made[4]] == prediction.rate[made[4]]).all()


FRESH = """
import sys
from threadpoolctl import threadpool_info
from planner import village_model
WORLD

seen = []
fitted = village_model._fitted
def watched(name, known, *, seed):
    seen.extend((pool["filepath"], pool["num_threads"]) for pool in threadpool_info())
    return fitted(name, known, seed=seed)
village_model._fitted = watched
for module in [m for m in sys.modules if m.split(".")[0] == "sklearn"]:
    raise SystemExit(f"{module} was loaded before it was needed")
*made, gone, _ = world(3, signal=1.2, between=0.3)
village_model.learn(*made, wanted=gone, seed=1)
assert any("scikit_learn" in file for file, _ in seen), seen
assert {count for _, count in seen} == {1}, seen
"""


def test_one_thread_learns_although_the_library_is_loaded_only_then():
    names = "import numpy as np\nimport pandas as pd\nfrom scipy.special import expit\nCOMMUNES, PER_COMMUNE = 40, 12\n"
    fresh = FRESH.replace("WORLD", names + inspect.getsource(world))
    ended = subprocess.run([sys.executable, "-c", fresh], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_no_figure_of_a_village_enters_its_own_test():
    """A village's error is of a model and a commune's mean that never saw it: moving its figure moves only its error."""
    _, numerator, _, group, *_ = world(1, signal=1.0, between=0.3)
    have = np.flatnonzero(np.isfinite(numerator))
    for train, test in GroupKFold(village_model.FOLDS).split(have, groups=group[have]):
        assert not set(group[have][train]) & set(group[have][test])
    spread = _Spread(0.4, 0.3)
    residual, where = np.array([1.0, 2.0, 6.0, 5.0]), np.array([0, 0, 0, 1])
    found = village_model._leave_one_out(residual, where, spread)
    lean = 2 * 0.16 / (2 * 0.16 + 0.09)
    assert found.tolist() == pytest.approx([lean * 4.0, lean * 3.5, lean * 1.5, 0.0])


def test_spreads_are_those_of_the_analysis_of_variance():
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(400), 10)
    residual = 0.5 * rng.standard_normal(400)[group] + 0.3 * rng.standard_normal(4000)
    found = village_model._spread(residual, group)
    assert (found.between, found.within) == pytest.approx((0.5, 0.3), rel=0.1)


def test_too_few_villages_or_nothing_known_of_them_and_no_model_is_tried():
    features, numerator, denominator, group, gone, _ = world(1, signal=1.0, between=0.3)
    few = np.where(np.arange(len(group)) < 49, numerator, np.nan)
    verdict, prediction = village_model.learn(features, few, denominator, group, wanted=gone, seed=1)
    assert (verdict.name, prediction) == ("", None)
    same = features.assign(covered_share=1.0, support_minutes=np.nan, noise=2.0)
    assert village_model.learn(same, numerator, denominator, group, wanted=gone, seed=1)[1] is None


def test_a_feature_that_is_unknown_where_it_is_needed_is_left_out():
    features, numerator, denominator, group, gone, _ = world(1, signal=2.0, between=0.1)
    blind = features.assign(covered_share=features["covered_share"].mask(gone))
    verdict, _ = village_model.learn(blind, numerator, denominator, group, wanted=gone, seed=1)
    assert not verdict.beyond.used
