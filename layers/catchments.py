"""Villages out of points: hamlets at one place merged, each village the part of its commune that is nearest to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.schema import COMMUNE_ID, DATA_DATE, FLAGS, GEOMETRY, HAMLETS, NAME, UNIT_ID, WEIGHT, X_M, Y_M
from layers.voronoi import voronoi_cells

MERGED: Final = "merged_points"
COARSE: Final = "coarse_catchment"
"""The catchment is so large that its figures say little about the place."""
WHOLE_COMMUNE: Final = "commune_as_village"
"""No village is known in the commune: it stands for its own village."""
APPROXIMATE: Final = "approximate_boundary"
NAME_SEPARATOR: Final = " / "
_M2_PER_KM2: Final = 1e6


def merge_same_place(points: pd.DataFrame) -> pd.DataFrame:
    """Make one village of all points at one place.

    Parameters
    ----------
    points : DataFrame
        ``unit_id``, ``name``, ``commune_id``, ``x_m``, ``y_m``, ``data_date``; ids are unique.

    Returns
    -------
    DataFrame
        The same columns with ``hamlets`` (how many) and ``flags``, ordered by ``unit_id``. A merged village has the
        smallest id and its commune, its names in the order of ids, each once, the oldest date, the sum of known weights
        and ``merged_points``.
    """
    ordered = points.sort_values(UNIT_ID)
    groups = ordered.groupby([X_M, Y_M], sort=False)
    merged = groups.first()  # the smallest id and what belongs to it
    merged[NAME] = groups[NAME].agg(lambda names: NAME_SEPARATOR.join(dict.fromkeys(names)))
    merged[DATA_DATE] = pd.Series([oldest(dates) for _, dates in groups[DATA_DATE]], index=merged.index, dtype="object")
    if WEIGHT in points:
        merged[WEIGHT] = groups[WEIGHT].sum(min_count=1)
    merged[HAMLETS] = groups.size().astype("int64")
    merged[FLAGS] = pd.Series([(MERGED,) if n > 1 else () for n in merged[HAMLETS]], index=merged.index, dtype="object")
    return merged.reset_index().sort_values(UNIT_ID).reset_index(drop=True)


def oldest(dates: Iterable[dt.date | None]) -> dt.date | None:
    """Return the oldest known date, None when none is known."""
    return min((date for date in dates if isinstance(date, dt.date)), default=None)


def with_cells(villages: pd.DataFrame, communes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give each village the part of its commune that is nearer to its point than to any other of the commune.

    Parameters
    ----------
    villages : DataFrame
        ``commune_id``, ``x_m``, ``y_m`` in the CRS of `communes`; no two of a commune at one place.
    communes : GeoDataFrame
        `layers.schema.COMMUNES`, metric CRS.

    Returns
    -------
    GeoDataFrame
        With Voronoi cells (G. Voronoi 1908) clipped to the commune, which they tile; empty where the point lies so
        far outside its commune that no part of it is nearest.
    """
    shapes = communes.set_index(UNIT_ID).geometry
    cells = np.empty(len(villages), dtype=object)
    groups = villages.reset_index(drop=True).groupby(COMMUNE_ID)
    for commune, rows in groups:
        at = rows.index.to_numpy()
        found = voronoi_cells(rows[X_M].to_numpy(), rows[Y_M].to_numpy(), shapes.loc[str(commune)])
        for position, cell in zip(at, found, strict=True):
            cells[position] = cell
    return gpd.GeoDataFrame(villages.reset_index(drop=True), geometry=cells, crs=communes.crs)


def communes_as_villages(communes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return communes without a known village as their own village: the same id and name, ``hamlets`` 0."""
    inside = shapely.point_on_surface(communes.geometry.to_numpy())
    return gpd.GeoDataFrame(
        {
            UNIT_ID: communes[UNIT_ID],
            NAME: communes[NAME],
            COMMUNE_ID: communes[UNIT_ID],
            HAMLETS: np.zeros(len(communes), dtype=np.int64),
            X_M: shapely.get_x(inside),
            Y_M: shapely.get_y(inside),
            DATA_DATE: communes[DATA_DATE],
            FLAGS: pd.Series([(WHOLE_COMMUNE,)] * len(communes), index=communes.index, dtype="object"),
            GEOMETRY: communes.geometry,
        },
        crs=communes.crs,
    )


def flagged(villages: gpd.GeoDataFrame, communes: gpd.GeoDataFrame, *, coarse_above_km2: float) -> gpd.GeoDataFrame:
    """Return villages with what their catchments make doubtful: too large, or cut by an approximate boundary."""
    vague = set(communes.loc[[APPROXIMATE in flags for flags in communes[FLAGS]], UNIT_ID])
    rows = zip(villages[FLAGS], villages.area / _M2_PER_KM2, villages[COMMUNE_ID], strict=True)
    flags = [
        tuple(
            sorted({*had, *([COARSE] if km2 > coarse_above_km2 else []), *([APPROXIMATE] if commune in vague else [])})
        )
        for had, km2, commune in rows
    ]
    found = villages.copy()
    found[FLAGS] = pd.Series(flags, index=villages.index, dtype="object")
    return found
