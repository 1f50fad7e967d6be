"""People per village or per commune, and a commune's people spread over its villages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import checks, crosswalk, joining, plausibility, readers
from layers.apportion import apportion
from layers.catalog import Layer, Record
from layers.crosswalk import Crosswalk
from layers.errors import Issue, LayerError
from layers.schema import (
    AREA_KM2,
    COMMUNE_ID,
    DATA_DATE,
    FLAGS,
    HAMLETS,
    PEOPLE,
    POPULATION,
    POPULATION_RULES,
    UNIT_ID,
    Level,
)

SPREAD_FLAG: Final = "population_spread"
WEIGHTED_FLAG: Final = "population_weighted"


def load(
    record: Record,
    *,
    columns: Mapping[str, str],
    level: Level,
    unit_ids: Iterable[str],
    units: plausibility.Units | None = None,
    official_total: int | None = None,
    named: pd.DataFrame | None = None,
    former: Crosswalk | None = None,
) -> Layer:
    """Load how many people live in each unit.

    Parameters
    ----------
    record : Record
    columns : mapping
        Our column name to the file's.
    level : {"village", "commune"}
        What a unit is; for messages.
    unit_ids : iterable of str
        The units that there are: each has one row, and no row is of another.
    units : plausibility.Units, optional
        What the polygons say: densities and stated areas (column ``area_km2``) are compared with it.
    official_total : int, optional
        People that all units add to; another sum is told.
    named : DataFrame, optional
        ``unit_id``, ``name``, ``parent`` of the units whose rows are known by name (`layers.matching`); None = by code.
    former : Crosswalk, optional
        When the rows are of former communes: their people are moved to the communes `unit_ids`, to the person.

    Returns
    -------
    Layer
        `layers.schema.POPULATION`, ``people`` int64, ordered by ``unit_id``.

    Raises
    ------
    LayerError
        With every fault: a count that is missing, negative or not whole, a repeated, unknown or missing unit.
    """
    source = readers.read_table(record)
    joined = joining.join(
        source,
        columns=columns,
        rules=POPULATION_RULES,
        record=record,
        level=level,
        unit_ids=unit_ids,
        named=named,
        former=former,
    )
    frame = joined.frame
    without = _without_row(sorted(set(joined.known) - set(frame[UNIT_ID])), level, joined.column, record)
    doubtful = _implausible(frame, columns, units, official_total, record)
    told = [*joined.issues, *without, *doubtful]
    issues = checks.stop_on_errors(told if units is None else plausibility.located(told, frame[UNIT_ID], units))
    if former is not None:
        moved = crosswalk.people(frame, former)
        issues += tuple(crosswalk.remarks(moved, former, record=record))
        frame = moved.frame.assign(**{DATA_DATE: crosswalk.oldest(frame[DATA_DATE])})
    frame = frame[list(POPULATION)].astype({PEOPLE: "int64"}).sort_values(UNIT_ID).reset_index(drop=True)
    return Layer(record=record, frame=frame, rows_read=len(source), issues=issues, set_aside=joined.set_aside)


def spread_equal(population: pd.DataFrame, villages: pd.DataFrame) -> pd.DataFrame:
    """Share each commune's people out over its villages, equally per listed hamlet.

    A village of three merged hamlets counts three times; a commune that is its own village counts once. Largest
    remainder, ties by ``unit_id``: the parts of a commune add to its official total to the person.

    Parameters
    ----------
    population : DataFrame
        `layers.schema.POPULATION` per commune.
    villages : DataFrame
        `layers.schema.VILLAGES`; geometry is not used.

    Returns
    -------
    DataFrame
        ``unit_id``, ``people`` (int64) and ``flags`` (``population_spread``), ordered by ``unit_id``.

    Raises
    ------
    LayerError
        When people would be lost: a commune with people and no village, or a village of a commune without a count.
    """
    people = population.set_index(UNIT_ID)[PEOPLE]
    ordered = villages[[UNIT_ID, COMMUNE_ID, HAMLETS]].sort_values(UNIT_ID).reset_index(drop=True)
    _require_same_communes(people, ordered[COMMUNE_ID])
    parts = np.zeros(len(ordered), dtype=np.int64)
    for commune, rows in ordered.groupby(COMMUNE_ID):
        parts[rows.index.to_numpy()] = apportion(int(people[str(commune)]), rows[HAMLETS].clip(lower=1).to_numpy())
    flags = pd.Series([(SPREAD_FLAG,)] * len(ordered), dtype="object")
    return pd.DataFrame({UNIT_ID: ordered[UNIT_ID], PEOPLE: parts, FLAGS: flags})


def spread_weighted(
    population: pd.DataFrame, villages: pd.DataFrame, weights: pd.Series[Any]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Share each commune's people out over its villages in proportion to a weight.

    Parameters
    ----------
    population, villages
        As for `spread_equal`.
    weights : Series of float
        By ``unit_id``, 0 or more; a missing one is taken to be the mean of its commune per hamlet.

    Returns
    -------
    DataFrame
        As of `spread_equal`, flag ``population_weighted``; the parts of a commune add to its total to the person.
    tuple of str
        Communes of which no weight above 0 is known: their people are spread equally, flag ``population_spread``.

    Raises
    ------
    LayerError
        As for `spread_equal`.
    """
    people = population.set_index(UNIT_ID)[PEOPLE]
    ordered = villages[[UNIT_ID, COMMUNE_ID, HAMLETS]].sort_values(UNIT_ID).reset_index(drop=True)
    _require_same_communes(people, ordered[COMMUNE_ID])
    parts, flags = np.zeros(len(ordered), dtype=np.int64), np.full(len(ordered), None, dtype=object)
    equal = []
    for commune, rows in ordered.groupby(COMMUNE_ID):
        at, hamlets = rows.index.to_numpy(), rows[HAMLETS].clip(lower=1).to_numpy(np.float64)
        own = _filled(rows[UNIT_ID].map(weights).to_numpy(np.float64), hamlets)
        if own is None:
            equal.append(str(commune))
        parts[at] = apportion(int(people[str(commune)]), hamlets if own is None else own)
        flags[at] = [(SPREAD_FLAG if own is None else WEIGHTED_FLAG,)] * len(at)
    frame = pd.DataFrame({UNIT_ID: ordered[UNIT_ID], PEOPLE: parts, FLAGS: pd.Series(flags, dtype="object")})
    return frame, tuple(equal)


def _filled(weights: npt.NDArray[np.float64], hamlets: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
    """Return weights with the missing ones filled by the mean per hamlet; None where none is known above 0."""
    known = ~np.isnan(weights)
    if not known.any() or not weights[known].sum() > 0:
        return None
    return np.where(known, weights, hamlets * weights[known].sum() / hamlets[known].sum())


def _implausible(
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    units: plausibility.Units | None,
    official_total: int | None,
    record: Record,
) -> list[Issue]:
    """Return what is well formed and yet cannot be, also of a table that has faults."""
    people, area = columns.get(PEOPLE, PEOPLE), columns.get(AREA_KM2, AREA_KM2)
    issues = []
    if units is not None:
        issues += plausibility.check(frame, units=units, people_column=people, area_column=area, record=record)
    if official_total is not None:
        issues += plausibility.official_total(frame, total=official_total, column=people, record=record)
    return issues


def _without_row(missing: list[str], level: Level, column: str, record: Record) -> list[Issue]:
    rule = f"every {level} has a row with its people: unknown is not zero"
    return checks.capped(
        [checks.fault(record, rule, column=column, value=unit, code="missing_unit") for unit in missing]
    )


def _require_same_communes(people: pd.Series[Any], communes: pd.Series[Any]) -> None:
    nowhere = sorted(set(people.index[people > 0]) - set(communes))
    uncounted = sorted(set(communes) - set(people.index))
    issues = [
        Issue(layer="population", file="", value=str(unit), rule=rule, column=COMMUNE_ID, code="not_conserved")
        for units, rule in (
            (nowhere, "a commune with people has at least one village"),
            (uncounted, "the commune of a village has a count of people"),
        )
        for unit in units
    ]
    if issues:
        raise LayerError(issues)
