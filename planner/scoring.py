"""The underserved score: 0 to 100, 100 is worst, with the points of each pillar and the rank."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.schema import COMMUNE_ID
from planner import aggregation, composite, normalisation
from planner.composite import Composite, Recipe
from planner.framework import Framework
from planner.indicators import PILLARS, of_pillar
from planner.indicators.base import Attribute, Indicator, Record, Settings
from planner.normalisation import Scale

Float = npt.NDArray[np.float64]

DECIMALS: Final = 9
"""Indicators and ranked scores are read to so many decimals: what differs by less is equal."""
AVAILABLE: Final = 1e-12
"""Shares of known indicators are compared with this much room: 2 of 3 are two thirds."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence for people, in Vietnamese and in English."""

    vi: str
    en: str


@dataclass(frozen=True, eq=False)
class Workings:
    """What a score was made of, so that others can ask what changes it.

    Parameters
    ----------
    indicators : DataFrame of float64
        One column per indicator, higher is worse, NaN where unknown.
    records : dict of str to Record
        By indicator, in the order of `indicators`.
    scales : dict of str to Scale
        By indicator; those that tell villages apart only.
    places : DataFrame of float64
        One column per pillar that ranks: 0 best, 1 worst, NaN where unknown.
    shares : DataFrame of float64
        Weight of each such pillar in the village; they add to 1, and are 0 where it is unknown.
    framework : Framework
    recipe : Recipe
        Of the indicators in `scales`, in their order: what scores draws of them as these villages were scored.
    enough : Series of bool
        Of which villages enough is known to be scored.
    """

    indicators: pd.DataFrame
    records: dict[str, Record]
    scales: dict[str, Scale]
    places: pd.DataFrame
    shares: pd.DataFrame
    framework: Framework
    recipe: Recipe
    enough: pd.Series[bool]

    def members(self, pillar: str) -> list[str]:
        """Return the indicators of a pillar that tell villages apart."""
        return [name for name in self.scales if self.records[name].pillar == pillar]

    def score(self, places: pd.DataFrame, *, shares: pd.DataFrame | None = None) -> Float:
        """Return the points of villages with other places, or with other weights.

        Parameters
        ----------
        places : DataFrame
            Columns as `places`, index within that of `shares`.
        shares : DataFrame, optional
            Of the same shape; the workings' own when None.
        """
        known = places.fillna(0.0).to_numpy(dtype=np.float64)
        weights = (self.shares.loc[places.index] if shares is None else shares).to_numpy(dtype=np.float64)
        return aggregation.METHODS[self.framework.aggregation](known, weights)


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
    workings : Workings
    """

    score: pd.Series[float]
    rank: pd.Series[int]
    contributions: pd.DataFrame
    weights: dict[str, float]
    sentences: tuple[Sentence, ...]
    workings: Workings

    def table(self) -> pd.DataFrame:
        """Return ``score``, ``rank`` and the contributions as one frame."""
        return pd.concat([self.score, self.rank, self.contributions], axis="columns")


def score(
    villages: pd.DataFrame,
    *,
    weights: Mapping[str, float],
    adoption: str,
    cutoff_minutes: float,
    attributes: Sequence[Attribute] = (),
    framework: Framework | None = None,
) -> Scores:
    """Score villages on the pillars of a plan.

    Each indicator is put on a scale from 0 to 1 (`planner.normalisation`), a pillar is the mean of its known
    indicators, and the pillars that are known in a village are put together (`planner.aggregation`) with their weights
    over the sum of those. An indicator that is the same everywhere, or known nowhere, gets weight 0.

    With min-max (the default) a village that gets worse never improves its rank, even where it is itself an end of the
    scale: its own place does not fall, and an end that moves up does not raise those of the others. That is why the
    worst access is the largest value that occurs (the cutoff, once a village is out of reach) and not the cutoff in any
    case: with a fixed end, giving an indicator weight 0 when its spread vanishes would move villages in which it is
    unknown. `Framework` says what holds for the other choices.

    Parameters
    ----------
    villages : DataFrame
        One row per village with the columns that the indicators read.
    weights : mapping
        Pillar to weight, not negative; only their ratios matter.
    adoption : str
        Indicator named in ``[needs]``, column ``<adoption>_rate``.
    cutoff_minutes : float
        Worst value of the access indicator, minutes.
    attributes : sequence of Attribute
        Indicators of the vulnerability pillar.
    framework : Framework, optional
        Min-max and arithmetic when None.

    Raises
    ------
    ValueError
        When a pillar is not known, a weight is negative or none is positive, an indicator leaves its range, or
        goalposts are missing.
    """
    _check_weights(weights)
    chosen = framework or Framework()
    settings = Settings(adoption=adoption, cutoff_minutes=cutoff_minutes, attributes=tuple(attributes))
    indicators = [i for p in PILLARS if p in weights for i in of_pillar(p, settings)]
    records = {i.record.name: i.record for i in indicators}
    values = pd.DataFrame({i.record.name: _values(i, villages, settings) for i in indicators}, index=villages.index)
    asked = [name for name, record in records.items() if weights[record.pillar] > 0]
    enough = _enough(values[asked], chosen.min_known_share)
    recipe = _recipe(list(records.values()), weights, settings, chosen)
    found = composite.evaluate(_arrays(values), recipe, enough=enough.to_numpy(dtype=np.bool_))
    used = _used_weights(found, weights)
    workings = _workings(found, values, records, recipe, enough)
    points, total = _points(workings, found, list(used))
    sentences = tuple(_sentences(workings, weights, used, total, enough))
    return Scores(total, _rank(total), points.add_prefix("contribution_"), used, sentences, workings)


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
        if pillar not in PILLARS:
            message = f"score.pillars: no pillar '{pillar}' (there are: {', '.join(PILLARS)})"
            raise ValueError(message)
        if not (math.isfinite(weight) and weight >= 0):
            message = f"score.pillars.{pillar} = {weight}: a weight is a number from 0 upwards"
            raise ValueError(message)
    if not sum(weights.values()) > 0:
        message = "score.pillars: at least one pillar needs a weight above 0"
        raise ValueError(message)


def _values(indicator: Indicator, villages: pd.DataFrame, settings: Settings) -> pd.Series[float]:
    """Return an indicator, to `DECIMALS`, checked against its range."""
    record = indicator.record
    values = indicator.function(villages, settings).round(DECIMALS)
    lowest, highest = _range(record, settings)
    outside = values[(values < lowest) | (values > highest)]
    if len(outside):
        message = f"{record.name} = {outside.iloc[0]}: lies outside {lowest} to {highest} {record.unit}"
        raise ValueError(message)
    return values


def _range(record: Record, settings: Settings) -> tuple[float, float]:
    open_end = settings.cutoff_minutes if record.unit == "minutes" else math.inf
    lowest = -math.inf if record.lowest is None else record.lowest
    return lowest, open_end if record.highest is None else record.highest


def _ends(record: Record, settings: Settings, framework: Framework) -> tuple[float, float]:
    """Return the goalposts of an indicator as its function counts, best first."""
    if record.name in framework.goalposts:
        best, worst = framework.goalposts[record.name]
        ends = (record.sign * best, record.sign * worst)
    else:
        ends = _range(record, settings)
    if framework.normalisation == "goalposts" and not (-math.inf < ends[0] < ends[1] < math.inf):
        message = (
            f"score.goalposts.{record.name}: two numbers are needed, the best and the worst value, "
            f"with the worse one {'above' if record.sign > 0 else 'below'} the better one"
        )
        raise ValueError(message)
    return ends


def _recipe(
    records: Sequence[Record], weights: Mapping[str, float], settings: Settings, framework: Framework
) -> Recipe:
    return Recipe(
        framework,
        tuple(record.pillar for record in records),
        tuple(float(framework.inside.get(record.name, 1.0)) for record in records),
        tuple(_ends(record, settings, framework) for record in records),
        {p: float(weights[p]) for p in PILLARS if p in weights},
    )


def _arrays(values: pd.DataFrame) -> list[Float]:
    return [values[name].to_numpy(dtype=np.float64)[np.newaxis] for name in values]


def _workings(
    found: Composite,
    values: pd.DataFrame,
    records: dict[str, Record],
    recipe: Recipe,
    enough: pd.Series[bool],
) -> Workings:
    """Return the workings of a score: scales of what tells villages apart, and a recipe for draws of just that."""
    chosen = [i for i, apart in enumerate(found.apart) if apart.all()]
    names = [list(records)[i] for i in chosen]
    treated = {
        name: normalisation.winsorise(values[name].to_numpy(dtype=np.float64), share=recipe.framework.winsorise_share)
        for name in names
    }
    scales = {
        name: normalisation.fit(treated[name], recipe.framework.normalisation, ends=recipe.ends[i])
        for i, name in zip(chosen, names, strict=True)
    }
    ranking = [p for p, weight in found.used.items() if weight.all()]
    size = (len(values), len(ranking))
    places, shares = (
        np.array([np.broadcast_to(by[p], (1, len(values)))[0] for p in ranking]).T.reshape(size)
        for by in (found.places, found.shares)
    )
    return Workings(
        values,
        records,
        scales,
        pd.DataFrame(places, index=values.index, columns=ranking),
        pd.DataFrame(shares, index=values.index, columns=ranking),
        recipe.framework,
        recipe.only(chosen),
        enough,
    )


def _used_weights(found: Composite, weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weights, 0 where no indicator of a pillar tells villages apart, so that they add to 1."""
    return {p: float(found.used[p][0, 0]) if p in found.used else 0.0 for p in PILLARS if p in weights}


def _enough(values: pd.DataFrame, least: float) -> pd.Series[bool]:
    """Return where enough is known: the share of the indicators that have data anywhere."""
    known = values.notna()
    share = known.loc[:, known.any()].mean(axis="columns") if known.any(axis=None) else pd.Series(0.0, values.index)
    return share >= least - AVAILABLE


def _points(workings: Workings, found: Composite, pillars: Sequence[str]) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Return the points of each pillar and the score, NaN where nothing that ranks is known."""
    index = workings.indicators.index
    total = np.broadcast_to(found.score, (1, len(index)))[0]
    empty = np.where(np.isfinite(total)[:, np.newaxis], np.zeros(len(pillars)), np.nan)
    points = pd.DataFrame(empty, index=index, columns=list(pillars))
    if len(workings.places.columns):
        places = workings.places.fillna(0.0).to_numpy(dtype=np.float64)
        share = workings.shares.to_numpy(dtype=np.float64)
        of_pillar = aggregation.contributions(places, share, workings.framework.aggregation)
        points[workings.places.columns.to_list()] = np.where(workings.places.notna(), of_pillar, np.nan)
    return points, pd.Series(total, index=index, name="score")


def _rank(points: pd.Series[float]) -> pd.Series[int]:
    # Scores are sums in floating point: what differs in the last digits only is a tie.
    return points.round(DECIMALS).rank(method="min", ascending=False).astype("Int64").rename("rank")


def _sentences(
    workings: Workings,
    weights: Mapping[str, float],
    used: Mapping[str, float],
    total: pd.Series[float],
    enough: pd.Series[bool],
) -> list[Sentence]:
    found = []
    if weights.get("vulnerability", 0) > 0 and not any(r.pillar == "vulnerability" for r in workings.records.values()):
        found.append(_NO_ATTRIBUTES)
    for name, record in workings.records.items():
        if weights[record.pillar] > 0:
            told = _sentence(record, workings.indicators[name], apart=name in workings.scales)
            found += [] if told is None else [told]
    if any(used.values()):
        found += _unscored(total, enough)
    else:
        found.append(_NO_SCORE)
    if not workings.framework.keeps_order and workings.framework.normalisation == "z_score":
        found.append(_Z_SCORE)
    return found


_NO_ATTRIBUTES: Final = Sentence(
    "Kế hoạch không có lớp [layers.attributes], nên trụ cột dễ bị tổn thương có trọng số 0.",
    "The plan has no [layers.attributes]: the pillar vulnerability ranks nobody and has weight 0.",
)
_NO_SCORE: Final = Sentence(
    "Không còn chỉ số nào phân biệt được các thôn, nên không có điểm và thứ hạng.",
    "No indicator tells villages apart, so there are no scores and no ranks.",
)
_Z_SCORE: Final = Sentence(
    "Chuẩn hoá z_score đo mọi thôn bằng trung bình và độ lệch chung: một thôn xấu đi nhiều có thể tụt lại trong xếp hạng.",
    "z_score measures all villages by a mean and a spread that move with each of them: "
    "a village that gets much worse may not keep its rank.",
)


def _unscored(total: pd.Series[float], enough: pd.Series[bool]) -> list[Sentence]:
    """Return how many villages have no score, and why."""
    screened = int((total.isna() & ~enough).sum())
    unknown = int(total.isna().sum()) - screened
    found = []
    if unknown:
        found.append(
            Sentence(
                f"{_vi(unknown)} thôn không có điểm vì chưa biết chỉ số nào dùng để xếp hạng.",
                f"{unknown:,} villages have no score, because nothing that ranks is known of them.",
            )
        )
    if screened:
        found.append(
            Sentence(
                f"{_vi(screened)} thôn không có điểm vì biết ít chỉ số hơn mức score.min_known_share.",
                f"{screened:,} villages have no score, because fewer indicators are known than score.min_known_share.",
            )
        )
    return found


def _sentence(record: Record, values: pd.Series[float], *, apart: bool) -> Sentence | None:
    """Return what people must know of an indicator's data, None when there is nothing to say."""
    known = values.dropna()
    if known.empty:
        return Sentence(
            f"“{record.title_vi}”: không thôn nào có số liệu, nên không xếp hạng được thôn nào; trọng số 0.",
            f"'{record.title_en}' is known of no village: it ranks nobody and has weight 0.",
        )
    if known.max() == known.min():
        vi, en = amount(record, float(known.iloc[0]))
        return Sentence(
            f"“{record.title_vi}” bằng nhau ({vi}) ở cả {_vi(len(known))} thôn có số liệu, "
            "nên không xếp hạng được thôn nào; trọng số 0.",
            f"'{record.title_en}' is the same ({en}) in all {len(known):,} villages with data: "
            "it ranks nobody and has weight 0.",
        )
    if not apart:
        return Sentence(
            f"“{record.title_vi}”: mọi thôn nằm ngoài cùng một mốc, nên không xếp hạng được thôn nào; trọng số 0.",
            f"'{record.title_en}' lies beyond the same goalpost in every village: it ranks nobody and has weight 0.",
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


def amount(record: Record, value: float) -> tuple[str, str]:
    """Return a value of an indicator as people know it, with its unit, in Vietnamese and in English."""
    shown = record.sign * value + 0.0  # no minus zero
    if record.unit == "share":
        text = f"{100 * shown:.4g} %"
        return text.replace(".", ","), text
    text = f"{shown:.4g}"
    vi, en = ("phút", "minutes") if record.unit == "minutes" else (record.unit, record.unit)
    return f"{text.replace('.', ',')} {vi}".rstrip(), f"{text} {en}".rstrip()
