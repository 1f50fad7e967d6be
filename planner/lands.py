"""What people of a plan, or of one of its provinces, move over; the ways are built where they are needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import pandas as pd

from layers.matrix import Matrix
from layers.schema import PROVINCE_ID, UNIT_ID
from layers.surfaces import Surface
from planner import access
from planner.access import Ways
from planner.errors import PlanError
from planner.sections import Travel
from planner.sections.minutes import MinutesSection


def provinces(communes: gpd.GeoDataFrame) -> list[str]:
    """Return the ids of the provinces of a plan, sorted; one empty id where the communes name none."""
    return sorted(communes[PROVINCE_ID].unique())


def inside(rows: pd.DataFrame, communes: gpd.GeoDataFrame, province: str, *, by: str) -> pd.Series[bool]:
    """Return which rows lie in a province: `by` names their column of commune ids."""
    return rows[by].isin(set(communes.loc[communes[PROVINCE_ID] == province, UNIT_ID]))


@dataclass(frozen=True, eq=False)
class Land:
    """Communes, roads, barriers, terrain and given minutes.

    Parameters
    ----------
    settings : Travel
    section : MinutesSection, optional
        Of the matrix that the plan brings.
    communes : GeoDataFrame
        Metric CRS.
    roads, barriers : GeoDataFrame, optional
        Same CRS.
    terrain : mapping
        Rasters of what it takes to cross a cell; those that the plan has.
    given : Matrix, optional
        Minutes that the plan brings.
    """

    settings: Travel
    section: MinutesSection | None
    communes: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame | None
    barriers: gpd.GeoDataFrame | None
    terrain: Mapping[str, Surface | None]
    given: Matrix | None

    @cached_property
    def ways(self) -> Ways:
        """How people move here."""
        given = None
        if self.given is not None and self.section is not None:
            given = access.Given(self.given, empty_is_unknown=self.section.empty == "unknown")
        return access.ways(
            self.settings,
            communes=self.communes,
            roads=self.roads,
            barriers=self.barriers,
            given=given,
            **self.terrain,
        )

    def of(self, province: str) -> Land:
        """Return the land of one province: its communes, and what of roads and barriers touches their box.

        Raises
        ------
        PlanError
            When the plan has rasters of the terrain, which lie on the cells of all its communes together.
        """
        named = sorted(name for name, surface in self.terrain.items() if surface is not None)
        if named:
            message = (
                f"layers.{named[0]}: a plan of several provinces (communes have a province_id) takes no raster of the "
                "terrain; give each province a plan of its own, or leave the raster out"
            )
            raise PlanError(message)
        communes = self.communes[self.communes[PROVINCE_ID] == province]
        west, south, east, north = communes.total_bounds
        near: dict[str, Any] = {
            name: None if layer is None else layer.cx[west:east, south:north].reset_index(drop=True)
            for name, layer in (("roads", self.roads), ("barriers", self.barriers))
        }
        return replace(self, communes=communes.reset_index(drop=True), **near)
