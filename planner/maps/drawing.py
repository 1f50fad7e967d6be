"""What every map of a publication shares: geometry once, the published tables as columns, what is said of the data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.maps import offline, style, topology
from planner.products import COMMUNES, SITES, VILLAGES, Column, Kind, Publication, expand

DECIMALS: Final = {"share": 4, "minutes": 1, "points": 2, "degrees": 5, "people": 1}
"""Digits that are carried, by unit."""
SHOWN: Final = {"share": 3, "minutes": 0, "points": 1, "degrees": 5, "people": 0}
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
    content : dict
        What the page's script reads, but for the views: ``topology``, ``tables``, ``places``, sources, words.
    islands : tuple of (str, float, float)
        Label, latitude and longitude of the archipelagos of the inset, degrees.
    """

    publication: Publication
    content: dict[str, Any]
    islands: tuple[tuple[str, float, float], ...]


def prepare(publication: Publication) -> Drawing:
    """Return what all maps of a publication share.

    Parameters
    ----------
    publication : Publication
        Tables in EPSG:4326.
    """
    west, south, east, north = (float(v) for v in publication.communes.total_bounds)
    content = {
        "bounds": [[south, west], [north, east]],
        **_about(publication),
        **_areas(publication),
        "words": {name: _of_maps(words) for name, words in style.words().items()},
    }
    return Drawing(publication, content, _islands(publication))


def _of_maps(words: dict[str, str]) -> dict[str, str]:
    """Return the words that a map needs: those of the index and of the sheets stay out of it."""
    return {key: text for key, text in words.items() if not key.startswith(("index.", "print.", "map."))}


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
    detail = topology.Detail.of(villages.geometry.to_numpy())
    cells, wholes = _shapes(villages, communes, detail)
    roads, outline = publication.context("roads"), publication.context("outline")
    lines = {
        "roads": _thinned(roads.geometry.to_numpy()),
        "outline": _thinned(shapely.boundary(outline.geometry.to_numpy())),
    }
    places = publication.context("places")
    points = places.geometry.representative_point()
    return {
        "topology": topology.encode({"communes": wholes, "villages": cells}, lines, step_deg=detail.step_deg),
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


def _shapes(villages: gpd.GeoDataFrame, communes: gpd.GeoDataFrame, detail: topology.Detail) -> tuple[Any, Any]:
    """Return the villages and the communes as drawn: communes from their villages where these tile them."""
    exact, whole = villages.geometry.to_numpy(), communes.geometry.to_numpy()
    cells = topology.simplify(topology.cover(exact, step_deg=detail.step_deg), tolerance_m=detail.tolerance_m)
    ids = [str(v) for v in communes["unit_id"]]
    groups = villages["commune_id"].to_numpy()
    own = pd.Series(shapely.area(exact)).groupby(groups).sum().reindex(ids)
    wanted = shapely.area(whole)
    if bool((np.abs(own.to_numpy() - wanted) <= SAME_AREA * wanted).all()):
        return cells, topology.merge(cells, groups, ids)
    return cells, topology.simplify(topology.cover(whole, step_deg=detail.step_deg), tolerance_m=detail.tolerance_m)


def _thinned(lines: Any) -> Any:
    return shapely.simplify(lines, ROAD_TOLERANCE_DEG, preserve_topology=False)


def _table(publication: Publication, frame: pd.DataFrame, columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return the published columns of a table as lists, by name; missing values are None."""
    manifest = publication.manifest
    found = expand(columns, indicators=manifest.indicators, pillars=list(manifest.pillars))
    return {c.name: _column(frame[c.name], c) for c in found if c.name in frame.columns}


def _column(values: pd.Series[Any], column: Column) -> Any:
    if column.kind == "number":
        return [None if pd.isna(v) else carried(float(v), column.unit) for v in values]
    if column.kind == "whole":
        return [None if pd.isna(v) else int(v) for v in values]
    return _dictionary([_text(v, column.kind) for v in values])


def carried(value: float, unit: str) -> float | int:
    """Return a number as the page carries it: short, and shown with the same digits as the number in the table."""
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


def _dictionary(values: list[Any]) -> Any:
    """Return repeated texts once, with their positions; texts that hardly repeat stay as they are."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) * 2 > len(values):
        return values
    position = {value: i for i, value in enumerate(distinct)}
    return {"values": distinct, "codes": [position[v] for v in values]}
