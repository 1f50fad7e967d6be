"""[layers.population]: people per unit."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.sections.layer import FileSection, FormerUnits, Match, require_communes


class PopulationSection(FileSection):
    """[layers.population]: people per village or per commune."""

    level: Literal["village", "commune"] = "village"
    spread: Literal["equal"] | None = None
    official_total: Annotated[int, Field(ge=0)] | None = None
    match: Match = "code"
    crosswalk: FormerUnits | None = None

    @model_validator(mode="after")
    def _former_communes(self) -> PopulationSection:
        require_communes(self.crosswalk, self.level)
        return self
