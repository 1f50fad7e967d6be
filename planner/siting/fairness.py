"""What fairness costs: the same teams placed with more and more aversion to long ways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from planner.errors import PlanError
from planner.siting import fair
from planner.siting.base import Float, SitingPlan, SitingProblem
from planner.siting.p_median import counted, unserved_minutes


@dataclass(frozen=True, slots=True)
class Price:
    """A turn of the dial and what the ways are then; people whom no site serves count `unserved_minutes`.

    Parameters
    ----------
    aversion : float
    mean_minutes, fair_minutes, longest_minutes : float
        Of everybody alike; as the model counts them at this turn; of the worst off.
    people_reached : float
    gap : float
        What is proven of `fair_minutes`, share.
    """

    aversion: float
    mean_minutes: float
    fair_minutes: float
    longest_minutes: float
    people_reached: float
    gap: float


def prices(problem: SitingProblem, aversions: Iterable[float], *, plan: SitingPlan) -> list[Price]:
    """Return what fairness costs, a row per turn of the dial, ascending; the turn of the plan itself is its own row.

    Each search starts from the plan before it. Turns so far that only the longest way would count are left out.

    Parameters
    ----------
    problem : SitingProblem
    aversions : iterable of float
    plan : SitingPlan
        What `planner.siting.fair.solve` says of the problem.
    """
    own = fair.AVERSION if problem.aversion is None else problem.aversion
    found, warm = [], plan.sites
    for aversion in sorted({own, *aversions}):
        asked = replace(problem, aversion=aversion, warm_sites=warm)
        try:
            answer = plan if aversion == own else fair.solve(asked)
        except PlanError:
            continue
        warm = answer.sites
        found.append(_price(problem, aversion, answer))
    return found


def _price(problem: SitingProblem, aversion: float, plan: SitingPlan) -> Price:
    ways, people = _ways(problem, plan), counted(problem)
    everyone = float(people.sum())
    return Price(
        aversion=aversion,
        mean_minutes=float(people @ ways) / everyone if everyone > 0 else 0.0,
        fair_minutes=plan.objective,
        longest_minutes=float(ways[people > 0].max(initial=0.0)),
        people_reached=plan.objective_people,
        gap=plan.gap,
    )


def _ways(problem: SitingProblem, plan: SitingPlan) -> Float:
    """Return the minutes of each village; where it is split between sites, the mean of its parts."""
    unserved = unserved_minutes(problem)
    if plan.parts is None:
        return np.where(plan.assignments >= 0, plan.assigned_minutes, unserved)
    n, parts = problem.need_people.size, plan.parts
    spent = np.bincount(parts.village, parts.people * parts.minutes, minlength=n)
    left = np.maximum(problem.need_people - np.bincount(parts.village, parts.people, minlength=n), 0.0)
    total = spent + left * unserved
    return np.divide(total, problem.need_people, out=np.zeros(n), where=problem.need_people > 0)
