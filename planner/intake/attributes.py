"""Attributes of the vulnerability pillar."""

from __future__ import annotations

import geopandas as gpd

from layers import attributes
from planner.intake.base import Intake
from planner.sections import AttributeSection


def load(
    intake: Intake, name: str, section: AttributeSection, communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame
) -> None:
    """Load one attribute of the vulnerability pillar."""
    units = villages if section.level == "village" else communes
    layer = intake.take(
        f"attributes.{name}",
        lambda: attributes.load(
            intake.record(f"attributes.{name}", section),
            columns=section.columns,
            value=section.value,
            level=section.level,
            unit_ids=list(units["unit_id"]),
        ),
    )
    if layer is not None:
        intake.inputs.attributes[name] = layer
