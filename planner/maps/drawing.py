"""What every map of a publication shares: geometry once, the published tables as columns, what is said of the data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.maps import offline, packing, style, topology
from planner.products import COMMUNES, SITES, VILLAGES, Column, Kind, Publication, expand

DECIMALS: Final = {"share": 4, "minutes": 1, "points": 2, "degrees": 5, "people": 1, "whole": 0}
"""Digits that are carried, by unit."""
SHOWN: Final = {"share": 3, "minutes": 0, "points": 1, "degrees": 5, "people": 0, "whole": 0}
"""Digits that are shown: a value that would be shown otherwise after rounding is carried in full."""
SAME_AREA: Final = 0.002
"""Villages tile a commune when their area differs from its by less than this share; it is then drawn from them."""
ROAD_TOLERANCE_DEG: Final = 5e-4
"""About 50 m."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A publication made ready for drawing, so that several maps of it need not do it again.

    Parameters
    ----------
    publication : Publication
    topology : dict
        From `topology.encode`: ``communes``, ``villages``, ``roads``, ``outline``.
    content : dict
        What the page's script reads first, but for the views: borders and table of the communes, sites, places, words.
    villages : dict
        What it reads when villages are first asked for: the arcs that they add, their shapes and their table.
    islands : tuple of (str, float, float)
        Label, latitude and longitude of the archipelagos of the inset, degrees.
    """

    publication: Publication
    topology: dict[str, Any]
    content: dict[str, Any]
    villages: dict[str, Any]
    islands: tuple[tuple[str, float, float], ...]


def prepare(publication: Publication) -> Drawing:
    """Return what all maps of a publication share.

    Parameters
    ----------
    publication : Publication
        Tables in EPSG:4326.
    """
    west, south, east, north = (float(v) for v in publication.communes.total_bounds)
    shapes = _topology(publication)
    base, more = _packed(shapes)
    villages = publication.villages.drop(columns=["commune_name"], errors="ignore")
    content = {
        "bounds": [[south, west], [north, east]],
        **_about(publication),
        **_behind(publication),
        "shapes": base,
        "tables": {
            "communes": table(publication, publication.communes, COMMUNES),
            "sites": table(publication, publication.sites, SITES),
        },
        "words": {name: _of_maps(words) for name, words in style.words().items()},
    }
    below = more | {"table": table(publication, villages, VILLAGES)}
    return Drawing(publication, shapes, content, below, _islands(publication))


def _of_maps(words: dict[str, str]) -> dict[str, str]:
    """Return the words that a map needs: those of the index and of the sheets stay out of it."""
    return {key: text for key, text in words.items() if not key.startswith(("index.", "print.", "tornado"))}


def _islands(publication: Publication) -> tuple[tuple[str, float, float], ...]:
    """Return both archipelagos, where the publication places them; both stand on the map even where it places none."""
    frame = publication.context("islands")
    points = frame.geometry.representative_point()
    placed = {str(n): (float(p.y), float(p.x)) for n, p in zip(frame["name"], points, strict=True) if not p.is_empty}
    return tuple((label, *placed.get(label, (lat, lon))) for label, lat, lon in style.ISLANDS)


def _about(publication: Publication) -> dict[str, Any]:
    """Return what the page says of the publication itself."""
    manifest = publication.manifest
    names = ("layer", "title", "producer", "licence", "data_date", "synthetic")
    return {
        "id": manifest.id,
        "title": manifest.title,
        "maps": list(manifest.plan.get("publish", {}).get("maps", [])),
        "language": manifest.language,
        "now": manifest.now,
        "data_date": manifest.data_date,
        "indicators": manifest.indicators,
        "adoption": adoption(publication),
        "pillars": [p for p, weight in manifest.pillars.items() if weight > 0],
        "flags": manifest.flags,
        "warnings": manifest.warnings,
        "not_computed": manifest.not_computed,
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


def _topology(publication: Publication) -> dict[str, Any]:
    """Return the borders of communes and villages, roads and the outline, as one topology."""
    villages, communes = publication.villages, publication.communes
    detail = topology.Detail.of(villages.geometry.to_numpy())
    cells, wholes = _shapes(villages, communes, detail)
    roads, outline = publication.context("roads"), publication.context("outline")
    lines = {
        "roads": _thinned(roads.geometry.to_numpy()),
        "outline": _thinned(shapely.boundary(outline.geometry.to_numpy())),
    }
    return topology.encode({"communes": wholes, "villages": cells}, lines, step_deg=detail.step_deg)


def _packed(shapes: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what draws the communes and what is behind them, and what the villages add to it."""
    objects, arcs = shapes["objects"], shapes["arcs"]
    first = ("communes", "roads", "outline")
    used = [
        i if i >= 0 else ~i for n in first for shape in objects[n] for part in _parts(n, shape) for r in part for i in r
    ]
    split = max(used, default=-1) + 1
    base = {"step": shapes["step"], "origin": shapes["origin"], "arcs": packing.arcs(arcs[:split])}
    base |= {n: packing.shapes([_parts(n, shape) for shape in objects[n]]) for n in first}
    return base, {"arcs": packing.arcs(arcs[split:]), "shapes": packing.shapes(objects["villages"])}


def _parts(name: str, shape: Any) -> Any:
    """Return a shape as parts of rings; a line is a part with one ring."""
    return shape if name == "communes" else [[part] for part in shape]


def _behind(publication: Publication) -> dict[str, Any]:
    """Return what is drawn with the lines behind the data: the roads' classes and the names of places."""
    roads, places = publication.context("roads"), publication.context("places")
    points = places.geometry.representative_point()
    return {
        "road_class": packing.texts([str(v) for v in roads["road_class"]]) if "road_class" in roads else [],
        "places": [
            [str(n), round(p.y, 5), round(p.x, 5)]
            for n, p in zip(places["name"], points, strict=True)
            if not p.is_empty
        ],
    }


def _shapes(villages: gpd.GeoDataFrame, communes: gpd.GeoDataFrame, detail: topology.Detail) -> tuple[Any, Any]:
    """Return the villages and the communes as drawn: communes from their villages where these tile them."""
    exact, whole = villages.geometry.to_numpy(), communes.geometry.to_numpy()
    cells = topology.draw(exact, detail)
    ids = [str(v) for v in communes["unit_id"]]
    groups = villages["commune_id"].to_numpy()
    own = pd.Series(shapely.area(exact)).groupby(groups).sum().reindex(ids)
    wanted = shapely.area(whole)
    if bool((np.abs(own.to_numpy() - wanted) <= SAME_AREA * wanted).all()):
        return cells, topology.merge(cells, groups, ids)
    return cells, topology.draw(whole, detail)


def _thinned(lines: Any) -> Any:
    return shapely.simplify(lines, ROAD_TOLERANCE_DEG, preserve_topology=False)


def table(publication: Publication, frame: pd.DataFrame, columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return the published columns of a table as lists, by name; missing values are None."""
    manifest = publication.manifest
    found = expand(columns, indicators=manifest.indicators, pillars=list(manifest.pillars))
    return {c.name: _column(frame[c.name], c) for c in found if c.name in frame.columns}


def _column(values: pd.Series[Any], column: Column) -> Any:
    if column.kind in {"number", "whole"}:
        return numbers(values, column.unit if column.kind == "number" else "whole")
    return packing.texts([_text(v, column.kind) for v in values])


def numbers(values: pd.Series[Any], unit: str) -> Any:
    """Return a column of numbers as the page carries it: short, and shown with the same digits as those of the table.

    Parameters
    ----------
    values : Series of number
        Missing ones are unknown.
    unit : str
        ``people``, ``share``, ``minutes``, ``points``, ``degrees``, ``whole``; any other is carried as it is.
    """
    exact = np.asarray(values.astype("Float64").to_numpy(dtype="float64", na_value=np.nan), dtype=np.float64)
    if unit in DECIMALS:
        found = packing.column(exact, digits=DECIMALS[unit], shown=SHOWN[unit])
        if found is not None:
            return found
    return [None if np.isnan(v) else carried(float(v), unit) for v in exact]


def carried(value: float, unit: str) -> float | int:
    """Return one number as `numbers` carries it."""
    if unit not in DECIMALS:
        return value
    short = round(value, DECIMALS[unit])
    factor = 10.0 ** SHOWN[unit]
    kept = short if math.floor(short * factor + 0.5) == math.floor(value * factor + 0.5) else value
    return int(kept) if kept.is_integer() else kept


def _text(value: Any, kind: Kind) -> Any:
    if kind == "list":
        return tuple(str(v) for v in value) if value is not None else ()
    return None if value is None or pd.isna(value) else str(value)
