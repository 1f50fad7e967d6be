"""The map of need: who is underserved, why, and how many people that is; communes first, then their villages."""

from __future__ import annotations

from typing import Any, Final

import folium

from planner.maps import packing, style
from planner.maps.board import View, draw
from planner.maps.drawing import Drawing, adoption, prepare
from planner.maps.style import Scale
from planner.products import Publication

SHARES: Final = (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)
"""Bounds of the classes of coverage of a commune."""
CERTAIN_FROM: Final = 0.7
"""A village that is of its class in a smaller share of the draws is hatched."""
UNCERTAIN: Final = "class_uncertain"
"""Column that this map adds where a publication has draws: 1 where the class is uncertain, else 0."""


def need(publication: Publication, *, drawing: Drawing | None = None) -> folium.Map:
    """Return the map of need.

    Parameters
    ----------
    publication : Publication
        Only its tables, context and manifest are read; nothing is computed but classes of colour.
    drawing : Drawing, optional
        What other maps of the same publication already prepared.

    Returns
    -------
    folium.Map
    """
    frames = {"communes": publication.communes, "villages": publication.villages}
    status = Scale("coverage_status", categories=style.COVERAGE)
    uncertain = _uncertain(publication)
    classes = Scale("need_class", categories=style.CLASSES, uncertain=UNCERTAIN if uncertain else "")
    communes = (
        {"communes": Scale("need_class", categories=style.CLASSES)} if "need_class" in publication.communes else {}
    )
    views = [
        View("score", {level: style.points_scale(f) for level, f in frames.items()}),
        View("need", {level: style.people_scale(f) for level, f in frames.items()}),
        View("class", communes | {"villages": classes}),
        View("coverage", {"communes": style.share_scale("covered_share", SHARES), "villages": status}),
        View("access", {"villages": style.minutes_scale(publication.villages, "support_minutes")}),
    ]
    indicator = adoption(publication)
    if indicator is not None:
        column = f"{indicator}_rate"
        levels = {level: style.rate_scale(f, column) for level, f in frames.items() if column in f}
        views.insert(4, View("adoption", levels, values={"indicator": ("indicator", indicator)}))
    more = {"certain_from": CERTAIN_FROM} if uncertain else {}
    return draw(drawing or prepare(publication), name="need", views=views, columns=uncertain, more=more)


def _uncertain(publication: Publication) -> dict[str, Any]:
    """Return the column of uncertain classes; nothing where a publication has no draws."""
    villages = publication.villages
    if "need_class_probability" not in villages or villages["need_class_probability"].isna().all():
        return {}
    # unknown compares as False: the unknown is hatched in its own way
    return {UNCERTAIN: packing.texts([int(v) for v in villages["need_class_probability"] < CERTAIN_FROM])}
