"""Sobol indices against Ishigami's function, whose indices are known, and the tornado by hand."""

from __future__ import annotations

import numpy as np
import pytest

from planner import methods, sensitivity
from tests.planner.test_composite import scored, villages

PLAIN = ("min_max", "arithmetic", 0.0, 0.0)


def ishigami(points: np.ndarray) -> np.ndarray:
    """sin x1 + 7 sin² x2 + 0.1 x3⁴ sin x1 (Ishigami and Homma, 1990)."""
    x, y, z = points.T
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def exact() -> tuple[list[float], list[float]]:
    """Its indices in closed form: a = 7, b = 0.1 (Saltelli et al., Global Sensitivity Analysis, 2008)."""
    a, b, pi = 7.0, 0.1, np.pi
    one, two = 0.5 * (1 + b * pi**4 / 5) ** 2, a**2 / 8
    both = b**2 * pi**8 * (1 / 18 - 1 / 50)
    whole = one + two + both
    return [one / whole, two / whole, 0.0], [(one + both) / whole, two / whole, both / whole]


def test_indices_of_ishigami_are_the_known_ones():
    found = sensitivity.indices(ishigami, bounds=[(-np.pi, np.pi)] * 3, samples=4096, level=0.95, seed=1)
    first, total = exact()
    assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=1e-4)
    assert found["first"].tolist() == pytest.approx(first, abs=0.02)
    assert found["total"].tolist() == pytest.approx(total, abs=0.02)
    assert (found["first_low"] <= first).all()
    assert (found["total_high"] >= total).all()


def test_the_seed_alone_decides_and_what_never_changes_has_no_indices():
    one, two = (
        sensitivity.indices(ishigami, bounds=[(-np.pi, np.pi)] * 3, samples=64, level=0.9, seed=seed) for seed in (1, 1)
    )
    assert one.equals(two)
    flat = sensitivity.indices(lambda p: np.zeros(len(p)), bounds=[(0, 1)] * 2, samples=8, level=0.9, seed=1)
    assert flat.isna().all().all()


def test_a_method_that_is_the_plan_s_own_shifts_nothing():
    workings = scored(villages(3), PLAIN).workings
    names = sensitivity.factors(workings)
    assert names == [f"weight_{p}" for p in workings.recipe.ranking] + ["normalisation", "aggregation"]
    own = np.array([[1.0] * 4 + [0.0, 0.0]])
    assert sensitivity.shifts(workings, names, own).tolist() == [0.0]


def test_the_tornado_is_each_method_ranked_by_itself():
    base = scored(villages(3), PLAIN)
    found = sensitivity.tornado(base.workings, ["normalisation", "aggregation"], weight_error=0.25)
    others = [float((scored(villages(3), ("min_max", a, 0.0, 0.0)).rank - base.rank).abs().mean())
              for a in methods.AGGREGATIONS[1:]]  # fmt: skip
    assert found.iloc[1].tolist() == pytest.approx([min(others), max(others)])
    each = [float((scored(villages(3), (n, "arithmetic", 0.0, 0.0)).rank - base.rank).abs().mean())
            for n in methods.NORMALISATIONS[1:]]  # fmt: skip
    assert found.iloc[0].tolist() == pytest.approx([min(each), max(each)])


def test_the_table_names_what_matters_most_first():
    workings = scored(villages(3), PLAIN).workings
    found = sensitivity.table(workings, samples=32, weight_error=0.25, level=0.9, seed=1)
    assert list(found.columns) == ["factor", *sensitivity.INDICES, "alone_low", "alone_high"]
    assert found["total"].is_monotonic_decreasing
    assert set(found["factor"]) == set(sensitivity.factors(workings))
    assert (found["alone_low"] <= found["alone_high"]).all()
