"""Backup cover: most people within reach of a team, and as many as can be of a second one (Hogan and ReVelle 1986)."""

from __future__ import annotations

from typing import Final

import numpy as np

from planner.errors import PlanError
from planner.siting.base import Int, SitingPlan, SitingProblem
from planner.siting.check import check
from planner.siting.order import by_id
from planner.siting.outcome import Certificate, in_order, plan_of, snapped, within_reach
from planner.siting.sense import refuse
from planner.siting.solvers.backup_model import BackupModel
from planner.siting.solvers.certify import best_choice
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.goal import Goal
from planner.siting.start import start_of, warmer
from planner.siting.within import has_limits

WEIGHT: Final = 0.5
"""What a second team within reach counts, of the first, where a problem does not say."""


def solve(problem: SitingProblem) -> SitingPlan:
    """Place at most `new_teams` teams so that people within reach count most, those with a second team near more.

    A person counts 1 with an open site within `reach_minutes` and `backup_weight` more with two: what one team's illness or
    leave takes away is then served by another. Existing and locked sites are as in `planner.siting.max_cover.solve`.

    Parameters
    ----------
    problem : SitingProblem
        Without capacity, budget, types, moves or communes' minima.

    Returns
    -------
    SitingPlan
        `objective`, `bound` and `greedy` in weighted people.

    Raises
    ------
    ValueError, LayerError, PlanError, InfeasibleError
        See `planner.siting.check.check`; also for limits that this model does not know.
    """
    clock = Clock(problem.time_limit_s)
    check(problem)
    refuse(problem, model="backup_cover")
    if has_limits(problem):
        message = (
            "deploy.model = 'backup_cover' knows no capacity, budget, team types, moves or communes' minima; take them out, "
            "or use 'max_cover' and read who is lost without each site"
        )
        raise PlanError(message)
    ordered = by_id(problem)
    return ordered.restore(_solved(ordered.problem, clock))


def _solved(problem: SitingProblem, clock: Clock) -> SitingPlan:
    cover, start = within_reach(problem), start_of(problem)
    weight = WEIGHT if problem.backup_weight is None else problem.backup_weight
    whole = BackupModel(cover.need, weight * cover.need, cover.villages_of)
    part = whole.part(keep=start.free, forced=start.fixed)
    greedy = part.model.one_by_one(start.teams)
    first = warmer(part.model, greedy, part.sites, problem.warm_sites, teams=start.teams)
    goal = Goal(problem.gap, -part.base)
    answer = best_choice(part.model, start.teams, start=first, goal=goal, clock=clock)
    chosen = part.sites[answer.sites]
    useful = _useful(whole, start.fixed, chosen)
    new = np.sort(np.concatenate([start.locked, useful]))
    value = whole.total(np.concatenate([start.existing, new]))
    bound = max(snapped(part.base + answer.bound, value, scale=float(whole.most.sum())), value)
    worth = min(part.base + part.model.total(greedy), value)
    certificate = Certificate(
        model="backup_cover",
        unit="weighted_people",
        objective=value,
        bound=bound,
        greedy=worth,
        solver=answer.solver,
        seconds=clock.seconds,
        greedy_people=cover.reached(np.concatenate([start.fixed, part.sites[greedy]])),
        bound_people=cover.reached(start.allowed),
    )
    order, _ = in_order(cover, new, served=cover.covered(start.existing))
    return plan_of(problem, cover, order, certificate)


def _useful(model: BackupModel, fixed: Int, chosen: Int) -> Int:
    """Return the chosen sites without those that add nothing to the others."""
    keep = chosen.copy()
    for site in chosen[::-1]:
        others = np.concatenate([fixed, keep[keep != site]])
        if model.total(np.append(others, site)) <= model.total(others) + model.least:
            keep = keep[keep != site]
    return keep
