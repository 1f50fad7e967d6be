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


class RapidResponse(Section):
    """[deploy.rapid_response]: teams that travel to villages, beside those to which citizens travel."""

    most: Annotated[int, Field(ge=0)] = 1
    reach_minutes: Positive | None = None
    candidate_min_people: NotNegative | None = None
    people_per_team_week: Positive | None = None
    cost_per_team: NotNegative | None = None
    mode: Literal["motorbike", "walking"] | None = None


class Phased(Section):
    """[deploy.phased]: the plan's sites open in waves, a quarter each or another span, and need falls where teams work."""

    teams_per_wave: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1, max_length=40)]
    falls: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0


class Deploy(Section):
    """[deploy]: how many teams, how far they reach, how long to search."""

    model: Literal["backup_cover", "fair", "max_cover", "min_teams", "p_center", "p_median"] = "max_cover"
    teams: Annotated[int, Field(ge=0)] = 60
    reach_minutes: Positive = 30.0
    candidate_min_people: NotNegative = 200.0
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    unserved_minutes: NotNegative | None = None
    aversion: NotNegative | None = None
    backup_weight: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
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
    alternatives: Annotated[int, Field(ge=0, le=10)] = 0
    alternatives_within: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = 0.01
    rapid_response: RapidResponse | None = None
    phased: Phased | None = None

    @model_validator(mode="after")
    def _waves_hold_the_plan(self) -> Deploy:
        if self.phased is None:
            return self
        together = sum(self.phased.teams_per_wave)
        rules = (
            (self.model != "max_cover", f"phased means nothing to deploy.model = '{self.model}'; use 'max_cover'"),
            (
                bool(self.movable or self.closable) or self.most_teams_per_site > 1,
                "phased opens sites with one team each; leave out movable, closable and most_teams_per_site",
            ),
            (
                together < self.teams,
                f"phased.teams_per_wave place {together} of teams = {self.teams}: give the waves {self.teams - together} more",
            ),
        )
        for wrong, message in rules:
            if wrong:
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _budget_has_a_cost(self) -> Deploy:
        if self.budget is not None and self.cost_per_team is None:
            message = (
                f"budget = {self.budget:.15g} limits nothing without cost_per_team, what a new team costs in its unit"
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

    @model_validator(mode="after")
    def _types_fit_together(self) -> Deploy:
        rapid = self.rapid_response
        if rapid is None:
            return self
        rules = (
            (bool(self.movable), "movable: a team that moves keeps its type; leave out movable or rapid_response"),
            (
                self.full_minutes is not None and self.rapid_reach_minutes != self.reach_minutes,
                "full_minutes falls to one reach_minutes; leave out full_minutes or rapid_response.reach_minutes",
            ),
            (
                rapid.people_per_team_week is not None and self.people_per_team_week is None,
                "rapid_response.people_per_team_week needs people_per_team_week, what a community team serves",
            ),
            (
                rapid.cost_per_team is not None and self.cost_per_team is None,
                "rapid_response.cost_per_team needs cost_per_team, what a community team costs",
            ),
        )
        for wrong, message in rules:
            if wrong:
                raise ValueError(message)
        return self

    @property
    def rapid_reach_minutes(self) -> float:
        """How far a rapid-response team travels; as far as citizens do where the plan does not say."""
        own = None if self.rapid_response is None else self.rapid_response.reach_minutes
        return self.reach_minutes if own is None else own

    @property
    def rapid_people_per_team(self) -> float | None:
        """People one rapid-response team can serve within the horizon; None = nothing limits it."""
        own = None if self.rapid_response is None else self.rapid_response.people_per_team_week
        return self.people_per_team if own is None else own * self.horizon_weeks

    @property
    def rapid_cost_per_team(self) -> float | None:
        """What one new rapid-response team costs."""
        own = None if self.rapid_response is None else self.rapid_response.cost_per_team
        return self.cost_per_team if own is None else own

    @property
    def people_per_team(self) -> float | None:
        """People one team can serve within the horizon; None = nothing is said, and nothing limits it."""
        return None if self.people_per_team_week is None else self.people_per_team_week * self.horizon_weeks
