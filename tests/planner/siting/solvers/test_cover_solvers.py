"""The steps behind maximum cover, each against every possible choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.siting.solvers import certify, cover_programme, lagrangian
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import from_pairs, reduce
from planner.siting.solvers.cover_model import CoverModel
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.greedy import one_by_one
from planner.siting.solvers.swap import improved


def random_cover(seed: int, *, villages: int = 40, sites: int = 12, share: float = 0.2):
    random = np.random.default_rng(seed)
    village, site = np.nonzero(random.random((villages, sites)) < share)
    return from_pairs(random.integers(1, 90, villages).astype(float), village, site, sites=sites)


def best(cover, teams):
    return max(cover.reached(np.array(c, dtype=np.int64)) for c in combinations(range(cover.sites), teams))


@st.composite
def covers(draw):
    n, m = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    pairs = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, m - 1)), unique=True))
    need = draw(st.lists(st.integers(1, 9).map(float), min_size=n, max_size=n))
    village, site = (np.array([p[k] for p in pairs], dtype=np.int64) for k in (0, 1))
    return from_pairs(np.array(need), village, site, sites=m)


@settings(deadline=None, max_examples=100)
@given(covers(), st.data())
def test_reduction_loses_no_choice(cover, data):
    m = cover.sites
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=m, max_size=m)))
    served = np.array(data.draw(st.lists(st.booleans(), min_size=cover.need.size, max_size=cover.need.size)))
    small = reduce(cover, keep=keep, served=served)
    sets = {frozenset(np.flatnonzero(row)) for row in small.cover.sites_of.toarray()}
    assert len(sets) == small.cover.need.size
    for count in range(min(m, 3) + 1):
        before = max(
            cover.need[cover.covered(np.array(c, dtype=np.int64)) & ~served].sum()
            for c in combinations(np.flatnonzero(keep), min(count, int(keep.sum())))
        )
        after = best(small.cover, min(count, small.sites.size)) if small.sites.size else 0.0
        assert after == before


def test_reduction_keeps_the_first_of_equal_sites_and_adds_up_equal_villages():
    village, site = np.array([0, 0, 0, 1, 1, 1, 2, 3]), np.array([0, 1, 2, 0, 1, 2, 2, 3])
    cover = from_pairs(np.array([3.0, 4.0, 5.0, 6.0]), village, site, sites=4)
    small = reduce(cover, keep=np.ones(4, dtype=bool), served=np.array([False, False, False, True]))
    assert small.sites.tolist() == [0, 2]
    assert sorted(small.cover.need) == [5.0, 7.0]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("teams", [1, 3, 6])
def test_bound_search_and_elimination_hold_the_best_choice(seed, teams):
    cover, clock = random_cover(seed), Clock(60.0)
    most = best(cover, teams)
    greedy = one_by_one(cover, teams)
    swapped = improved(cover, greedy, clock=clock)
    assert cover.reached(greedy) <= cover.reached(swapped) <= most
    found = lagrangian.bound(CoverModel(cover), teams, sites=greedy, goal=Goal(0.0), clock=clock)
    assert found.reached == cover.reached(found.sites) <= most <= found.value + 1e-9
    may, must = found.may_open(teams, target=most - 1), found.must_open(teams, target=most - 1)
    for chosen in combinations(range(cover.sites), teams):
        if cover.reached(np.array(chosen)) == most:
            assert may[list(chosen)].all()
            assert np.isin(np.flatnonzero(must), chosen).all()


@pytest.mark.parametrize("seed", range(8))
def test_swaps_end_where_no_single_swap_helps(seed):
    cover = random_cover(seed, villages=60, sites=15, share=0.1)
    sites = improved(cover, np.arange(4), clock=Clock(60.0))
    for slot in range(4):
        for other in set(range(15)) - set(sites.tolist()):
            swapped = sites.copy()
            swapped[slot] = other
            assert cover.reached(swapped) <= cover.reached(sites)


@pytest.mark.parametrize("seed", range(8))
def test_programme_and_certificate_equal_the_best_choice(seed, capfd):
    cover = random_cover(seed, villages=60, sites=14, share=0.15)
    most = best(cover, 4)
    closed = cover_programme.close(cover, 4, start=np.arange(4), slack=0.0, seconds=60.0)
    assert (cover.reached(closed.sites), closed.bound) == (most, pytest.approx(most))
    answer = certify.best_choice(CoverModel(cover), 4, start=np.arange(4), goal=Goal(0.0), clock=Clock(60.0))
    assert (answer.reached, answer.bound) == (most, most)
    assert capfd.readouterr() == ("", "")


def test_programme_out_of_time_still_has_a_valid_bound():
    cover = random_cover(1, villages=400, sites=200, share=0.03)
    closed = cover_programme.close(cover, 20, start=np.arange(20), slack=0.0, seconds=0.0)
    assert closed.bound >= cover.reached(one_by_one(cover, 20))
    assert closed.sites.size <= 20
