"""What nobody can cross."""

from __future__ import annotations

import geopandas as gpd

from layers import synthetic, travel
from layers.catalog import Layer
from planner.intake.base import Intake


def load(intake: Intake, villages: gpd.GeoDataFrame) -> None:
    """Load or generate barriers where the plan has them."""
    if intake.plan.layers.barriers is not None:
        intake.inputs.barriers = intake.take("barriers", lambda: _uncrossable(intake, villages))


def _uncrossable(intake: Intake, villages: gpd.GeoDataFrame) -> Layer:
    """Load or generate what nobody can cross."""
    section = intake.plan.layers.barriers
    assert section is not None  # noqa: S101 - narrows the type; the caller asked
    if section.generate is not None:
        return synthetic.barriers(villages, truth=intake.truth(section, "barriers"))
    return travel.load_barriers(intake.record("barriers", section), **intake.common(section))
