"""Fair ways: the sites for which the way is short in the sense of those who have the longest (Kolm-Pollak)."""

from __future__ import annotations

import numpy as np

from planner.siting.base import SitingPlan, SitingProblem
from planner.siting.burden import Burden, averse
from planner.siting.check import check
from planner.siting.order import by_id
from planner.siting.outcome import nearest
from planner.siting.p_median import Weighed, counted, unserved_minutes, weighed
from planner.siting.sense import refuse
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.service import one_by_one
from planner.siting.start import start_of

AVERSION = 1.0
"""The dial where a problem does not turn it."""


def solve(problem: SitingProblem) -> SitingPlan:
    """Place at most `new_teams` teams so that the ways, unequal as they are, are as short as can be.

    Every person of z minutes counts ``(exp(rate z) - 1) / rate``, see `planner.siting.burden`: minutes saved on a long
    way count more. With an `aversion` of 0 the plan is that of `planner.siting.p_median.solve`.

    Parameters
    ----------
    problem : SitingProblem

    Returns
    -------
    SitingPlan
        `objective`, `bound` and `greedy` in minutes: those that would be as bad if everybody had them.

    Raises
    ------
    ValueError, LayerError, PlanError, InfeasibleError
        As `planner.siting.p_median.solve`; also when the aversion is so large that only the longest way counts.
    """
    clock = Clock(problem.time_limit_s)
    check(problem)
    refuse(problem, model="fair")
    ordered = by_id(problem)
    return ordered.restore(weighed(ordered.problem, burden_of(ordered.problem), clock))


def burden_of(problem: SitingProblem) -> Burden:
    """Return what ways count in a checked problem in order of ids: by the ways of the one-by-one choice of p-median."""
    unserved, start = unserved_minutes(problem), start_of(problem)
    service = Weighed(problem, Burden("p_median", "person_minutes"), unserved).service
    part = service.part(keep=start.free, forced=start.fixed)
    is_open = np.zeros(problem.site_ids.size, dtype=np.bool_)
    is_open[start.fixed] = True
    is_open[part.sites[one_by_one(part.model, min(start.teams, part.model.sites))]] = True
    ways = nearest(problem.minutes, is_open, reach_minutes=problem.reach_minutes)
    minutes = np.where(ways.sites >= 0, ways.minutes, unserved)
    aversion = AVERSION if problem.aversion is None else problem.aversion
    return averse(minutes, counted(problem), aversion=aversion, unserved_minutes=unserved)
