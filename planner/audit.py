"""What a score cannot say, in sentences: indicators that count twice or not at all, weights as they work, a label."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from planner import uncertainty
from planner.scoring import Scores, Sentence

CORRELATED: Final = 0.9
"""From this rank correlation on (either sign) two indicators are taken for one."""
REDUNDANT: Final = 0.99
"""From this rank correlation on of the scores with and without an indicator, it decides nothing."""
ENOUGH_VILLAGES: Final = 10
"""Below it a correlation is chance, and nothing is said of it."""
FAR_FROM_ITS_WEIGHT: Final = 2.0
"""A pillar whose share of the differences is so many times more or less than its weight is named."""
DISAGREEING: Final = 10


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found.

    Parameters
    ----------
    effective_weights : dict of str to float
        Pillar to its squared correlation with the score over the sum of all; empty where nothing could be worked out.
    findings : tuple of Sentence
        Correlated, redundant and double-counted indicators, weights that work otherwise than they are written.
    label : tuple of Sentence
        The warning label: what these ranks can and cannot be used for.
    """

    effective_weights: dict[str, float]
    findings: tuple[Sentence, ...]
    label: tuple[Sentence, ...]


def audit(scores: Scores, villages: pd.DataFrame) -> Audit:
    """Look a score over.

    Parameters
    ----------
    scores : Scores
    villages : DataFrame
        Index of `scores`; ``name``, ``commune_name``, ``need_people``, and ``rank_low``, ``rank_high`` where ranks have
        intervals.

    Returns
    -------
    Audit
    """
    effective = effective_weights(scores)
    findings = (*_correlated(scores), *_redundant(scores), *_weights(scores, effective))
    label = (*_separable(scores, villages), *_useless(scores), _CAMPAIGNS, _NOT_FOR, *_disagreeing(scores, villages))
    return Audit(effective, findings, label)


def effective_weights(scores: Scores) -> dict[str, float]:
    """Return each pillar's squared Pearson correlation with the score, over their sum.

    The share of the differences in the score that a straight line in the pillar explains; the weights of a plan are
    exchange rates, and say nothing of it (Paruolo, Saisana and Saltelli, Ratings and rankings: voodoo or science?,
    Journal of the Royal Statistical Society A 176, 2013).
    """
    places = scores.workings.places[scores.score.notna()]
    score = scores.score.dropna()
    if len(score) < ENOUGH_VILLAGES or not score.max() > score.min():
        return {}
    squared = {}
    for pillar in places:
        known = places[pillar].notna()
        there = places[pillar].dropna()
        apart = known.sum() > 1 and there.max() > there.min() and score[known].max() > score[known].min()
        squared[str(pillar)] = float(there.corr(score[known])) ** 2 if apart else 0.0
    total = sum(squared.values())
    return {p: v / total for p, v in squared.items()} if total > 0 else {}


def _correlated(scores: Scores) -> list[Sentence]:
    workings = scores.workings
    found = []
    for first, second in itertools.combinations(workings.scales, 2):
        both = workings.indicators[[first, second]].dropna()
        if len(both) < ENOUGH_VILLAGES or (both.nunique() < 2).any():
            continue
        value = float(both[first].rank().corr(both[second].rank()))
        if abs(value) < CORRELATED:
            continue
        one, two = workings.records[first], workings.records[second]
        rho_vi, rho_en = f"{value:.2f}".replace(".", ","), f"{value:.2f}"
        names_vi, names_en = f"“{one.title_vi}” và “{two.title_vi}”", f"'{one.title_en}' and '{two.title_en}'"
        if value < 0:
            vi, en = "hai chỉ số gần như triệt tiêu nhau trong điểm", "in the score they all but cancel each other"
        elif one.pillar == two.pillar:
            vi, en = "một trong hai là thừa", "one of the two is redundant"
        else:
            vi, en = "cùng một điều được tính hai lần, ở hai trụ cột", "one thing is counted twice, in two pillars"
        found.append(
            Sentence(
                f"{names_vi} xếp các thôn gần như nhau (tương quan hạng {rho_vi}): {vi}."
                if value > 0
                else f"{names_vi} xếp các thôn gần như ngược nhau (tương quan hạng {rho_vi}): {vi}.",
                f"{names_en} order the villages almost {'alike' if value > 0 else 'in opposite ways'} "
                f"(rank correlation {rho_en}): {en}.",
            )
        )
    return found


def _redundant(scores: Scores) -> list[Sentence]:
    """Return the pillars without which the order of the villages stays the same."""
    workings = scores.workings
    if len(workings.places.columns) < 2:
        return []
    found = []
    for pillar in workings.places:
        shares = workings.shares.drop(columns=pillar)
        left = shares.sum(axis="columns")
        there = (left > 0) & scores.score.notna()
        if there.sum() < ENOUGH_VILLAGES:
            continue
        places = workings.places.loc[there, shares.columns]
        without = pd.Series(workings.score(places, shares=shares[there].div(left[there], axis="index")), places.index)
        ranks = without.round(9).rank(), scores.score[there].round(9).rank()
        if min(r.nunique() for r in ranks) > 1 and float(ranks[0].corr(ranks[1])) >= REDUNDANT:
            vi, en = (_title(scores, str(pillar), language) for language in ("vi", "en"))
            found.append(
                Sentence(
                    f"Bỏ {vi} ra, thứ tự các thôn gần như không đổi: trụ cột này không quyết định gì.",
                    f"Without {en} the order of the villages stays almost the same: this pillar decides nothing.",
                )
            )
    return found


def _title(scores: Scores, pillar: str, language: str) -> str:
    titles = [scores.workings.records[name] for name in scores.workings.members(pillar)]
    if language == "vi":
        return ", ".join(f"“{record.title_vi}”" for record in titles)
    return ", ".join(f"'{record.title_en}'" for record in titles)


def _weights(scores: Scores, effective: Mapping[str, float]) -> list[Sentence]:
    found = []
    for pillar, works in effective.items():
        written = scores.weights[pillar]
        if written / FAR_FROM_ITS_WEIGHT <= works <= written * FAR_FROM_ITS_WEIGHT:
            continue
        vi, en = (_title(scores, pillar, language) for language in ("vi", "en"))
        found.append(
            Sentence(
                f"{vi} có trọng số {100 * written:.0f} % nhưng tạo ra {100 * works:.0f} % khác biệt giữa các thôn.",
                f"{en} has a weight of {100 * written:.0f} %, but makes {100 * works:.0f} % of the differences "
                "between villages.",
            )
        )
    return found


_CAMPAIGNS: Final = Sentence(
    "Số tài khoản tăng theo các đợt vận động: tỷ lệ sử dụng là kết quả của vận động, không phải thước đo nhu cầu.",
    "Adoption counts follow campaigns: they are an outcome of those, not a measure of need.",
)
_NOT_FOR: Final = Sentence(
    "Không dùng thứ hạng để đánh giá cán bộ, thi đua giữa các thôn, cắt hỗ trợ, hay xét từng người dân.",
    "The ranks are not for judging staff, contests between villages, withdrawing support, or deciding about a person.",
)
_NO_INTERVALS: Final = Sentence(
    "Thứ hạng ở đây không kèm khoảng tin cậy: đừng phân biệt những thôn có điểm gần nhau.",
    "The ranks come without intervals here: do not tell villages with close scores apart.",
)


def _separable(scores: Scores, villages: pd.DataFrame) -> list[Sentence]:
    """Return which ranks are apart beyond their intervals, and who is surely in the worst tenth."""
    if not {"rank_low", "rank_high"} <= set(villages.columns):
        return [_NO_INTERVALS] if scores.rank.notna().any() else []
    ranked = villages.loc[scores.rank.notna(), ["rank_low", "rank_high"]].astype("float64").dropna()
    if ranked.empty:
        return [_NO_INTERVALS] if scores.rank.notna().any() else []
    number = len(ranked)
    width = float((ranked["rank_high"] - ranked["rank_low"]).median())
    of_data = Sentence(
        f"Khoảng hạng 90 % rộng trung vị {width:.0f} trong {number} hạng: hai thôn cách nhau ít hơn thế là chưa phân biệt.",
        f"The 90 % interval of a rank is {width:.0f} of {number:,} ranks wide (median): villages closer than that are "
        "not told apart.",
    )
    return [of_data, *_by_method(villages.loc[ranked.index]), *_surely(villages.loc[ranked.index])]


def _by_method(ranked: pd.DataFrame) -> list[Sentence]:
    """Return how far ranks rest on the choice of method."""
    if not {"rank_method_low", "rank_method_high"} <= set(ranked.columns):
        return []
    width = float((ranked["rank_method_high"] - ranked["rank_method_low"]).astype("float64").median())
    return [
        Sentence(
            f"Với trọng số, cách chuẩn hoá và cách tổng hợp khác, hạng xê dịch trong khoảng rộng trung vị {width:.0f} hạng.",
            f"Under other weights, normalisations and aggregations a rank moves within {width:.0f} ranks (median width).",
        )
    ]


def _surely(ranked: pd.DataFrame) -> list[Sentence]:
    """Return how many villages are surely, and how many possibly, among the worst."""
    if "worst_tenth_probability" not in ranked.columns:
        return []
    chance = ranked["worst_tenth_probability"].astype("float64")
    places = round(float(chance.sum()))
    surely = int((chance >= uncertainty.SURE).sum())
    perhaps = int((chance >= uncertainty.POSSIBLE).sum())
    sure, possible = f"{100 * uncertainty.SURE:.0f} %", f"{100 * uncertainty.POSSIBLE:.0f} %"
    return [
        Sentence(
            f"Chắc chắn thuộc nhóm thiếu hụt nhất (từ {sure} số lần rút lại): {surely} thôn; có thể thuộc (từ {possible}): "
            f"{perhaps} thôn, cho {places} chỗ.",
            f"Surely among the worst (in {sure} of the draws or more): {surely:,} villages; possibly ({possible} or more): "
            f"{perhaps:,}, for {places:,} places.",
        )
    ]


def _useless(scores: Scores) -> list[Sentence]:
    """Return the indicators that rank nobody in these data, though the plan asks for them."""
    workings = scores.workings
    names = [record for name, record in workings.records.items() if name not in workings.scales]
    if not names:
        return []
    vi = ", ".join(f"“{record.title_vi}”" for record in names)
    en = ", ".join(f"'{record.title_en}'" for record in names)
    return [
        Sentence(f"Không phân biệt được thôn nào với số liệu này: {vi}.", f"Of no use for ranking in these data: {en}.")
    ]


def _disagreeing(scores: Scores, villages: pd.DataFrame) -> list[Sentence]:
    """Return the villages whose rank by score and rank by people in need differ most, in words."""
    need = villages["need_people"].astype("float64")
    both = pd.DataFrame({"score": scores.score, "need": need}).dropna()
    if len(both) < ENOUGH_VILLAGES:
        return []
    ranks = both.round(9).rank(method="min", ascending=False)
    far = (ranks["score"] - ranks["need"]).abs()
    order = pd.DataFrame({"far": far, "unit_id": villages.loc[both.index, "unit_id"]})
    chosen = order[order["far"] > 0].sort_values(["far", "unit_id"], ascending=[False, True]).index[:DISAGREEING]
    found = []
    for village in chosen:
        row, place = villages.loc[village], ranks.loc[village].astype("int64")
        name = f"{row['name']} ({row['commune_name']})"
        count = int(need.loc[village])
        more = place["score"] < place["need"]
        found.append(
            Sentence(
                f"{name}: hạng {place['score']} theo điểm nhưng hạng {place['need']} theo số người cần hỗ trợ ({count}) — "
                + ("thiếu hụt nặng, ít người được tính." if more else "điểm nhẹ hơn, nhiều người được tính."),
                f"{name}: rank {place['score']} by score but {place['need']} by people in need ({count:,}) - "
                + ("badly served, few people counted." if more else "better served, many people counted."),
            )
        )
    return found
