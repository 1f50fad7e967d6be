"""Villages and their people; the people of a commune are conserved."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from layers import ages, boundaries, people_rasters, population, schema, synthetic
from layers.catalog import Layer
from layers.errors import Issue, LayerError
from layers.grids import Grid
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
            weight=intake.plan.layers.population.weight,
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
    villages, table, section = intake.inputs.villages, intake.inputs.population, intake.plan.layers.population
    if villages is None or table is None:
        return
    if section.spread is None:
        rule = (
            'people known per commune need spread to reach the villages: "equal", "weight:<column>" or "raster:<layer>"'
        )
        done = 'Add spread = "equal" to [layers.population], or give people per village.'
        intake.inputs.issues.append(
            Issue(layer="population", file=table.record.file, rule=rule, done=done, code="spread")
        )
        return
    if section.spread == "equal":
        intake.inputs.people = population.spread_equal(table.frame, villages.frame)
        return
    frame = villages.frame.set_index(schema.UNIT_ID)
    if section.weight is not None:
        weights = frame[schema.WEIGHT]
    elif intake.inputs.grid is not None:
        weights = pd.Series(intake.inputs.grid.people_in(frame.geometry.to_numpy()), index=frame.index)
    else:
        return  # the raster is at fault, and that is told
    intake.inputs.people, equal = population.spread_weighted(table.frame, villages.frame, weights)
    intake.inputs.issues += _spread_remarks(weights, equal, spread=section.spread, file=table.record.file)


def _spread_remarks(weights: pd.Series[Any], equal: tuple[str, ...], *, spread: str, file: str) -> list[Issue]:
    """Return what is told of weights that are missing, and of communes that have none."""
    found = []
    missing = int(weights.isna().sum())
    if missing:
        rule = f'every village has a weight (spread = "{spread}"); {missing:,} of {len(weights):,} have none'
        done = "They were given the mean of their commune per hamlet."
        found.append(Issue("population", file, rule, severity="warning", done=done, code="missing_weight"))
    if equal:
        rule = f'a commune has villages with a weight above 0 (spread = "{spread}")'
        shown = ", ".join(equal[:20]) + (f" and {len(equal) - 20} more" if len(equal) > 20 else "")
        done = "Their people were spread equally, flag population_spread."
        found.append(Issue("population", file, rule, None, None, shown, "warning", done, "no_weight"))
    return found


def raster_of(intake: Intake, communes: gpd.GeoDataFrame) -> None:
    """Load the raster that says where people live."""
    name = intake.plan.layers.population.raster
    if name is None:
        return
    section = intake.plan.layers.rasters[name]
    grids: list[Grid] = []

    def read() -> Layer:
        layer, grid = people_rasters.load(
            intake.record(f"rasters.{name}", section),
            source_crs=section.crs,
            crs=intake.plan.plan.crs,
            communes=communes,
        )
        grids.append(grid)
        return layer

    layer = intake.take(f"rasters.{name}", read)
    if layer is not None:
        intake.inputs.rasters[name], intake.inputs.grid = layer, grids[0]


def compare_raster(intake: Intake) -> None:
    """Tell how the raster's people compare with the table's, and in which villages it has none."""
    name, inputs = intake.plan.layers.population.raster, intake.inputs
    if name not in inputs.rasters or inputs.grid is None or inputs.population is None or inputs.villages is None:
        return
    layer, villages = inputs.rasters[name], inputs.villages.frame.set_index(schema.UNIT_ID)
    weights = pd.Series(inputs.grid.people_in(villages.geometry.to_numpy()), index=villages.index)
    inputs.issues += people_rasters.compared(layer, inputs.population.frame)
    inputs.issues += people_rasters.nobody(weights, layer.record)


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


def eligible(intake: Intake, communes: gpd.GeoDataFrame) -> None:
    """Work out who is 14 and over in each village; the province's total is kept."""
    inputs, needs, section = intake.inputs, intake.plan.needs, intake.plan.layers.ages
    if inputs.people is None or inputs.villages is None:
        return
    people = inputs.people.set_index("unit_id")["people"]
    if section is not None:
        villages = inputs.villages.frame
        units = communes if section.level == "commune" else villages
        inputs.ages = intake.take(
            "ages",
            lambda: ages.load(
                intake.record("ages", section),
                columns=section.columns,
                level=section.level,
                unit_ids=list(units["unit_id"]),
            ),
        )
        if inputs.ages is not None:
            commune = villages.set_index("unit_id")["commune_id"].loc[people.index]
            own = commune if section.level == "commune" else people.index.to_series()
            share = own.map(ages.eligible_share(inputs.ages.frame)).fillna(needs.eligible_share)
            inputs.eligible = overlay.eligible_by_age(people, share, commune)
            inputs.issues += ages.beside(inputs.ages, people.groupby(own.to_numpy()).sum())
            if any(i.code == ages.INTERPOLATED for i in inputs.ages.issues):
                inputs.people = _flagged(inputs.people, ages.INTERPOLATED)
        return
    try:
        inputs.eligible = overlay.eligible_people(people, share=needs.eligible_share, total=needs.eligible_total)
    except LayerError as error:
        inputs.issues += error.issues


def _flagged(people: pd.DataFrame, flag: str) -> pd.DataFrame:
    flags = [tuple(sorted({*had, flag})) for had in people["flags"]]
    return people.assign(flags=pd.Series(flags, index=people.index, dtype="object"))
