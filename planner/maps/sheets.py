"""One A4 page per commune for those who meet without a screen: map, villages, what to do. Static, in SVG."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from planner.maps import offline, style, topology
from planner.maps.drawing import Drawing, prepare
from planner.products import Publication

ROWS: Final = 58
"""Villages that fit the page; the sheet says how many more there are."""
STEPS: Final = 6
"""Steps of the action plan that are written out; the sheet says how many more there are."""
WIDTH, HEIGHT = 1000.0, 760.0
"""Of the drawing, in its own units."""
MARGIN: Final = 0.04
"""Free border round the commune, as a share of its larger side."""
RESPONSES: Final = ("operator_request", "community_team", "rapid_response_visit", "survey")
"""What to do, in the order of the list; ``none`` asks for nothing."""
LABEL_BOX: Final = (30.0, 20.0)
"""Width and height that a number takes in the drawing."""
HATCH: Final = (
    '<defs><pattern id="unknown" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="12" height="12" fill="#f4f4f4"/><rect width="3" height="12" fill="#8a8a8a"/></pattern></defs>'
)
VILLAGE: Final = (
    "unit_id",
    "name",
    "lon",
    "lat",
    "need_class",
    "need_people",
    "response",
    "support_minutes",
    "support_status",
)
"""What a sheet says of a village."""
Rings = list[list[topology.Float]]
Row = dict[str, Any]
"""One row of a published table, with ``row`` (its position) and, for villages, ``number`` on the sheet."""


@dataclass(frozen=True, slots=True)
class Frame:
    """From degrees to the units of the drawing.

    Parameters
    ----------
    west, north : float
        Upper left corner, degrees.
    scale_x, scale_y : float
        Units per degree; they differ by the cosine of the latitude, so that the drawing is not stretched.
    """

    west: float
    north: float
    scale_x: float
    scale_y: float

    @classmethod
    def around(cls, box: npt.NDArray[Any]) -> Frame:
        """Return the frame that shows a box of west, south, east, north in full."""
        west, south, east, north = (float(v) for v in box)
        squeeze = math.cos(math.radians((south + north) / 2))
        width, height = (east - west) * squeeze, north - south
        pad = MARGIN * max(width, height)
        scale = min(WIDTH / (width + 2 * pad), HEIGHT / (height + 2 * pad))
        left = (west + east) / 2 - WIDTH / 2 / scale / squeeze
        top = (south + north) / 2 + HEIGHT / 2 / scale
        return cls(left, top, scale * squeeze, scale)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north of what is shown, degrees."""
        return self.west, self.north - HEIGHT / self.scale_y, self.west + WIDTH / self.scale_x, self.north

    def place(self, points: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Return positions in the drawing, y downwards."""
        x = (points[:, 0] - self.west) * self.scale_x
        y = (self.north - points[:, 1]) * self.scale_y
        return np.column_stack([x, y])

    def path(self, shape: Rings) -> str:
        """Return an SVG path of closed rings; one decimal is a tenth of a millimetre on paper."""
        return "".join(f"M{self._points(ring[:-1])}Z" for part in shape for ring in part)

    def line(self, points: npt.NDArray[Any]) -> str:
        """Return an SVG path of an open line."""
        return f"M{self._points(points)}"

    def _points(self, points: npt.NDArray[Any]) -> str:
        return " ".join(map(str, np.round(self.place(points), 1).ravel().tolist()))


@dataclass(frozen=True, slots=True)
class Atlas:
    """What all sheets share: shapes and the communes' borders decoded once, the positions of each commune's villages, worst first."""

    publication: Publication
    communes: list[Rings]
    borders: npt.NDArray[np.object_]
    boxes: npt.NDArray[np.float64]
    villages: list[Rings]
    rows: pd.DataFrame
    by_commune: dict[str, npt.NDArray[np.int64]]
    steps: dict[str, list[Row]]
    islands: tuple[tuple[str, float, float], ...]


def sheets(publication: Publication, *, drawing: Drawing | None = None) -> Iterator[tuple[str, str]]:
    """Yield the path below the publication and the page of each commune, in the order of the table.

    Parameters
    ----------
    publication : Publication
    drawing : Drawing, optional
        What the maps of the publication already prepared.
    """
    ready = drawing or prepare(publication)
    shapes = ready.topology
    communes = topology.decode(shapes, "communes")
    borders = np.array([shapely.MultiLineString([r for part in c for r in part]) for c in communes], dtype=object)
    atlas = Atlas(
        publication,
        communes,
        borders,
        shapely.bounds(borders),
        topology.decode(shapes, "villages"),
        publication.villages[list(VILLAGE)],
        _by_commune(publication.villages),
        _steps(publication),
        ready.islands,
    )
    for commune in _rows(publication.communes):
        if atlas.communes[commune["row"]]:
            yield f"maps/print/{commune['unit_id']}.html", _sheet(atlas, commune)


def _rows(frame: pd.DataFrame) -> list[Row]:
    """Return a table as dictionaries with ``row``, the position; missing values are None."""
    columns = {
        str(name): [None if _missing(v) else v for v in frame[name].tolist()] for name in frame if name != "geometry"
    }
    return [
        {"row": i} | dict(zip(columns, values, strict=True))
        for i, values in enumerate(zip(*columns.values(), strict=True))
    ]


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _by_commune(villages: pd.DataFrame) -> dict[str, npt.NDArray[np.int64]]:
    """Return the positions of each commune's villages, worst first, those without a rank last."""
    rank = villages["rank"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.inf)
    order = np.lexsort([villages["unit_id"].to_numpy(dtype=np.str_), rank])
    communes = villages["commune_id"].astype(str).to_numpy()[order]
    return {str(name): order[at] for name, at in pd.Series(range(len(order))).groupby(communes).indices.items()}


def _villages(atlas: Atlas, commune_id: str) -> list[Row]:
    """Return the villages of a commune, worst first, numbered; `row` is the position in the table."""
    positions = atlas.by_commune.get(commune_id, np.zeros(0, dtype=np.int64))
    own = _rows(atlas.rows.iloc[positions])
    return [
        village | {"row": int(row), "number": number}
        for number, (row, village) in enumerate(zip(positions, own, strict=True), start=1)
    ]


def _steps(publication: Publication) -> dict[str, list[Row]]:
    """Return the steps of the action plan by commune, in their order; none where a publication has no such table."""
    found: dict[str, list[Row]] = {}
    for row in _rows(publication.table("actions").sort_values("step")) if publication.has("actions") else []:
        found.setdefault(str(row["commune_id"]), []).append(row)
    return found


def _sheet(atlas: Atlas, commune: Row) -> str:
    manifest = atlas.publication.manifest
    say = style.words()[manifest.language]
    villages = _villages(atlas, str(commune["unit_id"]))
    steps = atlas.steps.get(str(commune["unit_id"]), [])
    # a step has two lines, and each takes the place of one in both columns of villages
    room = ROWS - 4 * min(len(steps), STEPS) - 2 * (len(steps) > STEPS)
    grave = style.notices(manifest.flags, manifest.language)
    warning = f'<p class="warning">⚠ {_safe(" · ".join(grave))}</p>' if grave else ""
    body = (
        f"<header><h1>{_safe(commune['name'])}</h1><p>{_safe(manifest.title)}</p></header>{warning}"
        f'<div class="top"><figure>{_map(atlas, commune, villages)}</figure>'
        f"<div>{_figures(commune, manifest.language)}{_legend(say)}{_inset(atlas)}</div></div>"
        f"<h2>{_safe(say['print.actions'])}</h2>{_plan(steps, say)}{_actions(villages, manifest.language, room=room)}"
        f"<h2>{_safe(say['print.villages'])}</h2>{_table(villages, manifest.language, room=room)}"
        f"<footer>{_safe(say['print.footer'].format(id=manifest.id, date=manifest.data_date or say['unknown']))}</footer>"
    )
    css = (files("planner.maps") / "page" / "sheet.css").read_text(encoding="utf-8")
    return offline.document(body, title=f"{commune['name']} · {manifest.title}", css=css, language=manifest.language)


def _safe(text: object) -> str:
    return html.escape(str(text))


def _people(value: Any, language: str) -> str:
    """Return a count, or that it is unknown."""
    if value is None:
        return style.words()[language]["unknown"]
    return style.number(float(value), language, digits=0)


def _map(atlas: Atlas, commune: Row, villages: list[Row]) -> str:
    own = atlas.communes[commune["row"]]
    frame = Frame.around(atlas.boxes[commune["row"]])
    inside, labels, taken = [], [], np.zeros((0, 2))
    for village in villages:
        colour = style.CLASSES.get(str(village["need_class"]), "unknown")
        fill = "url(#unknown)" if colour == "unknown" else colour
        inside.append(f'<path fill="{fill}" d="{frame.path(atlas.villages[village["row"]])}"/>')
        ((x, y),) = frame.place(np.array([[village["lon"], village["lat"]]]))
        # worst first: a number that would lie on another one stands in the table alone
        if not (np.abs(taken - (x, y)) < LABEL_BOX).all(axis=1).any():
            taken = np.vstack([taken, (x, y)])
            labels.append(f'<text x="{x:.0f}" y="{y + 8:.0f}">{village["number"]}</text>')
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{_safe(commune["name"])}">{HATCH}'
        f'<path class="around" d="{_around(atlas, frame, commune["row"])}"/><g class="inside">{"".join(inside)}</g>'
        f'<path class="border" d="{frame.path(own)}"/><g class="labels">{"".join(labels)}</g>{_scale(frame)}</svg>'
    )


def _scale(frame: Frame) -> str:
    """Return a scale bar: the longest round length that is no longer than a quarter of the drawing."""
    one_km = frame.scale_y * 1000 / topology.METRES_PER_DEGREE
    km = max((k for k in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if k * one_km <= WIDTH / 4), default=0.1)
    right, foot = WIDTH - 20, HEIGHT - 20
    left = right - km * one_km
    return (
        f'<g class="scale"><path d="M{left:.0f} {foot - 12:.0f}V{foot:.0f}H{right:.0f}V{foot - 12:.0f}"/>'
        f'<text x="{(left + right) / 2:.0f}" y="{foot - 10:.0f}">{km:g} km</text></g>'
    )


def _around(atlas: Atlas, frame: Frame, own: int) -> str:
    """Return the borders of the other communes as far as the drawing shows them."""
    west, south, east, north = frame.box
    boxes = atlas.boxes
    seen = (boxes[:, 0] < east) & (boxes[:, 2] > west) & (boxes[:, 1] < north) & (boxes[:, 3] > south)
    seen[own] = False
    clipped = shapely.get_parts(shapely.clip_by_rect(atlas.borders[seen], west, south, east, north))
    return "".join(frame.line(shapely.get_coordinates(line)) for line in clipped if not line.is_empty)


def _inset(atlas: Atlas) -> str:
    labels = "".join(f"<span>{_safe(label)}</span>" for label, _, _ in atlas.islands)
    return f'<div class="islands">{labels}</div>'


def _legend(say: dict[str, str]) -> str:
    items = []
    for code, colour in style.CLASSES.items():
        look = ' class="hatched"' if colour == "unknown" else f' style="background:{colour}"'
        items.append(f"<li><i{look}></i>{_safe(style.capital(say[f'need_class.{code}']))}</li>")
    return f'<ul class="legend">{"".join(items)}</ul>'


def _figures(commune: Row, language: str) -> str:
    say = style.words()[language]
    names = ("population_people", "eligible_people", "need_people", "no_signal_people", "unknown_people")
    rows = [(say[f"column.{n}"], _people(commune.get(n), language)) for n in ("rank", "villages", *names)]
    score = commune.get("score")
    shown = say["score.none"] if score is None else style.number(float(score), language, digits=1)
    rows.insert(0, (say["column.score"], shown))
    cells = "".join(f"<tr><th>{_safe(k)}</th><td>{_safe(v)}</td></tr>" for k, v in rows)
    return f'<table class="figures">{cells}</table>'


def _plan(steps: list[Row], say: dict[str, str]) -> str:
    """Return the steps of the action plan in this commune, two lines each at most; the reasons are sentences of the table."""
    if not steps:
        return ""
    shown = [(say["print." + str(row["action"])], row["name"], row["why"]) for row in steps[:STEPS]]
    items = [f"<li><b>{_safe(what)}: {_safe(name)}.</b> {_safe(why)}</li>" for what, name, why in shown]
    if len(steps) > STEPS:
        items.append(f"<li>{_safe(say['print.steps_more'].format(count=len(steps) - STEPS))}</li>")
    return f'<ul class="steps" aria-label="{_safe(say["print.steps"])}">{"".join(items)}</ul>'


def _actions(villages: list[Row], language: str, *, room: int = ROWS) -> str:
    """Return what to do, with the numbers of the villages it is for."""
    say = style.words()[language]
    items = []
    for response in RESPONSES:
        found = [v for v in villages if v["response"] == response]
        if not found:
            continue
        known = [v["need_people"] for v in found if v["need_people"] is not None]
        people = sum(known) if known else None
        numbers = ", ".join(str(v["number"]) for v in found if v["number"] <= room)
        numbers += ", …" if found[-1]["number"] > room else ""
        text = say["print.action"].format(villages=len(found), people=_people(people, language), numbers=numbers)
        name = style.capital(say[f"response.{response}"])
        items.append(f"<li><b>{_safe(name)}</b> {_safe(text)}</li>")
    return f"<ul class='actions'>{''.join(items) or '<li>' + _safe(say['response.none']) + '</li>'}</ul>"


def _table(villages: list[Row], language: str, *, room: int = ROWS) -> str:
    say = style.words()[language]
    heads = ("#", say["print.name"], say["print.need"], say["print.class"], say["print.minutes"])
    head = "".join(f"<th>{_safe(h)}</th>" for h in heads)
    lines = []
    for village in villages[:room]:
        minutes = village["support_minutes"]
        reach = (
            say[f"support_status.{village['support_status']}"]
            if minutes is None
            else style.number(float(minutes), language, digits=0)
        )
        cells = (
            village["number"],
            village["name"],
            _people(village["need_people"], language),
            style.capital(say[f"need_class.{village['need_class']}"]),
            reach,
        )
        lines.append("<tr>" + "".join(f"<td>{_safe(c)}</td>" for c in cells) + "</tr>")
    half = (len(lines) + 1) // 2
    tables = "".join(f"<table><tr>{head}</tr>{''.join(part)}</table>" for part in (lines[:half], lines[half:]) if part)
    rest = len(villages) - room
    more = f"<p>{_safe(say['print.more'].format(count=rest))}</p>" if rest > 0 else ""
    return f'<div class="villages">{tables}</div>{more}'
