"""What citizens report of their signal."""

from __future__ import annotations

import geopandas as gpd

from layers import feedback
from planner.intake.base import Intake


def load(intake: Intake, villages: gpd.GeoDataFrame) -> None:
    """Load citizens' reports where the plan has them."""
    section = intake.plan.layers.feedback
    if section is None:
        return
    intake.inputs.feedback = intake.take(
        "feedback",
        lambda: feedback.load(
            intake.record("feedback", section),
            unit_ids=list(villages["unit_id"]),
            crs=intake.plan.plan.crs,
            today=intake.now.date(),
        ),
    )
