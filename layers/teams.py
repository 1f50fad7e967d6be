"""Teams that stand today, and sites where a team could stand: a village, a point, and how to reach them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa

from layers import checks, points, readers, shapes
from layers.catalog import Layer, Record
from layers.crs import GEOGRAPHIC
from layers.errors import Issue
from layers.schema import (
    CONTACT,
    DEFAULT_TEAM_TYPE,
    HOURS,
    LANGUAGES,
    LAT,
    LON,
    SITE_ID,
    SITE_RULES,
    SITES,
    SYNTHETIC,
    TEAM_RULES,
    TEAM_TYPE,
    TEAMS,
    TEAMS_COLUMNS,
    UNIT_ID,
    X_M,
    Y_M,
)

LANGUAGE_SEPARATOR: Final = ";"


def load(
    record: Record,
    *,
    columns: Mapping[str, str],
    source_crs: str | None,
    layer_name: str | None,
    crs: str,
    villages: gpd.GeoDataFrame,
) -> Layer:
    """Load the teams that stand today.

    Parameters
    ----------
    record : Record
    columns : mapping
        Our column name to the file's: ``site_id``, ``name``, and ``unit_id`` or a point (a geometry, or ``lon`` and
        ``lat``); optional ``team_type`` (community), ``teams`` (1), ``hours``, ``contact``, ``languages`` (with ;).
    source_crs : str or None
        CRS of a file that states none.
    layer_name : str or None
        Which layer of a GeoPackage.
    crs : str
        The plan's metric CRS.
    villages : GeoDataFrame
        `layers.schema.VILLAGES`, in `crs`.

    Returns
    -------
    Layer
        `layers.schema.TEAMS_COLUMNS`, ordered by ``site_id``. A row without a point stands at its village's point; one
        without ``unit_id`` belongs to the village in which its point lies, and is set aside when that is none.

    Raises
    ------
    LayerError
        With every fault of the file.
    """
    layer = _stands(
        record,
        rules=TEAM_RULES,
        columns=columns,
        source_crs=source_crs,
        layer_name=layer_name,
        crs=crs,
        villages=villages,
    )
    frame = layer.frame.fillna({TEAM_TYPE: DEFAULT_TEAM_TYPE, TEAMS: 1, HOURS: "", CONTACT: "", LANGUAGES: ""})
    frame[TEAMS] = frame[TEAMS].astype("int64")
    frame[LANGUAGES] = pd.Series([_languages(text) for text in frame[LANGUAGES]], index=frame.index, dtype="object")
    frame[SYNTHETIC] = record.synthetic
    return replace(layer, frame=frame[list(TEAMS_COLUMNS)])


def load_sites(
    record: Record,
    *,
    columns: Mapping[str, str],
    source_crs: str | None,
    layer_name: str | None,
    crs: str,
    villages: gpd.GeoDataFrame,
) -> Layer:
    """Load where a new team could stand.

    Parameters are those of `load`; the columns are ``site_id``, ``name``, and ``unit_id`` or a point.

    Returns
    -------
    Layer
        `layers.schema.SITES`, ordered by ``site_id``.

    Raises
    ------
    LayerError
        With every fault of the file.
    """
    layer = _stands(
        record,
        rules=SITE_RULES,
        columns=columns,
        source_crs=source_crs,
        layer_name=layer_name,
        crs=crs,
        villages=villages,
    )
    return replace(layer, frame=layer.frame[list(SITES)])


def _languages(text: str) -> tuple[str, ...]:
    parts = (part.strip() for part in text.split(LANGUAGE_SEPARATOR))
    return tuple(dict.fromkeys(part for part in parts if part))


def _stands(
    record: Record,
    *,
    rules: pa.DataFrameSchema,
    columns: Mapping[str, str],
    source_crs: str | None,
    layer_name: str | None,
    crs: str,
    villages: gpd.GeoDataFrame,
) -> Layer:
    """Return checked rows with ``unit_id``, ``x_m`` and ``y_m``, from their own point or that of their village."""
    source = _read(record, columns, source_crs, layer_name)
    taken = checks.take(source, columns=columns, rules=rules, record=record, also=(LON, LAT))
    placed = shapes.place(source.loc[source.geometry.notna()], crs=crs, kind="point", record=record)
    unit_column = columns.get(UNIT_ID, UNIT_ID)
    named = taken.frame[UNIT_ID]
    issues = [*taken.issues, *placed.issues]
    issues += checks.unknown_ids(
        named, known=villages[UNIT_ID], column=unit_column, what="a village of this plan", record=record
    )
    checks.stop_on_errors(issues)
    lies_in = _lies_in(placed.geometry, villages)
    issues += _elsewhere(named, lies_in, unit_column, record)
    frame = _positions(taken.frame.assign(unit_id=named.fillna(lies_in)), placed.geometry, villages)
    nowhere = frame[UNIT_ID].isna()
    issues += _nowhere(frame.loc[nowhere, SITE_ID], record)
    return Layer(
        record=replace(record, crs=source.crs.to_string()),
        frame=frame.loc[~nowhere].sort_values(SITE_ID).reset_index(drop=True),
        rows_read=len(source),
        issues=checks.stop_on_errors(issues),
        set_aside=checks.set_aside(source, nowhere, reason="in no village"),
    )


def _read(
    record: Record, columns: Mapping[str, str], source_crs: str | None, layer_name: str | None
) -> gpd.GeoDataFrame:
    """Read a layer of points, or a table that names villages only: its rows have no geometry."""
    if not readers.is_table(record):
        return readers.read_vector(record, layer_name=layer_name, source_crs=source_crs)
    table = readers.read_table(record)
    if not {LON, LAT} & {*columns, *table.columns}:
        return gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=source_crs or GEOGRAPHIC)
    return points.locate(table, columns=columns, source_crs=source_crs, record=record)


def _lies_in(geometry: gpd.GeoSeries, villages: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return the village in which each point lies, missing where that is none."""
    ids = np.array([*villages[UNIT_ID], None], dtype=object)  # -1 takes the last: no village
    position = shapes.containing(geometry.x, geometry.y, villages.geometry)
    return pd.Series(ids[position], index=geometry.index, dtype="str")


def _positions(frame: pd.DataFrame, geometry: gpd.GeoSeries, villages: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the rows with ``x_m`` and ``y_m``: their own point, else their village's."""
    at = villages.set_index(UNIT_ID)
    found = frame.copy()
    for column, own in ((X_M, geometry.x), (Y_M, geometry.y)):
        found[column] = own.reindex(frame.index).fillna(frame[UNIT_ID].map(at[column]))
    return found


def _elsewhere(named: pd.Series[str], lies_in: pd.Series[str], column: str, record: Record) -> list[Issue]:
    """Return a warning for each row whose point lies in another village than the one it names."""
    both = pd.DataFrame({"named": named, "lies_in": lies_in.reindex(named.index)}).dropna(subset="named")
    pointed = both.loc[both.index.isin(lies_in.index)]
    wrong = pointed[pointed["named"] != pointed["lies_in"]]
    rule = "a team stands in the village that its row names; this point lies in {}"
    return checks.capped(
        [
            checks.fault(
                record,
                rule.format("none" if pd.isna(there) else f"'{there}'"),
                row=row,
                column=column,
                value=unit,
                severity="warning",
                done="The row's village and point were kept.",
                code="village_mismatch",
            )
            for row, unit, there in zip(wrong.index, wrong["named"], wrong["lies_in"], strict=True)
        ]
    )


def _nowhere(sites: pd.Series[str], record: Record) -> list[Issue]:
    rule, done = "a row names its village, or its point lies in one", "The row is set aside."
    return checks.capped(
        [
            checks.fault(
                record, rule, row=row, column=SITE_ID, value=site, severity="warning", done=done, code="nowhere"
            )
            for row, site in sites.items()
        ]
    )
