"""The page that every map shares: geometry and tables once, a panel with words, and the views a map adds."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from branca.element import Element, Figure

from planner.maps import offline, style, topology
from planner.products import COMMUNES, SITES, VILLAGES, Column, Kind, Publication, expand

SCRIPTS: Final = ("words.js", "tables.js", "legend.js", "ground.js", "selection.js", "panel.js", "board.js")
"""Our own scripts below ``planner/maps/page``, in the order in which they need each other."""
DECIMALS: Final = {"share": 6, "minutes": 3, "points": 4, "degrees": 5, "people": 3}
"""Finer than anything shown, so that a number on the map rounds like the number in the table."""
SAME_AREA: Final = 0.002
"""Villages tile a commune when their area differs from its by less than this share; the commune is then drawn from them."""
ROAD_TOLERANCE_DEG: Final = 5e-4
"""About 50 m."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How the units of one level are coloured in one view.

    Parameters
    ----------
    column : str
        Published column whose value is shown.
    unit : str
        ``people``, ``share``, ``minutes``, ``points``; empty for categories.
    bounds : list of float
        Ascending, one more than there are classes; class i holds values from bounds[i] up to, not including, bounds[i + 1], the last
        one its end too. Empty for categories.
    colours : list of str
        One per class.
    categories : dict of str to str
        Value and colour, in the order of the legend; empty for classes.
    special : dict of str to str
        Answers of `special_column` that are no number, and their colours.
    special_column : str
    """

    column: str
    unit: str = ""
    bounds: list[float] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)
    categories: dict[str, str] = field(default_factory=dict)
    special: dict[str, str] = field(default_factory=dict)
    special_column: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the fields that are not empty."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at the same areas.

    Parameters
    ----------
    name : str
        In links and as the key of its words (``view.<name>``).
    levels : dict of str to Scale
        By ``communes`` and ``villages``; a view may know one of them only.
    """

    name: str
    levels: dict[str, Scale]


class Verbatim(Element):
    """Text that goes into the page as it is. Every other branca element is a Jinja template, and a name is not."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Verbatim"
        self.text = text

    def render(self, **_kwargs: Any) -> str:
        """Return the text."""
        return self.text


class Board(Element):
    """The page around a folium map: markup, style, data as JSON, and our script.

    Parameters
    ----------
    content : dict
        What the script reads; nothing of it is put into the page as markup.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__()
        self._name = "Board"
        folder = files("planner.maps") / "page"
        self.css = (folder / "board.css").read_text(encoding="utf-8")
        self.code = "\n".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS)
        self.markup = (folder / "board.html").read_text(encoding="utf-8").replace("ISLANDS", _islands())
        self.json = offline.data(content)

    def render(self, **_kwargs: Any) -> str:
        """Put style, markup, data and script into the page, each as it is: branca would read ``{{`` as a template."""
        figure, parent = self.get_root(), self._parent
        if not isinstance(figure, Figure) or parent is None:
            message = "a board belongs to a folium map"
            raise TypeError(message)
        data = f'<script type="application/json" id="planner-data">{self.json}</script>'
        start = f"{self.code}\nstartBoard({parent.get_name()});"
        figure.header.add_child(Verbatim(f"<style>{self.css}</style>"), name="board_style")
        figure.html.add_child(Verbatim(f"{self.markup}\n{data}"), name="board_markup")
        figure.script.add_child(Verbatim(start), name="board_script")
        return ""


def draw(publication: Publication, *, name: str, views: Sequence[View]) -> folium.Map:
    """Return a map of a publication with these views; the first one is shown first.

    Parameters
    ----------
    publication : Publication
    name : str
        Of the map, for example ``need``.
    views : sequence of View

    Returns
    -------
    folium.Map
        EPSG:3857 on the screen, positions in EPSG:4326, no tiles; `offline.page` makes it a file.
    """
    manifest = publication.manifest
    west, south, east, north = (float(v) for v in publication.communes.total_bounds)
    board = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=8,
        tiles=None,
        zoom_control="topright",
        min_zoom=5,
        max_zoom=16,
        minZoom=5,
        maxZoom=16,
        zoomSnap=0.25,
        preferCanvas=True,
        attributionControl=False,
    )
    vars(board.get_root())["title"] = html.escape(manifest.title)
    content = {
        "map": name,
        "views": [{"name": v.name, "levels": {k: s.as_dict() for k, s in v.levels.items()}} for v in views],
        "bounds": [[south, west], [north, east]],
        **_about(publication),
        **_areas(publication),
        "words": style.words(),
    }
    Board(content).add_to(board)
    return board


def _about(publication: Publication) -> dict[str, Any]:
    """Return what the page says of the publication itself."""
    manifest = publication.manifest
    names = ("layer", "title", "producer", "licence", "data_date", "synthetic")
    return {
        "id": manifest.id,
        "title": manifest.title,
        "language": manifest.language,
        "now": manifest.now,
        "data_date": manifest.data_date,
        "indicators": manifest.indicators,
        "adoption": adoption(publication),
        "pillars": [p for p, weight in manifest.pillars.items() if weight > 0],
        "flags": manifest.flags,
        "warnings": manifest.warnings,
        "sources": [{n: getattr(entry, n) for n in names} for entry in manifest.inputs],
        "solver": manifest.solver.model_dump() if manifest.solver else None,
        "licences": offline.licences(),
    }


def adoption(publication: Publication) -> str | None:
    """Return the indicator that need is counted by, None where a publication has none."""
    manifest = publication.manifest
    named = manifest.plan.get("needs", {}).get("adoption")
    if named in manifest.indicators:
        return str(named)
    return manifest.indicators[0] if manifest.indicators else None


def _areas(publication: Publication) -> dict[str, Any]:
    """Return geometry and tables of the communes, villages and sites, and what is drawn behind them."""
    villages, communes = publication.villages, publication.communes
    cells, wholes = _shapes(villages, communes)
    roads, outline = publication.context("roads"), publication.context("outline")
    lines = {
        "roads": _thinned(roads.geometry.to_numpy()),
        "outline": _thinned(shapely.boundary(outline.geometry.to_numpy())),
    }
    places = publication.context("places")
    points = places.geometry.representative_point()
    return {
        "topology": topology.encode({"communes": wholes, "villages": cells}, lines),
        "tables": {
            "communes": _table(publication, communes, COMMUNES),
            "villages": _table(publication, villages.drop(columns=["commune_name"], errors="ignore"), VILLAGES),
            "sites": _table(publication, publication.sites, SITES),
        },
        "road_class": [str(v) for v in roads["road_class"]] if "road_class" in roads else [],
        "places": [
            [str(n), round(p.y, 5), round(p.x, 5)]
            for n, p in zip(places["name"], points, strict=True)
            if not p.is_empty
        ],
    }


def _shapes(villages: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> tuple[Any, Any]:
    """Return the villages and the communes as drawn: communes from their villages where these tile them."""
    exact = villages.geometry.to_numpy()
    cells = topology.simplify(topology.cover(exact), tolerance_m=topology.tolerance_for(exact))
    ids = [str(v) for v in communes["unit_id"]]
    groups = villages["commune_id"].to_numpy()
    own = pd.Series(shapely.area(exact)).groupby(groups).sum().reindex(ids)
    wanted = shapely.area(communes.geometry.to_numpy())
    if bool((np.abs(own.to_numpy() - wanted) <= SAME_AREA * wanted).all()):
        return cells, topology.merge(cells, groups, ids)
    whole = communes.geometry.to_numpy()
    return cells, topology.simplify(topology.cover(whole), tolerance_m=topology.tolerance_for(whole))


def _thinned(lines: Any) -> Any:
    return shapely.simplify(lines, ROAD_TOLERANCE_DEG, preserve_topology=False)


def _table(publication: Publication, frame: pd.DataFrame, columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return the published columns of a table as lists, by name; missing values are None."""
    manifest = publication.manifest
    found = expand(columns, indicators=manifest.indicators, pillars=list(manifest.pillars))
    return {c.name: _column(frame[c.name], c) for c in found if c.name in frame.columns}


def _column(values: pd.Series[Any], column: Column) -> Any:
    if column.kind == "number":
        digits = DECIMALS.get(column.unit, 6)
        return [None if pd.isna(v) else _short(round(float(v), digits)) for v in values]
    if column.kind == "whole":
        return [None if pd.isna(v) else int(v) for v in values]
    return _dictionary([_text(v, column.kind) for v in values])


def _short(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def _text(value: Any, kind: Kind) -> Any:
    if kind == "list":
        return tuple(str(v) for v in value) if value is not None else ()
    return None if value is None or pd.isna(value) else str(value)


def _dictionary(values: list[Any]) -> Any:
    """Return repeated texts once, with their positions; texts that hardly repeat stay as they are."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) * 2 > len(values):
        return values
    position = {value: i for i, value in enumerate(distinct)}
    return {"values": distinct, "codes": [position[v] for v in values]}


def _islands() -> str:
    """Return the inset of the two archipelagos: degrees at one scale, labels exactly as the law writes them."""
    west, north, pixels = 108.5, 18.5, 12.0
    return "".join(
        f'<span class="isle" style="left:{(lon - west) * pixels:.0f}px;top:{(north - lat) * pixels:.0f}px">'
        f'<i aria-hidden="true"></i>{html.escape(label)}</span>'
        for label, lat, lon in style.ISLANDS
    )
