"""Indicators of adoption from tables or the generator."""

from __future__ import annotations

import geopandas as gpd

from layers import adoption, synthetic
from layers.catalog import Layer
from planner.intake.base import Intake
from planner.intake.units import joining
from planner.sections import AdoptionSection


def load(
    intake: Intake,
    indicator: str,
    section: AdoptionSection,
    communes: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
) -> None:
    """Load or generate one indicator of adoption."""
    name = f"adoption.{indicator}"
    units = {"village": villages, "commune": communes}.get(section.level)
    if section.generate is not None and intake.inputs.eligible is None:
        return  # the people are at fault, and that is told; nothing can be generated for them

    def read() -> Layer:
        if section.generate is not None:
            return synthetic.adoption(
                villages.assign(eligible_people=villages["unit_id"].map(intake.inputs.eligible)),
                indicator=indicator,
                seed=intake.seed,
                total=section.total,
                truth=intake.truth(section, name),
            )
        return adoption.load(
            intake.record(name, section),
            columns=section.columns,
            indicator=indicator,
            level=section.level,
            unit_ids=None if units is None else list(units["unit_id"]),
            **({} if units is None else joining(intake, section, units)),
        )

    layer = intake.take(name, read)
    if layer is not None:
        intake.inputs.adoption.append(layer)
