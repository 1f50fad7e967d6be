"""How people move in one plan: over its roads, or in straight lines where it has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from layers import travel
from planner.sections import Travel


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Minutes between points of one plan.

    Parameters
    ----------
    settings : Travel
    grid : CostGrid, optional
        None: straight lines.
    """

    settings: Travel
    grid: travel.CostGrid | None

    @property
    def flag(self) -> str:
        """How minutes were found, as a flag on every row that has them."""
        return travel.STRAIGHT_LINE if self.grid is None else travel.ROADS_ONLY

    def matrix(self, start: pd.DataFrame, end: pd.DataFrame, *, cutoff_minutes: float) -> sparse.csr_array:
        """Return the minutes from each row of `start` to each row of `end` (``x_m``, ``y_m``), entries within the cutoff."""
        points = self._points(start, end)
        if self.grid is not None:
            return travel.grid_minutes(self.grid, **points, cutoff_minutes=cutoff_minutes)
        return travel.straight_minutes(
            **points,
            kmh=self.settings.straight_line_kmh,
            detour_factor=self.settings.detour_factor,
            cutoff_minutes=cutoff_minutes,
        )

    def nearest(self, start: pd.DataFrame, end: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Return the minutes from each row of `start` to the nearest of `end`; inf without a way, NaN where unknown."""
        points = self._points(start, end)
        if self.grid is not None:
            return travel.nearest_minutes(self.grid, **points)
        return travel.nearest_straight_minutes(
            **points, kmh=self.settings.straight_line_kmh, detour_factor=self.settings.detour_factor
        )

    def support(self, villages: pd.DataFrame, teams: pd.DataFrame | None) -> pd.DataFrame:
        """Say how far the nearest fixed team that stands today is from each village; see `layers.travel.support`."""
        fixed = None if teams is None else teams[teams["team_type"] == "community"]
        minutes = None if fixed is None else self.nearest(villages, fixed)
        return travel.support(
            list(villages["unit_id"]), minutes, cutoff_minutes=self.settings.cutoff_minutes, flag=self.flag
        )

    @staticmethod
    def _points(start: pd.DataFrame, end: pd.DataFrame) -> dict[str, Any]:
        return {
            "from_x_m": start["x_m"].to_numpy(),
            "from_y_m": start["y_m"].to_numpy(),
            "to_x_m": end["x_m"].to_numpy(),
            "to_y_m": end["y_m"].to_numpy(),
        }


def ways(
    settings: Travel,
    *,
    communes: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame | None,
    barriers: gpd.GeoDataFrame | None,
) -> Ways:
    """Return how people move: a cost grid where the plan has roads, straight lines where it has none.

    Parameters
    ----------
    settings : Travel
    communes : GeoDataFrame
        Metric CRS.
    roads, barriers : GeoDataFrame, optional
        Same CRS.
    """
    if roads is None:
        return Ways(settings, None)
    grid = travel.cost_grid(
        communes,
        roads,
        cell_m=settings.cell_m,
        speeds_kmh=settings.speeds_kmh,
        offroad_kmh=settings.offroad_kmh,
        barriers=barriers,
    )
    return Ways(settings, grid)
