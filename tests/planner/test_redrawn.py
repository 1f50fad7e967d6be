"""Indicators in draws: attributes with a standard error are drawn, one error per unit; the rest is as published."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planner import redrawn
from tests.planner.test_composite import scored, villages, world

PLAIN = ("min_max", "arithmetic", 0.0, 0.0)


def drawn(errors):
    frame = villages(3)
    found = scored(frame, PLAIN)
    values = redrawn.indicators(found.workings, world(frame, 400), cutoff_minutes=120.0, errors=errors, seed=1)
    return found.workings, dict(zip(found.workings.scales, values, strict=True))


def test_what_has_no_error_is_as_published():
    workings, values = drawn(None)
    for name, value in values.items():
        assert np.array_equal(np.broadcast_to(value, (400, 60))[0].round(9), workings.indicators[name], equal_nan=True)
    assert values["poverty"].shape == (1, 60)


def test_villages_of_a_commune_are_off_together_and_a_share_stays_one():
    error = pd.DataFrame({"unit": np.repeat(["a", "b", "c"], 20), "standard_error": 0.2})
    workings, values = drawn({"poverty": error})
    found, published = values["poverty"], workings.indicators["poverty"].to_numpy()
    assert np.isnan(found[:, np.isnan(published)]).all()
    known = np.isfinite(published)
    assert (found[:, known] >= 0).all()
    assert (found[:, known] <= 1).all()
    first, second = np.flatnonzero(known & (published > 0.3))[:2]
    together = np.corrcoef(found[:, first], found[:, second])[0, 1]
    other = np.flatnonzero(known)[-1]
    assert together == pytest.approx(1.0, abs=0.05)
    assert abs(np.corrcoef(found[:, first], found[:, other])[0, 1]) < 0.2
    assert found[:, first].mean() == pytest.approx(published[first], abs=0.03)


def test_of_a_lower_is_worse_attribute_the_sign_is_kept():
    error = pd.DataFrame({"unit": [str(i) for i in range(60)], "standard_error": 1.0})
    workings, values = drawn({"schooling": error})
    known = workings.indicators["schooling"].notna().to_numpy()
    mean = values["schooling"].mean(axis=0)[known]
    assert mean == pytest.approx(workings.indicators["schooling"].to_numpy()[known], abs=0.25)
