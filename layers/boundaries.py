"""Communes, villages, the outline and places: who lies where, in the plan's metric CRS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers import catchments, checks, points, readers, shapes
from layers.catalog import Layer, Record
from layers.errors import Issue, LayerError, Severity
from layers.schema import (
    COMMUNE_ID,
    COMMUNE_RULES,
    COMMUNES,
    FLAGS,
    GEOMETRY,
    LAT,
    LON,
    NAME,
    OUTLINE,
    OUTLINE_RULES,
    PLACE_RULES,
    PLACES,
    PROVINCE_ID,
    UNIT_ID,
    VILLAGE_RULES,
    VILLAGES,
    WEIGHT,
    weighted,
)


def load_communes(
    record: Record,
    *,
    columns: Mapping[str, str],
    source_crs: str | None,
    layer_name: str | None,
    crs: str,
    approximate: bool,
) -> Layer:
    """Load the communes.

    Parameters
    ----------
    record : Record
    columns : mapping
        Our column name to the file's.
    source_crs : str or None
        CRS of a file that states none.
    layer_name : str or None
        Which layer of a GeoPackage.
    crs : str
        The plan's metric CRS.
    approximate : bool
        The boundaries are not the official ones: every row gets the flag ``approximate_boundary``.

    Returns
    -------
    Layer
        `layers.schema.COMMUNES`, polygons in `crs`, ordered by ``unit_id``.

    Raises
    ------
    LayerError
        With every fault of the file.
    """
    source = readers.read_vector(record, layer_name=layer_name, source_crs=source_crs)
    placed = shapes.place(source, crs=crs, kind="polygon", record=record)
    taken = checks.take(source, columns=columns, rules=COMMUNE_RULES, record=record, told=placed.issues)
    common = shapes.overlaps(placed.geometry, ids=taken.frame[UNIT_ID].fillna("?"), record=record)
    holes = shapes.gaps(placed.geometry, record=record)
    issues = checks.stop_on_errors([*taken.issues, *placed.issues, *common, *holes])
    checks.require_rows(placed.geometry, record=record)
    flags = ("approximate_boundary",) if approximate else ()
    frame = taken.frame.loc[placed.geometry.index].assign(**{FLAGS: [flags] * len(placed.geometry)})
    frame = _of_provinces(frame, record)
    return _layer(record, source, frame, placed, issues, columns=COMMUNES, by=UNIT_ID)


def _of_provinces(frame: pd.DataFrame, record: Record) -> pd.DataFrame:
    """Return communes with the id of their province, empty where none has one; some with and some without is a fault."""
    without = frame[PROVINCE_ID].isna()
    if without.any() and not without.all():
        row = without.index[without.to_numpy()][0]
        rule = "every commune has a province, or none has"
        done = "Fill the column, or take it out of `columns` for a plan of one province."
        raise LayerError(checks.fault(record, rule, row=row, column=PROVINCE_ID, code="missing_province", done=done))
    return frame.assign(**{PROVINCE_ID: frame[PROVINCE_ID].fillna("")})


def load_outline(
    record: Record, *, columns: Mapping[str, str], source_crs: str | None, layer_name: str | None, crs: str
) -> Layer:
    """Load the outline of the province, for maps.

    Parameters are those of `load_communes`.

    Returns
    -------
    Layer
        `layers.schema.OUTLINE`, polygons in `crs`, in the order of the file.
    """
    source = readers.read_vector(record, layer_name=layer_name, source_crs=source_crs)
    placed = shapes.place(source, crs=crs, kind="polygon", record=record)
    taken = checks.take(source, columns=columns, rules=OUTLINE_RULES, record=record, told=placed.issues)
    issues = checks.stop_on_errors([*taken.issues, *placed.issues])
    checks.require_rows(placed.geometry, record=record)
    frame = taken.frame.loc[placed.geometry.index].fillna({NAME: ""})
    return _layer(record, source, frame, placed, issues, columns=OUTLINE, by=None)


def load_places(
    record: Record, *, columns: Mapping[str, str], source_crs: str | None, layer_name: str | None, crs: str
) -> Layer:
    """Load named places, for maps; a table has ``lon`` and ``lat``.

    Parameters are those of `load_communes`.

    Returns
    -------
    Layer
        `layers.schema.PLACES`, points in `crs`, ordered by name.
    """
    source = points.read(record, columns=columns, source_crs=source_crs, layer_name=layer_name)
    placed = shapes.place(source, crs=crs, kind="point", record=record)
    taken = checks.take(source, columns=columns, rules=PLACE_RULES, record=record, also=(LON, LAT), told=placed.issues)
    issues = checks.stop_on_errors([*taken.issues, *placed.issues])
    frame = taken.frame.loc[placed.geometry.index]
    return _layer(record, source, frame, placed, issues, columns=PLACES, by=NAME)


def load_villages(
    record: Record,
    *,
    columns: Mapping[str, str],
    source_crs: str | None,
    layer_name: str | None,
    crs: str,
    communes: gpd.GeoDataFrame,
    kind: Literal["polygons", "points"],
    same_place: Literal["merge", "error"],
    commune_without_village: Literal["commune", "error"],
    coarse_above_km2: float,
    weight: str | None = None,
) -> Layer:
    """Load the villages as polygons, or as points whose catchment is their Voronoi cell inside their commune.

    Parameters
    ----------
    record, columns, source_crs, layer_name, crs
        As for `load_communes`. Without a column ``commune_id`` a village belongs to the commune in which it lies; with
        one, the column decides and a village that lies elsewhere is told.
    communes : GeoDataFrame
        `layers.schema.COMMUNES`, in `crs`.
    kind : {"polygons", "points"}
        A table with ``lon`` and ``lat`` holds points.
    same_place : {"merge", "error"}
        Points at one place become one village (flag ``merged_points``), or are a fault.
    commune_without_village : {"commune", "error"}
        Such a commune becomes its own village (``hamlets`` 0, flag ``commune_as_village``), or is a fault.
    coarse_above_km2 : float
        A catchment above it gets the flag ``coarse_catchment``; polygons from the file do not.
    weight : str, optional
        The file's column by which people are spread; it becomes a further column ``weight``, missing where unknown.

    Returns
    -------
    Layer
        `layers.schema.VILLAGES`, ordered by ``unit_id``. Set aside, with the reason: rows without geometry, and
        villages outside every commune.

    Raises
    ------
    LayerError
        With every fault of the file.
    """
    source = (
        points.read(record, columns=columns, source_crs=source_crs, layer_name=layer_name)
        if kind == "points"
        else readers.read_vector(record, layer_name=layer_name, source_crs=source_crs)
    )
    placed = shapes.place(source, crs=crs, kind="point" if kind == "points" else "polygon", record=record)
    rules = VILLAGE_RULES if weight is None else weighted(VILLAGE_RULES)
    ours = columns if weight is None else {**columns, WEIGHT: weight}
    taken = checks.take(source, columns=ours, rules=rules, record=record, also=(LON, LAT), told=placed.issues)
    named = columns.get(COMMUNE_ID, COMMUNE_ID)
    issues = [*taken.issues, *placed.issues]
    issues += checks.unknown_ids(
        taken.frame[COMMUNE_ID], known=communes[UNIT_ID], column=named, what="a commune of this plan", record=record
    )
    if kind == "points" and same_place == "error":
        issues += _at_one_place(placed.geometry, record)
    checks.stop_on_errors(issues)
    located = _located(taken.frame, placed.geometry, communes)
    outside = located[COMMUNE_ID].isna()
    issues += _outside_communes(located[outside], record) + _elsewhere(located[~outside], named, record)
    inside = located[~outside].drop(columns="lies_in")
    villages = _catchments(inside, placed.geometry, communes, kind=kind, coarse_above_km2=coarse_above_km2)
    issues += _without_part(villages, record)
    alone = communes[~communes[UNIT_ID].isin(villages[COMMUNE_ID])]
    issues += _without_village(alone, villages, record, allowed=commune_without_village == "commune")
    told = checks.stop_on_errors(issues)
    whole = catchments.flagged(catchments.communes_as_villages(alone), communes, coarse_above_km2=coarse_above_km2)
    kept = [*VILLAGES, *([] if weight is None else [WEIGHT])]
    frame = gpd.GeoDataFrame(pd.concat([villages, whole]) if len(whole) else villages, crs=crs)[kept]
    lost = pd.Series(source.index.isin(located.index[outside]), index=source.index)
    return Layer(
        record=replace(record, crs=source.crs.to_string()),
        frame=frame.sort_values(UNIT_ID).reset_index(drop=True),
        rows_read=len(source),
        issues=told,
        set_aside=_joined(placed.set_aside, checks.set_aside(source, lost, reason="outside every commune")),
    )


def _located(frame: pd.DataFrame, geometry: gpd.GeoSeries, communes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the rows with a geometry, their point, the commune they lie in and the one they belong to."""
    inside = shapely.point_on_surface(geometry.to_numpy())
    x_m, y_m = shapely.get_x(inside), shapely.get_y(inside)
    position = shapes.containing(x_m, y_m, communes.geometry)
    ids = np.array([*communes[UNIT_ID], None], dtype=object)  # -1 takes the last: no commune
    found: pd.DataFrame = frame.loc[geometry.index].assign(x_m=x_m, y_m=y_m)
    found["lies_in"] = pd.Series(ids[position], index=geometry.index, dtype="str")
    found[COMMUNE_ID] = found[COMMUNE_ID].fillna(found["lies_in"]).where(found["lies_in"].notna())
    return found


def _catchments(
    located: pd.DataFrame,
    geometry: gpd.GeoSeries,
    communes: gpd.GeoDataFrame,
    *,
    kind: Literal["polygons", "points"],
    coarse_above_km2: float,
) -> gpd.GeoDataFrame:
    """Return the villages with their polygons: those of the file, or cells round the merged points."""
    if kind == "points":
        villages = catchments.with_cells(catchments.merge_same_place(located), communes)
        return catchments.flagged(villages, communes, coarse_above_km2=coarse_above_km2)
    none = pd.Series([()] * len(located), index=located.index, dtype="object")
    return gpd.GeoDataFrame(located.assign(hamlets=1, flags=none), geometry=geometry.loc[located.index])


def _joined(*tables: pd.DataFrame) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True).sort_values("row", ignore_index=True) if filled else tables[0]


def _at_one_place(geometry: gpd.GeoSeries, record: Record) -> list[Issue]:
    again = pd.DataFrame({"x": geometry.x, "y": geometry.y}).duplicated(keep=False)
    done = 'Correct the point, or add same_place = "merge" to the layer in the plan.'
    rule = "two villages do not stand at one point"
    rows = geometry.index[again]
    return checks.capped(
        [checks.fault(record, rule, row=row, column=GEOMETRY, done=done, code="same_place") for row in rows]
    )


def _outside_communes(rows: pd.DataFrame, record: Record) -> list[Issue]:
    rule, done = "a village lies in a commune", "The row is set aside; check its coordinates."
    return checks.capped(
        [
            checks.fault(
                record,
                rule,
                row=row,
                column=UNIT_ID,
                value=unit,
                severity="warning",
                done=done,
                code="outside_communes",
            )
            for row, unit in rows[UNIT_ID].items()
        ]
    )


def _elsewhere(rows: pd.DataFrame, column: str, record: Record) -> list[Issue]:
    """Return a warning for each village whose column names another commune than the one in which it lies."""
    wrong = rows[rows[COMMUNE_ID] != rows["lies_in"]]
    return checks.capped(
        [
            checks.fault(
                record,
                f"a village lies in the commune that its row names; this one lies in '{lies_in}'",
                row=row,
                column=column,
                value=commune,
                severity="warning",
                done="The row's commune was kept.",
                code="commune_mismatch",
            )
            for row, commune, lies_in in zip(wrong.index, wrong[COMMUNE_ID], wrong["lies_in"], strict=True)
        ]
    )


def _without_part(villages: gpd.GeoDataFrame, record: Record) -> list[Issue]:
    lost = villages[villages.geometry.is_empty]
    rule = "a village's point is nearest to some part of the commune that its row names"
    done = "Correct the coordinates or the commune."
    return [
        checks.fault(record, rule, column=COMMUNE_ID, value=f"{unit} in {commune}", done=done, code="no_catchment")
        for unit, commune in zip(lost[UNIT_ID], lost[COMMUNE_ID], strict=True)
    ]


def _without_village(
    alone: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, record: Record, *, allowed: bool
) -> list[Issue]:
    """Return what is said of communes without a village, and of one whose id a village already has."""
    severity: Severity = "info" if allowed else "error"
    done = (
        "The commune stands for its own village."
        if allowed
        else 'Add its villages, or commune_without_village = "commune" to the layer in the plan.'
    )
    rule = "every commune has a village"
    issues = [
        checks.fault(record, rule, value=unit, severity=severity, done=done, code="no_village")
        for unit in alone[UNIT_ID]
    ]
    taken = sorted(set(alone[UNIT_ID]) & set(villages[UNIT_ID]))
    clash = "a village's id is not that of a commune which stands for its own village"
    return issues + [checks.fault(record, clash, column=UNIT_ID, value=unit, code="repeated_id") for unit in taken]


def _layer(
    record: Record,
    source: gpd.GeoDataFrame,
    frame: pd.DataFrame,
    placed: shapes.Placed,
    issues: tuple[Issue, ...],
    *,
    columns: tuple[str, ...],
    by: str | None,
) -> Layer:
    """Return checked columns and placed geometries as one layer, ordered by a column."""
    whole = gpd.GeoDataFrame(frame, geometry=placed.geometry)[list(columns)]
    ordered = whole if by is None else whole.sort_values(by, kind="stable")
    return Layer(
        record=replace(record, crs=source.crs.to_string()),
        frame=ordered.reset_index(drop=True),
        rows_read=len(source),
        issues=issues,
        set_aside=placed.set_aside,
    )
