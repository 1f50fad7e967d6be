"""COINr's documented ASEM example as oracle: the figures that its documentation prints, and the formulas it states.

Source of the figures: COINr 1.0, article "Presenting Results" (bluefoxr.github.io/COINr/articles/results.html), the printed
head of the results table of the ASEM Sustainable Connectivity example. They are rounded to two decimals there, and 100 is
best, as everywhere in COINr; the score here is 100 less that. Of the indicators' raw values nothing is used, so treatment
and normalisation are held to the documented formulas with numbers worked out by hand.
"""

from __future__ import annotations

import numpy as np
import pytest

from planner import aggregation, composite, normalisation
from planner.framework import Framework

ROUNDING = 0.0101
"""Means of figures rounded to two decimals, compared with a rounded figure."""
INDEX = {"CHE": 68.38, "NLD": 64.82, "DNK": 64.80, "NOR": 64.47, "BEL": 63.54, "SWE": 63.00}
SUB_INDICES = {  # Conn, Sust
    "CHE": (62.79, 73.98),
    "NLD": (61.94, 67.70),
    "DNK": (57.10, 72.51),
    "NOR": (57.44, 71.50),
    "BEL": (63.99, 63.09),
    "SWE": (53.87, 72.12),
}
CONNECTIVITY = {  # Physical, ConEcFin, Political, Instit, P2P
    "CHE": (63.41, 32.87, 74.78, 85.94, 56.93),
    "NLD": (64.87, 46.62, 84.55, 71.74, 41.92),
    "DNK": (50.52, 30.43, 78.13, 75.35, 51.04),
    "NOR": (58.18, 25.70, 80.03, 89.46, 33.80),
    "BEL": (71.97, 48.22, 80.84, 75.60, 43.32),
    "SWE": (51.51, 23.87, 80.98, 74.51, 38.50),
}
SUSTAINABILITY = {  # Environ, Social, SusEcFin
    "CHE": (77.21, 87.85, 56.88),
    "NLD": (58.73, 86.58, 57.78),
    "DNK": (69.83, 86.40, 61.29),
    "NOR": (70.90, 87.00, 56.59),
    "BEL": (53.01, 86.17, 50.09),
    "SWE": (66.37, 87.74, 62.27),
}


def well(parts: dict[str, tuple[float, ...]]) -> np.ndarray:
    """The equal-weight mean of parts on COINr's scale, by the score's own code: goalposts 0 and 100, one pillar each."""
    values = np.array(list(parts.values())).T
    size = len(values)
    recipe = composite.Recipe(
        Framework(normalisation="goalposts"),
        tuple(str(i) for i in range(size)),
        (1.0,) * size,
        ((-100.0, 0.0),) * size,
        dict.fromkeys(map(str, range(size)), 1.0),
    )
    found = composite.evaluate([-v[np.newaxis] for v in values], recipe, enough=np.ones(len(parts), dtype=bool))
    return 100.0 - found.score[0]


@pytest.mark.parametrize(("parts", "column"), [(CONNECTIVITY, 0), (SUSTAINABILITY, 1)])
def test_sub_indices_are_the_means_of_their_pillars(parts, column):
    assert well(parts) == pytest.approx([SUB_INDICES[unit][column] for unit in parts], abs=ROUNDING)


def test_the_index_and_its_ranks_are_the_documented_ones():
    found = well(SUB_INDICES)
    assert found == pytest.approx(list(INDEX.values()), abs=ROUNDING)
    assert (np.argsort(-found) + 1).tolist() == [1, 2, 3, 4, 5, 6]


def test_indicators_inside_pillars_give_the_same_index_in_one_step():
    """Three levels at once: the eight documented pillars as indicators of the two sub-indices."""
    values = [np.array(list(p.values())).T for p in (CONNECTIVITY, SUSTAINABILITY)]
    pillars = ("Conn",) * 5 + ("Sust",) * 3
    recipe = composite.Recipe(
        Framework(normalisation="goalposts"), pillars, (1.0,) * 8, ((-100.0, 0.0),) * 8, {"Conn": 1, "Sust": 1}
    )
    rows = [-v[np.newaxis] for part in values for v in part]
    found = composite.evaluate(rows, recipe, enough=np.ones(6, dtype=bool))
    assert 100.0 - found.score[0] == pytest.approx(list(INDEX.values()), abs=ROUNDING)


def test_documented_means_by_hand():
    """Article "Aggregation": arithmetic sum(w x) / sum(w), geometric (prod x^w)^(1 / sum w), harmonic sum(w) / sum(w / x)."""
    places, weights = (100.0 - np.array([20.0, 50.0, 80.0])) / 99.0, np.array([1, 2, 1]) / 4
    arithmetic, geometric = (20 + 2 * 50 + 80) / 4, (20 * 50**2 * 80) ** 0.25
    harmonic = 4 / (1 / 20 + 2 / 50 + 1 / 80)
    back = 99.0 / 100.0
    assert 100.0 - back * aggregation.arithmetic(places[np.newaxis], weights)[0] == pytest.approx(arithmetic)
    assert 100.0 - back * aggregation.geometric(places[np.newaxis], weights)[0] == pytest.approx(geometric)
    assert 100.0 - back * aggregation.harmonic(places[np.newaxis], weights)[0] == pytest.approx(harmonic)


def test_documented_normalisations_by_hand():
    """Min-max (x - min) / (max - min), z-score (x - mean) / sd, percentile rank, on 2, 4, 4, 10."""
    values = np.array([[2.0, 4.0, 4.0, 10.0]])
    posts = (0.0, 20.0)
    assert composite.place(values, Framework(), posts)[0].tolist() == [0.0, 0.25, 0.25, 1.0]
    assert composite.place(values, Framework(normalisation="goalposts"), posts)[0].tolist() == [0.1, 0.2, 0.2, 0.5]
    assert composite.place(values, Framework(normalisation="percentile"), posts)[0].tolist() == [0.0, 0.5, 0.5, 1.0]
    # mean 5, sample deviation sqrt((9 + 1 + 1 + 25) / 3) = sqrt(12); from 3 deviations below to 3 above
    z = (values[0] - 5.0) / 12**0.5
    found = composite.place(values, Framework(normalisation="z_score"), posts)[0]
    assert (found - 0.5) * 2 * normalisation.DEVIATIONS == pytest.approx(z)
