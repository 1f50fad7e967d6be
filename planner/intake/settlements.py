"""Villages and their people; the people of a commune are conserved."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from layers import boundaries, population, schema, synthetic
from layers.catalog import Layer
from layers.errors import Issue, LayerError
from planner import overlay
from planner.intake.base import Intake
from planner.intake.units import joining, polygons
from planner.sections import VillagesSection


def flag_column(flags: tuple[str, ...], index: pd.Index[Any]) -> pd.Series[Any]:
    """Return a column in which every row carries the same flags."""
    return pd.Series([flags] * len(index), index=index, dtype="object")


def load(intake: Intake, communes: gpd.GeoDataFrame) -> None:
    """Load villages and their people; the people of a commune are conserved."""
    section = intake.plan.layers.villages
    table = intake.plan.layers.population
    if section.generate is not None or table.level == "commune":
        intake.inputs.population = people_of(intake, "commune", communes)
        if section.generate is not None:
            generated_villages(intake, section, communes)
        else:
            intake.inputs.villages = villages_of(intake, section, communes)
            spread(intake)
        return
    intake.inputs.villages = villages_of(intake, section, communes)
    if intake.inputs.villages is not None:
        intake.inputs.population = people_of(intake, "village", intake.inputs.villages.frame)
        if intake.inputs.population is not None:
            frame = intake.inputs.population.frame[["unit_id", "people"]]
            intake.inputs.people = frame.assign(flags=flag_column((), frame.index))


def villages_of(intake: Intake, section: VillagesSection, communes: gpd.GeoDataFrame) -> Layer | None:
    """Load villages from a file."""
    return intake.take(
        "villages",
        lambda: boundaries.load_villages(
            intake.record("villages", section),
            **intake.common(section),
            communes=communes,
            kind=section.kind,
            same_place=section.same_place,
            commune_without_village=section.commune_without_village,
            coarse_above_km2=section.coarse_above_km2,
        ),
    )


def people_of(intake: Intake, level: schema.Level, units: pd.DataFrame) -> Layer | None:
    """Load the population table of one level."""
    section = intake.plan.layers.population
    return intake.take(
        "population",
        lambda: population.load(
            intake.record("population", section),
            columns=section.columns,
            level=level,
            unit_ids=list(units["unit_id"]),
            units=polygons(intake) if level == "commune" else None,
            official_total=section.official_total,
            **joining(intake, section, units),
        ),
    )


def spread(intake: Intake) -> None:
    """Spread the communes' people over their villages, as the plan says."""
    villages, table = intake.inputs.villages, intake.inputs.population
    if villages is None or table is None:
        return
    if intake.plan.layers.population.spread is None:
        rule = 'people known per commune need spread = "equal" to reach the villages'
        done = 'Add spread = "equal" to [layers.population], or give people per village.'
        intake.inputs.issues.append(
            Issue(layer="population", file=table.record.file, rule=rule, done=done, code="spread")
        )
        return
    intake.inputs.people = population.spread_equal(table.frame, villages.frame)


def generated_villages(intake: Intake, section: VillagesSection, communes: gpd.GeoDataFrame) -> None:
    """Generate villages and their people inside the communes' official totals."""
    table = intake.inputs.population
    if table is None:
        return
    intake.inputs.villages = intake.take(
        "villages",
        lambda: synthetic.villages(
            communes,
            table.frame,
            seed=intake.seed,
            people_per_village=section.people_per_village,
            minimum=section.minimum_per_commune,
        ),
    )
    if intake.inputs.villages is None:
        return
    villages = intake.inputs.villages.frame
    people = synthetic.village_population(villages, table.frame, seed=intake.seed).frame
    intake.inputs.people = people[["unit_id", "people"]].assign(flags=flag_column(("synthetic",), people.index))


def eligible(intake: Intake) -> None:
    """Work out who is 14 and over in each village; the province's total is kept."""
    if intake.inputs.people is None:
        return
    people = intake.inputs.people.set_index("unit_id")["people"]
    needs = intake.plan.needs
    try:
        intake.inputs.eligible = overlay.eligible_people(people, share=needs.eligible_share, total=needs.eligible_total)
    except LayerError as error:
        intake.inputs.issues += error.issues
