"""[layers.population]: people per unit."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.sections.layer import FileSection, FormerUnits, Match, require_communes


class PopulationSection(FileSection):
    """[layers.population]: people per village or per commune."""

    level: Literal["village", "commune"] = "village"
    spread: Annotated[str, Field(pattern=r"^(equal|weight:.+|raster:.+)$")] | None = None
    official_total: Annotated[int, Field(ge=0)] | None = None
    match: Match = "code"
    crosswalk: FormerUnits | None = None

    @model_validator(mode="after")
    def _former_communes(self) -> PopulationSection:
        require_communes(self.crosswalk, self.level)
        return self

    @property
    def weight(self) -> str | None:
        """The column of the villages' file by which people are spread."""
        return self._after("weight")

    @property
    def raster(self) -> str | None:
        """The raster by which people are spread, and coverage is weighted."""
        return self._after("raster")

    def _after(self, kind: str) -> str | None:
        found, _, name = (self.spread or "").partition(":")
        return name.strip() if found == kind else None

    @model_validator(mode="after")
    def _spread_of_villages(self) -> PopulationSection:
        if self.level == "village" and self.weight is not None:
            message = 'spread = "weight:…" shares out the people of communes: it needs level = "commune"'
            raise ValueError(message)
        return self
