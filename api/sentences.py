"""Sentences with numbers in them, for the portal to show as they are, Vietnamese and English."""

from __future__ import annotations

from typing import Any, Final, cast

from api import texts
from api.language import Language
from api.records import Row

SURE: Final = 0.995
"""From here on a chance reads "over 99 %": a share of draws is never certainty."""


def percent(share: float, language: Language) -> str:
    """Return a share as a whole percentage; what is neither nothing nor all never reads 0 % or 100 %."""
    if 0 < share < 0.005:
        return texts.ALMOST_NONE[language]
    if SURE <= share < 1:
        return texts.ALMOST_ALL[language]
    return f"{share * 100:.0f} %"


def chance(probability: float, language: Language) -> str:
    """Return a share of draws as a percentage; all of them is still "over 99 %"."""
    return texts.ALMOST_ALL[language] if probability >= SURE else percent(probability, language)


def minutes(value: float, language: Language) -> str:
    """Return a travel time: "in the village itself" for none, one minute, several minutes; whole ones."""
    whole = round(value)
    if whole == 0:
        return texts.HERE[language]
    return (texts.MINUTE if whole == 1 else texts.MINUTES)[language].format(minutes=number(whole, language))


def number(value: float, language: Language) -> str:
    """Return a whole number with its thousands set apart as the language does it."""
    text = f"{round(value):,}"
    return text.replace(",", ".") if language == "vi" else text


def next_step(
    key: str, language: Language, *, team: Row | None = None, support: object = None, why: object = None
) -> str:
    """Return what happens next, with the nearest fixed team that stands today, or why there is none.

    Parameters
    ----------
    key : str
        A response, or another key of `texts.NEXT_STEP`; an unknown one is answered as ``survey``.
    team : dict, optional
        The team: ``name``, ``minutes``, ``hours``, ``contact``.
    support : str, optional
        ``support_status`` of the village.
    why : str, optional
        Its ``support_reason``.
    """
    step = texts.NEXT_STEP.get(key, texts.NEXT_STEP["survey"])[language]
    if team is not None and team.get("minutes") is not None:
        return f"{step} {_team(team, language)}"
    reason = texts.NO_TEAM.get(str(why)) or texts.NO_TEAM.get(str(support))
    return step if reason is None else f"{step} {reason[language]}"


def need(row: Row, language: Language) -> str:
    """Return the class of need of a village and how sure it is, where the publication says that."""
    text = texts.NEED_CLASS.get(str(row["need_class"]), texts.NEED_CLASS["unknown"])[language]
    probability = cast("float | None", row.get("need_class_probability"))
    if probability is None or row["need_class"] == "unknown":
        return f"{text}."
    return f"{text} ({texts.LIKELY[language].format(chance=chance(probability, language))})."


def rank(row: Row, language: Language, *, ranked: int) -> str:
    """Return score and rank of a village; a rank that the data do not settle reads as its interval.

    Parameters
    ----------
    row : dict
        The village.
    ranked : int
        Villages that have a rank.
    """
    score, place = row.get("score"), row.get("rank")
    if score is None or place is None:
        return texts.UNRANKED[language]
    low, high = (cast("float | None", row.get(name)) for name in ("rank_low", "rank_high"))
    known = {"score": number(cast("float", score), language), "of": number(ranked, language)}
    known["rank"] = number(cast("float", place), language)
    if low is None or high is None or low == high == place:
        return texts.RANK[language].format(**known)
    known |= {"low": number(low, language), "high": number(high, language)}
    return (texts.RANK_BAND if row.get("rank_band") else texts.RANK_BETWEEN)[language].format(**known)


def operator(row: Row, language: Language) -> str:
    """Return what one kind of evidence says about one operator: share with its interval, evidence and date."""
    name = texts.OPERATOR.get(str(row["operator"]), {}).get(language, row["operator"])
    evidence = texts.EVIDENCE.get(str(row["evidence"]), {}).get(language, row["evidence"])
    parts = [f"{name}, {row['technology']}: {_share(row, language)}", str(evidence)]
    usable = cast("float | None", row.get("usable_probability"))
    if usable is not None:
        parts.append(texts.USABLE[language].format(chance=chance(usable, language)))
    if row.get("data_date") is not None:
        parts.append(str(row["data_date"]))
    return "; ".join(parts) + "."


def _share(row: Row, language: Language) -> str:
    values: Any = [row["share"], row["share_low"], row["share_high"]]
    if values[0] is None:
        known = texts.NOT_MEASURED if row["evidence"] == "measured" else texts.SHARE_UNKNOWN
        return known[language]
    share, low, high = (None if value is None else percent(value, language) for value in values)
    if low is None or high is None or low == high:
        return texts.SHARE[language].format(share=share)
    return texts.SHARE_BETWEEN[language].format(share=share, low=low, high=high)


def _team(team: Row, language: Language) -> str:
    away = minutes(cast("float", team["minutes"]), language)
    said = [texts.NEAREST_TEAM[language].format(name=team["name"], away=away)]
    said += [
        template[language].format(value=str(team[name]).rstrip("."))
        for name, template in (("hours", texts.HOURS), ("contact", texts.CONTACT))
        if team.get(name)
    ]
    return " ".join(said)
