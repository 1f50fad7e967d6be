"""What varies inside the villages, as classes on the cells of web maps: minutes to the nearest team, and signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import mercator, travel
from layers.coverage_rasters import STEPS_DB
from planner.lands import Land, provinces
from planner.maps import style
from planner.products import RasterClass, RasterEntry
from planner.sections.coverage import CoverageSection

FOLDER: Final = "rasters"
"""Of the pictures, in a publication."""
ANSWERS: Final = ("beyond_cutoff", "unreachable")
"""Classes of minutes that are no number; the last ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Pictured:
    """A picture and what is to be said of it."""

    entry: RasterEntry
    placed: mercator.Placed

    def png(self) -> bytes:
        """Return the file that `entry.path` names."""
        return mercator.png(self.placed, [c.colour for c in self.entry.classes])


def support(land: Land, teams: pd.DataFrame | None) -> Pictured | None:
    """Return the minutes from every cell to the nearest fixed team that stands today, as `products.VILLAGES` has them.

    Parameters
    ----------
    land : Land
    teams : DataFrame, optional
        `layers.schema.TEAMS`.

    Returns
    -------
    Pictured or None
        None where there is no surface: no fixed team stands, minutes are straight lines or from a matrix of the plan,
        or the plan has several provinces, each with its own teams.
    """
    return None if teams is None else _minutes(land, teams, kind="support_minutes")


def planned(land: Land, sites: pd.DataFrame) -> Pictured | None:
    """Return the minutes from every cell to the nearest fixed team of the plan; None where `support` is.

    Parameters
    ----------
    land : Land
    sites : DataFrame
        Every site that stands or is chosen; those at which no team is left do not count.
    """
    return _minutes(land, sites[sites["teams"] > 0], kind="planned_minutes")


def _minutes(
    land: Land, places: pd.DataFrame, *, kind: Literal["support_minutes", "planned_minutes"]
) -> Pictured | None:
    fixed = places[places["team_type"] == "community"]
    if fixed.empty or land.given is not None or len(provinces(land.communes)) > 1:
        return None
    grid = land.ways.grid
    if grid is None:
        return None
    minutes = travel.surface_minutes(grid, to_x_m=fixed["x_m"].to_numpy(), to_y_m=fixed["y_m"].to_numpy())
    bounds = minutes_bounds(land.settings.cutoff_minutes)
    lattice = grid.lattice
    placed = mercator.place(
        minutes_codes(minutes, bounds), transform=lattice.transform, crs=lattice.crs, area=land.communes
    )
    entry = RasterEntry(
        name=kind,
        kind=kind,
        path=f"{FOLDER}/{kind}.png",
        unit="minutes",
        bounds=placed.bounds_deg,
        classes=_minutes_classes(bounds),
        flags=list(land.ways.flags),
    )
    return Pictured(entry, placed)


def minutes_bounds(cutoff_minutes: float) -> list[float]:
    """Return the bounds of the classes of minutes, ascending from 0 to the cutoff."""
    return [*(b for b in style.MINUTES if b < cutoff_minutes), float(cutoff_minutes)]


def minutes_codes(minutes: npt.NDArray[np.float64], bounds: Sequence[float]) -> mercator.Codes:
    """Return classes from 1; the longest of exactly the cutoff belongs to the last class of minutes.

    Parameters
    ----------
    minutes : ndarray of float64
        inf: no way; NaN: unknown.
    bounds : sequence of float
        `minutes_bounds`.
    """
    count = len(bounds) - 1
    within = np.minimum(np.searchsorted(bounds, minutes, side="right"), count)
    found = np.where(minutes > bounds[-1], count + 1, within)
    found = np.where(np.isinf(minutes), count + 2, found)
    return np.where(np.isnan(minutes), mercator.NOTHING, found).astype(np.uint8)


def _minutes_classes(bounds: Sequence[float]) -> list[RasterClass]:
    colours = style.shades("minutes", len(bounds) - 1)
    found = [
        RasterClass(colour=colour, low=low, high=high)
        for colour, low, high in zip(colours, bounds[:-1], bounds[1:], strict=True)
    ]
    return [*found, *(RasterClass(colour=style.SPECIAL[code], code=code) for code in ANSWERS)]


def signals(pictures: Mapping[str, mercator.Placed], sections: Mapping[str, CoverageSection]) -> list[Pictured]:
    """Return the coverage rasters of a plan, in the order of their names.

    Parameters
    ----------
    pictures : mapping
        Name of a layer to what `layers.coverage_rasters.picture` made of its file.
    sections : mapping
        Of the same layers, and others.
    """
    return [_signal(name, sections[name], pictures[name], number=i + 1) for i, name in enumerate(sorted(pictures))]


def _signal(name: str, section: CoverageSection, placed: mercator.Placed, *, number: int) -> Pictured:
    entry = RasterEntry(
        name=f"signal-{name}",
        kind="signal",
        path=f"{FOLDER}/signal-{number}.png",
        unit="" if section.threshold_dbm is None else "dbm",
        bounds=placed.bounds_deg,
        classes=_signal_classes(section.threshold_dbm),
        operator=str(section.operator),
        technology=section.technology,
        evidence=section.evidence,
        data_date=None if section.date is None else section.date.isoformat(),
    )
    return Pictured(entry, placed)


def _signal_classes(threshold_dbm: float | None) -> list[RasterClass]:
    if threshold_dbm is None:
        return [RasterClass(colour=style.COVERAGE[code], code=code) for code in ("not_covered", "covered")]
    steps = [None, *(threshold_dbm + step for step in STEPS_DB), None]
    colours = style.shades("lack", len(steps) - 1)
    return [
        RasterClass(colour=colour, low=low, high=high)
        for colour, low, high in zip(colours, steps[:-1], steps[1:], strict=True)
    ]
