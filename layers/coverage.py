"""Coverage polygons: where an operator's signal is said to be, on which evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from layers import checks, readers, shapes
from layers.catalog import Layer, Record
from layers.errors import Issue, LayerError
from layers.schema import (
    COVERAGE,
    COVERAGE_RULES,
    EVIDENCE,
    OPERATOR,
    SIGNAL,
    SYNTHETIC,
    TECHNOLOGY,
    Evidence,
)


def load(
    record: Record,
    *,
    columns: Mapping[str, str],
    source_crs: str | None,
    layer_name: str | None,
    crs: str,
    operator: str | None,
    technology: str,
    evidence: Evidence,
) -> Layer:
    """Load the polygons of one coverage layer.

    Parameters
    ----------
    record : Record
    columns : mapping
        Our column name to the file's. ``signal`` (yes, no, unknown) is optional: without it every polygon says yes.
    source_crs : str or None
        CRS of a file that states none.
    layer_name : str or None
        Which layer of a GeoPackage.
    crs : str
        The plan's metric CRS.
    operator : str or None
        Whose polygons they are; None: a column ``operator`` says it row by row.
    technology : str
        For example ``4G``.
    evidence : {"declared", "modelled", "measured"}

    Returns
    -------
    Layer
        `layers.schema.COVERAGE`, polygons in `crs`, ordered by operator, signal, then as in the file.

    Raises
    ------
    LayerError
        With every fault of the file.
    """
    if operator is not None and OPERATOR in columns:
        rule = "the plan gives the operator either in operator or in columns.operator, one of them"
        raise LayerError(checks.fault(record, rule, value=operator, code="two_operators"))
    source = readers.read_vector(record, layer_name=layer_name, source_crs=source_crs)
    named = source if operator is None else _of(operator, source)
    taken = checks.take(named, columns=columns, rules=COVERAGE_RULES, record=record)
    placed = shapes.place(source, crs=crs, kind="polygon", record=record)
    issues = checks.stop_on_errors([*taken.issues, *placed.issues, *_without_polygon(placed.geometry, record)])
    frame = taken.frame.loc[placed.geometry.index].fillna({SIGNAL: "yes"})
    frame[TECHNOLOGY], frame[EVIDENCE], frame[SYNTHETIC] = technology, evidence, record.synthetic
    whole = gpd.GeoDataFrame(frame, geometry=placed.geometry)[list(COVERAGE)]
    return Layer(
        record=replace(record, crs=source.crs.to_string()),
        frame=whole.sort_values([OPERATOR, SIGNAL], kind="stable").reset_index(drop=True),
        rows_read=len(source),
        issues=issues,
        set_aside=placed.set_aside,
    )


def _of(operator: str, source: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the rows as those of the operator that the plan names."""
    table = pd.DataFrame(source.drop(columns="geometry"))
    table[OPERATOR] = pd.Series([operator] * len(table), index=table.index, dtype="object")
    return table


def _without_polygon(geometry: gpd.GeoSeries, record: Record) -> list[Issue]:
    """Return a warning for a layer that says nothing: nobody draws an empty layer on purpose."""
    if len(geometry):
        return []
    done = "Check the file: a declared layer without polygons says that nothing is covered."
    return [checks.fault(record, "a coverage layer has polygons", severity="warning", done=done, code="no_rows")]
