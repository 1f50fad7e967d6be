"""[needs]: who counts, and why a village is underserved."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.sections.base import Section, Share


class Needs(Section):
    """[needs]: who counts and how the unidentified split is settled."""

    adoption: str = "vneid_activated"
    need: Literal["not_adopted", "no_signal", "both"] = "not_adopted"
    eligible_share: Share = 0.7761
    eligible_total: Annotated[int, Field(ge=0)] | None = None
    adoption_without_signal_ratio: Share = 1.0
    operators: Literal["any", "best", "all"] = "any"
    min_tests: Annotated[int, Field(ge=1)] = 10
    covered_at: Share = 0.95
    not_covered_at: Share = 0.05
    skills_gap_at: Share = 0.25
    contradiction_share: Share = 0.5

    @model_validator(mode="after")
    def _ordered(self) -> Needs:
        if self.not_covered_at >= self.covered_at:
            message = "not_covered_at must be below covered_at"
            raise ValueError(message)
        return self
