"""Which evidence decides about each operator in each village, and how operators make one share together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import schema
from planner import signals
from planner.measured import FEW_TESTS, TESTED_IN_PART
from planner.shares import ANY, MIN_TESTS, Ground, coverage_shares
from planner.signals import MOST, Measure

Float = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DECLARED: Final = schema.EVIDENCE_STRENGTH[0]


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What decides about one operator in each village: its strongest evidence with a known share.

    `figures` is share, low and high, shape (3, n); `evidence` the kind, empty where nothing is known. `doubtful` is True
    where the operator declares and yet nothing is known: its own map says unknown. `spread` is the largest difference
    between the shares of two kinds of evidence, 0 where there are not two. `flags` says where what decides is raised.
    """

    operator: str
    figures: Float
    evidence: npt.NDArray[np.str_]
    doubtful: Flags
    spread: Float
    flags: Mapping[str, Flags]


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """The villages, the coverage in them and its `shares`, and what weighs them."""

    villages: gpd.GeoDataFrame
    coverage: gpd.GeoDataFrame
    shares: pd.DataFrame
    people: Measure | None = None
    min_tests: int = MIN_TESTS

    @property
    def unit_ids(self) -> list[str]:
        """Ids of the villages in their order."""
        return list(self.villages[schema.UNIT_ID])

    def of(self, operators: Sequence[str]) -> Region:
        """Return the region as if these operators were all."""
        rows = self.coverage[self.coverage[schema.OPERATOR].isin(operators)]
        shares = coverage_shares(self.villages, rows, people=self.people, min_tests=self.min_tests)
        return Region(self.villages, rows, shares, self.people, self.min_tests)


def figures_of(shares: pd.DataFrame, unit_ids: Sequence[str]) -> Float:
    """Return share, low and high of one operator, technology and evidence by village, shape (3, n)."""
    one = shares.set_index(schema.UNIT_ID).reindex(list(unit_ids))
    return one[["share", "share_low", "share_high"]].to_numpy(np.float64).T


def decide(shares: pd.DataFrame, unit_ids: Sequence[str], *, operator: str) -> Decision:
    """Take, in each village, the strongest kind of evidence with a known share of one operator.

    Tests that are few, or that lie in a part of the village, decide only where nothing else speaks.
    """
    size = len(unit_ids)
    figures = np.full((3, size), np.nan)
    evidence = np.full(size, "", dtype="U16")
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    kinds = dict(iter(shares.groupby(schema.EVIDENCE)))
    flags = dict.fromkeys((FEW_TESTS, TESTED_IN_PART), np.zeros(size, dtype=bool))
    for kind in schema.EVIDENCE_STRENGTH:  # weakest first: a stronger one replaces it
        if kind in kinds:
            one = figures_of(kinds[kind], unit_ids)
            raised = {name: _raised(kinds[kind], unit_ids, flag=name) for name in flags}
            weak = np.any(list(raised.values()), axis=0) & (evidence != "")
            decides = ~np.isnan(one[0]) & ~weak
            figures, evidence = np.where(decides, one, figures), np.where(decides, kind, evidence)
            flags = {name: np.where(decides, raised[name], had) for name, had in flags.items()}
            low, high = np.fmin(low, one[0]), np.fmax(high, one[0])
    doubtful = np.isnan(figures[0]) & (DECLARED in kinds)
    return Decision(operator, figures, evidence, doubtful, np.where(high >= low, high - low, 0.0), flags)


def _raised(shares: pd.DataFrame, unit_ids: Sequence[str], *, flag: str) -> Flags:
    """Return in which villages a flag is raised."""
    raised = set(shares.loc[[flag in flags for flags in shares[schema.FLAGS]], schema.UNIT_ID])
    return np.fromiter((unit_id in raised for unit_id in unit_ids), dtype=bool, count=len(unit_ids))


def any_of(decisions: Sequence[Decision], region: Region) -> Float:
    """Return share, low and high of at least one operator, shape (3, n).

    Where all are declared the share is that of the union of their areas; else the largest of the operators' shares and
    of the union of the declared ones, which the true union is never below. Where an operator's own map says unknown,
    and less than half is known to be covered, it is unknown.
    """
    stronger = np.any([(d.evidence != "") & (d.evidence != DECLARED) for d in decisions], axis=0)
    doubtful = np.any([d.doubtful for d in decisions], axis=0)
    found = np.fmax.reduce([d.figures for d in decisions])
    found = np.fmax(found, _union_of_declared(decisions, stronger, region))
    found[:, doubtful & ~(found[0] >= MOST)] = np.nan
    shares = region.shares
    of_declared = shares[(shares[schema.OPERATOR] == ANY) & (shares[schema.EVIDENCE] == DECLARED)]
    return np.where(stronger, found, figures_of(of_declared, region.unit_ids))


def best_of(operators: Mapping[str, Float], together: Float) -> Float:
    """Return the figures of the operator with the largest share in each village, shape (3, n).

    Parameters
    ----------
    operators : mapping
        Operator to its figures, shape (3, n).
    together : ndarray, shape (3, n)
        Of at least one operator: where that is unknown, nobody knows who is best.
    """
    if not operators:
        return np.full_like(together, np.nan)
    best = np.fmax.reduce(list(operators.values()))
    return np.where(np.isnan(together[0]) | np.isnan(best[0]), np.nan, np.fmin(best, together))


def all_of(operators: Mapping[str, Float], together: Float, declared: Float) -> Float:
    """Return share, low and high of every operator at once, shape (3, n).

    Parameters
    ----------
    operators, together
        As for `best_of`.
    declared : ndarray, shape (3, n)
        The share of the ground on which all declare signal; NaN where not all of them are judged by what they declare.

    Returns
    -------
    ndarray of float64
        `declared` where it is known. Else the smallest of the operators' shares, as if the areas lay in each other, and
        as low what is left when they lie apart as far as they can (Fréchet's bound). Unknown where one is, unless another
        has no signal at all.
    """
    if not operators:
        return np.full_like(together, np.nan)
    stack = np.stack(list(operators.values()))
    smallest = np.fmin.reduce(stack)
    settled = (smallest[0] == 0) | ~np.isnan(stack[:, 0]).any(axis=0)
    apart = np.maximum(stack[:, 1].sum(axis=0) - (len(stack) - 1), 0.0)
    nested = np.stack([smallest[0], np.where(np.isnan(apart), 0.0, apart), smallest[2]])
    found = np.where(np.isnan(declared[0]), nested, np.fmin(declared, smallest))
    return np.where(settled, np.fmin(found, together), np.nan)


def by_operator(decisions: Sequence[Decision], names: Mapping[str, str], region: Region) -> dict[str, Float]:
    """Return the figures of each operator, of any of its technologies; `names` tells whose a decision is."""
    own: dict[str, list[Decision]] = {}
    for decision in decisions:
        name = names.get(decision.operator, decision.operator)
        if name != schema.UNNAMED_OPERATOR:
            own.setdefault(name, []).append(decision)
    return {
        name: some[0].figures if len(some) == 1 else any_of(some, region.of([d.operator for d in some]))
        for name, some in sorted(own.items())
    }


def declared_by_all(decisions: Sequence[Decision], names: Mapping[str, str], region: Region) -> Float:
    """Return the share of the ground on which all operators declare signal, NaN where one is judged otherwise."""
    found = np.full((3, len(region.villages)), np.nan)
    where = np.all([(d.evidence == DECLARED) | (d.evidence == "") for d in decisions], axis=0)
    where &= np.any([d.evidence == DECLARED for d in decisions], axis=0)
    here = np.flatnonzero(where)
    if not here.size:
        return found
    ground = Ground.of(region.villages.iloc[here], region.people)
    rows = region.coverage[region.coverage[schema.EVIDENCE] == DECLARED]
    own: dict[str, list[signals.Signal]] = {}
    for operator, group in rows.groupby(schema.OPERATOR, sort=True):
        signal = signals.of_operator(ground.cells, group, evidence=DECLARED)
        own.setdefault(names.get(str(operator), str(operator)), []).append(signal)
    each = [signals.of_any(ground.cells, some, evidence=DECLARED) for _, some in sorted(own.items())]
    if len(each) == len({names.get(d.operator, d.operator) for d in decisions}):
        found[:, here] = ground.figures(signals.of_all(ground.cells, each), evidence=DECLARED)
    return found


def _union_of_declared(decisions: Sequence[Decision], where: Flags, region: Region) -> Float:
    """Return, in the villages `where`, the union of the operators about whom their declaration decides, shape (3, n)."""
    found = np.full((3, where.size), np.nan)
    declared = np.stack([d.evidence == DECLARED for d in decisions], axis=1) & where[:, None]
    declared[declared.sum(axis=1) < 2] = False  # one operator alone is its own union
    rows = region.coverage[region.coverage[schema.EVIDENCE] == DECLARED]
    for subset in np.unique(declared[declared.any(axis=1)], axis=0):
        here = np.flatnonzero((declared == subset).all(axis=1))
        names = [d.operator for d, taken in zip(decisions, subset, strict=True) if taken]
        some = region.villages.iloc[here]
        shares = coverage_shares(some, rows[rows[schema.OPERATOR].isin(names)], people=region.people)
        found[:, here] = figures_of(shares[shares[schema.OPERATOR] == ANY], list(some[schema.UNIT_ID]))
    return found
