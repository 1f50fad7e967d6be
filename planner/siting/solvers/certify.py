"""The best choice of sites with its proof: search, bound, eliminate, close what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.siting.base import Int
from planner.siting.solvers import lagrangian, milp
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Cover, is_whole, reduce
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


def best_choice(cover: Cover, teams: int, *, start: Int, gap_people: float, clock: Clock) -> Answer:
    """Choose at most `teams` sites that reach most people, to within `gap_people` or until the time is over.

    Parameters
    ----------
    cover : Cover
    teams : int
        0 or more.
    start : ndarray of int64
        A plan, for example the one-by-one choice; the answer is never worse.
    gap_people : float
        Stop when bound and plan differ by at most this.
    clock : Clock
    """
    everyone = float(cover.need.sum())
    if teams >= cover.teams_at_most:
        return Answer(np.arange(cover.teams_at_most), everyone, everyone, "all sites")
    if teams == 0:
        return Answer(np.zeros(0, dtype=np.int64), 0.0, 0.0, "no team to place")
    sites = improved(cover, start, clock=clock)
    reached = cover.reached(sites)
    if everyone - reached <= TOLERANCE * everyone:
        return Answer(sites, reached, reached, "greedy and swaps")
    prices = lagrangian.first_prices(cover, sites)
    bound = lagrangian.bound(cover, teams, prices=prices, reached=reached, gap_people=gap_people, clock=clock)
    other = improved(cover, bound.sites, clock=clock)
    if cover.reached(other) > reached:
        sites, reached = other, cover.reached(other)
    answer = Answer(
        sites, reached, _whole(cover, min(bound.people, everyone), reached), "greedy, swaps and Lagrangian bound"
    )
    if answer.bound - reached <= max(gap_people, TOLERANCE * everyone) or clock.over:
        return answer
    return _closed(cover, teams, answer=answer, bound=bound, gap_people=gap_people, clock=clock)


def _closed(cover: Cover, teams: int, *, answer: Answer, bound: Bound, gap_people: float, clock: Clock) -> Answer:
    target = _to_beat(cover, answer.reached)
    forced = bound.must_open(teams, target=target)
    keep = bound.may_open(teams, target=target) & ~forced
    always = np.flatnonzero(forced).astype(np.int64)
    served = cover.covered(always)
    base = float(cover.need[served].sum())
    small = reduce(cover, keep=keep, served=served)
    left = teams - always.size
    if left <= 0 or small.sites.size <= left:
        found, people = always if left <= 0 else np.concatenate([always, small.sites]), 0.0
        people = float(small.cover.need.sum()) if left > 0 else 0.0
    else:
        start = np.flatnonzero(np.isin(small.sites, answer.sites)).astype(np.int64)[:left]
        closed = milp.close(small.cover, left, start=start, gap_people=gap_people, seconds=clock.left_s)
        found, people = np.concatenate([always, small.sites[closed.sites]]), closed.people
    sites, reached = answer.sites, answer.reached
    if found.size <= teams and cover.reached(found) > reached:
        sites, reached = np.sort(found), cover.reached(found)
    least = _whole(cover, min(answer.bound, max(base + people, reached)), reached)
    return Answer(sites, reached, least, "greedy, swaps, Lagrangian bound, elimination and HiGHS")


def _to_beat(cover: Cover, reached: float) -> float:
    # Whole people: a better plan reaches at least one more.
    return reached + (1.0 - WHOLE if is_whole(cover.need) else -TOLERANCE * float(cover.need.sum()))


def _whole(cover: Cover, people: float, reached: float) -> float:
    rounded = float(np.floor(people + WHOLE)) if is_whole(cover.need) else people
    return max(rounded, reached)
