"""Colours, classes and words of the maps: what a value looks like and what it is called, in Vietnamese and English."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import pandas as pd

from planner import words as codes

_CODES: Final = {
    "coverage_status": codes.COVERAGE_STATUS,
    "coverage_evidence": codes.EVIDENCE,
    "rate_status": codes.RATE_STATUS,
    "support_status": codes.SUPPORT_STATUS,
    "support_reason": codes.SUPPORT_REASON,
    "need_class": codes.NEED_CLASS,
    "response": codes.RESPONSE,
    "pillar": codes.PILLAR,
    "indicator": codes.INDICATOR,
    "site_status": codes.SITE_STATUS,
    "team_type": codes.TEAM_TYPE,
    "flag": codes.FLAG,
}

LANGUAGES: Final = ("vi", "en")

SEQUENCES: Final[dict[str, tuple[str, ...]]] = {
    "need": ("#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#8c2d04"),
    "people": ("#f1eef6", "#bdc9e1", "#74a9cf", "#2b8cbe", "#045a8d"),
    "lack": ("#045a8d", "#2b8cbe", "#74a9cf", "#bdc9e1", "#f1eef6"),
    "minutes": ("#feebe2", "#fbb4b9", "#f768a1", "#c51b8a", "#7a0177"),
}
"""ColorBrewer (Apache-2.0) YlOrBr, PuBu and RdPu of five classes, safe for colour-blind eyes; dark asks for attention."""

CLASSES: Final[dict[str, str]] = {
    "white_spot": "#d55e00",
    "weak_spot": "#e69f00",
    "skills_gap": "#0072b2",
    "access_gap": "#cc79a7",
    "several": "#6b6b6b",
    "served": "#d5ead9",
    "unknown": "unknown",
}
"""Needs, in the colours of Okabe and Ito (2008); the order is that of the legend."""

SPECIAL: Final[dict[str, str]] = {"unreachable": "#1f1f1f", "beyond_cutoff": "#4a1486"}
"""Answers that are no number and not unknown."""

ISLANDS: Final[tuple[tuple[str, float, float], ...]] = (
    ("Quần đảo Hoàng Sa (Việt Nam)", 16.5, 112.0),
    ("Quần đảo Trường Sa (Việt Nam)", 10.0, 114.0),
)
"""Label, latitude and longitude of the middle of each archipelago, degrees; the inset of every map shows both."""


COVERAGE: Final = {"not_covered": "#045a8d", "partial": "#74a9cf", "covered": "#f1eef6", "unknown": "unknown"}
MINUTES: Final = (0.0, 10.0, 20.0, 30.0, 60.0)
"""Lower bounds of the classes of travel minutes."""
LONGEST: Final = 120.0
"""Upper bound of the last of them, unless a value is larger."""
NO_PEOPLE: Final = "#ffffff"
"""Nobody in need: a class of its own, never the colour of unknown."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How the units of one level are coloured in one view.

    Parameters
    ----------
    column : str
        Column whose value is shown: a published one, or one that the map adds.
    unit : str
        ``people``, ``share``, ``minutes``, ``points``; empty for categories.
    bounds : list of float
        Ascending, one more than there are classes; class i holds values from bounds[i] up to, not including,
        bounds[i + 1], and the last class its end too. Empty for categories.
    colours : list of str
        One per class.
    categories : dict of str to str
        Value and colour, in the order of the legend; empty for classes.
    special : dict of str to str
        Answers of `special_column` that are no number, and their colours.
    special_column : str
    uncertain : str
        Column that is 1 where the class is uncertain: its colour is hatched there.
    """

    column: str
    unit: str = ""
    bounds: list[float] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)
    categories: dict[str, str] = field(default_factory=dict)
    special: dict[str, str] = field(default_factory=dict)
    special_column: str = ""
    uncertain: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the fields that are not empty."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in found.items() if value}


@cache
def words() -> dict[str, dict[str, str]]:
    """Return the words of each language by key; both languages have the same keys."""
    text = (files("planner.maps") / "words.json").read_text(encoding="utf-8")
    both: dict[str, dict[str, str]] = json.loads(text)
    for column, table in _CODES.items():
        for code, in_words in table.items():
            for language in LANGUAGES:
                both[language][f"{column}.{code}"] = in_words[language]
    return {language: both[language] for language in LANGUAGES}


def notices(flags: Sequence[str], language: str) -> list[str]:
    """Return what a reader must know first of a publication with these flags, the gravest first."""
    said = words()[language]
    found = (key.removeprefix("notice.") for key in said if key.startswith("notice."))
    return [said[f"notice.{flag}"] for flag in found if flag in flags]


def number(value: float, language: str, *, digits: int) -> str:
    """Return a number as its readers write it: 1.234,5 in Vietnamese, 1,234.5 in English; halves are rounded up."""
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    text = f"{exact:,}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def capital(text: str) -> str:
    """Return the text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def quantile_bounds(values: pd.Series[Any], *, classes: int = 5, decimals: int = 1) -> list[float]:
    """Return the bounds of classes that hold about as many units each.

    Parameters
    ----------
    values : Series of float
        Missing ones are left out.
    classes : int
        At most; fewer where values repeat.
    decimals : int
        Bounds are rounded to these, so that a legend can be read; the outer ones outwards.

    Returns
    -------
    list of float
        Ascending, one more than there are classes: class i holds values from bounds[i] up to, not including,
        bounds[i + 1], and the last class its end too. Empty when nothing is known.
    """
    known = values.dropna().to_numpy(dtype=np.float64)
    if known.size == 0:
        return []
    factor = 10.0**decimals
    scaled = np.quantile(known, np.arange(classes + 1) / classes) * factor
    scaled = np.concatenate([np.floor(scaled[:1]), np.round(scaled[1:-1]), np.ceil(scaled[-1:])])
    bounds = [float(b) for b in np.unique(scaled) / factor]
    return bounds if len(bounds) > 1 else bounds * 2


def shades(sequence: str, count: int) -> list[str]:
    """Return `count` colours of a sequence, spread over its whole range, no two alike.

    Raises
    ------
    ValueError
        When the sequence has fewer.
    """
    colours = SEQUENCES[sequence]
    if count > len(colours):
        message = f"the sequence '{sequence}' has {len(colours)} colours, not {count}"
        raise ValueError(message)
    if count <= 1:
        return [colours[len(colours) // 2]] * max(count, 0)
    return [colours[round(i * (len(colours) - 1) / (count - 1))] for i in range(count)]


def points_scale(frame: pd.DataFrame) -> Scale:
    """Return the scale of ``score``: five classes of about as many units each."""
    bounds = quantile_bounds(frame["score"].astype("float64"))
    return Scale("score", unit="points", bounds=bounds, colours=shades("need", len(bounds) - 1))


def people_scale(frame: pd.DataFrame) -> Scale:
    """Return the scale of ``need_people``: nobody first, then classes of about as many units each."""
    people = frame["need_people"].astype("Float64").astype("float64")
    above = quantile_bounds(people[people > 0], decimals=0)
    upper = [b for b in above[1:] if b > 1] or above[-1:]
    bounds = [0.0, 1.0, *upper]
    colours = [NO_PEOPLE, *shades("people", len(bounds) - 2)]
    return Scale("need_people", unit="people", bounds=bounds, colours=colours)


def rate_scale(frame: pd.DataFrame, column: str) -> Scale:
    """Return the scale of an adoption rate; the lowest rates are the darkest."""
    bounds = quantile_bounds(frame[column].astype("float64"), decimals=3)
    return Scale(column, unit="share", bounds=bounds, colours=shades("need", len(bounds) - 1)[::-1])


def share_scale(column: str, bounds: tuple[float, ...]) -> Scale:
    """Return the scale of a share covered; the lowest shares are the darkest."""
    return Scale(column, unit="share", bounds=list(bounds), colours=shades("lack", len(bounds) - 1))


def minutes_scale(frame: pd.DataFrame, column: str) -> Scale:
    """Return the scale of travel minutes; for ``support_minutes`` with the answers that are no number."""
    largest = frame[column].max()
    bounds = [*MINUTES, LONGEST if pd.isna(largest) else max(LONGEST, float(np.ceil(largest)))]
    special = SPECIAL if column == "support_minutes" else {}
    colours = shades("minutes", len(bounds) - 1)
    return Scale(
        column,
        unit="minutes",
        bounds=bounds,
        colours=colours,
        special=special,
        special_column="support_status" if special else "",
    )
