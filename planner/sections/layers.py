"""[layers.*]: every input, a section each."""

from __future__ import annotations

from pydantic import model_validator

from planner.sections.adoption import AdoptionSection
from planner.sections.ages import AgesSection
from planner.sections.attributes import AttributeName, AttributeSection
from planner.sections.base import Section
from planner.sections.communes import CommunesSection
from planner.sections.coverage import CoverageSection
from planner.sections.feedback import FeedbackSection
from planner.sections.layer import FileSection, GeneratedSection
from planner.sections.minutes import MinutesSection
from planner.sections.population import PopulationSection
from planner.sections.surfaces import FrictionSection
from planner.sections.teams import TeamsSection
from planner.sections.villages import VillagesSection


class Layers(Section):
    """[layers.*]: every input."""

    communes: CommunesSection
    villages: VillagesSection
    population: PopulationSection
    rasters: dict[AttributeName, FileSection] = {}
    ages: AgesSection | None = None
    coverage: dict[str, CoverageSection] = {}
    adoption: dict[str, AdoptionSection] = {}
    attributes: dict[AttributeName, AttributeSection] = {}
    teams: TeamsSection | None = None
    sites: FileSection | None = None
    roads: FileSection | None = None
    barriers: GeneratedSection | None = None
    landcover: FileSection | None = None
    dem: FileSection | None = None
    friction: FrictionSection | None = None
    minutes: MinutesSection | None = None
    outline: FileSection | None = None
    places: FileSection | None = None
    feedback: FeedbackSection | None = None

    @model_validator(mode="after")
    def _friction_alone(self) -> Layers:
        also = [name for name in ("landcover", "dem") if getattr(self, name) is not None]
        if self.friction is not None and also:
            message = f"a friction raster says it all: leave out layers.{also[0]}, or layers.friction"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _spread_by_a_raster(self) -> Layers:
        name, known = self.population.raster, sorted(self.rasters)
        if name is not None and name not in known:
            message = f'population.spread = "raster:{name}": no [layers.rasters.{name}] (there are: {", ".join(known) or "none"})'
            raise ValueError(message)
        return self
