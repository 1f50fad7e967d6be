"""Layers beside each other: what each says of people must go together."""

from __future__ import annotations

import pandas as pd

from layers.catalog import Layer
from layers.checks import capped, fault
from layers.errors import Issue
from layers.schema import COMMUNE_ID, DENOMINATOR, INDICATOR, LEVEL, NUMERATOR, PEOPLE, UNIT_ID
from planner.intake.base import Intake
from planner.intake.inputs import Inputs


def tell(intake: Intake) -> None:
    """Tell where an indicator counts more people than live in a unit, or in all of them."""
    for layer in intake.inputs.adoption:
        if not layer.record.synthetic:
            intake.inputs.issues += adoption(layer, intake.inputs)


def adoption(layer: Layer, inputs: Inputs) -> list[Issue]:
    """Return a warning for each unit of which more people are counted than live there, and one for their sum.

    A village whose people were spread from its commune's total is not asked: its number is an estimate.
    """
    frame = layer.frame
    people = _people(str(frame[LEVEL].iloc[0]) if len(frame) else "", inputs)
    if people is None:
        return []
    counted = frame[DENOMINATOR].fillna(frame[NUMERATOR])
    living = frame[UNIT_ID].map(people).astype("float64")
    over = frame[counted > living]
    rule = "an indicator counts at most the people who live in a unit"
    done = "Kept; the unit's rate is that of the table. Compare it with the source."
    issues = [
        fault(
            layer.record,
            rule,
            column=DENOMINATOR,
            value=f"{unit}: {count:,.0f} counted, {people[unit]:,.0f} people",
            severity="warning",
            done=done,
            code="more_than_people",
        )
        for unit, count in zip(over[UNIT_ID], counted[over.index], strict=True)
    ]
    return [*capped(issues), *_sum(layer, float(counted.sum()), float(people.sum()))]


def _people(level: str, inputs: Inputs) -> pd.Series[float] | None:
    """Return the people of each unit of a level, as counted; None where nobody counted them."""
    if inputs.population is None or inputs.villages is None:
        return None
    counted = inputs.population.frame.set_index(UNIT_ID)[PEOPLE].astype("float64")
    villages = inputs.villages.frame
    per_village = counted.index.isin(villages[UNIT_ID]).all()
    if level == "village":
        return counted if per_village else None
    if level != "commune":
        return None
    if not per_village:
        return counted
    return counted.groupby(villages.set_index(UNIT_ID)[COMMUNE_ID].reindex(counted.index)).sum()


def _sum(layer: Layer, counted: float, living: float) -> list[Issue]:
    if counted <= living:
        return []
    indicator = str(layer.frame[INDICATOR].iloc[0])
    rule = f"the people that {indicator} counts in all units are at most those who live there, {living:,.0f}"
    done = "Kept; compare both tables with their sources."
    more = {"severity": "warning", "done": done, "code": "more_than_people"}
    return [fault(layer.record, rule, column=DENOMINATOR, value=f"{counted:,.0f}", **more)]
