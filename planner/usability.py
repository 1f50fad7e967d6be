"""From a plan's coverage and reports to what is published of usable signal: chances, votes, doubtful claims, voice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from layers import schema
from layers.catalog import Layer
from planner import doubtful, reports
from planner.evidence import ANY, DEFAULTS, PROBABILITY, VOTES, Belief, Evidence, Rates
from planner.sections.coverage import CoverageSection
from planner.sections.evidence import Evidence as EvidenceSection
from planner.sections.feedback import FeedbackSection
from planner.sections.privacy import Privacy

PER_1000: Final = "negative_reports_per_1000"
MOST_PER_1000: Final = 1000.0
"""As many as one report of everybody; more says nothing more."""


@dataclass(frozen=True, slots=True, eq=False)
class Usability:
    """What is said of usable signal.

    Parameters
    ----------
    villages : DataFrame
        `planner.evidence.PROBABILITY` of the plan's technology and, where the plan has reports, ``PER_1000``; index of
        the villages. No columns where nothing is known at all.
    coverage : DataFrame
        The shares with `PROBABILITY`: of the row's operator (or any) and technology, all evidence together.
    votes : DataFrame
        `planner.evidence.VOTES`.
    doubtful : DataFrame
        `planner.doubtful.COLUMNS`.
    unmatched : int
        Reports, counted once, on operators of whom no coverage layer speaks: they count in the voice alone.
    """

    villages: pd.DataFrame
    coverage: pd.DataFrame
    votes: pd.DataFrame
    doubtful: pd.DataFrame
    unmatched: int


def belief(evidence: EvidenceSection, feedback: FeedbackSection | None) -> Belief:
    """Return what a plan sets of chances and of reports."""
    rates = Rates(0.7, 0.3) if feedback is None else Rates(feedback.hit_rate, feedback.false_alarm_rate)
    return Belief(evidence.prior, evidence.report_cap, rates)


def rates(sections: Mapping[str, CoverageSection], layers: Iterable[Layer]) -> dict[tuple[str, str, str], Rates]:
    """Return by (operator, technology, evidence) how far its layers are trusted.

    Where two layers of one operator and kind are trusted differently, the smaller trust holds for both: they were laid
    over each other before they were judged.
    """
    found: dict[tuple[str, str, str], Rates] = {}
    for layer in layers:
        section = sections[layer.record.layer.partition(".")[2]]
        own = DEFAULTS[section.evidence]
        if section.hit_rate is not None and section.false_alarm_rate is not None:
            own = Rates(section.hit_rate, section.false_alarm_rate)
        own = Rates(own.hit_rate, own.false_alarm_rate, section.half_life_days)
        for operator in sorted(layer.frame[schema.OPERATOR].unique()):
            key = (str(operator), section.technology, section.evidence)
            found[key] = _less(found[key], own) if key in found else own
    return found


def trust(
    used: Mapping[tuple[str, str, str], Rates], feedback: FeedbackSection | None
) -> dict[str, tuple[float, float]]:
    """Return by kind of evidence, and ``reports``, the least hit rate and the largest false alarm rate that were used."""
    found: dict[str, tuple[float, float]] = {}
    for (_, _, kind), own in sorted(used.items()):
        hit, wrong = found.get(kind, (1.0, 0.0))
        found[kind] = (min(hit, own.hit_rate), max(wrong, own.false_alarm_rate))
    return found if feedback is None else found | {"reports": (feedback.hit_rate, feedback.false_alarm_rate)}


def _less(one: Rates, other: Rates) -> Rates:
    half_lives = [r.half_life_days for r in (one, other) if r.half_life_days is not None]
    return Rates(
        min(one.hit_rate, other.hit_rate),
        max(one.false_alarm_rate, other.false_alarm_rate),
        min(half_lives, default=None),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a plan decides about signal.

    Parameters
    ----------
    evidence : Evidence
    feedback : FeedbackSection or None
    privacy : Privacy
    covered_at : float
        Share from which a village counts as declared covered.
    """

    evidence: EvidenceSection
    feedback: FeedbackSection | None
    privacy: Privacy
    covered_at: float


def usability(
    rows: pd.DataFrame,
    shares: pd.DataFrame,
    *,
    asked: Asked,
    rates: Mapping[tuple[str, str, str], Rates],
    feedback: pd.DataFrame | None,
    today: dt.date,
) -> Usability:
    """Return what is said of usable signal in every village.

    Parameters
    ----------
    rows : DataFrame
        ``unit_id`` and ``eligible_people``.
    shares : DataFrame
        `products.COVERAGE` without chances.
    asked : Asked
    rates : mapping
        As `rates` returns it.
    feedback : DataFrame or None
        `layers.feedback`; None where the plan has no reports.
    today : date
    """
    given = feedback if feedback is not None else _none()
    counted = _counted(given, asked.feedback, today, apart=(schema.OPERATOR, schema.TECHNOLOGY))
    known = Evidence(shares, rates, counted, today, belief(asked.evidence, asked.feedback))
    votes, claims, chances = [], [], []
    for technology in sorted({*shares[schema.TECHNOLOGY], asked.evidence.technology}):
        case, said = known.of(technology, list(rows[schema.UNIT_ID]))
        votes.append(said)
        claims.append(
            doubtful.claims(
                case,
                shares,
                technology=technology,
                belief=known.belief,
                covered_at=asked.covered_at,
                doubtful_below=asked.evidence.doubtful_below,
                settled_at=asked.evidence.settled_at,
            )
        )
        for position, operator in [*enumerate(case.operators), (None, ANY)]:
            of_one = doubtful.chance(case, known.belief, operator=position)
            chances.append(of_one.assign(unit_id=case.unit_ids, operator=operator, technology=technology))
    every = _joined(chances, [*PROBABILITY, *_KEY])
    of_villages = _of_villages(rows, every, asked.evidence.technology)
    if feedback is not None:
        of_villages = of_villages.join(per_1000(rows, _counted(given, asked.feedback, today), privacy=asked.privacy))
    return Usability(
        of_villages,
        shares.merge(every, on=_KEY, how="left", validate="many_to_one") if len(shares) else shares,
        _joined(votes, VOTES),
        _joined([table for table in claims if len(table)], doubtful.COLUMNS),
        known.unmatched(),
    )


_KEY: Final = [schema.UNIT_ID, schema.OPERATOR, schema.TECHNOLOGY]


def _none() -> pd.DataFrame:
    columns = [name for name in schema.FEEDBACK if name not in {schema.LAT, schema.LON}]
    found = pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    return found.assign(x_m=pd.Series(dtype="float64"), y_m=pd.Series(dtype="float64"))


def _joined(parts: list[pd.DataFrame], columns: Iterable[str]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    return pd.concat(parts, ignore_index=True)


def _counted(
    feedback: pd.DataFrame, section: FeedbackSection | None, today: dt.date, *, apart: tuple[str, ...] = ()
) -> pd.DataFrame:
    return reports.distinct(
        feedback,
        today=today,
        threshold_dbm=-110.0 if section is None else section.threshold_dbm,
        half_life_days=None if section is None else section.half_life_days,
        apart=apart,
    )


def _of_villages(rows: pd.DataFrame, every: pd.DataFrame, technology: str) -> pd.DataFrame:
    of_any = every[(every[schema.OPERATOR] == ANY) & (every[schema.TECHNOLOGY] == technology)]
    found = of_any.set_index(schema.UNIT_ID)[list(PROBABILITY)].reindex(rows[schema.UNIT_ID])
    if found[PROBABILITY[0]].isna().all():
        return pd.DataFrame(index=rows.index)
    return found.set_index(rows.index).astype("float64")


def per_1000(rows: pd.DataFrame, counted: pd.DataFrame, *, privacy: Privacy) -> pd.DataFrame:
    """Return ``PER_1000``: fresh reports of no or weak signal per 1,000 eligible people, older ones for less.

    Small counts are protected, and so that one report more never makes a village look better: fewer than
    ``min_reports`` count as none, and a village of fewer than ``min_people`` eligible people has no figure.

    Parameters
    ----------
    rows : DataFrame
        ``unit_id`` and ``eligible_people``.
    counted : DataFrame
        From `planner.reports.distinct`.
    privacy : Privacy
    """
    negative = counted[counted[reports.KIND].isin(reports.NEGATIVE)].groupby(schema.UNIT_ID)[reports.WEIGHT]
    number = rows[schema.UNIT_ID].map(negative.size()).fillna(0).to_numpy(dtype=np.float64)
    weight = rows[schema.UNIT_ID].map(negative.sum()).fillna(0.0).to_numpy(dtype=np.float64)
    eligible = rows["eligible_people"].to_numpy(dtype=np.float64)
    enough = eligible >= privacy.min_people
    rate = np.divide(1000.0 * weight, eligible, out=np.full(len(rows), np.nan), where=enough)
    shown = np.where(number >= privacy.min_reports, np.minimum(rate, MOST_PER_1000), np.where(enough, 0.0, np.nan))
    return pd.DataFrame({PER_1000: shown}, index=rows.index)
