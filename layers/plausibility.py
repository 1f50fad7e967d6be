"""Figures that are well formed and yet cannot be: densities, areas and totals against what else is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.catalog import Record
from layers.checks import capped, fault
from layers.crs import GEOGRAPHIC, require_metric
from layers.errors import Issue
from layers.schema import AREA_KM2, NAME, PEOPLE, UNIT_ID

OUTLIER: Final = 3.0
"""Modified z-score beyond which a density is told. Iglewicz and Hoaglin (1993) take 3.5 to set values aside; here nothing
is set aside, and a lower bound finds one lost digit more."""
_NORMAL: Final = 0.6745
"""Median absolute deviation of a normal distribution, in standard deviations."""
AREA_TOLERANCE: Final = 0.05
"""A stated area may differ so much from that of the polygon: published areas are of another survey."""
_FEWEST: Final = 8
"""Units below which no distribution can be told."""


@dataclass(frozen=True, slots=True)
class Units:
    """What is known of the units whose people a table counts; each mapping is by ``unit_id``.

    Parameters
    ----------
    area_km2 : mapping
        Of the polygon.
    group : mapping
        Which units are compared: wards with wards, communes with communes.
    place : mapping
        Longitude and latitude of a point inside, EPSG:4326 degrees.
    """

    area_km2: Mapping[str, float]
    group: Mapping[str, str]
    place: Mapping[str, tuple[float, float]]


def units(polygons: gpd.GeoDataFrame) -> Units:
    """Return what the polygons of communes say of them.

    Parameters
    ----------
    polygons : GeoDataFrame
        ``unit_id``, ``name`` (its first word is the kind: Xã, Phường), polygons in a metric CRS.

    Raises
    ------
    CrsError
        When the CRS is not metric.
    """
    require_metric(polygons.crs, name="communes")
    ids = polygons[UNIT_ID].tolist()
    inside = polygons.geometry.representative_point().to_crs(GEOGRAPHIC)
    kinds = polygons[NAME].str.split().str[0].str.casefold()
    return Units(
        area_km2=dict(zip(ids, polygons.geometry.area / 1e6, strict=True)),
        group=dict(zip(ids, kinds, strict=True)),
        place=dict(zip(ids, zip(inside.x.round(6), inside.y.round(6), strict=True), strict=True)),
    )


def check(frame: pd.DataFrame, *, units: Units, people_column: str, area_column: str, record: Record) -> list[Issue]:
    """Return a warning for each unit whose density or stated area cannot be.

    Parameters
    ----------
    frame : DataFrame
        ``unit_id``, ``people``, ``area_km2``, index = row of the file; what is missing is not asked.
    units : Units
    people_column, area_column : str
        Names of the columns in the file.
    record : Record
    """
    return [
        *density(frame, units=units, column=people_column, record=record),
        *areas(frame, units=units, column=area_column, record=record),
    ]


def located(issues: Iterable[Issue], ids: pd.Series[str], units: Units) -> list[Issue]:
    """Return the issues, those of a row whose unit is known with its place, for the map of the report."""
    by_row = {row: units.place[unit] for row, unit in zip(ids.index.tolist(), ids, strict=True) if unit in units.place}
    return [
        issue if issue.row not in by_row else replace(issue, lon=by_row[issue.row][0], lat=by_row[issue.row][1])
        for issue in issues
    ]


def density(frame: pd.DataFrame, *, units: Units, column: str, record: Record) -> list[Issue]:
    """Return a warning for each unit whose people per km² none of its kind comes near.

    Parameters
    ----------
    frame : DataFrame
        ``unit_id`` and ``people``, index = row of the file; missing people are not asked.
    units : Units
    column : str
        Name of the people's column in the file.
    record : Record

    Returns
    -------
    list of Issue
        By the modified z-score of the logarithm of the density among units of one kind, beyond `OUTLIER`. A count that
        lost one final zero may still look like another commune's: it is not told, and cannot be without its truth.
    """
    area = frame[UNIT_ID].map(units.area_km2).astype("float64")
    known = frame[PEOPLE].gt(0) & area.gt(0)
    per_km2 = (frame[PEOPLE] / area)[known]
    issues = []
    for _, group in per_km2.groupby(frame[UNIT_ID].map(units.group)[known]):
        score = modified_z(np.log(group.to_numpy(dtype=np.float64)))
        beyond = np.abs(score) > OUTLIER
        rows, people = group.index[beyond], frame[PEOPLE].reindex(group.index)[beyond]
        for row, dense, count, km2 in zip(rows, group[beyond], people, area.reindex(rows), strict=True):
            rule = (
                f"people per km² are like those of units of its kind (median {group.median():,.0f}); here {dense:,.2f}"
            )
            value = f"{count:,.0f} people on {km2:,.1f} km²"
            done = "Kept; compare it with the source, a count may have lost digits."
            issues.append(
                fault(record, rule, row=row, column=column, value=value, severity="warning", done=done, code="density")
            )
    return capped(sorted(issues, key=lambda issue: issue.row or 0))


def modified_z(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the modified z-score of each value: its distance from the median in scaled median absolute deviations.

    Parameters
    ----------
    values : array of float, shape (n,)

    Returns
    -------
    array of float, shape (n,)
        Zeros where fewer than eight values, or no deviation, say nothing.
    """
    if len(values) < _FEWEST:
        return np.zeros(len(values))
    away = values - np.median(values)
    deviation = float(np.median(np.abs(away)))
    return _NORMAL * away / deviation if deviation > 0 else np.zeros(len(values))


def areas(frame: pd.DataFrame, *, units: Units, column: str, record: Record) -> list[Issue]:
    """Return a warning for each unit whose stated area is not that of its polygon: its row may be another's.

    Parameters
    ----------
    frame : DataFrame
        ``unit_id`` and ``area_km2``, index = row of the file.
    units, column, record
        As for `density`.
    """
    area = frame[UNIT_ID].map(units.area_km2).astype("float64")
    share = (frame[AREA_KM2] / area - 1).abs()
    issues = []
    beyond = share.gt(AREA_TOLERANCE)
    for row, stated, km2 in zip(frame.index[beyond], frame[AREA_KM2][beyond], area[beyond], strict=True):
        rule = f"the area of a row is that of its unit's polygon, {km2:,.2f} km², within {AREA_TOLERANCE:.0%}"
        value = f"{stated:g}"
        done = "Kept; the row's figures may be those of another unit."
        issues.append(
            fault(
                record, rule, row=row, column=column, value=value, severity="warning", done=done, code="area_mismatch"
            )
        )
    return capped(issues)


def official_total(frame: pd.DataFrame, *, total: int, column: str, record: Record) -> list[Issue]:
    """Return a warning when the people of all units, none missing, do not add to the official total.

    Parameters
    ----------
    frame : DataFrame
        ``people``; a missing count makes the sum a lower bound, told only when it is above the total.
    total : int
        People.
    column, record
        As for `density`.
    """
    found = int(frame[PEOPLE].sum())
    missing = int(frame[PEOPLE].isna().sum())
    if found == total or (missing and found < total):
        return []
    rule = f"the people of all units add to the official total, {total:,}"
    value = f"{found:,} ({found - total:+,})" + (f", {missing} units without a count" if missing else "")
    return [fault(record, rule, column=column, value=value, severity="warning", done="Kept.", code="official_total")]
