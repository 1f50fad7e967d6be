"""What is concluded about each village: whether there is signal, by which operators, and who is eligible."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import schema
from layers.apportion import apportion
from layers.errors import Issue, LayerError
from layers.pieces import ROUNDING
from planner import deciding
from planner.deciding import Decision, Region, decide
from planner.measured import FEW_TESTS, TESTED_IN_PART
from planner.shares import ANY, AREA_WEIGHTED, MIN_TESTS, RADII_M, SHARES, SYNTHETIC, coverage_shares
from planner.signals import Measure

__all__ = ["ANY", "RADII_M", "SHARES", "coverage_shares", "covered", "eligible_by_age", "eligible_people"]

Float = npt.NDArray[np.float64]
Operators = Literal["any", "best", "all"]

CONTRADICTED: Final = "contradicted"


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
    operators: Operators = "any",
    people: Measure | None = None,
    min_tests: int = MIN_TESTS,
) -> pd.DataFrame:
    """Return what is concluded about the signal in each village.

    Per operator the strongest evidence with a known share decides. Signal of any technology in the plan counts; each
    operator's technologies are judged apart.

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
    operators : {"any", "best", "all"}
        Whose signal counts: of at least one operator (`deciding.any_of`), of the one that covers most of the village
        (`deciding.best_of`), or of every one at once (`deciding.all_of`). The first is never below the second, nor that
        below the third.
    people, min_tests
        As for `coverage_shares`.

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
        shares = coverage_shares(villages, coverage, people=people, min_tests=min_tests)
    groups = shares[shares[schema.OPERATOR] != ANY].groupby(schema.OPERATOR, sort=True)
    decisions = [decide(group, unit_ids, operator=str(name)) for name, group in groups]
    figures = np.full((3, len(unit_ids)), np.nan)
    if decisions:
        figures = _together(
            decisions, names, Region(villages, coverage, shares, people, min_tests), operators=operators
        )
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
    decisions: Sequence[Decision], names: Mapping[str, str], region: Region, *, operators: Operators
) -> Float:
    """Return share, low and high by village, shape (3, n), of the operators that the plan asks for."""
    together = deciding.any_of(decisions, region)
    if operators == "any":
        return together
    each = deciding.by_operator(decisions, names, region)
    if operators == "best":
        return deciding.best_of(each, together)
    return deciding.all_of(each, together, deciding.declared_by_all(decisions, names, region))


def _evidence(decisions: Sequence[Decision], known: npt.NDArray[np.bool_]) -> npt.NDArray[np.str_]:
    """Return the kind of evidence behind each village, ``mixed`` where operators differ."""
    kinds = [np.any([d.evidence == kind for d in decisions], axis=0) & known for kind in schema.EVIDENCE_STRENGTH]
    several = np.sum(kinds, axis=0) > 1
    return np.select([~known, several, *kinds], ["unknown", "mixed", *schema.EVIDENCE_STRENGTH], default="unknown")


def _operators(decisions: Sequence[Decision], size: int, *, names: Mapping[str, str]) -> pd.Series[Any]:
    """Return the operators with signal in any part of each village, sorted; `names` where they go by another one."""
    found: list[set[str]] = [set() for _ in range(size)]
    for decision in decisions:
        for i in np.flatnonzero(decision.figures[0] > 0):
            found[i].add(names.get(decision.operator, decision.operator))
    return pd.Series([tuple(sorted(each - {schema.UNNAMED_OPERATOR})) for each in found], dtype=object)


def _flags(
    decisions: Sequence[Decision],
    shares: pd.DataFrame,
    unit_ids: Sequence[str],
    *,
    known: npt.NDArray[np.bool_],
    contradiction_share: float,
) -> pd.Series[Any]:
    generated, by_area = (
        set(shares.loc[[flag in flags for flags in shares[schema.FLAGS]], schema.UNIT_ID])
        for flag in (SYNTHETIC, AREA_WEIGHTED)
    )
    rows: dict[str, Iterable[bool]] = {
        AREA_WEIGHTED: [k and unit_id in by_area for k, unit_id in zip(known, unit_ids, strict=True)],
        CONTRADICTED: np.any([d.spread >= contradiction_share - ROUNDING for d in decisions], axis=0)
        if decisions
        else np.zeros(len(unit_ids), dtype=bool),
        FEW_TESTS: _any_raised(decisions, FEW_TESTS, known),
        SYNTHETIC: [unit_id in generated for unit_id in unit_ids],
        TESTED_IN_PART: _any_raised(decisions, TESTED_IN_PART, known),
    }
    table = zip(*rows.values(), strict=True)
    return pd.Series([tuple(f for f, holds in zip(rows, row, strict=True) if holds) for row in table], dtype=object)


def _any_raised(decisions: Sequence[Decision], flag: str, known: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return where what decides about some operator carries a flag, of the villages with a known share."""
    return np.any([known & d.flags[flag] for d in decisions], axis=0) if decisions else known & False


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


def eligible_by_age(people: pd.Series[Any], share: pd.Series[Any], communes: pd.Series[Any]) -> pd.Series[Any]:
    """Return how many people of each village are eligible by their own share, so that a commune's total is kept.

    Parameters
    ----------
    people : Series of int
        By village.
    share : Series of float
        Eligible people of all people, 0 to 1, same index.
    communes : Series of str
        Commune of each village, same index.

    Returns
    -------
    Series of int64
        Same index, never more than `people`; a commune's villages add to its eligible people, rounded half up, by the
        largest remainder.
    """
    found = pd.Series(0, index=people.index, dtype=np.int64, name="eligible_people")
    wanted = people.astype("float64") * share
    for _, rows in wanted.groupby(communes.to_numpy()):
        room = people[rows.index].to_numpy(np.int64)
        total = min(math.floor(float(rows.sum()) + 0.5), int(room.sum()))
        found[rows.index] = _within(apportion(total, rows.to_numpy()) if total else np.zeros_like(room), room)
    return found


def _within(parts: npt.NDArray[np.int64], room: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return parts of which none is above its room: the few people that rounding put too many go where there is some."""
    kept = np.minimum(parts, room)
    for position in np.flatnonzero(kept < room)[: int((parts - kept).sum())]:
        kept[position] += 1
    return kept
