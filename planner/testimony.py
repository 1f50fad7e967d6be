"""Who says what of a village's signal, as published, and how it reads: chances, votes, doubtful claims, requests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from planner import words
from planner.products import Publication
from planner.words import Language, say


@dataclass(frozen=True, slots=True)
class Chance:
    """A probability with what it may also be."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Vote:
    """What one source says of one operator's signal, log-odds; one that is not counted has a stronger one beside it."""

    operator: str
    technology: str
    source: str
    log_odds: float
    counted: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of coverage that hardly holds; None = no number of further reports settles it."""

    operator: str
    technology: str
    declared_share: float
    usable_probability: float
    negative_reports_needed: int | None


@dataclass(frozen=True, slots=True)
class Request:
    """An operator that is asked for signal, and the people whom it would reach."""

    operator: str
    technology: str
    covered_share: float | None
    first_signal_people: int | None
    own_signal_people: int | None


@dataclass(frozen=True, slots=True)
class Estimated:
    """How the rate of a village without a figure came about; errors are held out, shares."""

    indicator: str
    by_model: bool
    model: str
    villages: int
    communes: int
    error: float | None
    mean_error: float | None


@dataclass(frozen=True, slots=True)
class Testimony:
    """All that is published of the evidence on one village.

    Parameters
    ----------
    usable : Chance or None
        Of signal of any operator; None where nothing is known or the publication has no chances.
    votes, claims, requests, estimated : sequence
    reports_per_1000 : float, optional
        Negative reports; None where there are none to count.
    """

    usable: Chance | None = None
    votes: Sequence[Vote] = ()
    claims: Sequence[Claim] = ()
    requests: Sequence[Request] = ()
    estimated: Sequence[Estimated] = ()
    reports_per_1000: float | None = None


def _number(value: Any) -> float | None:
    return None if value is None or value is pd.NA or math.isnan(value) else float(value)


def _whole(value: Any) -> int | None:
    found = _number(value)
    return None if found is None else int(found)


def _rows(publication: Publication, table: str, unit_id: str) -> list[dict[str, Any]]:
    """Return a village's rows of a table; none where an earlier version published it."""
    if not publication.has(table):
        return []
    frame = publication.table(table)
    return [
        {str(name): value for name, value in row.items()}
        for row in frame[frame["unit_id"] == unit_id].to_dict("records")
    ]


def testimony(publication: Publication, row: pd.Series[Any]) -> Testimony:
    """Return the evidence on the village of a published row."""
    unit_id = str(row["unit_id"])
    value, low, high = (_number(row.get(f"usable_probability{end}")) for end in ("", "_low", "_high"))
    return Testimony(
        usable=None if value is None or low is None or high is None else Chance(value, low, high),
        votes=[
            Vote(r["operator"], r["technology"], r["source"], float(r["log_odds"]), r["counted"] == "yes")
            for r in _rows(publication, "evidence", unit_id)
        ],
        claims=[
            Claim(
                r["operator"],
                r["technology"],
                float(r["declared_share"]),
                float(r["usable_probability"]),
                _whole(r["negative_reports_needed"]),
            )
            for r in _rows(publication, "doubtful", unit_id)
        ],
        requests=[
            Request(
                r["operator"],
                r["technology"],
                _number(r["covered_share"]),
                _whole(r["first_signal_people"]),
                _whole(r["own_signal_people"]),
            )
            for r in _rows(publication, "operator_requests", unit_id)
        ],
        estimated=_estimated(publication, row),
        reports_per_1000=_number(row.get("negative_reports_per_1000")),
    )


def _estimated(publication: Publication, row: pd.Series[Any]) -> list[Estimated]:
    found = []
    models = publication.manifest.rate_models
    figures = publication.villages
    for name, model in sorted(models.items()):
        if row[f"{name}_status"] != "estimated":
            continue
        here = figures["commune_id"] == row["commune_id"]
        others = bool(figures.loc[here, f"{name}_status"].isin(["observed", "smoothed"]).any())
        by_model = model.within_used if others else model.beyond_used
        error = (
            (model.within_error, model.within_mean_error) if others else (model.beyond_error, model.beyond_mean_error)
        )
        found.append(Estimated(name, by_model, model.model, model.villages, model.communes, *error))
    return found


def _(language: Language, vi: str, en: str) -> str:
    return vi if language == "vi" else en


def _decimal(value: float, language: Language, *, digits: int, sign: bool = False) -> str:
    text = f"{value:{'+' if sign else ''}.{digits}f}"
    return text.replace(".", ",") if language == "vi" else text


def _share(value: float, language: Language) -> str:
    return f"{_decimal(100 * value, language, digits=0)} %"


def usable_lines(it: Testimony, language: Language) -> list[str]:
    """Return the chance of usable signal, each vote behind it, and the claims that it makes doubtful."""
    if it.usable is None:
        return []
    between = f" ({_share(it.usable.low, language)} – {_share(it.usable.high, language)})"
    rows = [_share(it.usable.value, language) + (between if it.usable.low < it.usable.high else "")]
    for vote in it.votes:
        who = f"{say(words.OPERATOR, vote.operator, language)} {vote.technology}, {say(words.SOURCE, vote.source, language)}"
        odds = f"{_decimal(vote.log_odds, language, digits=2, sign=True)} log-odds"
        aside = (
            ""
            if vote.counted
            else _(language, " (không tính: có bằng chứng mạnh hơn)", " (not counted: stronger evidence)")
        )
        rows.append(f"  {who}: {odds}{aside}")
    return rows + [f"  {_claim(claim, language)}" for claim in it.claims]


def _claim(claim: Claim, language: Language) -> str:
    who = f"{say(words.OPERATOR, claim.operator, language)} {claim.technology}"
    chance = _share(claim.usable_probability, language)
    needed = claim.negative_reports_needed
    if needed is None:
        rest = _(language, "cần đo thực tế để kết luận", "it takes a measurement to settle it")
    elif needed == 0:
        rest = _(language, "coi như không có sóng", "settled: no usable signal")
    else:
        rest = _(
            language,
            f"thêm {needed} phản ánh không có sóng là đủ kết luận",
            f"further reports of no signal that would settle it: {needed}",
        )
    said = _(language, "công bố có sóng nhưng đáng ngờ", "declared covered but doubtful")
    return f"{who}: {said} ({chance}); {rest}"


def request_lines(it: Testimony, language: Language) -> list[str]:
    """Return which operators are asked, with the people whom each would reach."""
    unit = _(language, "người", "people")
    rows = []
    for one in it.requests:
        first, own = (
            _(language, "chưa rõ", "unknown") if people is None else f"{people:,} {unit}"
            for people in (one.first_signal_people, one.own_signal_people)
        )
        if language == "vi":
            first, own = (text.replace(",", ".") for text in (first, own))
        ask = _(language, "Đề nghị", "Ask")
        new = _(language, "lần đầu có sóng", "get a first signal")
        mine = _(language, "chưa có sóng nhà mạng này", "lack this operator's")
        rows.append(f"{ask} {one.operator} {one.technology}: {first} {new}, {own} {mine}")
    return rows


def estimate_lines(it: Testimony, language: Language) -> list[str]:
    """Return how rates that are estimates came about."""
    rows = []
    for one in it.estimated:
        name = say(words.INDICATOR, one.indicator, language)
        if one.by_model:
            how = _(
                language,
                f"mô hình {say(words.RATE_MODEL, one.model, language)} học từ {one.villages} thôn của {one.communes} xã",
                f"a model ({say(words.RATE_MODEL, one.model, language)}) learnt from {one.villages} villages "
                f"of {one.communes} communes",
            )
        else:
            how = _(language, "trung bình của xã", "the mean of its commune")
        rows.append(f"{name}: {_(language, 'không có số liệu;', 'no figure here;')} {how}{_errors(one, language)}")
    return rows


def _errors(one: Estimated, language: Language) -> str:
    if one.error is None or one.mean_error is None:
        return ""
    ours, theirs = (_decimal(100 * value, language, digits=1) for value in (one.error, one.mean_error))
    return _(
        language,
        f" (sai số trên xã chưa thấy: mô hình {ours}, trung bình {theirs} điểm phần trăm)",
        f" (error in communes not seen: model {ours}, mean {theirs} percentage points)",
    )
