"""The sections of a plan, one model per file; `planner.config` puts them together."""

from planner.sections.adoption import AdoptionSection
from planner.sections.ages import AgesSection
from planner.sections.analyses import Analyses
from planner.sections.attributes import AttributeSection
from planner.sections.communes import CommunesSection
from planner.sections.coverage import CoverageSection
from planner.sections.deploy import Deploy, Lock, Phased, RapidResponse
from planner.sections.estimate import Estimate
from planner.sections.evidence import Evidence
from planner.sections.feedback import FeedbackSection
from planner.sections.layer import FileSection, GeneratedSection, LayerSection
from planner.sections.layers import Layers
from planner.sections.limits import LimitsSection
from planner.sections.minutes import MinutesSection
from planner.sections.needs import Needs
from planner.sections.plan import PlanSection
from planner.sections.population import PopulationSection
from planner.sections.privacy import Privacy
from planner.sections.publish import Publish
from planner.sections.rounds import Rounds
from planner.sections.score import FIXED_INDICATORS, Score
from planner.sections.surfaces import FrictionSection
from planner.sections.teams import TeamsSection
from planner.sections.travel import Travel
from planner.sections.uncertainty import Uncertainty
from planner.sections.villages import VillagesSection

__all__ = [
    "FIXED_INDICATORS",
    "AdoptionSection",
    "AgesSection",
    "Analyses",
    "AttributeSection",
    "CommunesSection",
    "CoverageSection",
    "Deploy",
    "Estimate",
    "Evidence",
    "FeedbackSection",
    "FileSection",
    "FrictionSection",
    "GeneratedSection",
    "LayerSection",
    "Layers",
    "LimitsSection",
    "Lock",
    "MinutesSection",
    "Needs",
    "Phased",
    "PlanSection",
    "PopulationSection",
    "Privacy",
    "Publish",
    "RapidResponse",
    "Rounds",
    "Score",
    "TeamsSection",
    "Travel",
    "Uncertainty",
    "VillagesSection",
]
