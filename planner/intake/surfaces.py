"""Rasters of heights, land cover and friction."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd

from layers import lattice, surfaces
from layers.catalog import Layer
from planner.intake.base import Intake


def load(intake: Intake, communes: gpd.GeoDataFrame) -> None:
    """Load the rasters of the plan onto the cells on which ways are searched."""
    layers, inputs = intake.plan.layers, intake.inputs
    named = (layers.dem, layers.landcover, layers.friction)
    if all(section is None for section in named):
        return
    cells = lattice.over(communes, cell_m=intake.plan.travel.cell_m)
    if (dem := layers.dem) is not None:
        inputs.dem = _take(
            intake,
            "dem",
            lambda: surfaces.load_dem(intake.record("dem", dem), source_crs=dem.crs, lattice=cells),
        )
    if (cover := layers.landcover) is not None:
        inputs.landcover = _take(
            intake,
            "landcover",
            lambda: surfaces.load_landcover(intake.record("landcover", cover), source_crs=cover.crs, lattice=cells),
        )
    if (friction := layers.friction) is not None:
        inputs.friction = _take(
            intake,
            "friction",
            lambda: surfaces.load_friction(
                intake.record("friction", friction), source_crs=friction.crs, lattice=cells, unit=friction.unit
            ),
        )


def _take(intake: Intake, name: str, read: Callable[[], surfaces.Surface]) -> surfaces.Surface | None:
    """Load one raster as `Intake.take` loads a table."""
    found: list[surfaces.Surface] = []

    def layer() -> Layer:
        found.append(read())
        return found[0].layer

    return found[0] if intake.take(name, layer) is not None else None
