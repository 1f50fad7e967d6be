"""One siting question that a user brings: a matrix of minutes and people in, a plan with its certificate out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from layers import matrix
from planner.errors import PlanError
from planner.siting import MODELS
from planner.siting.base import SitingPlan, SitingProblem
from planner.written import decimal


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What was asked and what was found."""

    problem: SitingProblem
    plan: SitingPlan

    def as_dict(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints: the contract's names, ids instead of positions."""
        plan, problem = self.plan, self.problem
        served = np.flatnonzero(plan.assignments >= 0)
        return {
            "model": plan.model,
            "unit": plan.unit,
            "objective": _number(plan.objective),
            "bound": _number(plan.bound),
            "gap": plan.gap,
            "status": plan.status,
            "sites": problem.site_ids[plan.sites].tolist(),
            "assignments": [
                {
                    "unit_id": str(problem.unit_ids[i]),
                    "site_id": str(problem.site_ids[plan.assignments[i]]),
                    "minutes": float(plan.assigned_minutes[i]),
                    "people": float(problem.need_people[i]),
                }
                for i in served
            ],
            "greedy_objective": _number(plan.greedy),
            "people_reached": plan.objective_people,
            "unserved_people": plan.unserved_people,
            "seconds": plan.seconds,
        }

    def as_text(self) -> str:
        """Return the same in a few lines for a person."""
        plan = self.plan
        objective, bound, greedy = (_written(value) for value in (plan.objective, plan.bound, plan.greedy))
        lines = [
            f"{plan.model}: {objective} {plan.unit.replace('_', ' ')}, bound {bound}, gap {plan.gap:.3%} ({plan.status})",
            f"one by one: {greedy}",
            f"reached {plan.objective_people:,.0f} people, unserved {plan.unserved_people:,.0f}",
            f"{plan.seconds:.2f} s, {plan.solver}",
            f"{len(plan.sites)} sites: {' '.join(self.problem.site_ids[plan.sites].tolist())}",
        ]
        return "\n".join(lines)


def _written(value: float) -> str:
    """Return a number without an exponent, to two decimals; `none` where there is none."""
    return "none" if np.isnan(value) else decimal(round(value, 2), "en")


def _number(value: float) -> float | None:
    return None if np.isnan(value) else value


def ask(
    model: str,
    *,
    minutes: Path,
    need: Path,
    capacity: Path | None = None,
    teams: int | None,
    budget: float | None = None,
    reach_minutes: float | None,
    share: float,
    gap: float,
    time_limit_s: float,
) -> Answer:
    """Solve a siting problem from files.

    Parameters
    ----------
    model : str
        In `planner.siting.MODELS`.
    minutes, need : Path
        See `layers.matrix`.
    capacity : Path, optional
        What each site can take and costs, see `layers.matrix.load_capacity`.
    teams : int, optional
        Sites to open; as many as there are where a budget limits them or the model chooses the number itself.
    budget : float, optional
        Sites cost no more together, in the unit of the file's ``cost``.
    reach_minutes : float, optional
        The largest entry of the matrix when None.
    share : float
        For `min_teams`.
    gap, time_limit_s : float

    Raises
    ------
    PlanError
        When the model is unknown, needs a number of teams or a budget and none is given, or a budget has no costs.
    InfeasibleError
        When nothing keeps all limits, with the least change that helps.
    LayerError
        When a file is at fault.
    """
    if model not in MODELS:
        message = f"no siting model '{model}' (there are: {', '.join(MODELS)})"
        raise PlanError(message)
    if teams is None and budget is None and model != "min_teams":
        message = f"{model} needs --teams, the number of sites to open, or --budget, what they may cost"
        raise PlanError(message)
    given = matrix.load_minutes(minutes)
    limits = None if capacity is None else matrix.load_capacity(capacity, site_ids=given.site_ids)
    if budget is not None and (limits is None or limits.cost is None):
        message = "--budget needs what each site costs: --capacity with a CSV that has a column cost"
        raise PlanError(message)
    size = given.site_ids.size
    nowhere = np.zeros(size, dtype=np.bool_)
    longest = float(given.minutes.data.max()) if given.minutes.nnz else 0.0
    problem = SitingProblem(
        unit_ids=given.unit_ids,
        site_ids=given.site_ids,
        need_people=matrix.load_need(need, unit_ids=given.unit_ids),
        minutes=given.minutes,
        new_teams=size if teams is None else teams,
        reach_minutes=longest if reach_minutes is None else reach_minutes,
        existing=nowhere,
        locked_in=nowhere,
        locked_out=nowhere,
        gap=gap,
        time_limit_s=time_limit_s,
        share=share,
        capacity_people=None if limits is None else limits.capacity_people,
        cost=None if limits is None else limits.cost,
        budget=budget,
    )
    return Answer(problem, MODELS[model](problem))
