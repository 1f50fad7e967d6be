"""The map of need: who is underserved, why, and how many people that is; communes first, then their villages."""

from __future__ import annotations

from typing import Final

import folium
import pandas as pd

from planner.maps import style
from planner.maps.board import Scale, View, adoption, draw
from planner.products import Publication

MINUTES: Final = (0.0, 10.0, 20.0, 30.0, 60.0)
"""Lower bounds of the classes of travel minutes."""
SHARES: Final = (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)
"""Bounds of the classes of coverage of a commune."""
COVERAGE: Final = {"not_covered": "#045a8d", "partial": "#74a9cf", "covered": "#f1eef6", "unknown": "unknown"}
NO_PEOPLE: Final = "#ffffff"
"""Nobody in need: a class of its own, never the colour of unknown."""


def need(publication: Publication) -> folium.Map:
    """Return the map of need.

    Parameters
    ----------
    publication : Publication
        Only its tables, context and manifest are read; nothing is computed but classes of colour.

    Returns
    -------
    folium.Map
    """
    frames = {"communes": publication.communes, "villages": publication.villages}
    views = [
        View("score", {k: _points(f) for k, f in frames.items()}),
        View("need", {k: _people(f) for k, f in frames.items()}),
        View("class", {"villages": Scale("need_class", categories=style.CLASSES)}),
        View("coverage", {"communes": _coverage(), "villages": Scale("coverage_status", categories=COVERAGE)}),
        View("access", {"villages": _minutes(publication.villages)}),
    ]
    indicator = adoption(publication)
    if indicator is not None:
        column = f"{indicator}_rate"
        known = {k: f for k, f in frames.items() if column in f}
        views.insert(4, View("adoption", {k: _rate(f, column) for k, f in known.items()}))
    return draw(publication, name="need", views=views)


def _points(frame: pd.DataFrame) -> Scale:
    bounds = style.quantile_bounds(frame["score"].astype("float64"))
    return Scale("score", unit="points", bounds=bounds, colours=style.shades("need", len(bounds) - 1))


def _people(frame: pd.DataFrame) -> Scale:
    """Nobody first, then classes of about as many units each."""
    people = frame["need_people"].astype("Float64").astype("float64")
    above = style.quantile_bounds(people[people > 0], decimals=0)
    bounds = [0.0, 1.0, *[b for b in above if b > 1]]
    colours = [NO_PEOPLE, *style.shades("people", len(bounds) - 2)]
    return Scale("need_people", unit="people", bounds=bounds, colours=colours)


def _coverage() -> Scale:
    colours = style.shades("lack", len(SHARES) - 1)
    return Scale("covered_share", unit="share", bounds=list(SHARES), colours=colours)


def _rate(frame: pd.DataFrame, column: str) -> Scale:
    bounds = style.quantile_bounds(frame[column].astype("float64"), decimals=3)
    return Scale(column, unit="share", bounds=bounds, colours=style.shades("need", len(bounds) - 1)[::-1])


def _minutes(frame: pd.DataFrame) -> Scale:
    largest = frame["support_minutes"].max()
    top = 120.0 if pd.isna(largest) else max(120.0, float(largest))
    bounds = [*MINUTES, top]
    return Scale(
        "support_minutes",
        unit="minutes",
        bounds=bounds,
        colours=style.shades("minutes", len(bounds) - 1),
        special=style.SPECIAL,
        special_column="support_status",
    )
