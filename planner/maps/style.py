"""Colours, classes and words of the maps: what a value looks like and what it is called, in Vietnamese and English."""

from __future__ import annotations

import json
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
    "several": "#3d3d3d",
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
    """Return `count` colours of a sequence, spread over its whole range."""
    colours = SEQUENCES[sequence]
    if count <= 1:
        return [colours[len(colours) // 2]] * max(count, 0)
    return [colours[round(i * (len(colours) - 1) / (count - 1))] for i in range(count)]
