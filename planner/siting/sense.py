"""Which parts of a siting problem need or exclude each other, told by their names in a plan."""

from __future__ import annotations

import numpy as np

from planner.errors import PlanError
from planner.siting.base import SitingProblem


def companions(problem: SitingProblem) -> None:
    """Refuse a part of a problem that says nothing without another one.

    Raises
    ------
    PlanError
        Naming both.
    """
    capacity = problem.capacity_people is not None
    first = bool(problem.priority_communes)
    rules = (
        (
            problem.budget is not None and problem.cost is None,
            "budget needs what a team costs at each site: a column cost in [layers.sites]",
        ),
        (problem.min_per_commune > 0 and problem.commune_ids is None, "min_per_commune needs the commune of each site"),
        (problem.min_per_priority_commune > 0 and not first, "min_per_priority_commune needs priority_communes"),
        (
            problem.min_per_priority_commune > 0 and problem.commune_ids is None,
            "min_per_priority_commune needs the commune of each site",
        ),
        (
            problem.share_per_commune > 0 and problem.unit_commune_ids is None,
            "share_per_commune needs the commune of each village",
        ),
        (
            problem.split and not capacity,
            "split shares villages between sites with limited room; it needs people_per_team_week",
        ),
        (
            problem.most_teams_per_site > 1 and not capacity,
            "most_teams_per_site above 1 helps nobody without people_per_team_week",
        ),
        (bool(problem.most_of_type) and problem.site_types is None, "most_of_type needs the type of each site"),
        (_any(problem.move_cost) and problem.budget is None, "move_cost limits nothing without a budget"),
        (_any(problem.closing_saves) and problem.budget is None, "closing_saves counts for nothing without a budget"),
        (_any(problem.move_cost) and problem.movable is None, "move_cost needs existing teams that may move: movable"),
        (
            _any(problem.closing_saves) and problem.closable is None,
            "closing_saves needs existing teams that may close: closable",
        ),
        (
            _any(_closable(problem)) and not _closing_helps(problem),
            "closable existing teams close only where that saves something: closing_saves and a budget",
        ),
    )
    for wrong, rule in rules:
        if wrong:
            message = f"deploy.{rule}"
            raise PlanError(message)


def refuse(problem: SitingProblem, *, model: str) -> None:
    """Refuse what a model has no use for, rather than leave it out in silence.

    Raises
    ------
    PlanError
        Naming the key, the model, and the models that know it.
    """
    rules = (
        (problem.full_minutes is not None, "full_minutes", ("max_cover",)),
        (problem.weight is not None, "priority_weight", ("max_cover", "p_median", "fair")),
        (problem.unserved_minutes is not None, "unserved_minutes", ("p_median", "fair")),
        (problem.backup_weight is not None, "backup_weight", ("backup_cover",)),
        (problem.aversion is not None, "aversion", ("fair",)),
        (problem.share_per_commune > 0, "share_per_commune", ("min_teams",)),
        (problem.share < 1, "share", ("min_teams",)),
    )
    for given, key, models in rules:
        if given and model not in models:
            message = f"deploy.{key} means nothing to deploy.model = {model!r}; take it out, or use {' or '.join(map(repr, models))}"
            raise PlanError(message)


def _any(values: object) -> bool:
    return values is not None and bool(np.any(np.asarray(values)))


def _closable(problem: SitingProblem) -> object:
    return None if problem.closable is None else problem.closable & problem.existing & ~problem.locked_out


def _closing_helps(problem: SitingProblem) -> bool:
    return problem.budget is not None and _any(problem.closing_saves)
