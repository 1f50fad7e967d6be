"""Every layer of a plan in the order in which they need each other."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd

from layers import catalog
from planner.config import PlanFile
from planner.intake import (
    adoption,
    alone,
    attributes,
    barriers,
    comparisons,
    coverage,
    feedback,
    minutes,
    regions,
    settlements,
    surfaces,
    teams,
)
from planner.intake.base import Intake
from planner.intake.inputs import Inputs


def signals(intake: Intake, communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> None:
    """Load coverage, adoption, attributes, teams, sites, barriers and reports: what is known about the villages."""
    layers = intake.plan.layers
    for name, one in sorted(layers.coverage.items()):
        coverage.load(intake, f"coverage.{name}", one, communes, villages)
    for name, two in sorted(layers.adoption.items()):
        adoption.load(intake, name, two, communes, villages)
    for name, three in sorted(layers.attributes.items()):
        attributes.load(intake, name, three, communes, villages)
    teams.load(intake, villages)
    barriers.load(intake, villages)
    minutes.load(intake, villages)
    feedback.load(intake, villages)


def apart(intake: Intake) -> None:
    """Load what needs no communes or villages where they are missing, and look at the other layers by themselves."""
    layers, inputs, nowhere = intake.plan.layers, intake.inputs, gpd.GeoDataFrame()
    communes = nowhere if inputs.communes is None else inputs.communes.frame
    for name, one in sorted(layers.coverage.items()):
        if one.path is not None and (one.kind == "polygons" or inputs.communes is not None):
            coverage.load(intake, f"coverage.{name}", one, communes, nowhere)
    for name, two in sorted(layers.adoption.items()):
        if two.level == "province" or (two.level == "commune" and inputs.communes is not None):
            adoption.load(intake, name, two, communes, nowhere)
    for name, three in sorted(layers.attributes.items()):
        if three.level == "commune" and inputs.communes is not None:
            attributes.load(intake, name, three, communes, nowhere)
    if layers.barriers is not None and layers.barriers.path is not None:
        barriers.load(intake, nowhere)
    alone.look(intake, without=[name for name in ("communes", "villages") if getattr(inputs, name) is None])


def gather(file: PlanFile, *, seed: int, now: dt.datetime) -> Inputs:
    """Load every layer of a plan and keep every fault.

    Parameters
    ----------
    file : PlanFile
    seed : int
        Of the generator; the plan's own unless the command line gave another.
    now : datetime
        UTC; decides what is stale.

    Returns
    -------
    Inputs
        With `issues`; the caller stops when there are `faults`. Where communes or villages could not be read, the
        layers that need them are looked at by themselves, and what they were not compared with is told.
    """
    intake = Intake(file, seed=seed, now=now)
    regions.load(intake)
    inputs = intake.inputs
    if inputs.communes is not None:
        communes = inputs.communes.frame
        regions.former_communes(intake, communes)
        surfaces.load(intake, communes)
        settlements.raster_of(intake, communes)
        settlements.load(intake, communes)
        settlements.compare_raster(intake)
        if inputs.villages is not None:
            settlements.eligible(intake, communes)
            signals(intake, communes, inputs.villages.frame)
            comparisons.tell(intake)
    if inputs.communes is None or inputs.villages is None:
        apart(intake)
    return inputs


def islands() -> gpd.GeoDataFrame:
    """Return the centres of Hoàng Sa and Trường Sa with their labels, EPSG:4326; every map shows them."""
    return gpd.read_file(catalog.boundaries_folder() / "islands.geojson")
