"""Pictures for reports: a PNG of each map by commune, and the curve of what more teams bring. The same bytes each time."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, MaxNLocator

from planner.maps import style, topology
from planner.maps.coverage import SHARES
from planner.maps.drawing import Drawing, prepare
from planner.maps.style import Scale
from planner.products import Publication

SIZE_INCHES: Final = (8.0, 6.0)
DOTS_PER_INCH: Final = 160
UNKNOWN: Final = "#f4f4f4"
TORNADO_BARS: Final = 12
INK, SOFT = "#1b1b1b", "#55595e"
SITE_MARKS: Final[dict[str, tuple[str, str, str]]] = {
    "existing": ("o", "#11306b", "#ffffff"),
    "closed": ("X", "#ffffff", "#11306b"),
    "moved": ("o", "#ffffff", "#11306b"),
    "upgraded": ("P", "#11306b", "#f0e442"),
    "new": ("D", "#f0e442", "#000000"),
}
"""Marker, face and edge of sites by status, in the order in which they are drawn: what the plan changes lies on top."""
SOURCE_LINES: Final = 4
"""Lines that a picture has room for below; the page of the publication names every source."""
_LOOK: Final[Any] = {"font.family": "DejaVu Sans", "font.size": 9, "hatch.linewidth": 0.6}
"""The font is the one that comes with matplotlib: it has every letter of Vietnamese and is there on every machine."""


def pictures(
    publication: Publication, names: Sequence[str], *, drawing: Drawing | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield the path below the publication and the PNG of each picture, in the publication's language.

    Parameters
    ----------
    publication : Publication
    names : sequence of str
        Of the maps to draw: ``need``, ``coverage``, ``deployment``.
    drawing : Drawing, optional
        What the maps of the publication already prepared.
    """
    ready = drawing or prepare(publication)
    communes = publication.communes
    scales = {
        "need": ("view.score", style.points_scale(communes)),
        "coverage": ("view.coverage", style.share_scale("covered_share", SHARES)),
        "deployment": ("view.need", style.people_scale(communes)),
    }
    for name in names:
        title, scale = scales[name]
        with _look():
            picture = _png(_map(ready, title, scale, sites=name == "deployment"), publication)
        yield f"pictures/{name}.png", picture
    if publication.has("curve") and len(publication.curve) > 1:
        with _look():
            picture = _png(_curve(publication), publication)
        yield "pictures/curve.png", picture
    if (publication.path / "sensitivity.parquet").is_file():
        with _look():
            picture = _png(_tornado(publication), publication)
        yield "pictures/tornado.png", picture


@contextmanager
def _look() -> Iterator[None]:
    """Draw with our own settings, whatever those of the machine are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_LOOK)
        yield


def _png(figure: Figure, publication: Publication) -> bytes:
    """Return a figure as PNG with its sources below, and nothing in it that depends on the day or the machine."""
    manifest = publication.manifest
    say = style.words()[manifest.language]
    sources = list(dict.fromkeys(entry.producer for entry in manifest.inputs if entry.producer))
    grave = style.notices(manifest.flags, manifest.language)
    lines = [f"⚠ {' · '.join(grave)}"] if grave else []
    lines.append(say["print.footer"].format(id=manifest.id, date=manifest.data_date or say["unknown"]))
    named = textwrap.wrap(f"{say['sources']}: {'; '.join(sources)}", 150)
    lines += named if len(named) <= SOURCE_LINES else [*named[: SOURCE_LINES - 1], "… index.html"]
    text = "\n".join(_short(line) for line in lines)
    figure.text(0.02, 0.015, text, fontsize=6.5, color=SOFT, va="bottom", linespacing=1.4)
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return target.getvalue()


def _short(line: str) -> str:
    """Return a line that fits the picture; a dollar sign is no formula."""
    shown = line if len(line) <= 160 else f"{line[:159]}…"
    return shown.replace("$", r"\$")


def _figure(title: str, publication: Publication) -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE_INCHES)
    FigureCanvasAgg(figure)
    figure.text(0.02, 0.965, style.capital(title), fontsize=13, fontweight="bold", color=INK, va="top")
    figure.text(0.02, 0.92, _short(publication.manifest.title)[:110], fontsize=8, color=SOFT, va="top")
    return figure, figure.add_axes((0.02, 0.11, 0.66, 0.78))


def _map(drawing: Drawing, title: str, scale: Scale, *, sites: bool) -> Figure:
    publication = drawing.publication
    language = publication.manifest.language
    say = style.words()[language]
    figure, axes = _figure(say[title], publication)
    shapes = topology.decode(drawing.topology, "communes")
    values = publication.communes[scale.column].astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    classes = np.digitize(values, scale.bounds[1:-1])
    for code, colour in [*enumerate(scale.colours), (-1, UNKNOWN)]:
        chosen = np.isnan(values) if code < 0 else (classes == code) & ~np.isnan(values)
        paths = [_path(shapes[row]) for row in np.flatnonzero(chosen) if shapes[row]]
        hatch = "////" if code < 0 else None
        edge = "#8a8a8a" if code < 0 else "#5a5a5a"
        axes.add_collection(PathCollection(paths, facecolor=colour, edgecolor=edge, linewidth=0.4, hatch=hatch))
    axes.add_collection(LineCollection(_lines(drawing, "outline"), colors=INK, linewidths=1.2))
    if sites:
        _sites(axes, publication)
    _frame(axes, drawing)
    _legend(figure, scale, sites=set(publication.sites["status"]) if sites else None, language=language)
    _islands(figure, drawing)
    return figure


def _path(shape: list[list[topology.Float]]) -> Path:
    return Path.make_compound_path(*[Path(ring, closed=True) for part in shape for ring in part])


def _lines(drawing: Drawing, name: str) -> list[topology.Float]:
    shapes = {
        **drawing.topology,
        "objects": {name: [[[part] for part in s] for s in drawing.topology["objects"][name]]},
    }
    return [ring for shape in topology.decode(shapes, name) for part in shape for ring in part]


def _sites(axes: Axes, publication: Publication) -> None:
    frame = publication.sites.dropna(subset=["lat", "lon"])
    for status, (marker, face, edge) in SITE_MARKS.items():
        rows = frame[frame["status"] == status]
        axes.scatter(rows["lon"], rows["lat"], s=16, marker=marker, c=face, edgecolors=edge, linewidths=0.7, zorder=3)


def _frame(axes: Axes, drawing: Drawing) -> None:
    """Show the province undistorted, with a bar of length."""
    (south, west), (north, east) = drawing.content["bounds"]
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1 / squeeze)
    axes.set_axis_off()
    km_per_degree = topology.METRES_PER_DEGREE / 1000 * squeeze
    length = max((k for k in (1, 2, 5, 10, 20, 50, 100, 200) if k / km_per_degree <= (east - west) / 4), default=1)
    axes.plot([west, west + length / km_per_degree], [south, south], color=INK, linewidth=2, solid_capstyle="butt")
    axes.annotate(f"{length} km", (west, south), xytext=(0, 4), textcoords="offset points", fontsize=7, color=INK)


def _legend(figure: Figure, scale: Scale, *, sites: set[str] | None, language: str) -> None:
    say = style.words()[language]
    entries = [
        Patch(facecolor=colour, edgecolor="#666666", linewidth=0.5, label=label)
        for colour, label in zip(scale.colours, ranges(scale, language), strict=True)
    ]
    entries.append(
        Patch(facecolor=UNKNOWN, edgecolor="#8a8a8a", hatch="////", linewidth=0.5, label=say["unknown.class"])
    )
    unit = "%" if scale.unit == "share" else say[f"unit.{scale.unit}"]
    figure.legend(
        handles=entries,
        loc="upper left",
        bbox_to_anchor=(0.7, 0.88),
        frameon=False,
        fontsize=8.5,
        title=style.capital(unit),
        alignment="left",
    )
    if sites is not None:
        known = {"existing", "new", *sites}
        marks = [_mark(*look, say[f"site.{status}"]) for status, look in SITE_MARKS.items() if status in known]
        figure.legend(handles=marks, loc="upper left", bbox_to_anchor=(0.7, 0.56), frameon=False, fontsize=8.5)


def _mark(marker: str, face: str, edge: str, label: str) -> Line2D:
    return Line2D(
        [], [], linestyle="", marker=marker, markersize=5, markerfacecolor=face, markeredgecolor=edge, label=label
    )


def ranges(scale: Scale, language: str) -> list[str]:
    """Return the bounds of each class of a scale in words, as the legend of a map writes them."""
    if scale.unit == "people":
        whole = [int(np.ceil(b)) for b in scale.bounds]
        ends = [*(b - 1 for b in whole[1:-1]), int(np.floor(scale.bounds[-1]))]
        pairs = zip(whole[:-1], ends, strict=True)
        return [_range(a, b, language, digits=0) if a < b else style.number(a, language, digits=0) for a, b in pairs]
    factor = 100 if scale.unit == "share" else 1
    bounds = [b * factor for b in scale.bounds]
    return [_range(a, b, language, digits=1) for a, b in pairwise(bounds)]


def _range(low: float, high: float, language: str, *, digits: int) -> str:
    return f"{style.number(low, language, digits=digits)} – {style.number(high, language, digits=digits)}"


def _islands(figure: Figure, drawing: Drawing) -> None:
    """Both archipelagos, in an inset of their own."""
    axes = figure.add_axes((0.74, 0.13, 0.22, 0.27))
    axes.set_facecolor("#dbeafa")
    for label, lat, lon in drawing.islands:
        axes.plot([lon], [lat], marker="o", markersize=3, color="#10243d")
        axes.annotate(
            label.replace(" (", "\n("),
            (lon, lat),
            xytext=(0, -6),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=6,
            color="#10243d",
        )
    axes.set_xlim(107.5, 118.5)
    axes.set_ylim(6.0, 18.5)
    axes.set_xticks([])
    axes.set_yticks([])


def _curve(publication: Publication) -> Figure:
    language = publication.manifest.language
    say = style.words()[language]
    figure, axes = _figure(say["curve"], publication)
    axes.set_position((0.13, 0.2, 0.82, 0.64))
    frame = publication.curve.sort_values("teams_added", kind="stable")
    lines: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("bound", "curve.bound", {"color": SOFT, "linestyle": "--", "linewidth": 1.2}),
        ("greedy_people", "curve.greedy", {"color": "#c45100", "linestyle": ":", "linewidth": 1.4}),
        ("people_reached", "curve.reached", {"color": "#0b5394", "linewidth": 2.0, "marker": "o", "markersize": 4}),
    )
    for column, key, look in lines:
        axes.plot(frame["teams_added"], frame[column].astype("float64"), label=say[key], **look)
    for count in frame.loc[frame["knee"] == "yes", "teams_added"]:
        axes.axvline(count, color=SOFT, linestyle=(0, (2, 3)), linewidth=1)
        axes.annotate(
            say["curve.here"],
            (count, 0.02),
            xycoords=("data", "axes fraction"),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=8,
        )
    axes.set_ylim(bottom=0)
    axes.set_xlabel(say["curve.teams_added"])
    axes.set_ylabel(say["curve.people"])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.number(value, language, digits=0)))
    axes.grid(axis="y", color="#e3e6ea")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    return figure


def _tornado(publication: Publication) -> Figure:
    """Return how far each choice of method moves ranks when it alone is changed, the largest on top."""
    language = publication.manifest.language
    say = style.words()[language]
    figure, axes = _figure(say["tornado"], publication)
    axes.set_position((0.33, 0.2, 0.62, 0.64))
    frame = publication.table("sensitivity").dropna(subset=["alone_low", "alone_high"])
    frame = frame.sort_values("alone_high", kind="stable").tail(TORNADO_BARS)
    rows = np.arange(len(frame))
    low, high = (frame[c].astype("float64").to_numpy() for c in ("alone_low", "alone_high"))
    axes.barh(rows, high, color="#bdc9e1", height=0.55)
    axes.barh(rows, high - low, left=low, color="#0b5394", height=0.55)
    axes.set_yticks(rows, [_short(factor(str(name), say)) for name in frame["factor"]])
    for row, end in zip(rows, high, strict=True):
        label = style.number(float(end), language, digits=1)
        axes.annotate(label, (end, row), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_xlim(left=0)
    axes.set_xlabel(say["tornado.axis"])
    digits = 0 if len(high) and high.max() >= 5 else 1
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: style.number(value, language, digits=digits)))
    axes.grid(axis="x", color="#e3e6ea")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def factor(name: str, say: dict[str, str]) -> str:
    """Return a choice of method in words; one without words is its own name."""
    pillar = name.removeprefix("weight_")
    if pillar != name:
        return say["tornado.weight"].format(pillar=say.get(f"pillar.{pillar}", pillar))
    return say.get(f"tornado.{name}", name)
