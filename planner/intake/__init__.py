"""From a plan to checked inputs: every layer is loaded, and every fault of every layer is told at once."""

from planner.intake.gathering import gather, islands
from planner.intake.inputs import Inputs

__all__ = ["Inputs", "gather", "islands"]
