"""What everything else lies in: communes, outline, places, roads."""

from __future__ import annotations

import pandas as pd

from layers import boundaries, crosswalk, travel
from layers.catalog import Layer
from planner.intake.base import Intake


def load(intake: Intake) -> None:
    """Load what everything else lies in: communes, outline, places, roads, barriers from files."""
    layers = intake.plan.layers
    intake.inputs.communes = intake.take(
        "communes",
        lambda: boundaries.load_communes(
            intake.record("communes", layers.communes),
            **intake.common(layers.communes),
            approximate=layers.communes.approximate,
        ),
    )
    if layers.outline is not None:
        section = layers.outline
        intake.inputs.outline = intake.take(
            "outline", lambda: boundaries.load_outline(intake.record("outline", section), **intake.common(section))
        )
    if layers.places is not None:
        section = layers.places
        intake.inputs.places = intake.take(
            "places", lambda: boundaries.load_places(intake.record("places", section), **intake.common(section))
        )
    if layers.roads is not None:
        section = layers.roads
        intake.inputs.roads = intake.take(
            "roads", lambda: travel.load_roads(intake.record("roads", section), **intake.common(section))
        )


def former_communes(intake: Intake, communes: pd.DataFrame) -> None:
    """Take from the shipped crosswalk what leads to communes of this plan; nothing where none does."""
    shipped = crosswalk.load(crosswalk.SYSTEMS[-1])
    rows = shipped.of(set(communes["unit_id"]))
    if len(rows):
        intake.inputs.crosswalk = rows
        intake.inputs.layers.append(Layer(record=shipped.record, frame=rows, rows_read=len(shipped.table)))
