"""The page that every map shares: a folium map, a panel with words, and the views a map adds."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

import folium
from branca.element import Element, Figure

from planner.maps import offline
from planner.maps.drawing import Drawing
from planner.maps.style import Scale

SCRIPTS: Final = (
    "words.js",
    "tables.js",
    "shapes.js",
    "legend.js",
    "marks.js",
    "rasters.js",
    "ground.js",
    "selection.js",
    "panel.js",
    "curve.js",
    "claims.js",
    "scenarios.js",
    "controls.js",
    "board.js",
)
"""Our own scripts below ``planner/maps/page``, in the order in which they need each other."""
_INSET_WEST, _INSET_NORTH, _INSET_PIXELS = 108.5, 18.0, 12.0
"""North-west corner of the inset of the archipelagos, degrees, and its pixels per degree."""
ZOOMS: Final[dict[str, Any]] = {"minZoom": 5, "maxZoom": 16, "zoomSnap": 0.25}
"""Leaflet's own names: folium hands ``max_zoom`` to the tiles, and there are none."""


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at the same areas.

    Parameters
    ----------
    name : str
        In links (``#layer=<name>``).
    levels : dict of str to Scale
        By ``communes`` and ``villages``; a view may know one of them only.
    key : str
        Of its words (``view.<key>``, ``legend.<key>``); the name when empty.
    values : dict of str to str or tuple of str
        What the words leave open: a text as it is, or (column, code) for a code in words.
    """

    name: str
    levels: dict[str, Scale]
    key: str = ""
    values: dict[str, str | tuple[str, str]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return what the page's script reads."""
        levels = {level: scale.as_dict() for level, scale in self.levels.items()}
        return {"name": self.name, "key": self.key or self.name, "values": self.values, "levels": levels}


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
    content, villages : dict
        What the script reads first, and when villages are asked for; nothing of it is put into the page as markup.
    islands : sequence of (str, float, float)
        Label, latitude and longitude for the inset.
    """

    def __init__(
        self, content: dict[str, Any], villages: dict[str, Any], *, islands: Sequence[tuple[str, float, float]]
    ) -> None:
        super().__init__()
        self._name = "Board"
        folder = files("planner.maps") / "page"
        self.css = (folder / "board.css").read_text(encoding="utf-8")
        self.code = "\n".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS)
        self.markup = (folder / "board.html").read_text(encoding="utf-8").replace("ISLANDS", _inset(islands))
        self.data = {"planner-data": offline.data(content), "planner-villages": offline.data(villages)}

    def render(self, **_kwargs: Any) -> str:
        """Put style, markup, data and script into the page, each as it is: branca would read ``{{`` as a template."""
        figure, parent = self.get_root(), self._parent
        if not isinstance(figure, Figure) or parent is None:
            message = "a board belongs to a folium map"
            raise TypeError(message)
        data = "\n".join(f'<script type="application/json" id="{i}">{d}</script>' for i, d in self.data.items())
        start = f"{self.code}\nstartBoard({parent.get_name()});"
        figure.header.add_child(Verbatim(f"<style>{self.css}</style>"), name="board_style")
        figure.html.add_child(Verbatim(f"{self.markup}\n{data}"), name="board_markup")
        figure.script.add_child(Verbatim(start), name="board_script")
        return ""


def draw(
    drawing: Drawing,
    *,
    name: str,
    views: Sequence[View],
    columns: Mapping[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
) -> folium.Map:
    """Return a map of a publication with these views; the first one is shown first.

    Parameters
    ----------
    drawing : Drawing
    name : str
        Of the map, for example ``need``.
    views : sequence of View
    columns : mapping, optional
        Columns that this map adds to the villages, as `drawing.numbers` or `packing.texts` gives them.
    more : mapping, optional
        What else the page's script reads.

    Returns
    -------
    folium.Map
        EPSG:3857 on the screen, positions in EPSG:4326, no tiles; `offline.page` makes it a file.
    """
    (south, west), (north, east) = drawing.content["bounds"]
    made = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=8,
        tiles=None,
        zoom_control="topright",
        prefer_canvas=True,
        attributionControl=False,
        **ZOOMS,
    )
    vars(made.get_root())["title"] = html.escape(drawing.content["title"])
    villages = drawing.villages | {"table": drawing.villages["table"] | dict(columns or {})}
    content = {"map": name, "views": [v.as_dict() for v in views], **drawing.content, **(more or {})}
    Board(content, villages, islands=drawing.islands).add_to(made)
    return made


def _inset(islands: Sequence[tuple[str, float, float]]) -> str:
    """Return the inset of the two archipelagos: degrees at one scale, labels exactly as the law writes them."""
    return "".join(
        f'<span class="isle" style="left:{(lon - _INSET_WEST) * _INSET_PIXELS:.0f}px;'
        f'top:{(_INSET_NORTH - lat) * _INSET_PIXELS:.0f}px"><i aria-hidden="true"></i>{html.escape(label)}</span>'
        for label, lat, lon in islands
    )
