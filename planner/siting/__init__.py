"""Siting models: a problem in, a plan with its certificate out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from planner.siting import backup_cover, fair, max_cover, min_teams, p_center, p_median
from planner.siting.base import SitingPlan, SitingProblem

MODELS: Final[dict[str, Callable[[SitingProblem], SitingPlan]]] = {
    "backup_cover": backup_cover.solve,
    "fair": fair.solve,
    "max_cover": max_cover.solve,
    "min_teams": min_teams.solve,
    "p_center": p_center.solve,
    "p_median": p_median.solve,
}
"""Every model by the name that `deploy.model` uses."""

__all__ = ["MODELS", "SitingPlan", "SitingProblem"]
