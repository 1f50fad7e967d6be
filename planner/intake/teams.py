"""Teams that stand today, and places where new ones could."""

from __future__ import annotations

import geopandas as gpd

from layers import synthetic, teams
from layers.catalog import Layer
from planner.intake.base import Intake


def load(intake: Intake, villages: gpd.GeoDataFrame) -> None:
    """Load teams and sites where the plan has them."""
    layers = intake.plan.layers
    if layers.teams is not None:
        intake.inputs.teams = intake.take("teams", lambda: _standing(intake, villages))
    if layers.sites is not None:
        section = layers.sites
        intake.inputs.sites = intake.take(
            "sites",
            lambda: teams.load_sites(intake.record("sites", section), **intake.common(section), villages=villages),
        )


def _standing(intake: Intake, villages: gpd.GeoDataFrame) -> Layer:
    """Load or generate the teams that stand today."""
    section = intake.plan.layers.teams
    assert section is not None  # noqa: S101 - narrows the type; the caller asked
    if section.generate is not None:
        return synthetic.teams(villages, seed=intake.seed, commune_id=section.commune_id)
    return teams.load(intake.record("teams", section), **intake.common(section), villages=villages)
