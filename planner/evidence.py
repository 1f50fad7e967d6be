"""How likely 4G is usable: what operators claim, models say, measurements show and citizens report, as log-odds.

Naive Bayes. Each source is a test with a hit rate h (it says signal where there is some) and a false alarm rate f (it
says signal where there is none); of a village of which it says that the share s has signal its vote is

    log [ (s h + (1 - s)(1 - h)) / (s f + (1 - s)(1 - f)) ]

halved with every half-life. Rates are inputs of the plan and never learnt from what is judged by them. Sources that
look at the same mast are one witness: of an operator in a village only its strongest kind of evidence votes. Operators
that have signal vote together; one that has none is no witness against the others, whose phones do not use its masts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit

from layers import schema
from planner.reports import KIND, WEIGHT, ageing

Float = npt.NDArray[np.float64]

ANY: Final = schema.ANY_OPERATOR
PROBABILITY: Final = ("usable_probability", "usable_probability_low", "usable_probability_high")
REPORTS: Final = "reports"
VOTES: Final = ("unit_id", "operator", "technology", "source", "log_odds", "counted")
WEAK: Final = 0.5
"""A report of weak signal is half a report of none."""
MET_SHARE: Final = 0.62
"""From elsewhere: the share of public drive tests that met the minimum an operator had declared (domain.md)."""
DECLARED_HIT_RATE: Final = 0.95


def false_alarm(hit_rate: float, met_share: float) -> float:
    """Return the false alarm rate of claims of which `met_share` hold at even odds.

    P(usable | claimed) = h / (h + f) where usable and not are as likely before; so f = h (1 - met) / met.
    """
    return hit_rate * (1.0 - met_share) / met_share


@dataclass(frozen=True, slots=True)
class Rates:
    """How far one source is to be trusted: both rates above 0 and below 1, the half-life in days, None = no ageing."""

    hit_rate: float
    false_alarm_rate: float
    half_life_days: float | None = None

    def vote(self, share: Float, days: Float | float = 0.0) -> Float:
        """Return the log-odds for usable signal of the shares said to have it, seen so many days ago."""
        for_it = share * self.hit_rate + (1.0 - share) * (1.0 - self.hit_rate)
        against = share * self.false_alarm_rate + (1.0 - share) * (1.0 - self.false_alarm_rate)
        return np.asarray(np.log(for_it / against) * ageing(days, self.half_life_days))


DEFAULTS: Final[dict[str, Rates]] = {
    "declared": Rates(DECLARED_HIT_RATE, false_alarm(DECLARED_HIT_RATE, MET_SHARE)),
    "modelled": Rates(0.85, 0.30),
    "measured": Rates(0.95, 0.05),
}
"""By kind of evidence, where a plan says nothing. Declared: from elsewhere; the others are assumptions."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What `[evidence]` of a plan sets: chances, and the rates of a citizen's report."""

    prior: float
    report_cap: float
    reports: Rates

    @property
    def start(self) -> float:
        """Log-odds before any evidence."""
        return float(logit(self.prior))

    @property
    def no_signal(self) -> float:
        """Vote of one fresh report of no signal."""
        return float(self.reports.vote(np.zeros(1))[0])

    def held(self, votes: Float, reports: Float) -> Float:
        """Return `votes` moved by `reports`, log-odds without the prior, no further than the cap.

        Nobody counts who had signal and did not report: reports alone lower a chance to `report_cap` and no further,
        and raise it to 1 - `report_cap` and no further. What other evidence has put beyond stays there.
        """
        floor, ceiling = (float(logit(end)) - self.start for end in (self.report_cap, 1.0 - self.report_cap))
        lowered = np.maximum(votes + reports, np.minimum(votes, floor))
        raised = np.minimum(votes + reports, np.maximum(votes, ceiling))
        return np.where(reports < 0, lowered, raised)

    def chance(self, votes: Float) -> Float:
        """Return probabilities from log-odds without the prior."""
        return np.asarray(expit(self.start + votes))


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Votes on one technology under one reading of how sources hang together, log-odds without the prior.

    Parameters
    ----------
    operators : ndarray, shape (operators, villages)
        Of what is declared, modelled and measured; NaN = nothing is known.
    own, common : ndarray, shape (operators, villages) and (villages,)
        Of reports that name the operator, and of those that name none; 0 where there are none.
    union : bool
        Whether operators fail each for itself: any of them may be the usable one.
    """

    operators: Float
    own: Float
    common: Float
    union: bool = False

    def of_operators(self, belief: Belief) -> Float:
        """Return each operator's votes with its own reports; NaN where there is neither."""
        known = ~np.isnan(self.operators) | (self.own != 0)
        return np.where(known, belief.held(np.nan_to_num(self.operators), self.own), np.nan)

    def of_any(self, belief: Belief) -> Float:
        """Return the votes on signal of at least one operator, NaN where nothing is known."""
        votes = self.of_operators(belief)
        known = ~np.isnan(votes)
        if self.union:
            none = np.where(known, 1.0 - belief.chance(np.nan_to_num(votes)), 1.0).prod(axis=0)
            together = logit(np.clip(1.0 - none, 1e-12, 1.0 - 1e-12)) - belief.start
        else:
            together = _together(votes)
        some = known.any(axis=0)
        return np.where(some | (self.common != 0), belief.held(np.where(some, together, 0.0), self.common), np.nan)


def _together(votes: Float) -> Float:
    """Return the votes of operators for at least one: those for it added; the mildest where all are against it."""
    for_it = np.where(votes > 0, votes, 0.0).sum(axis=0)
    mildest = np.where(np.isnan(votes), -np.inf, votes).max(axis=0, initial=-np.inf)
    return np.where(for_it > 0, for_it, np.where(np.isneginf(mildest), 0.0, mildest))


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """All evidence on one technology: its readings, by position of operator and village."""

    unit_ids: tuple[str, ...]
    operators: tuple[str, ...]
    grouped: Reading
    independent: Reading
    dependent: Reading

    def with_reports(self, more: Float, *, operator: int | None) -> Case:
        """Return the case with `more` votes by reports on one operator, or on none in particular, in every village."""
        return Case(
            self.unit_ids,
            self.operators,
            *(_more(reading, more, operator) for reading in (self.grouped, self.independent, self.dependent)),
        )

    def of_any(self, belief: Belief) -> pd.DataFrame:
        """Return `PROBABILITY` of signal of at least one operator, one row per village."""
        dependent = _strongest(self.dependent, belief)
        return _interval(
            belief.chance(self.grouped.of_any(belief)), belief.chance(self.independent.of_any(belief)), dependent
        )

    def of_operator(self, operator: int, belief: Belief) -> pd.DataFrame:
        """Return `PROBABILITY` of signal of one operator; reports that name none count for each."""
        found = []
        for reading in (self.grouped, self.independent, self.dependent):
            votes = reading.of_operators(belief)[operator]
            held = belief.held(np.nan_to_num(votes), reading.common)
            found.append(np.where(np.isnan(votes), np.nan, belief.chance(held)))
        return _interval(*found)


def _more(reading: Reading, more: Float, operator: int | None) -> Reading:
    if operator is None:
        return Reading(reading.operators, reading.own, reading.common + more, reading.union)
    own = reading.own.copy()
    own[operator] = own[operator] + more
    return Reading(reading.operators, own, reading.common, reading.union)


def _strongest(reading: Reading, belief: Belief) -> Float:
    """Return the chance where all operators are one witness: that of the most likely one."""
    votes = reading.of_operators(belief)
    known = ~np.isnan(votes)
    best = np.where(known, votes, -np.inf).max(axis=0, initial=-np.inf)
    some = known.any(axis=0)
    held = belief.held(np.where(some, best, 0.0), reading.common)
    return np.where(some | (reading.common != 0), belief.chance(held), np.nan)


def _interval(value: Float, *others: Float) -> pd.DataFrame:
    low, high = value, value
    for other in others:
        low, high = np.fmin(low, other), np.fmax(high, other)
    return pd.DataFrame(dict(zip(PROBABILITY, (value, low, high), strict=True)))


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What is known of every village before anything is concluded.

    Parameters
    ----------
    shares : DataFrame
        `planner.overlay.SHARES`.
    rates : mapping
        (operator, technology, evidence) to `Rates`.
    reports : DataFrame
        From `planner.reports.distinct`, apart by operator and technology.
    today : date
        Day of the publication: what evidence ages until.
    belief : Belief
    """

    shares: pd.DataFrame
    rates: Mapping[tuple[str, str, str], Rates]
    reports: pd.DataFrame
    today: dt.date
    belief: Belief

    def unmatched(self) -> int:
        """Return how many reports, counted once, name an operator of whom no coverage layer of the technology speaks."""
        named = self.reports[self.reports[schema.OPERATOR].str.casefold() != ANY]
        known = {
            (o.casefold(), t) for o, t in zip(self.shares[schema.OPERATOR], self.shares[schema.TECHNOLOGY], strict=True)
        }
        pairs = zip(named[schema.OPERATOR], named[schema.TECHNOLOGY], strict=True)
        return sum((operator.casefold(), technology) not in known for operator, technology in pairs)

    def of(self, technology: str, unit_ids: Sequence[str]) -> tuple[Case, pd.DataFrame]:
        """Return the case on a technology in these villages, and `VOTES`: who votes how."""
        shares = self.shares[(self.shares[schema.TECHNOLOGY] == technology) & (self.shares[schema.OPERATOR] != ANY)]
        reports = self.reports[self.reports[schema.TECHNOLOGY] == technology]
        spelled = {str(name).casefold(): str(name) for name in sorted(shares[schema.OPERATOR].unique())}
        reports = _matched(reports, spelled | {ANY: ANY})
        operators = tuple(sorted(spelled.values()))
        kinds = self._kinds(shares, operators, unit_ids)
        sums, strongest = self._reports(reports, (*operators, ANY), unit_ids)
        grouped = _first(kinds)
        case = Case(
            tuple(unit_ids),
            operators,
            Reading(grouped, sums[:-1], sums[-1]),
            Reading(_sum(kinds), sums[:-1], sums[-1], union=True),
            Reading(grouped, strongest[:-1], strongest[-1]),
        )
        return case, _votes(kinds, grouped, sums, case, technology)

    def _kinds(self, shares: pd.DataFrame, operators: Sequence[str], unit_ids: Sequence[str]) -> dict[str, Float]:
        """Return by kind of evidence the votes, shape (operators, villages), strongest kind first."""
        found = {}
        for kind in reversed(schema.EVIDENCE_STRENGTH):
            votes = np.full((len(operators), len(unit_ids)), np.nan)
            for position, operator in enumerate(operators):
                rows = shares[(shares[schema.OPERATOR] == operator) & (shares[schema.EVIDENCE] == kind)]
                if len(rows):
                    votes[position] = self._vote(rows, kind, unit_ids)
            found[kind] = votes
        return found

    def _vote(self, rows: pd.DataFrame, kind: str, unit_ids: Sequence[str]) -> Float:
        one = rows.set_index(schema.UNIT_ID).reindex(list(unit_ids))
        first = rows.iloc[0]
        key = (str(first[schema.OPERATOR]), str(first[schema.TECHNOLOGY]), kind)
        ages = [(self.today - day).days if isinstance(day, dt.date) else 0 for day in one[schema.DATA_DATE]]
        days = np.array(ages, dtype=np.float64)
        return self.rates.get(key, DEFAULTS[kind]).vote(one["share"].to_numpy(dtype=np.float64), days)

    def _reports(self, reports: pd.DataFrame, operators: Sequence[str], unit_ids: Sequence[str]) -> tuple[Float, Float]:
        """Return the votes of reports added, and as of one witness for and one against; shape (operators, villages)."""
        shape = (len(operators), len(unit_ids))
        each = {"no_signal": 0.0, "weak_signal": 0.0, "signal": 1.0}
        part = reports[KIND].map({"no_signal": 1.0, "weak_signal": WEAK, "signal": 1.0}).to_numpy(dtype=np.float64)
        said = np.array([each[kind] for kind in reports[KIND]], dtype=np.float64)
        votes = self.belief.reports.vote(said) * part * reports[WEIGHT].to_numpy(dtype=np.float64)
        row = pd.Index(operators).get_indexer(pd.Index(reports[schema.OPERATOR]))
        column = pd.Index(unit_ids).get_indexer(pd.Index(reports[schema.UNIT_ID]))
        sums, against, for_it = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        np.add.at(sums, (row, column), votes)
        np.minimum.at(against, (row, column), votes)
        np.maximum.at(for_it, (row, column), votes)
        return sums, against + for_it


def _matched(reports: pd.DataFrame, spelled: Mapping[str, str]) -> pd.DataFrame:
    """Return the reports on known operators, and on none, with the operators' names as the plan's layers spell them.

    Others are left out: what strangers write as a name is not published, and no claim is known that it could be about.
    """
    named = reports[schema.OPERATOR].map(lambda name: spelled.get(name.casefold()))
    return reports.assign(**{schema.OPERATOR: named}).dropna(subset=schema.OPERATOR)


def _first(kinds: Mapping[str, Float]) -> Float:
    """Return the vote of the strongest kind that is known."""
    found: Float | None = None
    for votes in kinds.values():
        found = votes if found is None else np.where(np.isnan(found), votes, found)
    return np.asarray(found)


def _sum(kinds: Mapping[str, Float]) -> Float:
    """Return the votes of all kinds added, NaN where none is known."""
    stacked = np.stack(list(kinds.values()))
    return np.where(np.isnan(stacked).all(axis=0), np.nan, np.nansum(stacked, axis=0))


def _votes(kinds: Mapping[str, Float], grouped: Float, sums: Float, case: Case, technology: str) -> pd.DataFrame:
    """Return `VOTES`, one row per operator, village and source that says anything."""
    parts = [(source, case.operators, votes, ~np.isnan(votes)) for source, votes in kinds.items()]
    parts.append((REPORTS, (*case.operators, ANY), sums, sums != 0))
    decided = np.zeros(grouped.shape, dtype=bool)
    rows = []
    for source, operators, votes, known in parts:
        counted = known & ~decided if source != REPORTS else known
        if source != REPORTS:
            decided |= known
        for o, v in np.argwhere(known):
            rows.append(
                (
                    case.unit_ids[v],
                    operators[o],
                    technology,
                    source,
                    float(votes[o, v]),
                    "yes" if counted[o, v] else "no",
                )
            )
    return pd.DataFrame(rows, columns=list(VOTES))
