"""[deploy]: how many teams, how far they reach, how long to search."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.sections.base import NotNegative, Positive, Section, Share


class Lock(Section):
    """One site that a person wants in or out, with the reason and who asked."""

    site_id: str
    reason: str
    by: str


class Deploy(Section):
    """[deploy]: how many teams, how far they reach, how long to search."""

    model: Literal["max_cover", "min_teams", "p_center", "p_median"] = "max_cover"
    teams: Annotated[int, Field(ge=0)] = 60
    reach_minutes: Positive = 30.0
    candidate_min_people: NotNegative = 200.0
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    unserved_minutes: NotNegative | None = None
    min_per_commune: Annotated[int, Field(ge=0)] = 0
    budget: NotNegative | None = None
    cost_per_team: NotNegative | None = None
    people_per_team_week: Positive | None = None
    horizon_weeks: Positive = 12.0
    gap: Share = 0.005
    time_limit_s: Positive = 60.0
    locked_in: tuple[Lock, ...] = ()
    locked_out: tuple[Lock, ...] = ()
    full_minutes: NotNegative | None = None
    share_per_commune: Share = 0.0
    priority_communes: tuple[str, ...] = ()
    priority_weight: Positive = 1.0
    min_per_priority_commune: Annotated[int, Field(ge=0)] = 0
    most_teams_per_site: Annotated[int, Field(ge=1, le=20)] = 1
    split: bool = False
    movable: tuple[str, ...] = ()
    move_cost: NotNegative | None = None
    closable: tuple[str, ...] = ()
    closing_saves: NotNegative | None = None
    redraws: Annotated[int, Field(ge=0, le=10_000)] = 20

    @model_validator(mode="after")
    def _budget_has_a_cost(self) -> Deploy:
        if self.budget is not None and self.cost_per_team is None:
            message = (
                f"budget = {self.budget:g} limits nothing without cost_per_team, what a new team costs in its unit"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _priority_says_something(self) -> Deploy:
        means = self.priority_weight != 1.0 or self.min_per_priority_commune > 0
        if bool(self.priority_communes) != means:
            message = (
                "priority_communes come with priority_weight (not 1) or min_per_priority_commune, and these with them"
            )
            raise ValueError(message)
        return self

    @property
    def people_per_team(self) -> float | None:
        """People one team can serve within the horizon; None = nothing is said, and nothing limits it."""
        return None if self.people_per_team_week is None else self.people_per_team_week * self.horizon_weeks
