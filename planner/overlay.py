"""What is known about each village: the share with signal per operator and kind of evidence, and who is eligible.

Shares are of area, in a metric CRS. Every share is read four times: over discs of 0.5, 1 and 2 km round the village's
point (clipped to its cell) and over the whole cell, since nobody knows where in the cell people live; the whole cell
is the figure, the four readings give its range.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import pieces, schema
from layers.apportion import apportion
from layers.crs import require_metric, require_same
from layers.errors import Issue, LayerError
from layers.pieces import ROUNDING, Geometries, Zones

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
CONTRADICTED: Final = "contradicted"
SYNTHETIC: Final = schema.SYNTHETIC

_DECLARED: Final = schema.EVIDENCE_STRENGTH[0]
_MOST: Final = 0.5
"""More than this share of an area unknown: the whole is unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class _Signal:
    """What one operator's evidence of one kind says of each village's cell, clipped to it, polygons or empty.

    `doubt` is where the answer is open: that more than half of an area is makes the share unknown. It is `unknown`
    but for `any` of what is declared, where one operator's no does not settle what another's unknown leaves open.
    """

    yes: Geometries
    unknown: Geometries
    doubt: Geometries


def _signal(cells: Geometries, group: gpd.GeoDataFrame, *, evidence: str) -> _Signal:
    """Read one operator's polygons: no and unknown are cut out of yes."""
    yes, no, unknown = (
        pieces.inside(cells, group.geometry[group[schema.SIGNAL] == signal].to_numpy())
        for signal in ("yes", "no", "unknown")
    )
    left = pieces.minus(yes, pieces.union(cells, [no, unknown]))
    if evidence != _DECLARED:  # an operator declares all it has; who models or measures speaks of what was looked at
        unspoken = pieces.minus(cells, pieces.union(cells, [yes, no]))
        unknown = pieces.union(cells, [unspoken, unknown])
    return _Signal(left, unknown, unknown)


def _of_any(cells: Geometries, signals: Sequence[_Signal], *, evidence: str) -> _Signal:
    """Return where at least one operator has signal, and where no operator is known."""
    yes = pieces.union(cells, [s.yes for s in signals])
    unknown = functools.reduce(pieces.common, [s.unknown for s in signals])
    if evidence != _DECLARED:
        return _Signal(yes, unknown, unknown)
    some = pieces.union(cells, [s.unknown for s in signals])
    return _Signal(yes, unknown, pieces.minus(some, yes))


def _readings(signal: _Signal, zones: Zones) -> Float:
    """Return the share with signal in each zone, shape (4, n); NaN where unknown."""
    areas = zones.areas_m2
    yes, unknown = zones.cut(signal.yes), zones.cut(signal.unknown)
    doubt = unknown if signal.doubt is signal.unknown else zones.cut(signal.doubt)
    known = (areas > 0) & (doubt <= areas * (_MOST + ROUNDING)) & (areas - unknown > areas * ROUNDING)
    share = np.divide(yes, areas - unknown, out=np.full_like(areas, np.nan), where=known)
    share = np.where(share < ROUNDING, 0.0, np.where(share > 1 - ROUNDING, 1.0, share))
    share[:, np.isnan(share[0])] = np.nan
    return share


def _at_least(share: Float, others: Sequence[Float]) -> Float:
    """Return `share` raised to the largest known of `others`, where it is known itself."""
    for other in others:
        share = np.where(other > share, other, share)
    return share


def _oldest(dates: Iterable[Any]) -> dt.date | None:
    """Return the oldest known date, None when none is known."""
    known = [d for d in dates if isinstance(d, dt.date) and not pd.isna(d)]
    return min(known) if known else None


def _rows(unit_ids: Sequence[str], readings: Float, group: gpd.GeoDataFrame, *, operator: str) -> pd.DataFrame:
    """Return the rows of `coverage_shares` of one operator (or `ANY`), technology and evidence."""
    technology, evidence = str(group[schema.TECHNOLOGY].iloc[0]), str(group[schema.EVIDENCE].iloc[0])
    known = ~np.isnan(readings[0])
    spoken = (SYNTHETIC,) if bool(group[schema.SYNTHETIC].any()) else ()
    flags = [tuple(sorted((AREA_WEIGHTED, *spoken))) if k else spoken if evidence == _DECLARED else () for k in known]
    low, high = np.where(np.isnan(readings), np.inf, readings), np.where(np.isnan(readings), -np.inf, readings)
    columns = (
        list(unit_ids),
        operator,
        technology,
        evidence,
        readings[0],
        np.where(known, low.min(axis=0), np.nan),
        np.where(known, high.max(axis=0), np.nan),
        pd.Series(_oldest(group[schema.DATA_DATE]), index=range(len(flags)), dtype=object),
        pd.Series(flags, dtype=object),
    )
    return pd.DataFrame(dict(zip(SHARES, columns, strict=True)))


def coverage_shares(villages: gpd.GeoDataFrame, coverage: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the share of each village's area that has signal, per operator, technology and kind of evidence.

    A ``no`` or ``unknown`` polygon is cut out of the ``yes`` polygons of its operator. What no polygon speaks of has no
    signal where coverage is declared, and is unknown where it is modelled or measured. The share is that of the known
    area; where more than half is unknown it is unknown. `ANY` is the union over operators, at least each one's share;
    of what is declared it is also unknown where an operator's unknown leaves more than half open.

    Parameters
    ----------
    villages : GeoDataFrame
        `layers.schema.VILLAGES`, metric CRS.
    coverage : GeoDataFrame
        `layers.schema.COVERAGE`, same CRS, valid polygons.

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
    unit_ids, cells = list(villages[schema.UNIT_ID]), villages.geometry.to_numpy()
    x_m, y_m = villages[schema.X_M].to_numpy(np.float64), villages[schema.Y_M].to_numpy(np.float64)
    zones = Zones.round(cells, x_m=x_m, y_m=y_m, radii_m=RADII_M)
    found = []
    for (_, evidence), kind in coverage.groupby([schema.TECHNOLOGY, schema.EVIDENCE], sort=True, dropna=False):
        groups = dict(iter(kind.groupby(schema.OPERATOR, sort=True, dropna=False)))
        signals = [_signal(cells, group, evidence=evidence) for group in groups.values()]
        readings = [_readings(signal, zones) for signal in signals]
        together = _readings(_of_any(cells, signals, evidence=evidence), zones)
        found.append(_rows(unit_ids, _at_least(together, readings), kind, operator=ANY))
        for (operator, group), reading in zip(groups.items(), readings, strict=True):
            found.append(_rows(unit_ids, reading, group, operator=str(operator)))
    order = [schema.UNIT_ID, schema.TECHNOLOGY, schema.EVIDENCE, schema.OPERATOR]
    return pd.concat(found, ignore_index=True).sort_values(order, kind="stable", ignore_index=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Decision:
    """What decides about one operator in each village: its strongest evidence with a known share.

    `figures` is share, low and high, shape (3, n); `evidence` the kind, empty where nothing is known. `doubtful` is True
    where the operator declares and yet nothing is known: its own map says unknown. `spread` is the largest difference
    between the shares of two kinds of evidence, 0 where there are not two.
    """

    operator: str
    figures: Float
    evidence: npt.NDArray[np.str_]
    doubtful: npt.NDArray[np.bool_]
    spread: Float


def _figures(shares: pd.DataFrame, unit_ids: Sequence[str]) -> Float:
    """Return share, low and high of one operator, technology and evidence by village, shape (3, n)."""
    one = shares.set_index(schema.UNIT_ID).reindex(list(unit_ids))
    return one[["share", "share_low", "share_high"]].to_numpy(np.float64).T


def _decide(shares: pd.DataFrame, unit_ids: Sequence[str], *, operator: str) -> _Decision:
    size = len(unit_ids)
    figures = np.full((3, size), np.nan)
    evidence = np.full(size, "", dtype="U16")
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    kinds = dict(iter(shares.groupby(schema.EVIDENCE)))
    for kind in schema.EVIDENCE_STRENGTH:  # weakest first: a stronger one replaces it
        if kind in kinds:
            one = _figures(kinds[kind], unit_ids)
            known = ~np.isnan(one[0])
            figures, evidence = np.where(known, one, figures), np.where(known, kind, evidence)
            low, high = np.fmin(low, one[0]), np.fmax(high, one[0])
    doubtful = np.isnan(figures[0]) & (_DECLARED in kinds)
    return _Decision(operator, figures, evidence, doubtful, np.where(high >= low, high - low, 0.0))


def _union_of_declared(
    decisions: Sequence[_Decision], where: npt.NDArray[np.bool_], villages: gpd.GeoDataFrame, coverage: gpd.GeoDataFrame
) -> Float:
    """Return, in the villages `where`, the union of the operators about whom their declaration decides, shape (3, n)."""
    found = np.full((3, where.size), np.nan)
    declared = np.stack([d.evidence == _DECLARED for d in decisions], axis=1) & where[:, None]
    declared[declared.sum(axis=1) < 2] = False  # one operator alone is its own union
    rows = coverage[coverage[schema.EVIDENCE] == _DECLARED]
    for subset in np.unique(declared[declared.any(axis=1)], axis=0):
        here = np.flatnonzero((declared == subset).all(axis=1))
        names = [d.operator for d, taken in zip(decisions, subset, strict=True) if taken]
        some = villages.iloc[here]
        shares = coverage_shares(some, rows[rows[schema.OPERATOR].isin(names)])
        found[:, here] = _figures(shares[shares[schema.OPERATOR] == ANY], list(some[schema.UNIT_ID]))
    return found


def _status(share: Float, *, covered_at: float, not_covered_at: float) -> npt.NDArray[np.str_]:
    cases = [np.isnan(share), share >= covered_at, share <= not_covered_at]
    return np.select(cases, ["unknown", "covered", "not_covered"], default="partial")


def covered(
    shares: pd.DataFrame,
    villages: gpd.GeoDataFrame,
    coverage: gpd.GeoDataFrame,
    *,
    covered_at: float,
    not_covered_at: float,
    contradiction_share: float,
) -> pd.DataFrame:
    """Return what is concluded about the signal of any operator in each village.

    Per operator the strongest evidence with a known share decides. Where all are declared, the village's share is that
    of the union of their areas; else the largest of the operators' shares and of the union of the declared ones, which
    the true union is never below. Where an operator's own map says unknown, and less than half is known to be covered,
    it is unknown. Signal of any technology in the plan counts; each operator's technologies are judged apart.

    Parameters
    ----------
    shares : DataFrame
        From `coverage_shares` of the next two.
    villages, coverage : GeoDataFrame
        As there.
    covered_at, not_covered_at : float
        A share from the first is ``covered``, up to the second ``not_covered``.
    contradiction_share : float
        Two kinds of evidence of one operator that differ by this much contradict each other: flag ``contradicted``.

    Returns
    -------
    DataFrame
        ``unit_id``, ``covered_share`` and its ``_low`` and ``_high`` (0 to 1, NaN where unknown), ``coverage_status``
        (covered, partial, not_covered, unknown), ``coverage_evidence`` (declared, modelled, measured, mixed, unknown),
        ``operators`` (sorted tuple of those with signal anywhere in the village) and ``flags``, one row per village in
        their order.
    """
    unit_ids = list(villages[schema.UNIT_ID])
    names: dict[str, str] = {}
    if len(coverage[schema.TECHNOLOGY].unique()) > 1:
        coverage, names = _one_technology(coverage)
        shares = coverage_shares(villages, coverage)
    groups = shares[shares[schema.OPERATOR] != ANY].groupby(schema.OPERATOR, sort=True)
    decisions = [_decide(group, unit_ids, operator=str(name)) for name, group in groups]
    figures = np.full((3, len(unit_ids)), np.nan)
    if decisions:
        figures = _together(decisions, shares, villages, coverage)
    known = ~np.isnan(figures[0])
    return pd.DataFrame(
        {
            schema.UNIT_ID: unit_ids,
            "covered_share": figures[0],
            "covered_share_low": figures[1],
            "covered_share_high": figures[2],
            "coverage_status": _status(figures[0], covered_at=covered_at, not_covered_at=not_covered_at),
            "coverage_evidence": _evidence(decisions, known),
            "operators": _operators(decisions, len(unit_ids), names=names),
            schema.FLAGS: _flags(decisions, shares, unit_ids, known=known, contradiction_share=contradiction_share),
        }
    )


def _one_technology(coverage: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, dict[str, str]]:
    """Return coverage in which each operator's technologies are operators apart, and the operator behind each name."""
    apart = coverage[schema.OPERATOR].astype(str) + "\n" + coverage[schema.TECHNOLOGY].astype(str)
    names = dict(zip(apart, coverage[schema.OPERATOR].astype(str), strict=True))
    return coverage.assign(**{schema.OPERATOR: apart, schema.TECHNOLOGY: ANY}), names


def _together(
    decisions: Sequence[_Decision], shares: pd.DataFrame, villages: gpd.GeoDataFrame, coverage: gpd.GeoDataFrame
) -> Float:
    """Return share, low and high of any operator by village, shape (3, n), as `covered` says."""
    stronger = np.any([(d.evidence != "") & (d.evidence != _DECLARED) for d in decisions], axis=0)
    doubtful = np.any([d.doubtful for d in decisions], axis=0)
    found = np.fmax.reduce([d.figures for d in decisions])
    found = np.fmax(found, _union_of_declared(decisions, stronger, villages, coverage))
    found[:, doubtful & ~(found[0] >= _MOST)] = np.nan
    of_declared = shares[(shares[schema.OPERATOR] == ANY) & (shares[schema.EVIDENCE] == _DECLARED)]
    plain = _figures(of_declared, list(villages[schema.UNIT_ID]))
    return np.where(stronger, found, plain)


def _evidence(decisions: Sequence[_Decision], known: npt.NDArray[np.bool_]) -> npt.NDArray[np.str_]:
    """Return the kind of evidence behind each village, ``mixed`` where operators differ."""
    kinds = [np.any([d.evidence == kind for d in decisions], axis=0) & known for kind in schema.EVIDENCE_STRENGTH]
    several = np.sum(kinds, axis=0) > 1
    return np.select([~known, several, *kinds], ["unknown", "mixed", *schema.EVIDENCE_STRENGTH], default="unknown")


def _operators(decisions: Sequence[_Decision], size: int, *, names: Mapping[str, str]) -> pd.Series[Any]:
    """Return the operators with signal in any part of each village, sorted; `names` where they go by another one."""
    found: list[set[str]] = [set() for _ in range(size)]
    for decision in decisions:
        for i in np.flatnonzero(decision.figures[0] > 0):
            found[i].add(names.get(decision.operator, decision.operator))
    return pd.Series([tuple(sorted(each)) for each in found], dtype=object)


def _flags(
    decisions: Sequence[_Decision],
    shares: pd.DataFrame,
    unit_ids: Sequence[str],
    *,
    known: npt.NDArray[np.bool_],
    contradiction_share: float,
) -> pd.Series[Any]:
    generated = set(shares.loc[[SYNTHETIC in flags for flags in shares[schema.FLAGS]], schema.UNIT_ID])
    rows: dict[str, Iterable[bool]] = {
        AREA_WEIGHTED: known,
        CONTRADICTED: np.any([d.spread >= contradiction_share - ROUNDING for d in decisions], axis=0)
        if decisions
        else np.zeros(len(unit_ids), dtype=bool),
        SYNTHETIC: [unit_id in generated for unit_id in unit_ids],
    }
    table = zip(*rows.values(), strict=True)
    return pd.Series([tuple(f for f, holds in zip(rows, row, strict=True) if holds) for row in table], dtype=object)


def eligible_people(people: pd.Series[Any], *, share: float, total: int | None = None) -> pd.Series[Any]:
    """Return how many people of each village are eligible (14 and over), so that the total is kept to the person.

    Parameters
    ----------
    people : Series of int
        People by village, 0 or more.
    share : float
        Eligible people of all people, 0 to 1; not used where `total` is given.
    total : int, optional
        Eligible people of all villages together.

    Returns
    -------
    Series of int64
        Same index, never more than `people`: the largest remainder method (Hamilton), ties by position.

    Raises
    ------
    LayerError
        When more people would be eligible than there are.
    """
    counts = people.to_numpy(np.int64)
    living = int(counts.sum())
    wanted = math.floor(share * living + 0.5) if total is None else total
    if not 0 <= wanted <= living:
        rule = f"eligible people are at most all people ({living:,})"
        raise LayerError(
            Issue("population", "[needs]", rule, column="eligible_total", value=f"{wanted:,}", code="eligible")
        )
    found = apportion(wanted, counts.astype(np.float64)) if living else np.zeros_like(counts)
    return pd.Series(found, index=people.index, name="eligible_people", dtype=np.int64)
