"""An official total beside hidden counts: kept where it can be, told where not, and never a push on the hidden villages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers.errors import LayerError
from planner import draws, estimate, missing_rates
from planner.estimate import Counts
from planner.missing_rates import Filled
from tests import tiny_world

NAME = "vneid_activated"
SAFE = 80.0 * 3 + 60.0 * 4 + 40.0 * 4 + 20.0 * 2
"""Adopters of the villages that are published: v00 has no figure, v33 is small, v22 is hidden beside it."""


def filled(total: int) -> tuple[pd.DataFrame, Counts, Filled]:
    villages = tiny_world.villages()
    adoption = tiny_world.adoption()
    adoption = adoption[adoption["unit_id"] != "v00"]
    rates = estimate.by_village(estimate.rates(adoption, villages, min_people=20), villages, indicators=[NAME])
    people = pd.Series([15 if u == "v33" else 100 for u in villages["unit_id"]], villages.index)
    rows = rates.assign(eligible_people=people.to_numpy())
    given = estimate.counts(adoption, villages, indicator=NAME, min_people=20)
    known = pd.DataFrame({"x": np.arange(16.0)})
    found = missing_rates.fill(rows, {NAME: given}, known=known, missing="commune_mean", totals={NAME: total}, seed=1)
    return rows, given, found


def rate(found: Filled, unit: str) -> float:
    return float(found.rows.set_index("unit_id").loc[unit, f"{NAME}_rate"])


def drawn(found: Filled) -> np.ndarray:
    published = found.rows[f"{NAME}_rate"].to_numpy(dtype=float)
    people = found.rows["eligible_people"].to_numpy(dtype=float)
    rng = draws.generator(1, "x")
    return draws.rates(found.counts[NAME], published, people, count=200, rng=rng)


def test_a_total_that_can_be_kept_is_kept_by_the_estimates_alone():
    pooled = 0.2 * 115  # of v22 and v33
    _, _, found = filled(round(SAFE + pooled + 70))
    assert rate(found, "v00") == pytest.approx(0.7)
    assert rate(found, "v33") == pytest.approx(0.2)


def test_a_total_that_pooled_rates_leave_no_room_for_moves_nobody():
    """Ten adopters are left for v00, v22 and v33, and pooled rates alone say 23."""
    _, _, found = filled(round(SAFE + 10))
    assert rate(found, "v00") == pytest.approx(0.8, abs=0.02)
    assert rate(found, "v33") == pytest.approx(0.2)
    hidden = found.rows["unit_id"].isin(["v22", "v33"]).to_numpy()
    assert drawn(found)[:, hidden].mean() == pytest.approx(0.2, abs=0.06)


def test_a_total_that_nobody_could_hold_is_refused():
    with pytest.raises(LayerError, match="without a publishable figure"):
        filled(round(SAFE + 300))
