"""Generated villages of a commune: seeded points, their catchments, and its people shared out among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers import schema
from layers.apportion import apportion
from layers.catalog import Layer
from layers.crs import require_metric
from layers.errors import Issue, LayerError
from layers.synthetic import draws
from layers.voronoi import Area, voronoi_cells

_CANDIDATES: Final = 12
"""Places tried per village; the one farthest from the others is taken (Mitchell's best candidate, 1991)."""
_TRIES: Final = 100
_BUON_SHARE: Final = 0.4
"""Of a commune's villages, how many are called Buôn."""
_SIZE_SPREAD: Final = 0.35
"""Standard deviation of the logarithm of a village's weight."""
_MOST: Final = 999
"""Villages of one commune that a number of three digits can tell apart."""


def villages(
    communes: gpd.GeoDataFrame,
    population: pd.DataFrame,
    *,
    seed: int,
    people_per_village: float = 1650.0,
    minimum: int = 3,
) -> Layer:
    """Return generated villages that tile each commune.

    Parameters
    ----------
    communes : GeoDataFrame
        `layers.schema.COMMUNES`, metric CRS.
    population : DataFrame
        `layers.schema.POPULATION` per commune, people.
    seed : int
    people_per_village : float
        A commune gets its people / this, rounded to the nearest number of villages.
    minimum : int
        At least so many per commune.

    Returns
    -------
    Layer
        `layers.schema.VILLAGES`, ordered by unit_id ``<commune>-<nnn>``. Cells are the points' Voronoi cells inside
        the commune. Flag ``synthetic`` and the commune's own.

    Raises
    ------
    LayerError
        When a commune has no people in the table, or so many that its villages cannot be numbered.
    CrsError
        When the communes are not in metres.
    """
    require_metric(communes.crs, name="communes")
    people = _people(communes[schema.UNIT_ID], population, layer="villages")
    parts = [
        _of_commune(commune, _count(commune, people, people_per_village, minimum), seed)
        for commune in communes.sort_values(schema.UNIT_ID).to_dict("records")
    ]
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry=schema.GEOMETRY, crs=communes.crs)
    parameters = {"seed": seed, "people_per_village": people_per_village, "minimum": minimum}
    made = draws.record("villages", made_by="villages", parameters=parameters)
    return Layer(made, frame[list(schema.VILLAGES)], rows_read=len(frame))


def village_population(villages: pd.DataFrame, population: pd.DataFrame, *, seed: int) -> Layer:
    """Return the people of generated villages; those of a commune add to its published figure exactly.

    Parameters
    ----------
    villages : DataFrame
        `layers.schema.VILLAGES`.
    population : DataFrame
        `layers.schema.POPULATION` per commune.
    seed : int

    Returns
    -------
    Layer
        `layers.schema.POPULATION` per village, ordered by unit_id: seeded weights, whole people by largest remainder.

    Raises
    ------
    LayerError
        When a commune has no people in the table.
    """
    ordered = villages.sort_values(schema.UNIT_ID, ignore_index=True)
    people = _people(ordered[schema.COMMUNE_ID].drop_duplicates(), population, layer="population")
    shared = np.zeros(len(ordered), dtype=np.int64)
    for commune_id, rows in ordered.groupby(schema.COMMUNE_ID, sort=True).indices.items():
        weights = draws.stream(seed, "people", str(commune_id)).lognormal(sigma=_SIZE_SPREAD, size=len(rows))
        shared[rows] = apportion(people[str(commune_id)], weights)
    dates = population.set_index(schema.UNIT_ID)[schema.DATA_DATE]
    frame = pd.DataFrame(
        {
            schema.UNIT_ID: ordered[schema.UNIT_ID],
            schema.PEOPLE: shared,
            schema.DATA_DATE: ordered[schema.COMMUNE_ID].map(dates),
        }
    )
    made = draws.record("population", made_by="village_population", parameters={"seed": seed})
    return Layer(made, frame, rows_read=len(frame))


def _people(communes: pd.Series[Any], population: pd.DataFrame, *, layer: str) -> dict[str, int]:
    table = {str(i): int(p) for i, p in zip(population[schema.UNIT_ID], population[schema.PEOPLE], strict=True)}
    missing = sorted(set(communes) - set(table))
    if missing:
        rule = "every commune needs its people before villages are generated in it"
        raise LayerError(
            [Issue(layer, draws.FILE, rule, column=schema.UNIT_ID, value=i, code="missing_unit") for i in missing]
        )
    return table


def _count(commune: dict[str, Any], people: dict[str, int], people_per_village: float, minimum: int) -> int:
    wanted = max(minimum, int(people[commune[schema.UNIT_ID]] / people_per_village + 0.5))
    if wanted > _MOST:
        rule = f"a commune has at most {_MOST} generated villages; raise people_per_village"
        value = f"{commune[schema.UNIT_ID]}: {wanted}"
        raise LayerError(Issue("villages", draws.FILE, rule, column="people_per_village", value=value, code="generate"))
    return wanted


def _of_commune(commune: dict[str, Any], count: int, seed: int) -> pd.DataFrame:
    commune_id = str(commune[schema.UNIT_ID])
    area: Area = commune[schema.GEOMETRY]
    points = _points(area, count, draws.stream(seed, "places", commune_id), commune_id=commune_id)
    flags = tuple(sorted({*commune[schema.FLAGS], draws.FLAG}))
    return pd.DataFrame(
        {
            schema.UNIT_ID: [f"{commune_id}-{k:03d}" for k in range(1, count + 1)],
            schema.NAME: list(_names(str(commune[schema.NAME]), count, draws.stream(seed, "names", commune_id))),
            schema.COMMUNE_ID: commune_id,
            schema.HAMLETS: 1,
            schema.X_M: points[:, 0],
            schema.Y_M: points[:, 1],
            schema.DATA_DATE: commune[schema.DATA_DATE],
            schema.FLAGS: [flags] * count,
            schema.GEOMETRY: voronoi_cells(points[:, 0], points[:, 1], area),
        }
    )


def _names(commune: str, count: int, draw: np.random.Generator) -> Iterator[str]:
    """Yield Tổ dân phố in a ward, else Thôn or Buôn, each numbered from 1."""
    if commune.casefold().startswith("phường"):
        yield from (f"Tổ dân phố {k}" for k in range(1, count + 1))
        return
    numbers = {"Thôn": 0, "Buôn": 0}
    for is_buon in draw.random(count) < _BUON_SHARE:
        kind = "Buôn" if is_buon else "Thôn"
        numbers[kind] += 1
        yield f"{kind} {numbers[kind]}"


def _points(area: Area, count: int, draw: np.random.Generator, *, commune_id: str) -> npt.NDArray[np.float64]:
    """Return places inside the area on whole metres, spread out and all different."""
    shapely.prepare(area)
    taken = np.empty((0, 2))
    for _ in range(count + _TRIES):
        candidates = _inside(area, draw)
        far = np.full(len(candidates), np.inf)
        if len(taken):
            far = np.hypot(*(candidates[:, None] - taken[None]).transpose(2, 0, 1)).min(axis=1)
        if len(candidates) and far.max() > 0:
            taken = np.vstack([taken, candidates[far.argmax()]])
        if len(taken) == count:
            return taken
    rule = "a commune is too small or too thin to place villages in it on whole metres"
    raise LayerError(Issue("villages", draws.FILE, rule, column=schema.UNIT_ID, value=commune_id, code="generate"))


def _inside(area: Area, draw: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return some places inside the area on whole metres, none if by chance all fell outside."""
    west, south, east, north = area.bounds
    found = np.rint(draw.uniform((west, south), (east, north), size=(8 * _CANDIDATES, 2)))
    inside: npt.NDArray[np.float64] = found[shapely.contains_xy(area, found[:, 0], found[:, 1])][:_CANDIDATES]
    return inside
