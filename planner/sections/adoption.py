"""[layers.adoption.<indicator>]: who uses what."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.sections.layer import FormerUnits, GeneratedSection, Match, require_communes


class AdoptionSection(GeneratedSection):
    """[layers.adoption.<indicator>]: numerator and denominator per unit."""

    level: Literal["village", "commune", "province"] = "village"
    total: Annotated[int, Field(ge=0)] | None = None
    match: Match = "code"
    crosswalk: FormerUnits | None = None

    @model_validator(mode="after")
    def _former_communes(self) -> AdoptionSection:
        require_communes(self.crosswalk, self.level)
        return self

    @model_validator(mode="after")
    def _generated_total(self) -> AdoptionSection:
        if self.generate is not None and (self.total is None or self.level != "village"):
            message = 'a generated indicator needs total (people who adopted in all) and level = "village"'
            raise ValueError(message)
        return self
