"""The underserved score: 0 to 100, 100 is worst, with the points of each pillar and the rank."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from layers.schema import COMMUNE_ID
from planner.indicators import INDICATORS
from planner.indicators.base import Record, Settings

DECIMALS: Final = 9
"""Indicators and ranked scores are read to so many decimals: what differs by less is equal."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence for people, in Vietnamese and in English."""

    vi: str
    en: str


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of all villages. Series and frames have the index of the villages that were scored.

    Parameters
    ----------
    score : Series of float64
        Points, 0 to 100, 100 is worst; NaN where nothing that ranks is known of the village.
    rank : Series of Int64
        1 is worst, ties share the smaller; empty where there is no score.
    contributions : DataFrame of float64
        ``contribution_<pillar>``, points; they add to the score. A pillar that ranks nobody gives 0, one that is
        unknown in a village NaN there.
    weights : dict
        Weight that each pillar of the plan really has; they add to 1, and are 0 for those left out.
    sentences : tuple of Sentence
        What was left out and why.
    """

    score: pd.Series[float]
    rank: pd.Series[int]
    contributions: pd.DataFrame
    weights: dict[str, float]
    sentences: tuple[Sentence, ...]

    def table(self) -> pd.DataFrame:
        """Return ``score``, ``rank`` and the contributions as one frame."""
        return pd.concat([self.score, self.rank, self.contributions], axis="columns")


def score(villages: pd.DataFrame, *, weights: Mapping[str, float], adoption: str, cutoff_minutes: float) -> Scores:
    """Score villages on the pillars of a plan.

    Each indicator is scaled by the smallest and the largest value that occur (min-max; OECD and JRC, Handbook on
    constructing composite indicators, 2008). An indicator that is the same everywhere, or known nowhere, gets weight 0.
    The points of pillar p are 100 w_p x_p over the sum of the weights of the pillars that are known in the village.

    A village that gets worse never improves its rank, even where it is itself an end of the scale: its own scaled value
    does not fall, and an end that moves up does not raise those of the others. That is why the worst access is the
    largest value that occurs (the cutoff, once a village is out of reach) and not the cutoff in any case: with a fixed
    end, giving an indicator weight 0 when its spread vanishes would move villages in which it is unknown.

    Parameters
    ----------
    villages : DataFrame
        One row per village with the columns that `INDICATORS` read.
    weights : mapping
        Pillar to weight, not negative; only their ratios matter.
    adoption : str
        Indicator named in ``[needs]``, column ``<adoption>_rate``.
    cutoff_minutes : float
        Worst value of the access indicator, minutes.

    Raises
    ------
    ValueError
        When a pillar is not known, a weight is negative or none is positive, or an indicator leaves its range.
    """
    _check_weights(weights)
    settings = Settings(adoption=adoption, cutoff_minutes=cutoff_minutes)
    values = pd.DataFrame({p: _values(p, villages, settings) for p in INDICATORS if p in weights}, index=villages.index)
    used = _used_weights(values, weights)
    points, total = _points(values, used)
    sentences = tuple(_sentences(values, weights, used, total))
    return Scores(total, _rank(total), points.add_prefix("contribution_"), used, sentences)


def commune_scores(villages: pd.DataFrame, scores: Scores) -> pd.DataFrame:
    """Return each commune's score: the mean over its villages, weighted by the people in need.

    Where no village of a commune has known need above 0, eligible people are the weights. Villages without a score
    are left aside, and of those with one the ones without a weight.

    Parameters
    ----------
    villages : DataFrame
        ``unit_id``, ``commune_id``, ``need_people``, ``eligible_people``; the index of `scores`.
    scores : Scores

    Returns
    -------
    DataFrame
        ``score`` (points, NaN where there is none) and ``rank`` (1 is worst), index ``commune_id`` in text order.
    """
    ordered = villages.sort_values("unit_id")
    commune = ordered[COMMUNE_ID]
    points = scores.score.loc[ordered.index]
    need = ordered["need_people"].astype("float64").where(points.notna())
    eligible = ordered["eligible_people"].astype("float64").where(points.notna())
    any_need = need.groupby(commune, sort=True).transform("sum") > 0
    weight = need.where(any_need, eligible)
    total = weight.groupby(commune, sort=True).sum()
    mean = (weight * points).groupby(commune, sort=True).sum() / total.where(total > 0)
    return pd.DataFrame({"score": mean, "rank": _rank(mean)})


def _check_weights(weights: Mapping[str, float]) -> None:
    for pillar, weight in weights.items():
        if pillar not in INDICATORS:
            message = f"score.pillars: no pillar '{pillar}' (there are: {', '.join(INDICATORS)})"
            raise ValueError(message)
        if not (math.isfinite(weight) and weight >= 0):
            message = f"score.pillars.{pillar} = {weight}: a weight is a number from 0 upwards"
            raise ValueError(message)
    if not sum(weights.values()) > 0:
        message = "score.pillars: at least one pillar needs a weight above 0"
        raise ValueError(message)


def _values(pillar: str, villages: pd.DataFrame, settings: Settings) -> pd.Series[float]:
    """Return the indicator of a pillar, to `DECIMALS`, checked against its range."""
    indicator = INDICATORS[pillar]
    record = indicator.record
    values = indicator.function(villages, settings).round(DECIMALS)
    highest = settings.cutoff_minutes if record.highest is None else record.highest
    outside = values[(values < record.lowest) | (values > highest)]
    if len(outside):
        message = f"{record.name} = {outside.iloc[0]}: lies outside {record.lowest} to {highest} {record.unit}"
        raise ValueError(message)
    return values


def _used_weights(values: pd.DataFrame, weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weights, 0 where an indicator cannot tell villages apart, so that they add to 1."""
    spread = values.max() > values.min()
    used = {str(p): float(weights[str(p)]) if apart else 0.0 for p, apart in spread.items()}
    total = sum(used.values())
    return {p: w / total if total > 0 else 0.0 for p, w in used.items()}


def _points(values: pd.DataFrame, used: Mapping[str, float]) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Return the points of each pillar and their sum, NaN where nothing that ranks is known."""
    x = values.to_numpy(dtype=np.float64)
    weight = np.array([used[str(p)] for p in values])
    known = np.isfinite(x)
    lowest = np.min(x, axis=0, where=known, initial=np.inf)
    span = np.max(x, axis=0, where=known, initial=-np.inf) - lowest
    # Left-out pillars have no span; the 1 only keeps the division defined, their weight makes the points 0.
    scaled = (x - np.where(weight > 0, lowest, 0.0)) / np.where(weight > 0, span, 1.0)
    available = (known * weight).sum(axis=1)
    ranked = available > 0
    share = weight / np.where(ranked, available, np.nan)[:, np.newaxis]
    points = np.where(weight > 0, 100.0 * share * scaled, np.where(ranked, 0.0, np.nan)[:, np.newaxis])
    total = np.where(ranked, np.nansum(points, axis=1), np.nan)
    return (
        pd.DataFrame(points, index=values.index, columns=values.columns),
        pd.Series(total, index=values.index, name="score"),
    )


def _rank(points: pd.Series[float]) -> pd.Series[int]:
    # Scores are sums in floating point: what differs in the last digits only is a tie.
    return points.round(DECIMALS).rank(method="min", ascending=False).astype("Int64").rename("rank")


def _sentences(
    values: pd.DataFrame, weights: Mapping[str, float], used: Mapping[str, float], total: pd.Series[float]
) -> list[Sentence]:
    asked = [p for p in used if weights[p] > 0]
    found = [s for p in asked if (s := _sentence(INDICATORS[p].record, values[p])) is not None]
    if not any(used.values()):
        found.append(
            Sentence(
                "Không còn chỉ số nào phân biệt được các thôn, nên không có điểm và thứ hạng.",
                "No indicator tells villages apart, so there are no scores and no ranks.",
            )
        )
    elif total.isna().any():
        count = int(total.isna().sum())
        found.append(
            Sentence(
                f"{_vi(count)} thôn không có điểm vì chưa biết chỉ số nào dùng để xếp hạng.",
                f"{count:,} villages have no score, because nothing that ranks is known of them.",
            )
        )
    return found


def _sentence(record: Record, values: pd.Series[float]) -> Sentence | None:
    """Return what people must know of an indicator's data, None when there is nothing to say."""
    known = values.dropna()
    if known.empty:
        return Sentence(
            f"“{record.title_vi}”: không thôn nào có số liệu, nên không xếp hạng được thôn nào; trọng số 0.",
            f"'{record.title_en}' is known of no village: it ranks nobody and has weight 0.",
        )
    if known.max() == known.min():
        vi, en = _amount(record, float(known.iloc[0]))
        return Sentence(
            f"“{record.title_vi}” bằng nhau ({vi}) ở cả {_vi(len(known))} thôn có số liệu, "
            "nên không xếp hạng được thôn nào; trọng số 0.",
            f"'{record.title_en}' is the same ({en}) in all {len(known):,} villages with data: "
            "it ranks nobody and has weight 0.",
        )
    unknown = len(values) - len(known)
    if unknown:
        return Sentence(
            f"“{record.title_vi}” chưa biết ở {_vi(unknown)} trong {_vi(len(values))} thôn; "
            "các thôn đó được chấm theo các chỉ số còn lại.",
            f"'{record.title_en}' is unknown in {unknown:,} of {len(values):,} villages; "
            "those are scored on what else is known.",
        )
    return None


def _vi(count: int) -> str:
    return f"{count:,}".replace(",", ".")


def _amount(record: Record, value: float) -> tuple[str, str]:
    if record.unit == "share":
        text = f"{100 * value:.4g} %"
        return text.replace(".", ","), text
    text = f"{value:.4g}"
    return f"{text.replace('.', ',')} phút", f"{text} minutes"
