"""What is lost when one site is dropped and the others are placed again as well as a search finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from planner.errors import InfeasibleError
from planner.siting.base import Float, SitingPlan, SitingProblem

LOOSE: Final = 0.9
"""A gap so wide that a model stops once its search (one by one, swaps) is done; no bound is asked for here."""
SEARCHED: Final = frozenset({"backup_cover", "fair", "max_cover", "p_median"})
"""Models whose search starts from a plan that is known."""


def losses_after_replacing(
    problem: SitingProblem, plan: SitingPlan, *, solve: Callable[[SitingProblem], SitingPlan]
) -> Float:
    """Return, beside `plan.sites`, the people no longer reached when that site may not be used and its team goes elsewhere.

    The search starts from the plan without the site. It may miss a still better placing, so a loss is never told too small
    by more than the search misses, and never larger than with nothing else moved.

    Parameters
    ----------
    problem : SitingProblem
    plan : SitingPlan
        Its answer.
    solve : callable
        The model of the plan.

    Returns
    -------
    ndarray of float64
        People; NaN where no plan does without the site, and for models that do not start from a plan.
    """
    found = np.full(plan.sites.size, np.nan)
    if plan.model not in SEARCHED:
        return found
    for at in range(plan.sites.size):
        without = _without(problem, plan, at)
        try:
            again = solve(without)
        except InfeasibleError:  # a commune must have this site
            continue
        lost = max(plan.objective_people - again.objective_people, 0.0)
        found[at] = min(lost, plan.loss_if_dropped_people[at])
    return found


def _without(problem: SitingProblem, plan: SitingPlan, at: int) -> SitingProblem:
    """Return the problem without the site at this place of the plan; a team that stands there is gone."""
    site = plan.sites[at]
    masks = {}
    for name in ("existing", "locked_in", "movable", "closable"):
        mask = getattr(problem, name)
        if mask is not None:
            masks[name] = mask.copy()
            masks[name][site] = False
    locked_out = problem.locked_out.copy()
    locked_out[site] = True
    return replace(problem, locked_out=locked_out, gap=LOOSE, warm_sites=np.delete(plan.sites, at), **masks)
