"""Where badly served villages lie together: Getis and Ord's local G*, with significance corrected for asking so often.

G* of a village compares the mean score of itself and its nearest neighbours with that of the province (Ord and Getis,
Geographical Analysis 27, 1995). How unusual it is follows from conditional permutations: the village keeps its score, the
others change places (neighbours by libpysal; the permutations are drawn here, since those of esda compile for a minute in
every process and its G* is standardised otherwise; a test holds the p of both equal). Among many villages some look unusual by chance; the threshold is lowered until at most
`FALSE_DISCOVERIES` of those named are expected to be wrong (Benjamini and Hochberg, Journal of the Royal Statistical Society B
57, 1995; Caldas de Castro and Singer, Geographical Analysis 38, 2006).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from esda import fdr
from libpysal.weights import KNN

Float = npt.NDArray[np.float64]

NEIGHBOURS: Final = 8
PERMUTATIONS: Final = 9_999
"""The smallest p is one over one more: small enough to stay significant after the correction in a province."""
FALSE_DISCOVERIES: Final = 0.05
ENOUGH_VILLAGES: Final = 30
"""Below it no spot is looked for."""


def table(villages: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return `products.HOT_SPOTS`, one row per village with a score.

    Parameters
    ----------
    villages : DataFrame
        ``unit_id``, ``x_m``, ``y_m`` (metric CRS), ``score``.
    seed : int
        Of the permutations.

    Returns
    -------
    DataFrame
        Ordered by ``unit_id``. With fewer than `ENOUGH_VILLAGES`, or where all scores are equal, nothing is a spot and
        ``g_z`` and ``p`` are empty.
    """
    ranked = villages[villages["score"].notna()].sort_values("unit_id", ignore_index=True)
    found = pd.DataFrame({"unit_id": ranked["unit_id"], "g_z": np.nan, "p": np.nan, "spot": "none"})
    score = ranked["score"].to_numpy(dtype=np.float64)
    if len(ranked) < ENOUGH_VILLAGES or not score.max() > score.min():
        return found
    z, p = local_g(ranked[["x_m", "y_m"]].to_numpy(dtype=np.float64), score, seed=seed)
    sure = p <= fdr(p, alpha=FALSE_DISCOVERIES)
    spot = np.where(sure & (z > 0), "hot", np.where(sure & (z < 0), "cold", "none"))
    return found.assign(g_z=z, p=p, spot=spot)


def local_g(points: Float, values: Float, *, seed: int, permutations: int = PERMUTATIONS) -> tuple[Float, Float]:
    """Return the standardised G* of each point and its two-sided p from conditional permutations.

    Parameters
    ----------
    points : ndarray, shape (villages, 2)
        Metres.
    values : ndarray, shape (villages,)
    seed : int
    permutations : int
    """
    near = min(NEIGHBOURS, len(points) - 1)
    weights = KNN.from_array(points, k=near)
    around = np.array([values[weights.neighbors[i]].sum() for i in range(len(values))])
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, len(values)])))
    chosen = _distinct(len(values) - 1, near, count=permutations, rng=rng)
    # The same draws of others for every village: position j of the others is village j, or j + 1 from itself onwards.
    extreme = np.empty(len(values))
    for village, observed in enumerate(around):
        drawn = np.delete(values, village)[chosen].sum(axis=1)
        above, below = np.count_nonzero(drawn >= observed), np.count_nonzero(drawn <= observed)
        extreme[village] = min(above, below)
    size = near + 1
    spread = values.std() * np.sqrt((len(values) / size - 1.0) / (len(values) - 1.0))
    z = ((around + values) / size - values.mean()) / spread
    return z, np.minimum(1.0, 2.0 * (extreme + 1.0) / (permutations + 1.0))


def _distinct(number: int, size: int, *, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return `count` samples of `size` different numbers below `number`."""
    if size == number:
        return np.tile(np.arange(number), (count, 1))
    found = rng.integers(0, number, (count, size))
    while True:
        ordered = np.sort(found, axis=1)
        again = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
        if not len(again):
            return found
        found[again] = rng.integers(0, number, (len(again), size))
