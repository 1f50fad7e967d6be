"""How the rows of a table tell their unit: by code or by name, of today's communes or of former ones."""

from __future__ import annotations

from typing import Any

import pandas as pd

from layers import crosswalk, plausibility, schema
from planner.intake.base import Intake
from planner.sections import AdoptionSection, PopulationSection


def polygons(intake: Intake) -> plausibility.Units | None:
    """Return what the communes' polygons say of them."""
    return None if intake.inputs.communes is None else plausibility.units(intake.inputs.frame("communes"))


def joining(intake: Intake, section: PopulationSection | AdoptionSection, units: pd.DataFrame) -> dict[str, Any]:
    """Return the keyword arguments that say how rows tell their unit: by name, of a former list of communes."""
    former = None
    if section.crosswalk is not None:
        former = crosswalk.load(section.crosswalk)
        intake.inputs.divided |= former.divided()
    if section.match == "code":
        return {"named": None, "former": former}
    return {"named": named(intake, units) if former is None else former.units(), "former": former}


def named(intake: Intake, units: pd.DataFrame) -> pd.DataFrame:
    """Return id, name and parent of units for `layers.matching`; the parent of a village is its commune."""
    found = pd.DataFrame(units[[schema.UNIT_ID, schema.NAME]])
    if schema.COMMUNE_ID in units.columns:
        communes = intake.inputs.frame("communes").set_index(schema.UNIT_ID)[schema.NAME]
        found[schema.PARENT_ID] = units[schema.COMMUNE_ID]
        found[schema.PARENT] = units[schema.COMMUNE_ID].map(communes)
    return found
