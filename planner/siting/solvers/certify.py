"""The best choice of sites with its proof: search, bound, eliminate, close what is left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from planner.siting.base import Int
from planner.siting.solvers import lagrangian, milp
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Cover, is_whole, reduce
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.lagrangian import Bound
from planner.siting.solvers.swap import improved

WHOLE: Final = 1e-6
"""How far from a whole number a sum of whole people may come out of a solver."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A choice of sites and what no choice exceeds.

    Parameters
    ----------
    sites : ndarray of int64
        At most as many as there are teams.
    reached, bound : float
        People.
    solver : str
        The steps that were needed, for people.
    """

    sites: Int
    reached: float
    bound: float
    solver: str


def best_choice(cover: Cover, teams: int, *, start: Int, goal: Goal, clock: Clock) -> Answer:
    """Choose at most `teams` sites that reach most people, to within the goal or until the time is over.

    Parameters
    ----------
    cover : Cover
    teams : int
        0 or more.
    start : ndarray of int64
        A plan, for example the one-by-one choice; the answer is never worse.
    goal : Goal
    clock : Clock
    """
    everyone = float(cover.need.sum())
    if teams >= cover.teams_at_most:
        return Answer(np.arange(cover.teams_at_most), everyone, everyone, "all sites")
    if teams == 0:
        return Answer(np.zeros(0, dtype=np.int64), 0.0, 0.0, "no team to place")
    sites = _better(cover, start, improved(cover, start, clock=clock))
    reached = cover.reached(sites)
    if goal.met(reached, everyone):
        return Answer(sites, reached, everyone, "greedy and swaps")
    improve = partial(improved, cover, clock=clock)
    bound = lagrangian.bound(cover, teams, sites=sites, improve=improve, goal=goal, clock=clock)
    people = _whole(cover, min(bound.people, everyone), bound.reached)
    answer = Answer(bound.sites, bound.reached, people, "greedy, swaps and Lagrangian bound")
    if goal.met(answer.reached, answer.bound) or clock.over:
        return answer
    return _closed(cover, teams, answer=answer, bound=bound, goal=goal, clock=clock)


def _closed(cover: Cover, teams: int, *, answer: Answer, bound: Bound, goal: Goal, clock: Clock) -> Answer:
    target = _to_beat(cover, answer.reached)
    must = bound.must_open(teams, target=target)
    forced = np.flatnonzero(must).astype(np.int64)
    served = cover.covered(forced)
    small = reduce(cover, keep=bound.may_open(teams, target=target) & ~must, served=served)
    start = np.flatnonzero(np.isin(small.sites, answer.sites)).astype(np.int64)
    gap_people = goal.slack(answer.reached)
    rest = _rest(small.cover, teams - forced.size, start=start, gap_people=gap_people, clock=clock)
    found = np.sort(np.concatenate([forced, small.sites[rest.sites]]))
    sites = _better(cover, answer.sites, found)
    reached = cover.reached(sites)
    # The reduced problem speaks for every plan that beats the best one known, and for no other.
    people = min(answer.bound, max(float(cover.need[served].sum()) + rest.people, reached))
    solver = "greedy, swaps, Lagrangian bound, elimination and HiGHS"
    return Answer(sites, reached, _whole(cover, people, reached), solver)


def _rest(cover: Cover, teams: int, *, start: Int, gap_people: float, clock: Clock) -> milp.Closed:
    if teams >= cover.teams_at_most:
        return milp.Closed(np.arange(cover.teams_at_most), float(cover.need.sum()))
    if teams == 0:
        return milp.Closed(np.zeros(0, dtype=np.int64), 0.0)
    return milp.close(cover, teams, start=start[:teams], gap_people=gap_people, seconds=clock.left_s)


def _better(cover: Cover, first: Int, second: Int) -> Int:
    return second if cover.reached(second) > cover.reached(first) else first


def _to_beat(cover: Cover, reached: float) -> float:
    # Whole people: a better plan reaches at least one more.
    return reached + (1.0 - WHOLE if is_whole(cover.need) else -TOLERANCE * float(cover.need.sum()))


def _whole(cover: Cover, people: float, reached: float) -> float:
    rounded = float(np.floor(people + WHOLE)) if is_whole(cover.need) else people
    return max(rounded, reached)
