"""[layers.feedback]: what citizens report of their signal."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from planner.sections.base import Positive, Rate
from planner.sections.layer import FileSection, require_telling


class FeedbackSection(FileSection):
    """[layers.feedback]: citizens' reports, and how far one of them is trusted."""

    hit_rate: Rate = 0.7
    false_alarm_rate: Rate = 0.3
    half_life_days: Positive = 90.0
    threshold_dbm: Annotated[float, Field(ge=-160, le=-20, allow_inf_nan=False)] = -110.0

    @model_validator(mode="after")
    def _telling(self) -> FeedbackSection:
        require_telling(self.hit_rate, self.false_alarm_rate)
        return self
