"""Generated coverage: masts near villages as operators would declare them, and measurements of some villages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from layers import schema
from layers.catalog import Layer
from layers.crs import require_metric, require_same
from layers.errors import Issue, LayerError
from layers.synthetic import draws
from layers.synthetic.truth import Truth, parse, positions

Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class _Network:
    """How far an operator has built: the share of villages with a mast, and how far a mast reaches."""

    operator: str
    mast_share: float
    reach_m: tuple[float, float]


NETWORKS: Final = (
    _Network("MobiFone", 0.50, (1_500.0, 3_500.0)),
    _Network("VinaPhone", 0.60, (1_700.0, 4_000.0)),
    _Network("Viettel", 0.80, (2_000.0, 4_500.0)),
)
"""Invented figures; the names are those of the operators that work in the province."""
SPARSE_SHARE: Final = 0.35
"""Of the communes, how many are hard to build in: hills and forest, the same ones for every operator."""
SPARSE_FACTOR: Final = 0.15
"""What is left of an operator's share of masts there."""
MEASURED_SHARE: Final = 0.04
"""Of the villages whose signal no truth settles, how many were measured."""
_MAST_OFF_M: Final = 400.0
"""Standard deviation of a mast's distance from its village's point, per axis."""
_TILE_M: Final = 10_000.0
"""Polygons are cut at a grid, so that an overlay need not read a whole network for each village."""


def coverage(
    villages: gpd.GeoDataFrame,
    communes: gpd.GeoDataFrame,
    *,
    seed: int,
    technology: str = "4G",
    evidence: str = "declared",
    truth: Mapping[str, object] | None = None,
    full_in: Sequence[str] = (),
    name: str = "coverage",
) -> Layer:
    """Return generated coverage of three operators.

    Declared: discs round masts near villages, so that signal is where people are. Measured: what the same networks
    give in a few villages, cell by cell, ``yes`` and ``no``.

    Parameters
    ----------
    villages, communes : GeoDataFrame
        `layers.schema.VILLAGES` and `COMMUNES`, one metric CRS.
    seed : int
        The same seed gives the same networks to the declared and the measured layer.
    technology : str
    evidence : {"declared", "measured"}
    truth : mapping of str to list of str
        See `layers.synthetic.truth.Truth`; what it asks for is made exactly true.
    full_in : sequence of str
        Ids of communes that every operator covers in full.
    name : str
        Of the layer, for its record and messages.

    Returns
    -------
    Layer
        `layers.schema.COVERAGE`, ordered by operator, signal and place.

    Raises
    ------
    LayerError
        When the truth is at fault, a commune of `full_in` does not exist or holds a village that truth wants without
        full signal, or `evidence` is ``modelled``.
    CrsError
        When the tables are not in one metric CRS.
    """
    require_metric(require_same(villages, communes, name=name), name=name)
    ordered = villages.sort_values(schema.UNIT_ID, ignore_index=True)
    wanted = parse(truth or {}, ordered[schema.UNIT_ID], layer=name)
    _check(ordered, communes, wanted, evidence=evidence, full_in=full_in, layer=name)
    full = shapely.union_all(communes.geometry[communes[schema.UNIT_ID].isin(full_in)].to_numpy())
    networks = {n.operator: _network(ordered, n, wanted, full=full, seed=seed) for n in NETWORKS}
    made = _declared if evidence == "declared" else _measured
    rows = made(ordered, networks, wanted, seed=seed)
    frame = gpd.GeoDataFrame(
        {
            schema.OPERATOR: pd.Series([r[0] for r in rows], dtype="str"),
            schema.TECHNOLOGY: technology,
            schema.EVIDENCE: evidence,
            schema.SIGNAL: pd.Series([r[1] for r in rows], dtype="str"),
            schema.DATA_DATE: None,
            schema.SYNTHETIC: True,
        },
        geometry=[r[2] for r in rows],
        crs=villages.crs,
    )
    parameters = {
        "seed": seed,
        "technology": technology,
        "evidence": evidence,
        "truth": wanted.as_dict(),
        "full_in": sorted(full_in),
    }
    return Layer(draws.record(name, made_by="coverage", parameters=parameters), frame, rows_read=len(frame))


_Row = tuple[str, str, BaseGeometry]


def _check(
    villages: gpd.GeoDataFrame,
    communes: gpd.GeoDataFrame,
    truth: Truth,
    *,
    evidence: str,
    full_in: Sequence[str],
    layer: str,
) -> None:
    def issue(rule: str, *, column: str, value: str) -> Issue:
        return Issue(layer, draws.FILE, rule, column=column, value=value, code="generate")

    issues = [
        issue("full_in names a commune that exists", column="full_in", value=unit_id)
        for unit_id in sorted(set(full_in) - set(communes[schema.UNIT_ID]))
    ]
    if evidence not in ("declared", "measured"):
        issues.append(issue("the generator makes declared and measured coverage", column="evidence", value=evidence))
    lacking = (*truth.white_spots, *truth.weak_spots, *truth.unknown)
    inside = villages[schema.COMMUNE_ID].isin(full_in) & villages[schema.UNIT_ID].isin(lacking)
    rule = "a village of a commune in full_in has full signal; truth wants it without"
    issues += [issue(rule, column="truth", value=unit_id) for unit_id in villages.loc[inside, schema.UNIT_ID]]
    if issues:
        raise LayerError(issues)


def _network(
    villages: gpd.GeoDataFrame, network: _Network, truth: Truth, *, full: BaseGeometry, seed: int
) -> BaseGeometry:
    """Return all that one operator declares as covered, what truth wants cut out or added."""
    draw = draws.stream(seed, "masts", network.operator)
    size = len(villages)
    has_mast = draw.random(size) < network.mast_share * _ease(villages, seed=seed)
    at = villages[[schema.X_M, schema.Y_M]].to_numpy(dtype=np.float64) + draw.normal(0, _MAST_OFF_M, (size, 2))
    discs = shapely.buffer(shapely.points(at), draw.uniform(*network.reach_m, size), quad_segs=8)[has_mast]
    ids, cells = villages[schema.UNIT_ID], villages.geometry.to_numpy()
    weak = cells[positions(ids, truth.weak_spots)]
    lacking = cells[positions(ids, (*truth.white_spots, *truth.weak_spots, *truth.unknown))]
    reached = shapely.union_all([*discs, full, *cells[positions(ids, truth.contradiction)]])
    kept = shapely.difference(reached, shapely.union_all(lacking))
    return shapely.union_all([kept, *(western_half(cell) for cell in weak)])


def _ease(villages: gpd.GeoDataFrame, *, seed: int) -> npt.NDArray[np.float64]:
    """Return per village what share of the usual masts its commune lets an operator build."""
    of_commune = {
        c: SPARSE_FACTOR if draws.stream(seed, "terrain", c).random() < SPARSE_SHARE else 1.0
        for c in sorted(set(villages[schema.COMMUNE_ID]))
    }
    ease: npt.NDArray[np.float64] = villages[schema.COMMUNE_ID].map(of_commune).to_numpy(dtype=np.float64)
    return ease


def western_half(cell: BaseGeometry) -> BaseGeometry:
    """Return the part of a polygon west of the meridian of the grid that halves its area, to 0.1 %."""
    west, south, east, north = cell.bounds
    low, high = west, east
    half = cell
    while abs(half.area / cell.area - 0.5) > 0.001:
        middle = (low + high) / 2
        half = shapely.intersection(cell, shapely.box(west, south, middle, north))
        low, high = (middle, high) if half.area < cell.area / 2 else (low, middle)
    return half


def _declared(
    villages: gpd.GeoDataFrame, networks: Mapping[str, BaseGeometry], truth: Truth, *, seed: int
) -> list[_Row]:
    """Return the tiles of each network, and per operator the cells of which nobody says anything."""
    del seed  # the networks are drawn already
    unknown = villages.geometry.to_numpy()[positions(villages[schema.UNIT_ID], truth.unknown)]
    rows: list[_Row] = []
    for operator, shape in networks.items():
        rows += [(operator, "unknown", cell) for cell in unknown]
        rows += [(operator, "yes", tile) for tile in _tiles(shape)]
    return rows


def _measured(
    villages: gpd.GeoDataFrame, networks: Mapping[str, BaseGeometry], truth: Truth, *, seed: int
) -> list[_Row]:
    """Return what measurements found: the networks in villages drawn by chance, nothing where truth contradicts."""
    ids, cells = villages[schema.UNIT_ID], villages.geometry.to_numpy()
    chosen = draws.stream(seed, "measured").random(len(villages)) < MEASURED_SHARE
    chosen &= ~ids.isin(truth.about_signal).to_numpy()
    rows: list[_Row] = []
    for operator, shape in networks.items():
        shapely.prepare(shape)
        rows += [(operator, "no", cell) for cell in cells[positions(ids, truth.contradiction)]]
        rows += [(operator, "no", part) for part in _areas(shapely.difference(cells[chosen], shape))]
        rows += [(operator, "yes", part) for part in _areas(shapely.intersection(cells[chosen], shape))]
    return rows


def _tiles(shape: BaseGeometry) -> list[BaseGeometry]:
    """Return a shape cut at a grid of whole tiles, by row from the south, then from the west."""
    if shape.is_empty:
        return []
    low = np.floor(np.array(shape.bounds[:2]) / _TILE_M) * _TILE_M
    columns, rows = np.ceil((np.array(shape.bounds[2:]) - low) / _TILE_M).astype(int)
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    x, y = low[0] + _TILE_M * column.ravel(), low[1] + _TILE_M * row.ravel()
    shapely.prepare(shape)
    return _areas(shapely.intersection(shapely.box(x, y, x + _TILE_M, y + _TILE_M), shape))


def _areas(shapes: Any) -> list[BaseGeometry]:
    """Return the areal part of each shape; where nothing or only a touch is left, the shape goes."""
    parts, index = shapely.get_parts(shapes, return_index=True)
    polygonal = shapely.get_dimensions(parts) == 2
    parts, index = parts[polygonal & ~shapely.is_empty(parts)], index[polygonal & ~shapely.is_empty(parts)]
    return [shapely.union_all(parts[index == i]) for i in np.unique(index)]
