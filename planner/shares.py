"""The share of each village that has signal, per operator, technology and kind of evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import schema
from layers.crs import require_metric, require_same
from layers.pieces import Geometries, Zones
from planner import measured, signals
from planner.signals import Measure, Signal

Float = npt.NDArray[np.float64]

ANY: Final = schema.ANY_OPERATOR
"""Pseudo-operator: signal of at least one operator."""
RADII_M: Final = (500.0, 1000.0, 2000.0)
SHARES: Final = (
    schema.UNIT_ID,
    schema.OPERATOR,
    schema.TECHNOLOGY,
    schema.EVIDENCE,
    "share",
    "share_low",
    "share_high",
    schema.DATA_DATE,
    schema.FLAGS,
)
"""Columns of `coverage_shares`."""
AREA_WEIGHTED: Final = "area_weighted"
SYNTHETIC: Final = schema.SYNTHETIC

MIN_TESTS: Final = 10

_DECLARED: Final = schema.EVIDENCE_STRENGTH[0]


def _oldest(dates: Iterable[Any]) -> dt.date | None:
    """Return the oldest known date, None when none is known."""
    known = [d for d in dates if isinstance(d, dt.date) and not pd.isna(d)]
    return min(known) if known else None


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """Share, low and high by village, shape (3, n), NaN where unknown, and where each flag is raised."""

    figures: Float
    flags: dict[str, npt.NDArray[np.bool_]]


def _rows(unit_ids: Sequence[str], read: _Read, group: gpd.GeoDataFrame, *, operator: str) -> pd.DataFrame:
    """Return the rows of `coverage_shares` of one operator (or `ANY`), technology and evidence."""
    technology, evidence = str(group[schema.TECHNOLOGY].iloc[0]), str(group[schema.EVIDENCE].iloc[0])
    known = ~np.isnan(read.figures[0])
    spoken = (SYNTHETIC,) if bool(group[schema.SYNTHETIC].any()) else ()
    raised = [tuple(name for name, where in read.flags.items() if where[i]) for i in range(len(known))]
    flags = [
        tuple(sorted((*own, *spoken))) if k else spoken if evidence == _DECLARED else ()
        for k, own in zip(known, raised, strict=True)
    ]
    columns = (
        list(unit_ids),
        operator,
        technology,
        evidence,
        *read.figures,
        pd.Series(_oldest(group[schema.DATA_DATE]), index=range(len(flags)), dtype=object),
        pd.Series(flags, dtype=object),
    )
    return pd.DataFrame(dict(zip(SHARES, columns, strict=True)))


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The villages' cells and how parts of them are weighed: by area, and by people where that is known."""

    unit_ids: list[str]
    cells: Geometries
    by_area: Zones
    by_people: Zones | None

    @classmethod
    def of(cls, villages: gpd.GeoDataFrame, people: Measure | None) -> Ground:
        """Return the ground of `layers.schema.VILLAGES`, metric CRS; `people` weighs polygons where it is given."""
        cells = villages.geometry.to_numpy()
        x_m, y_m = villages[schema.X_M].to_numpy(np.float64), villages[schema.Y_M].to_numpy(np.float64)
        zones = Zones.round(cells, x_m=x_m, y_m=y_m, radii_m=RADII_M)
        return cls(
            list(villages[schema.UNIT_ID]),
            cells,
            zones,
            None if people is None else signals.people_zones(cells, people),
        )

    def figures(self, signal: Signal, *, evidence: str) -> Float:
        """Return share, low and high by village, shape (3, n)."""
        found = signals.figures(signal, self.by_area, evidence=evidence)
        if self.by_people is None:
            return found
        return signals.by_people(signals.figures(signal, self.by_people, evidence=evidence), found, self.by_people)

    @property
    def area_only(self) -> npt.NDArray[np.bool_]:
        """Where nothing but area weighs a village."""
        if self.by_people is None:
            return np.ones(len(self.unit_ids), dtype=bool)
        return np.asarray(self.by_people.sizes[0] <= 0, dtype=np.bool_)


def coverage_shares(
    villages: gpd.GeoDataFrame,
    coverage: gpd.GeoDataFrame,
    *,
    people: Measure | None = None,
    min_tests: int = MIN_TESTS,
) -> pd.DataFrame:
    """Return the share of each village that has signal, per operator, technology and kind of evidence.

    A ``no`` or ``unknown`` polygon is cut out of the ``yes`` polygons of its operator. What no polygon speaks of has no
    signal where coverage is declared, and is unknown where it is modelled or measured. The share is that of the known
    area; where more than half is unknown it is unknown. Evidence that says only yes, and is no declaration, gives the
    least: the share of the whole area. `ANY` is the union over operators, at least each one's share; of what is
    declared it is also unknown where an operator's unknown leaves more than half open.

    Parameters
    ----------
    villages : GeoDataFrame
        `layers.schema.VILLAGES`, metric CRS.
    coverage : GeoDataFrame
        `layers.schema.COVERAGE`, same CRS, valid polygons; where a column ``bound`` is, the drawings ``low`` and
        ``high`` of a model widen the range. Rows with ``tests`` are measurements (`planner.measured`), points or tiles:
        they decide where no polygon of the same kind of evidence does.
    people : callable, optional
        People in polygons, who weigh the share instead of area; by area in a village in which it finds nobody.
    min_tests : int
        A village with fewer tests of an operator is flagged ``few_tests``.

    Returns
    -------
    DataFrame
        `SHARES`: shares from 0 to 1, NaN where unknown, ``share_low`` <= ``share`` <= ``share_high``; ``data_date`` is
        the oldest of the operator's polygons; flags ``area_weighted``, ``few_tests``, ``synthetic``,
        ``tested_in_part``. One row per village and each
        operator, technology and evidence there is, and per `ANY`; ordered by unit_id, technology, evidence, operator.

    Raises
    ------
    CrsError
        When the CRS differ or are not metric.
    """
    require_metric(villages.crs, name="villages")
    require_same(villages, coverage, name="coverage")
    if coverage.empty or villages.empty:
        return pd.DataFrame({name: pd.Series(dtype="float64" if "share" in name else "object") for name in SHARES})
    ground = Ground.of(villages, people)
    found = []
    for (_, evidence), kind in coverage.groupby([schema.TECHNOLOGY, schema.EVIDENCE], sort=True, dropna=False):
        groups = dict(iter(kind.groupby(schema.OPERATOR, sort=True, dropna=False)))
        for operator, read in _of_kind(ground, kind, evidence=evidence, min_tests=min_tests).items():
            group = kind if operator == ANY else groups[operator]
            found.append(_rows(ground.unit_ids, read, group, operator=operator))
    order = [schema.UNIT_ID, schema.TECHNOLOGY, schema.EVIDENCE, schema.OPERATOR]
    return pd.concat(found, ignore_index=True).sort_values(order, kind="stable", ignore_index=True)


def _of_kind(ground: Ground, kind: gpd.GeoDataFrame, *, evidence: str, min_tests: int) -> dict[str, _Read]:
    """Return what is read of each operator and of `ANY` in one technology and kind of evidence."""
    tested = measured.is_test(kind)
    of_polygons = _of_polygons(ground, kind[~tested], evidence=evidence)
    if not tested.any():
        return of_polygons
    of_tests = _of_tests(ground, kind[tested], min_tests=min_tests)
    found = {name: _first(of_polygons.get(name), of_tests.get(name)) for name in sorted({*of_polygons, *of_tests})}
    together = signals.at_least(found[ANY].figures, [read.figures for name, read in found.items() if name != ANY])
    return {**found, ANY: _Read(together, found[ANY].flags)}


def _first(read: _Read | None, other: _Read | None) -> _Read:
    """Return what is read, where it is not known what is read otherwise."""
    if read is None or other is None:
        some = read or other
        assert some is not None  # noqa: S101 - narrows the type: each operator is in one of the two
        return some
    known = ~np.isnan(read.figures[0])
    none = np.zeros(len(known), dtype=bool)
    names = sorted({*read.flags, *other.flags})
    flags = {name: np.where(known, read.flags.get(name, none), other.flags.get(name, none)) for name in names}
    return _Read(np.where(known, read.figures, other.figures), flags)


def _of_tests(ground: Ground, tests: gpd.GeoDataFrame, *, min_tests: int) -> dict[str, _Read]:
    """Return what tests say of each operator and of `ANY`."""
    zones = ground.by_area if ground.by_people is None else ground.by_people
    looks = measured.looks(ground.cells, tests)
    parts = {ANY: looks, **{str(name): part for name, part in looks.groupby(schema.OPERATOR, sort=True)}}
    found = {}
    for name, part in parts.items():
        said = measured.of_looks(part, tests, zones, min_tests=min_tests)
        found[name] = _Read(said.figures, {measured.FEW_TESTS: said.few, measured.TESTED_IN_PART: said.part})
    nothing = _Read(np.full((3, len(ground.unit_ids)), np.nan), {})
    absent = set(tests[schema.OPERATOR].astype(str)) - set(found)
    return {**found, **dict.fromkeys(sorted(absent), nothing)}


def _of_polygons(ground: Ground, kind: gpd.GeoDataFrame, *, evidence: str) -> dict[str, _Read]:
    """Return what polygons say of each operator and of `ANY`; nothing where there is none."""
    groups = dict(iter(kind.groupby(schema.OPERATOR, sort=True, dropna=False)))
    if not groups:
        return {}
    found = _drawing(ground, groups, evidence=evidence, bound="mid")
    if any(signals.is_drawn_thrice(group) for group in groups.values()):
        for bound in ("low", "high"):
            other = _drawing(ground, groups, evidence=evidence, bound=bound)
            found = {name: _widened(figures, other[name]) for name, figures in found.items()}
    flags = {AREA_WEIGHTED: ground.area_only}
    return {name: _Read(np.where(np.isnan(figures[0]), np.nan, figures), flags) for name, figures in found.items()}


def _drawing(ground: Ground, groups: Mapping[str, gpd.GeoDataFrame], *, evidence: str, bound: str) -> dict[str, Float]:
    read = {
        str(name): signals.of_operator(ground.cells, signals.drawn(group, bound), evidence=evidence)
        for name, group in groups.items()
    }
    found = {name: ground.figures(signal, evidence=evidence) for name, signal in read.items()}
    together = ground.figures(signals.of_any(ground.cells, list(read.values()), evidence=evidence), evidence=evidence)
    return {ANY: signals.at_least(together, list(found.values())), **found}


def _widened(figures: Float, other: Float) -> Float:
    """Return figures whose range holds that of another drawing."""
    return np.stack([figures[0], np.fmin(figures[1], other[1]), np.fmax(figures[2], other[2])])
