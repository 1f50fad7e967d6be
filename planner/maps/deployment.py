"""The map of the deployment: teams that stand, teams that are proposed, and which village each of them serves."""

from __future__ import annotations

from typing import Any, Final

import folium
import pandas as pd

from planner.maps import packing, style
from planner.maps.board import View, draw
from planner.maps.drawing import Drawing, carried, prepare
from planner.maps.rasters import rasters
from planner.maps.style import Scale
from planner.products import Publication

SERVED: Final = (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)
"""Bounds of the classes of need served in a commune."""
SERVICE: Final = {"existing": "#56b4e9", "new": "#009e73", "none": "#d55e00", "unknown": "unknown"}
"""Served by a team of today, by a proposed one, by nobody within reach; in the colours of Okabe and Ito (2008)."""


def deployment(publication: Publication, *, drawing: Drawing | None = None) -> folium.Map:
    """Return the map of the deployment.

    Parameters
    ----------
    publication : Publication
    drawing : Drawing, optional
        What other maps of the same publication already prepared.

    Returns
    -------
    folium.Map
    """
    villages, communes = publication.villages, publication.communes
    views = [
        View("need", {"villages": style.people_scale(villages), "communes": style.people_scale(communes)}),
        *_served(communes),
        View("service", {"villages": Scale("service", categories=SERVICE)}),
        View("assigned", {"villages": style.minutes_scale(villages, "assigned_minutes")}),
    ]
    more: dict[str, Any] = {"teams_first": True, "lines": True} | _curve(publication) | _scenarios(publication)
    more |= rasters(publication, "support_minutes", "planned_minutes")
    return draw(
        drawing or prepare(publication),
        name="deployment",
        views=views,
        columns={"service": packing.texts(_service(publication))},
        more=more,
    )


def _served(communes: pd.DataFrame) -> list[View]:
    """Return the view of how much need a team serves in each commune, where the publication says it."""
    if "served_share" not in communes or communes["served_share"].isna().all():
        return []
    return [View("served", {"communes": style.share_scale("served_share", SERVED)})]


def _curve(publication: Publication) -> dict[str, Any]:
    """Return what teams bring, by column; nothing where a publication has fewer than two points of it."""
    if not publication.has("curve"):
        return {}
    frame = publication.curve.sort_values("teams_added", kind="stable")
    lines = ("people_reached", "bound", "greedy_people")
    frame = frame.dropna(subset=["teams_added", *lines])
    if len(frame) < 2:
        return {}
    bends = [int(count) for count, knee in zip(frame["teams_added"], frame["knee"], strict=True) if knee == "yes"]
    found: dict[str, Any] = {name: [carried(float(v), "people") for v in frame[name]] for name in lines}
    return {
        "curve": {"teams_added": [int(v) for v in frame["teams_added"]], **found, "knee": bends[0] if bends else None}
    }


def _scenarios(publication: Publication) -> dict[str, Any]:
    """Return the plan and its scenarios, row by row; nothing where a publication compares none."""
    if not publication.has("scenarios"):
        return {}
    frame = publication.table("scenarios").sort_values("number").astype(object)
    return {"scenarios": frame.where(frame.notna(), None).to_dict("records")}


def _service(publication: Publication) -> list[Any]:
    """Return who serves each village: a team of today, a proposed one, none within reach; None where need is unknown."""
    sites = publication.sites
    # a team that gets more people stands there today
    served = sites["status"].replace({"upgraded": "existing"})
    status = dict(zip(sites["site_id"], served, strict=True))
    villages = publication.villages
    return [
        status.get(site) if isinstance(site, str) else (None if pd.isna(need) else "none")
        for site, need in zip(villages["assigned_site_id"], villages["need_people"], strict=True)
    ]
