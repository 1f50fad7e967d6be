"""Rates leaned on their commune: SciPy as oracle, edges, and intervals that hold what they promise."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from planner import shrinkage
from planner.shrinkage import Prior


def generator(*seed):
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))


def one_group(mean=0.7, precision=30.0, variance=0.0):
    return Prior(np.array([mean]), np.array([variance]), precision, mean)


def arrays(*values):
    return tuple(np.array(v, dtype=float) for v in values)


def test_the_spread_of_equal_villages_by_hand():
    # Four villages of 50: rates 0.2, 0.4, 0.6, 0.8, mean 0.5. Their squared deviations add to 0.2, on 3 degrees of freedom.
    above, below = arrays([10, 20, 30, 40], [50] * 4)
    found = shrinkage.fit(above, below, np.zeros(4, dtype=np.intp), groups=1)
    correlation = (0.2 / 3 * 50 / 0.25 - 1) / 49
    assert found.precision == pytest.approx(1 / correlation - 1, rel=1e-6)
    assert found.mean[0] == pytest.approx(0.5)
    assert found.variance[0] == pytest.approx(0.25 * (1 + 49 * correlation) / 200)


@pytest.mark.parametrize(("y", "n"), [(0, 0), (0, 5), (5, 5), (13, 40), (700, 1000)])
def test_posterior_mean_is_the_chance_of_the_next_adopter(y, n):
    m, size = 0.7, 30.0
    a, b = m * size, (1 - m) * size
    # P(next adopts | y of n) from the beta-binomial probabilities of n and n + 1 people.
    expected = (y + 1) / (n + 1) * stats.betabinom.pmf(y + 1, n + 1, a, b) / stats.betabinom.pmf(y, n, a, b)
    found = shrinkage.posterior(one_group(m, size), *arrays([y], [n]), np.array([0]))
    assert found.mean[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_interval_is_that_of_the_beta_distribution_when_the_mean_is_certain(level):
    found = shrinkage.posterior(one_group(0.7, 30.0), *arrays([13], [40]), np.array([0]), level=level)
    expected = stats.beta(0.7 * 30 + 13, 0.3 * 30 + 27).interval(level)
    assert (found.low[0], found.high[0]) == pytest.approx(expected, rel=1e-9)


def test_an_uncertain_mean_widens_the_interval():
    certain = shrinkage.posterior(one_group(variance=0.0), *arrays([13], [40]), np.array([0]))
    unsure = shrinkage.posterior(one_group(variance=0.01), *arrays([13], [40]), np.array([0]))
    assert unsure.mean[0] == certain.mean[0]
    assert unsure.low[0] < certain.low[0] < certain.high[0] < unsure.high[0]


@pytest.mark.parametrize("variance", [0.0, 0.002])
def test_draws_have_the_mean_and_the_interval_of_the_posterior(variance):
    prior, counts = one_group(variance=variance), arrays([13, math.nan], [40, math.nan])
    group = np.zeros(2, dtype=np.intp)
    found = shrinkage.draws(prior, *counts, group, count=20_000, rng=generator(3))
    expected = shrinkage.posterior(prior, *counts, group)
    assert found.mean(axis=0) == pytest.approx(expected.mean, abs=0.003)
    assert np.quantile(found, 0.05, axis=0) == pytest.approx(expected.low, abs=0.008)
    assert np.quantile(found, 0.95, axis=0) == pytest.approx(expected.high, abs=0.008)


def test_villages_of_one_commune_share_the_error_of_its_mean():
    prior = Prior(np.array([0.5, 0.5]), np.array([0.01, 0.01]), 1e6, 0.5)
    counts = arrays([math.nan] * 3, [math.nan] * 3)
    found = shrinkage.draws(prior, *counts, np.array([0, 0, 1]), count=4_000, rng=generator(4))
    together = np.corrcoef(found.T)
    assert together[0, 1] > 0.99
    assert abs(together[0, 2]) < 0.06


def world(seed, *, communes=40, per=25, precision=20.0, people=60):
    rng = generator(seed)
    group = np.repeat(np.arange(communes), per)
    mean = rng.beta(24, 6, communes)
    rate = rng.beta(mean[group] * precision, (1 - mean[group]) * precision)
    below = rng.integers(people // 2, 2 * people, len(group)).astype(float)
    above = stats.binom.rvs(below.astype(int), rate, random_state=rng).astype(float)
    return above, below, group, rate


def test_finds_the_spread_that_made_the_data():
    found = [shrinkage.fit(*world(s)[:3], groups=40) for s in range(8)]
    assert np.mean([1 / (f.precision + 1) for f in found]) == pytest.approx(1 / 21, rel=0.06)
    assert np.mean([f.overall for f in found]) == pytest.approx(0.8, abs=0.01)


def test_intervals_hold_the_true_rate_as_often_as_they_say():
    inside = []
    for seed in range(8):
        above, below, group, rate = world(100 + seed)
        prior = shrinkage.fit(above, below, group, groups=40)
        found = shrinkage.posterior(prior, above, below, group)
        inside.append(np.mean((found.low <= rate) & (rate <= found.high)))
    assert np.mean(inside) == pytest.approx(0.9, abs=0.015)


def test_leaning_beats_the_raw_rates():
    above, below, group, rate = world(7, people=30)
    found = shrinkage.posterior(shrinkage.fit(above, below, group, groups=40), above, below, group)
    assert np.mean((found.mean - rate) ** 2) < 0.8 * np.mean((above / below - rate) ** 2)


def test_a_commune_without_counts_stands_at_the_province_with_the_spread_of_communes():
    above, below, group, _ = world(9)
    above[group == 3] = np.nan
    found = shrinkage.fit(above, below, group, groups=41)
    assert found.mean[3] == found.mean[40] == pytest.approx(found.overall)
    assert found.variance[3] == found.variance[40] > 3 * np.delete(found.variance, [3, 40]).max()


@pytest.mark.parametrize(
    ("above", "below", "group"),
    [
        ([5], [10], [0]),
        ([0, 0, 0], [10, 20, 30], [0, 0, 1]),
        ([10, 20, 30], [10, 20, 30], [0, 0, 1]),
        ([5, 7, 9], [10, 14, 18], [0, 1, 2]),
        ([0, 100_000], [100_000, 100_000], [0, 0]),
        ([1, 1], [1, 1], [0, 1]),
        ([50_000, 50_000], [100_000, 100_000], [0, 0]),
        ([3, 0], [10, 0], [0, 0]),
    ],
)
def test_edges_give_shares_and_no_warning(above, below, group):
    counts, where = arrays(above, below), np.array(group)
    prior = shrinkage.fit(*counts, where, groups=3)
    found = shrinkage.posterior(prior, *counts, where)
    assert np.isfinite(prior.variance).all()
    assert shrinkage.MIN_PRECISION <= prior.precision <= shrinkage.MAX_PRECISION
    assert ((found.low >= 0) & (found.low <= found.high) & (found.high <= 1)).all()
    drawn = shrinkage.draws(prior, *counts, where, count=50, rng=generator(1))
    assert ((drawn >= 0) & (drawn <= 1)).all()


def test_villages_that_are_all_alike_become_their_commune():
    counts, where = arrays([50, 100, 25], [100, 200, 50]), np.zeros(3, dtype=np.intp)
    prior = shrinkage.fit(*counts, where, groups=1)
    assert prior.precision == pytest.approx(shrinkage.MAX_PRECISION)
    assert shrinkage.posterior(prior, *counts, where).mean == pytest.approx([0.5] * 3)


@pytest.mark.parametrize(
    ("above", "below", "message"),
    [([math.nan], [10], "no unit"), ([0], [0], "no unit"), ([11], [10], "outside"), ([-1], [10], "outside")],
)
def test_refuses(above, below, message):
    with pytest.raises(ValueError, match=message):
        shrinkage.fit(*arrays(above, below), np.array([0]), groups=1)


@settings(deadline=None, max_examples=60)
@given(
    pairs=st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 3)).map(
            lambda t: (min(t[:2]), max(t[:2]), t[2])
        ),
        min_size=1,
        max_size=12,
    ).filter(lambda found: any(n > 0 for _, n, _ in found)),
    data=st.data(),
)
def test_shrunken_rates_lie_between_the_village_and_its_commune_and_order_changes_nothing(pairs, data):
    above, below, group = np.array(pairs).T
    counts = arrays(above, below)
    prior = shrinkage.fit(*counts, group, groups=4)
    found = shrinkage.posterior(prior, *counts, group)
    raw = np.divide(counts[0], counts[1], out=prior.mean[group].copy(), where=counts[1] > 0)
    low, high = np.minimum(raw, prior.mean[group]), np.maximum(raw, prior.mean[group])
    assert ((found.mean >= low - 1e-9) & (found.mean <= high + 1e-9)).all()
    order = np.array(data.draw(st.permutations(range(len(pairs)))))
    again = shrinkage.fit(counts[0][order], counts[1][order], group[order], groups=4)
    shuffled = shrinkage.posterior(again, counts[0][order], counts[1][order], group[order])
    assert shuffled.mean == pytest.approx(found.mean[order], abs=1e-6)
