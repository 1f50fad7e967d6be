"""Generated barriers: a river without a bridge round each village that must not be reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from layers import schema
from layers.catalog import Layer
from layers.crs import require_metric
from layers.errors import Issue, LayerError
from layers.synthetic import draws
from layers.synthetic.truth import parse, positions

INNER_CELLS: Final = 2.0
OUTER_CELLS: Final = 4.5
"""Half sides of the ring in cells of the cost grid: the village's own cell is free, and the ring is at least two whole
cells thick however the grid lies, so that no step to one of eight neighbours crosses it."""


def barriers(villages: gpd.GeoDataFrame, *, truth: Mapping[str, object] | None = None, cell_m: float = 250.0) -> Layer:
    """Return a closed square ring round the point of each village that truth calls unreachable.

    Parameters
    ----------
    villages : GeoDataFrame
        `layers.schema.VILLAGES`, metric CRS.
    truth : mapping of str to list of str
        See `layers.synthetic.truth.Truth`.
    cell_m : float
        Side of a cell of the cost grid, metres.

    Returns
    -------
    Layer
        `layers.schema.BARRIERS`, in the order of unit_id; empty where nothing is unreachable.

    Raises
    ------
    LayerError
        When the truth is at fault, or another village's point lies in or inside a ring and would be cut off too.
    CrsError
        When the villages are not in metres.
    """
    require_metric(villages.crs, name="barriers")
    ordered = villages.sort_values(schema.UNIT_ID, ignore_index=True)
    wanted = parse(truth or {}, ordered[schema.UNIT_ID], layer="barriers")
    chosen = positions(ordered[schema.UNIT_ID], wanted.unreachable)
    at = ordered[[schema.X_M, schema.Y_M]].to_numpy(dtype=np.float64)
    _require_alone(ordered, chosen, at, reach_m=OUTER_CELLS * cell_m)
    rings = shapely.difference(_squares(at[chosen], OUTER_CELLS * cell_m), _squares(at[chosen], INNER_CELLS * cell_m))
    frame = gpd.GeoDataFrame(
        {
            schema.NAME: ("Sông (giả lập) quanh " + ordered[schema.NAME].iloc[chosen]).to_numpy(),
            schema.ROADS_CROSS: "no",
            schema.SEASON: "all",
        },
        geometry=rings,
        crs=villages.crs,
    )
    parameters = {"cell_m": cell_m, "truth": wanted.as_dict()}
    return Layer(draws.record("barriers", made_by="barriers", parameters=parameters), frame, rows_read=len(frame))


def _squares(at: np.ndarray, half_m: float) -> np.ndarray:
    found: np.ndarray = shapely.box(at[:, 0] - half_m, at[:, 1] - half_m, at[:, 0] + half_m, at[:, 1] + half_m)
    return found


def _require_alone(villages: gpd.GeoDataFrame, chosen: np.ndarray, at: np.ndarray, *, reach_m: float) -> None:
    issues = []
    for i in chosen:
        near = np.flatnonzero(np.abs(at - at[i]).max(axis=1) <= reach_m)
        others = [str(villages[schema.UNIT_ID].iloc[j]) for j in near if j != i]
        if others:
            rule = (
                f"an unreachable village stands alone within {reach_m:.0f} m; {', '.join(others)} would be cut off too"
            )
            value = str(villages[schema.UNIT_ID].iloc[i])
            issues.append(Issue("barriers", draws.FILE, rule, column="unreachable", value=value, code="generate"))
    if issues:
        raise LayerError(issues)
