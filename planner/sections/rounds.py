"""[rounds]: where and how long rapid-response teams work."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.sections.base import Positive, Section

Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


class Rounds(Section):
    """[rounds]: weekly rounds of rapid-response teams."""

    visits: Literal["unserved", "all"] = "unserved"
    area: Literal["reach", "commune"] = "reach"
    reach_minutes: Positive = 90.0
    weeks: Annotated[int, Field(ge=1, le=52)] = 4
    days_per_week: Annotated[int, Field(ge=1, le=7)] = 5
    day_start: Clock = "07:30"
    day_end: Clock = "16:30"
    minutes_per_person: Positive = 5.0
    min_visit_minutes: Positive = 30.0
    max_visit_minutes: Positive = 120.0
    start: dt.date | None = None
    iterations: Annotated[int, Field(ge=1, le=100_000)] = 300

    @property
    def day_start_minutes(self) -> int:
        """When a day begins, minutes after midnight."""
        return _minutes(self.day_start)

    @property
    def day_minutes(self) -> int:
        """How long a day is, minutes."""
        return _minutes(self.day_end) - self.day_start_minutes

    @model_validator(mode="after")
    def _a_day_holds_a_visit(self) -> Rounds:
        if self.min_visit_minutes > self.max_visit_minutes:
            message = "min_visit_minutes is at most max_visit_minutes"
            raise ValueError(message)
        if self.day_minutes < self.max_visit_minutes:
            message = (
                f"a day from {self.day_start} to {self.day_end} holds no visit of {self.max_visit_minutes:g} minutes"
            )
            raise ValueError(message)
        return self

    def first_day(self, day: dt.date) -> dt.date:
        """Return the day on which week 1 begins: `start`, or the Monday after `day`."""
        return self.start or day + dt.timedelta(days=7 - day.weekday())
