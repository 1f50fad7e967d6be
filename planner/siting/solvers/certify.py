"""The best choice of sites with its proof: search, bound, eliminate, close what is left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from planner.siting.base import Int
from planner.siting.solvers import lagrangian
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.lagrangian import Bound
from planner.siting.solvers.model import Closed, Model

WHOLE: Final = 1e-6
"""How far from a whole number a sum of whole people may come out of a solver."""

MOST_PAIRS: Final = 1_000_000
"""Solvers do not watch their time limit while they presolve and solve the root of anything larger (measured with HiGHS: minutes)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A choice of sites and what no choice exceeds.

    Parameters
    ----------
    sites : ndarray of int64
        At most as many as there are teams.
    reached, bound : float
        In the unit of the model.
    solver : str
        The steps that were needed, for people.
    """

    sites: Int
    reached: float
    bound: float
    solver: str


def best_choice(model: Model, teams: int, *, start: Int, goal: Goal, clock: Clock) -> Answer:
    """Choose at most `teams` sites that are worth most, to within the goal or until the time is over.

    Parameters
    ----------
    model : Model
    teams : int
        0 or more.
    start : ndarray of int64
        A plan, for example the one-by-one choice; the answer is never worse.
    goal : Goal
    clock : Clock
    """
    if teams >= model.sites:
        everything = np.arange(model.sites)
        return Answer(everything, model.total(everything), model.total(everything), "all sites")
    if teams == 0:
        return Answer(np.zeros(0, dtype=np.int64), 0.0, 0.0, "no team to place")
    most = float(model.most.sum())
    sites = _better(model, start, model.improved(start, clock=clock))
    reached = model.total(sites)
    if goal.met(reached, most):
        return Answer(sites, reached, most, "greedy and swaps")
    bound = lagrangian.bound(model, teams, sites=sites, goal=goal, clock=clock)
    value = _whole(model, min(bound.value, most), bound.reached)
    answer = Answer(bound.sites, bound.reached, value, "greedy, swaps and Lagrangian bound")
    if goal.met(answer.reached, answer.bound) or clock.over:
        return answer
    return _closed(model, teams, answer=answer, bound=bound, goal=goal, clock=clock)


def _closed(model: Model, teams: int, *, answer: Answer, bound: Bound, goal: Goal, clock: Clock) -> Answer:
    target = _to_beat(model, answer.reached)
    must = bound.must_open(teams, target=target)
    forced = np.flatnonzero(must).astype(np.int64)
    part = model.part(keep=bound.may_open(teams, target=target) & ~must, forced=forced)
    if part.model.pairs > MOST_PAIRS:
        return replace(answer, solver=f"{answer.solver}; too large to close")
    start = np.flatnonzero(np.isin(part.sites, answer.sites)).astype(np.int64)
    slack = goal.slack(answer.reached)
    rest = _rest(part.model, teams - forced.size, start=start, slack=slack, clock=clock)
    sites = _better(model, answer.sites, np.sort(np.concatenate([forced, part.sites[rest.sites]])))
    reached = model.total(sites)
    # The smaller problem speaks for every plan that beats the best one known, and for no other.
    value = min(answer.bound, max(part.base + rest.bound, reached))
    steps = ["greedy", "swaps", "Lagrangian bound", "elimination", *([rest.solver] if rest.solver else [])]
    solver = f"{', '.join(steps[:-1])} and {steps[-1]}"
    return Answer(sites, reached, _whole(model, value, reached), solver)


def _rest(model: Model, teams: int, *, start: Int, slack: float, clock: Clock) -> Closed:
    if teams >= model.sites:
        return Closed(np.arange(model.sites), model.total(np.arange(model.sites)))
    if teams == 0:
        return Closed(np.zeros(0, dtype=np.int64), 0.0)
    return model.close(teams, start=start[:teams], slack=slack, seconds=clock.left_s)


def _better(model: Model, first: Int, second: Int) -> Int:
    return second if model.total(second) > model.total(first) else first


def _to_beat(model: Model, reached: float) -> float:
    # Whole values: a better plan is worth at least one more.
    return reached + (1.0 - WHOLE if model.whole else -TOLERANCE * float(model.most.sum()))


def _whole(model: Model, value: float, reached: float) -> float:
    return max(float(np.floor(value + WHOLE)) if model.whole else value, reached)
