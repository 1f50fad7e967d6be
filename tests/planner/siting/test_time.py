"""All searches of one solve share its time, and what the time cut is never told as impossible."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from planner.errors import InfeasibleError, LimitError
from planner.siting import max_cover, min_teams
from planner.siting.solvers import clock, highs
from planner.siting.solvers.programme import Programme, Solution
from tests.planner.siting.worlds import problem

SEARCH_S = 3.0
NEAR = np.array([[1.0, 9.0, 9.0], [9.0, 1.0, 9.0], [9.0, 9.0, 1.0]])


@pytest.fixture
def given_s(monkeypatch):
    """Seconds that HiGHS was given, call by call, on a clock that only its calls advance, three seconds each."""
    now, given, solve = [100.0], [], highs.solve

    def timed(programme, *, first, slack, seconds):
        given.append(seconds)
        now[0] += SEARCH_S
        return solve(programme, first=first, slack=slack, seconds=60.0)

    monkeypatch.setattr(clock, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    monkeypatch.setattr(max_cover, "Clock", lambda limit_s: clock.Clock(limit_s, now[0]))
    monkeypatch.setattr(highs, "solve", timed)
    return given


@pytest.fixture
def cut(monkeypatch):
    """Let every search end by its time before it found anything."""
    nothing = Solution(np.zeros(0), np.inf, feasible=True, cut=True)
    monkeypatch.setattr(highs, "solve", lambda *_, **__: nothing)


def world(**given):
    """Return three villages, each beside its own site, each site in a commune of its own."""
    return problem(NEAR, [5.0, 5.0, 5.0], commune_ids=np.array(["a", "b", "c"]), reach_minutes=2.0, **given)


def test_the_searches_of_a_refusal_share_the_limit_and_one_grace(given_s):
    # two of three communes can have their site for the budget of 2, so: any choice, the fewest teams, the least cost
    tight = world(new_teams=3, min_per_commune=1, cost=np.ones(3), budget=2.0, time_limit_s=4.0)
    with pytest.raises(InfeasibleError, match="budget = 3"):
        max_cover.solve(tight)
    assert given_s == [4.0 + clock.GRACE_S - SEARCH_S * k for k in range(len(given_s))]
    assert len(given_s) == 3


@pytest.mark.usefixtures("cut")
def test_a_search_that_the_time_cut_does_not_call_a_plan_impossible():
    with pytest.raises(LimitError, match="time limit of 4 s"):
        max_cover.solve(world(new_teams=3, min_per_commune=1, cost=np.ones(3), budget=3.0, time_limit_s=4.0))


def test_a_share_out_of_reach_is_told_without_a_figure_the_time_did_not_allow(monkeypatch):
    solve, calls = highs.solve, []

    def first_only(programme, **given):
        calls.append(programme)
        return solve(programme, **given) if len(calls) == 1 else Solution(np.zeros(0), np.inf, True, cut=True)

    monkeypatch.setattr(highs, "solve", first_only)
    with pytest.raises(InfeasibleError, match="the time was over") as told:
        min_teams.solve(world(new_teams=3, share=1.0, capacity_people=np.full(3, 5.0), locked_out=[2]))
    assert len(calls) == 2
    assert "more than 0" not in str(told.value)


@pytest.mark.parametrize(("seconds", "cut_short"), [(60.0, False), (0.0, True)])
def test_highs_says_whether_the_time_ended_it(seconds, cut_short):
    random = np.random.default_rng(1)
    rows, columns = 60, 200
    programme = Programme(
        cost=random.integers(50, 100, columns).astype(float) if cut_short else np.ones(columns),
        integer=np.ones(columns, dtype=bool),
        start=np.arange(rows + 1, dtype=np.int64) * columns,
        index=np.tile(np.arange(columns), rows),
        value=random.integers(50, 100, rows * columns).astype(float) if cut_short else np.ones(rows * columns),
        lower=np.full(rows, -np.inf),
        upper=np.full(rows, 3_001.0 if cut_short else 3.0),
    )
    assert highs.solve(programme, first=None, slack=1e-9, seconds=seconds).cut is cut_short
