"""[layers.teams]: the teams that stand today."""

from __future__ import annotations

from pydantic import model_validator

from planner.sections.layer import GeneratedSection


class TeamsSection(GeneratedSection):
    """[layers.teams]: the teams that stand today."""

    commune_id: str | None = None

    @model_validator(mode="after")
    def _generated_commune(self) -> TeamsSection:
        if self.generate is not None and self.commune_id is None:
            message = "generated teams need commune_id, the commune in which every village has one"
            raise ValueError(message)
        return self
