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
from planner import signals
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

_DECLARED: Final = schema.EVIDENCE_STRENGTH[0]


def _oldest(dates: Iterable[Any]) -> dt.date | None:
    """Return the oldest known date, None when none is known."""
    known = [d for d in dates if isinstance(d, dt.date) and not pd.isna(d)]
    return min(known) if known else None


def _rows(
    unit_ids: Sequence[str], figures: Float, group: gpd.GeoDataFrame, *, operator: str, by_area: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Return the rows of `coverage_shares` of one operator (or `ANY`), technology and evidence."""
    technology, evidence = str(group[schema.TECHNOLOGY].iloc[0]), str(group[schema.EVIDENCE].iloc[0])
    known = ~np.isnan(figures[0])
    spoken = (SYNTHETIC,) if bool(group[schema.SYNTHETIC].any()) else ()
    flags = [
        tuple(sorted((*([AREA_WEIGHTED] if area else []), *spoken))) if k else spoken if evidence == _DECLARED else ()
        for k, area in zip(known, by_area, strict=True)
    ]
    columns = (
        list(unit_ids),
        operator,
        technology,
        evidence,
        *figures,
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
    villages: gpd.GeoDataFrame, coverage: gpd.GeoDataFrame, *, people: Measure | None = None
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
        ``high`` of a model widen the range.
    people : callable, optional
        People in polygons, who weigh the share instead of area; by area in a village in which it finds nobody.

    Returns
    -------
    DataFrame
        `SHARES`: shares from 0 to 1, NaN where unknown, ``share_low`` <= ``share`` <= ``share_high``; ``data_date`` is
        the oldest of the operator's polygons; flags ``area_weighted``, ``synthetic``. One row per village and each
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
        for operator, figures in _of_kind(ground, groups, evidence=evidence).items():
            group = kind if operator == ANY else groups[operator]
            found.append(_rows(ground.unit_ids, figures, group, operator=operator, by_area=ground.area_only))
    order = [schema.UNIT_ID, schema.TECHNOLOGY, schema.EVIDENCE, schema.OPERATOR]
    return pd.concat(found, ignore_index=True).sort_values(order, kind="stable", ignore_index=True)


def _of_kind(ground: Ground, groups: Mapping[str, gpd.GeoDataFrame], *, evidence: str) -> dict[str, Float]:
    """Return the figures of each operator and of `ANY` in one technology and kind of evidence."""
    found = _drawing(ground, groups, evidence=evidence, bound="mid")
    if any(signals.is_drawn_thrice(group) for group in groups.values()):
        for bound in ("low", "high"):
            other = _drawing(ground, groups, evidence=evidence, bound=bound)
            found = {name: _widened(figures, other[name]) for name, figures in found.items()}
    return {name: np.where(np.isnan(figures[0]), np.nan, figures) for name, figures in found.items()}


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
