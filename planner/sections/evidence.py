"""[evidence]: how the chance of usable signal is worked out."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from planner.sections.base import Rate, Section


class Evidence(Section):
    """[evidence]: the chance before any evidence, how far reports move it, and when a claim is doubtful."""

    technology: str = "4G"
    prior: Rate = 0.5
    report_cap: Annotated[float, Field(gt=0, le=0.5, allow_inf_nan=False)] = 0.2
    doubtful_below: Rate = 0.5
    settled_at: Rate = 0.25

    @model_validator(mode="after")
    def _ordered(self) -> Evidence:
        if self.settled_at >= self.doubtful_below:
            message = (
                f"settled_at = {self.settled_at:g} must be below doubtful_below = {self.doubtful_below:g}: "
                "what is settled is more than doubtful"
            )
            raise ValueError(message)
        return self
