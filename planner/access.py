"""How people move in one plan: by a matrix it brings, over its roads and land, or in straight lines where it has neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from layers import ground, slopes, travel
from layers.matrix import Matrix
from layers.surfaces import Surface
from planner.errors import PlanError
from planner.sections import Travel
from planner.sections.travel import OFFROAD

Float = npt.NDArray[np.float64]

GIVEN: Final = "given_minutes"
"""Flag: minutes from a matrix that the plan brings."""
WET: Final = "wet_season"
"""Flag: minutes of the wet season."""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Minutes that the plan brings.

    Parameters
    ----------
    matrix : Matrix
    empty_is_unknown : bool
        What a pair without minutes says: nothing is known, or there is no way.
    """

    matrix: Matrix
    empty_is_unknown: bool

    def between(self, unit_ids: npt.ArrayLike, site_ids: npt.ArrayLike) -> sparse.csr_array:
        """Return the minutes of pairs, shape (units, sites); villages and sites that it does not hold have no entries."""
        rows = pd.Index(self.matrix.unit_ids).get_indexer(pd.Index(np.asarray(unit_ids, dtype=np.str_)))
        columns = pd.Index(self.matrix.site_ids).get_indexer(pd.Index(np.asarray(site_ids, dtype=np.str_)))
        found = self.matrix.minutes[np.maximum(rows, 0)][:, np.maximum(columns, 0)].tocoo()
        known = (rows[found.row] >= 0) & (columns[found.col] >= 0)
        entries = (found.data[known], (found.row[known], found.col[known]))
        kept = sparse.coo_array(entries, shape=found.shape).tocsr()
        kept.sort_indices()
        return kept

    def nearest(self, unit_ids: npt.ArrayLike, site_ids: npt.ArrayLike) -> Float:
        """Return the minutes to the nearest site; inf where there is no way to any, NaN where nothing is known."""
        found = self.between(unit_ids, site_ids)
        least = np.full(found.shape[0], np.inf)
        np.minimum.at(least, np.repeat(np.arange(found.shape[0]), np.diff(found.indptr)), found.data)
        here = np.isin(np.asarray(unit_ids, dtype=np.str_), self.matrix.unit_ids)
        there = np.isin(np.asarray(site_ids, dtype=np.str_), self.matrix.site_ids)
        says_all = here & bool(there.all()) & (not self.empty_is_unknown or not there.size)
        return np.where(np.isinf(least) & ~says_all, np.nan, least)


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Minutes between points of one plan.

    Parameters
    ----------
    settings : Travel
    grid : CostGrid, optional
        None: straight lines.
    detailed : bool
        The grid knows more than roads and one speed elsewhere.
    given : Given, optional
        Minutes between villages and sites that the plan brings; they come before all else.
    """

    settings: Travel
    grid: ground.CostGrid | None
    detailed: bool = False
    given: Given | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """How minutes between villages and sites were found, as flags on every row that has them."""
        return (GIVEN,) if self.given is not None else self.own_flags

    @property
    def own_flags(self) -> tuple[str, ...]:
        """How minutes between any two points were found: the matrix of the plan, if it has one, does not hold them."""
        if self.grid is None:
            return (travel.STRAIGHT_LINE,)
        wet = (WET,) if self.settings.season == "wet" else ()
        return wet if self.detailed else (travel.ROADS_ONLY, *wet)

    def matrix(self, start: pd.DataFrame, end: pd.DataFrame, *, cutoff_minutes: float) -> sparse.csr_array:
        """Return the minutes from each village of `start` to each site of `end`, entries within the cutoff."""
        if self.given is None:
            return self.between(start, end, cutoff_minutes=cutoff_minutes)
        found = self.given.between(start["unit_id"], end["site_id"]).tocoo()
        near = found.data <= cutoff_minutes
        entries = (found.data[near], (found.row[near], found.col[near]))
        kept = sparse.coo_array(entries, shape=found.shape).tocsr()
        kept.sort_indices()
        return kept

    def known_sites(self, sites: pd.DataFrame) -> pd.DataFrame:
        """Return the candidate sites to which minutes are known: all, or those with a column in the plan's matrix.

        Raises
        ------
        PlanError
            When no candidate has one.
        """
        if self.given is None:
            return sites
        kept = sites[sites["site_id"].isin(self.given.matrix.site_ids.tolist())].reset_index(drop=True)
        if kept.empty and len(sites):
            message = (
                "layers.minutes: no candidate site has a column; a village's site is called site-<unit_id>, "
                f"for example {sites['site_id'].iloc[0]}"
            )
            raise PlanError(message)
        return kept

    def between(self, start: pd.DataFrame, end: pd.DataFrame, *, cutoff_minutes: float) -> sparse.csr_array:
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

    def nearest(self, start: pd.DataFrame, end: pd.DataFrame) -> Float:
        """Return the minutes from each village to the nearest site of `end`; inf without a way, NaN where unknown."""
        if self.given is not None:
            return self.given.nearest(start["unit_id"], end["site_id"])
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
        reasons = None if fixed is None else self._reasons(villages, fixed)
        return travel.support(
            list(villages["unit_id"]),
            minutes,
            cutoff_minutes=self.settings.cutoff_minutes,
            flags=self.flags,
            reasons=reasons,
        )

    def _reasons(self, villages: pd.DataFrame, fixed: pd.DataFrame) -> npt.NDArray[np.object_]:
        """Return why there could be no way to a team, village by village."""
        count = len(villages)
        if fixed.empty:
            return np.full(count, "no_team_stands", dtype=object)
        if self.given is not None:
            listed = np.isin(villages["unit_id"].to_numpy(dtype=np.str_), self.given.matrix.unit_ids)
            return np.where(listed, "no_entry", "not_in_matrix").astype(object)
        x_m, y_m = (villages[name].to_numpy(dtype=np.float64) for name in ("x_m", "y_m"))
        placed = np.isfinite(x_m) & np.isfinite(y_m)
        if self.grid is None:
            return np.where(placed, "outside_the_grid", "no_position").astype(object)
        inside = self.grid.cells(x_m, y_m) >= 0
        closed = self.grid.hold(x_m, y_m)
        choices = [~placed, ~inside, closed]
        return np.select(choices, ["no_position", "outside_the_grid", "in_a_closed_cell"], "cut_off").astype(object)

    @staticmethod
    def _points(start: pd.DataFrame, end: pd.DataFrame) -> dict[str, Any]:
        return {
            "from_x_m": start["x_m"].to_numpy(),
            "from_y_m": start["y_m"].to_numpy(),
            "to_x_m": end["x_m"].to_numpy(),
            "to_y_m": end["y_m"].to_numpy(),
        }


def speeds(settings: Travel) -> ground.Speeds:
    """Return how fast people are in the mode and season of a plan.

    On foot every road has ``walking_kmh``. In the wet season each speed is multiplied by its ``wet_share``; a class of
    land cover that has none takes that of open country.
    """
    wheels = settings.mode == "motorbike"
    roads = {name: kmh if wheels else settings.walking_kmh for name, kmh in settings.speeds_kmh.items()}
    cover = {int(number): kmh for number, kmh in settings.landcover_kmh.items()}
    offroad = settings.offroad_kmh
    if settings.season == "wet":
        left = settings.wet_share
        roads = {name: kmh * left[name] for name, kmh in roads.items()}
        cover = {number: kmh * left.get(str(number), left[OFFROAD]) for number, kmh in cover.items()}
        offroad *= left[OFFROAD]
    return ground.Speeds(
        roads_kmh=roads,
        offroad_kmh=offroad,
        landcover_kmh=cover,
        on_roads="wheels" if wheels else "foot",
        on_foot=slopes.of_table(settings.walking_slope) if settings.walking_slope else slopes.on_foot(),
        on_wheels=slopes.of_table(settings.motorbike_slope or slopes.MOTORBIKE),
        season=settings.season,
    )


def ways(
    settings: Travel,
    *,
    communes: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame | None,
    barriers: gpd.GeoDataFrame | None,
    landcover: Surface | None = None,
    dem: Surface | None = None,
    friction: Surface | None = None,
    given: Given | None = None,
) -> Ways:
    """Return how people move: over a cost grid where the plan has roads, land cover or friction, else in straight lines.

    Parameters
    ----------
    settings : Travel
    communes : GeoDataFrame
        Metric CRS.
    roads, barriers : GeoDataFrame, optional
        Same CRS.
    landcover, dem, friction : Surface, optional
        On the cells of `layers.lattice.over` of the communes.
    given : Given, optional
    """
    if friction is not None:
        found = ground.friction_grid(
            communes, friction, cell_m=settings.cell_m, barriers=barriers, season=settings.season
        )
        return Ways(settings, found, detailed=True, given=given)
    if roads is None and landcover is None:
        return Ways(settings, None, given=given)
    grid = ground.cost_grid(
        communes,
        roads,
        cell_m=settings.cell_m,
        speeds=speeds(settings),
        barriers=barriers,
        landcover=landcover,
        dem=dem,
    )
    return Ways(settings, grid, detailed=landcover is not None or dem is not None, given=given)
