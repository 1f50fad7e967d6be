"""[layers.*]: every input, a section each."""

from __future__ import annotations

from planner.sections.adoption import AdoptionSection
from planner.sections.attributes import AttributeName, AttributeSection
from planner.sections.base import Section
from planner.sections.communes import CommunesSection
from planner.sections.coverage import CoverageSection
from planner.sections.feedback import FeedbackSection
from planner.sections.layer import FileSection, GeneratedSection
from planner.sections.population import PopulationSection
from planner.sections.teams import TeamsSection
from planner.sections.villages import VillagesSection


class Layers(Section):
    """[layers.*]: every input."""

    communes: CommunesSection
    villages: VillagesSection
    population: PopulationSection
    coverage: dict[str, CoverageSection] = {}
    adoption: dict[str, AdoptionSection] = {}
    attributes: dict[AttributeName, AttributeSection] = {}
    teams: TeamsSection | None = None
    sites: FileSection | None = None
    roads: FileSection | None = None
    barriers: GeneratedSection | None = None
    outline: FileSection | None = None
    places: FileSection | None = None
    feedback: FeedbackSection | None = None
