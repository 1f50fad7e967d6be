"""What it takes to cross each cell of a region: roads, open country or land cover, slope, barriers, season."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from affine import Affine
from rasterio.features import rasterize
from scipy.ndimage import maximum_filter

from layers import crossings, schema, slopes
from layers.crs import require_same
from layers.errors import Issue, LayerError
from layers.kernels.minutes import Ground, Relief
from layers.lattice import MARGIN_CELLS, Lattice, over
from layers.surfaces import Surface

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

ON_FOOT: Final = 0
ON_WHEELS: Final = 1
"""Rows of `Relief.slower`: how people move in a cell."""
_PER_M: Final = 0.06
"""Minutes per metre at 1 km/h."""


@dataclass(frozen=True, slots=True)
class Speeds:
    """How fast people are on the flat, km/h, in one mode and season.

    Parameters
    ----------
    roads_kmh : mapping of str to float
        By road class; 0: no road in this season, what lies beside it counts.
    offroad_kmh : float
        Where there is no road and nothing is known of the land cover, above 0.
    landcover_kmh : mapping of int to float
        By class of land cover, off the roads; 0: nobody passes.
    on_roads : {"foot", "wheels"}
        How people move on roads; off them they walk.
    on_foot, on_wheels : ndarray of float64
        What slope does, see `layers.slopes`.
    season : {"dry", "wet"}
        Which barriers stand.
    """

    roads_kmh: Mapping[str, float]
    offroad_kmh: float
    landcover_kmh: Mapping[int, float] = field(default_factory=dict)
    on_roads: Literal["foot", "wheels"] = "wheels"
    on_foot: Float = field(default_factory=slopes.on_foot)
    on_wheels: Float = field(default_factory=lambda: slopes.of_table(slopes.MOTORBIKE))
    season: Literal["dry", "wet"] = "dry"


@dataclass(frozen=True, slots=True, eq=False)
class CostGrid:
    """Cells, and what it takes to cross them.

    Parameters
    ----------
    lattice : Lattice
    ground : layers.kernels.minutes.Ground
        Of the lattice's shape. Pace inf: nobody passes; NaN: outside the region, nothing is known.
    """

    lattice: Lattice
    ground: Ground

    @property
    def cell_minutes(self) -> npt.NDArray[Any]:
        """Minutes from side to side of each cell on the flat."""
        return self.ground.pace * np.float32(self.lattice.cell_m)

    def cells(self, x_m: npt.ArrayLike, y_m: npt.ArrayLike) -> Int:
        """Return the numbers (row x columns + column) of the cells in which points lie.

        Parameters
        ----------
        x_m, y_m : array_like of float, shape (n,)
            Metres in the lattice's CRS.

        Returns
        -------
        ndarray of int64, shape (n,)
            -1 where a point lies outside the region, nothing is known of its cell or it has no position.
        """
        number = self.lattice.numbers(x_m, y_m)
        known = ~np.isnan(self.ground.pace.ravel()[np.maximum(number, 0)])
        return np.where((number >= 0) & known, number, -1)

    def hold(self, x_m: npt.ArrayLike, y_m: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Return which points lie in a cell that lets nobody pass."""
        number = self.cells(x_m, y_m)
        return np.asarray((number >= 0) & np.isinf(self.ground.pace.ravel()[np.maximum(number, 0)]), dtype=np.bool_)


def cost_grid(
    area: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame | None,
    *,
    cell_m: float,
    speeds: Speeds,
    barriers: gpd.GeoDataFrame | None = None,
    landcover: Surface | None = None,
    dem: Surface | None = None,
) -> CostGrid:
    """Return what it takes to cross each cell of a region.

    Every cell that a road touches has the speed of its fastest road, or of its land cover where that is faster; every
    other cell that of its land cover, or of open country. Cells more than three away from every commune are outside.

    Parameters
    ----------
    area : GeoDataFrame
        Communes, metric CRS.
    roads : GeoDataFrame, optional
        `layers.schema.ROADS`, same CRS.
    cell_m : float
        Side of a cell, metres.
    speeds : Speeds
    barriers : GeoDataFrame, optional
        `layers.schema.BARRIERS`, same CRS; those of another season do not count. See `layers.crossings`.
    landcover, dem : Surface, optional
        On `layers.lattice.over` of the same region and cell.

    Raises
    ------
    LayerError
        When a road class or a class of land cover has no speed, the CRS differ or are not metric, or the grid would be
        too large.
    ValueError
        When a length or speed is not above 0, or the region is empty.
    """
    if not all(0 < v < np.inf for v in (cell_m, speeds.offroad_kmh)) or not _are_speeds(speeds):
        message = "a cost grid needs lengths and speeds above 0"
        raise ValueError(message)
    lattice = over(area, cell_m=cell_m)
    country = _country_kmh(lattice, landcover, speeds)
    road = np.zeros(lattice.shape)
    passable = None
    if roads is not None:
        require_same(area, roads, name="roads")
        _require_speeds(roads, speeds.roads_kmh)
        passable = roads[roads[schema.ROAD_CLASS].map(speeds.roads_kmh) > 0]
        _burn_roads(passable, road, lattice.transform, speeds.roads_kmh)
    with np.errstate(divide="ignore"):
        pace = (_PER_M / np.maximum(road, country)).astype(np.float32)
    pace[~_near(area, lattice)] = np.nan
    relief = None if dem is None else _relief(dem, road > 0, speeds)
    closed = _closed(area, lattice, barriers, passable, season=speeds.season)
    return CostGrid(lattice, Ground(pace, lattice.cell_m, lattice.cell_m, relief, closed))


def friction_grid(
    area: gpd.GeoDataFrame,
    friction: Surface,
    *,
    cell_m: float,
    barriers: gpd.GeoDataFrame | None = None,
    season: Literal["dry", "wet"] = "dry",
) -> CostGrid:
    """Return what it takes to cross each cell of a region by a ready friction raster.

    Parameters
    ----------
    area : GeoDataFrame
        Communes, metric CRS.
    friction : Surface
        Minutes per metre, on `layers.lattice.over` of the same region and cell; NaN: nothing is known.
    cell_m : float
        Side of a cell, metres.
    barriers : GeoDataFrame, optional
        `layers.schema.BARRIERS`, same CRS. No road is known, so none is a bridge.
    season : {"dry", "wet"}
        Which barriers stand; the raster is what it is.
    """
    lattice = over(area, cell_m=cell_m)
    pace = friction.cells.copy()
    pace[~_near(area, lattice)] = np.nan
    closed = _closed(area, lattice, barriers, None, season=season)
    return CostGrid(lattice, Ground(pace, lattice.cell_m, lattice.cell_m, None, closed))


def _are_speeds(speeds: Speeds) -> bool:
    return all(0 <= v < np.inf for v in (*speeds.roads_kmh.values(), *speeds.landcover_kmh.values()))


def _require_speeds(roads: gpd.GeoDataFrame, speeds_kmh: Mapping[str, float]) -> None:
    found = sorted(set(roads[schema.ROAD_CLASS].astype(str)) - speeds_kmh.keys())
    known = ", ".join(sorted(speeds_kmh)) or "none"
    if found:
        raise LayerError([_no_speed("roads", "speeds_kmh", c, "every road class needs a speed", known) for c in found])


def _no_speed(layer: str, column: str, value: str, rule: str, known: str) -> Issue:
    done = f"Add {value} = <km/h> to travel.{column} (there are: {known})."
    return Issue(layer, "[travel]", rule, column=column, value=value, done=done, code="road_class")


def _country_kmh(lattice: Lattice, landcover: Surface | None, speeds: Speeds) -> Float:
    """Return the speed off the roads in each cell."""
    if landcover is None:
        return np.full(lattice.shape, float(speeds.offroad_kmh))
    known = ~np.isnan(landcover.cells)
    classes = np.where(known, landcover.cells, 0).astype(np.int64)
    missing = sorted(set(np.unique(classes[known]).tolist()) - speeds.landcover_kmh.keys())
    if missing:
        there = ", ".join(str(c) for c in sorted(speeds.landcover_kmh)) or "none"
        rule = "every class of land cover needs a speed; 0 = nobody passes"
        raise LayerError([_no_speed("landcover", "landcover_kmh", str(c), rule, there) for c in missing])
    by_class = np.full(int(classes.max()) + 1, float(speeds.offroad_kmh))
    for number, kmh in speeds.landcover_kmh.items():
        if number < by_class.size:
            by_class[number] = kmh
    return np.where(known, by_class[classes], float(speeds.offroad_kmh))


def _burn_roads(roads: gpd.GeoDataFrame, kmh: Float, transform: Affine, speeds_kmh: Mapping[str, float]) -> None:
    """Write the speed of its fastest road into every cell that a road touches."""
    for road_class, speed in sorted(speeds_kmh.items(), key=lambda item: (item[1], item[0])):
        _burn(list(roads.geometry[roads[schema.ROAD_CLASS] == road_class]), kmh, transform, speed)


def _burn(geometries: Sequence[Any], grid: npt.NDArray[Any], transform: Affine, value: float) -> None:
    """Write `value` into every cell that a geometry touches."""
    if len(geometries):
        rasterize(geometries, out=grid, transform=transform, default_value=value, all_touched=True)


def _near(area: gpd.GeoDataFrame, lattice: Lattice) -> npt.NDArray[np.bool_]:
    """Return the cells that communes touch, and three more round them."""
    inside = np.zeros(lattice.shape, dtype=np.uint8)
    _burn(list(area.geometry), inside, lattice.transform, 1)
    return np.asarray(maximum_filter(inside, size=2 * MARGIN_CELLS + 1, mode="constant"), dtype=np.bool_)


def _relief(dem: Surface, on_road: npt.NDArray[np.bool_], speeds: Speeds) -> Relief:
    wheels = ON_WHEELS if speeds.on_roads == "wheels" else ON_FOOT
    response = np.where(on_road, wheels, ON_FOOT).astype(np.uint8)
    return Relief(dem.cells, response, np.stack([speeds.on_foot, speeds.on_wheels]))


def _closed(
    area: gpd.GeoDataFrame,
    lattice: Lattice,
    barriers: gpd.GeoDataFrame | None,
    roads: gpd.GeoDataFrame | None,
    *,
    season: str,
) -> crossings.Bits | None:
    """Return the steps that the barriers of a season close."""
    if barriers is None:
        return None
    require_same(area, barriers, name="barriers")
    standing = barriers[barriers[schema.SEASON].isin(("all", season))]
    return crossings.closed_steps(lattice, standing, roads)
