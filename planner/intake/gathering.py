"""Every layer of a plan in the order in which they need each other."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd

from layers import catalog
from planner.config import PlanFile
from planner.intake import (
    adoption,
    attributes,
    barriers,
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
        With `issues`; the caller stops when there are `faults`.
    """
    intake = Intake(file, seed=seed, now=now)
    regions.load(intake)
    inputs = intake.inputs
    if inputs.communes is not None:
        communes = inputs.communes.frame
        regions.former_communes(intake, communes)
        surfaces.load(intake, communes)
        settlements.load(intake, communes)
        if inputs.villages is not None:
            settlements.eligible(intake)
            signals(intake, communes, inputs.villages.frame)
    return inputs


def islands() -> gpd.GeoDataFrame:
    """Return the centres of Hoàng Sa and Trường Sa with their labels, EPSG:4326; every map shows them."""
    return gpd.read_file(catalog.boundaries_folder() / "islands.geojson")
