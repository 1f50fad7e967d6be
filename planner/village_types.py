"""Types of villages: groups that are badly served in the same way, told only where they are stable, in words.

k-means on the villages' places in the pillars (0 best, 1 worst). For each number of groups the clustering is repeated on
samples of the villages; how well the groups of a sample agree with those of all (adjusted Rand index, Hubert and Arabie,
Journal of Classification 2, 1985) says how stable they are (Hennig, Computational Statistics and Data Analysis 52, 2007). The
most groups that are stable are told; none where no number of groups is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from planner import words
from planner.words import Language, say

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.intp]

MOST: Final = 6
SAMPLES: Final = 20
SAMPLE_SHARE: Final = 0.7
STABLE: Final = 0.9
"""Mean agreement from which on groups are told."""
CLEAR: Final = (0.15, 0.1, 0.05, 0.02)
"""So far from the province's mean place a pillar is named; the first that tells all types apart."""
STARTS: Final = 5
ENOUGH_VILLAGES: Final = 30


def table(places: pd.DataFrame, unit_ids: pd.Series[str], *, language: Language, seed: int) -> pd.DataFrame:
    """Return `products.VILLAGE_TYPES`, one row per village of which every ranking pillar is known.

    Parameters
    ----------
    places : DataFrame
        Of the pillars that rank, 0 best, 1 worst, NaN where unknown.
    unit_ids : Series of str
        Same index.
    language : {"vi", "en"}
        Of the words.
    seed : int

    Returns
    -------
    DataFrame
        Ordered by ``unit_id``; without rows where no grouping is stable. Type 1 is the worst served on the whole.
    """
    known = places.dropna().assign(unit_id=unit_ids).sort_values("unit_id", ignore_index=True)
    values = known[list(places.columns)].to_numpy(dtype=np.float64)
    empty = pd.DataFrame({"unit_id": pd.Series(dtype="str"), "type": pd.Series(dtype="Int64")})
    empty = empty.assign(words=pd.Series(dtype="str"), stability=pd.Series(dtype="float64"))
    if len(values) < ENOUGH_VILLAGES or not np.ptp(values, axis=0).any():
        return empty
    stability = {groups: stable(values, groups, seed=seed) for groups in range(2, MOST + 1)}
    chosen = max((groups for groups, value in stability.items() if value >= STABLE), default=None)
    if chosen is None:
        return empty
    number = _ordered(values, _fitted(values, chosen, seed=seed).labels_.astype(np.intp))
    said = described(values, number, list(map(str, places.columns)), language=language)
    return pd.DataFrame(
        {
            "unit_id": known["unit_id"],
            "type": pd.Series(number, dtype="Int64"),
            "words": [said[int(n)] for n in number],
            "stability": round(stability[chosen], 6),
        }
    )


def stable(values: Float, groups: int, *, seed: int) -> float:
    """Return how well groups found in samples agree with those found in all villages: 1 fully, 0 as chance would."""
    whole = _fitted(values, groups, seed=seed).labels_
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, groups])))
    size = max(groups, round(SAMPLE_SHARE * len(values)))
    found = []
    for number in range(SAMPLES):
        sample = rng.choice(len(values), size=size, replace=False)
        again = _fitted(values[sample], groups, seed=seed + number + 1).predict(values)
        found.append(float(adjusted_rand_score(whole, again)))
    return float(np.mean(found))


def _fitted(values: Float, groups: int, *, seed: int) -> KMeans:
    # One thread: sums in another order would make another last digit.
    with threadpool_limits(limits=1):
        return KMeans(n_clusters=groups, n_init=STARTS, random_state=seed % 2**32).fit(np.ascontiguousarray(values))


def _ordered(values: Float, label: Int) -> Int:
    """Return the groups numbered from 1, the worst mean place first."""
    mean = np.array([values[label == group].mean() for group in range(label.max() + 1)])
    place = np.empty(len(mean), dtype=np.intp)
    place[np.argsort(-mean, kind="stable")] = np.arange(1, len(mean) + 1)
    return np.asarray(place[label])


def described(values: Float, number: Int, pillars: list[str], *, language: Language) -> Mapping[int, str]:
    """Return each type in words: the pillars in which it is clearly worse, or better, than the province's mean.

    Where two types would read the same, less clear differences are named too.
    """
    for clear in CLEAR:
        said = _said(values, number, pillars, language=language, clear=clear)
        if len(set(said.values())) == len(said):
            break
    return said


def _said(values: Float, number: Int, pillars: list[str], *, language: Language, clear: float) -> dict[int, str]:
    overall = values.mean(axis=0)
    said = {}
    for group in range(1, int(number.max()) + 1):
        away = values[number == group].mean(axis=0) - overall
        worse, better = (
            ", ".join(say(words.PILLAR, p, language) for p, a in zip(pillars, away, strict=True) if sign * a >= clear)
            for sign in (1, -1)
        )
        said[group] = _sentence(worse, better, language)
    return said


def _sentence(worse: str, better: str, language: Language) -> str:
    vi = language == "vi"
    parts = []
    if worse:
        parts.append(f"{'kém hơn mức chung về' if vi else 'worse than the province in'} {worse}")
    if better:
        parts.append(f"{'tốt hơn mức chung về' if vi else 'better than the province in'} {better}")
    return "; ".join(parts) or ("gần mức chung của tỉnh" if vi else "near the province's mean in everything")
