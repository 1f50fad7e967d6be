"""Need in other draws of coverage and adoption."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.testing import assert_array_equal

from planner.need_draws import need_draws
from planner.sections.needs import Needs
from planner.sections.uncertainty import Uncertainty

ROWS = pd.DataFrame(
    {
        "eligible_people": pd.array([1000, 500, 200], dtype="Int64"),
        "covered_share": [0.8, 1.0, np.nan],
        "covered_share_low": [0.5, 1.0, np.nan],
        "covered_share_high": [0.9, 1.0, np.nan],
        "operators": [("A",), ("A",), ()],
        "vneid_activated_rate": [0.5, 0.4, 0.5],
    }
)


def drawn(count=40, seed=1):
    return need_draws(ROWS, {}, asked=Needs(need="both"), uncertainty=Uncertainty(), count=count, seed=seed)


def test_what_is_known_exactly_is_the_same_in_every_draw_and_unknown_stays_unknown():
    needs = drawn()
    assert needs.shape == (40, 3)
    assert_array_equal(needs[:, 1], 300.0)
    assert np.isnan(needs[:, 2]).all()
    assert_array_equal(
        needs[:, 0], 500.0
    )  # nobody is counted twice: half of them have not adopted, with signal or without


def test_need_with_signal_follows_the_draws_of_coverage():
    asked = Needs(need="not_adopted")
    needs = need_draws(ROWS, {}, asked=asked, uncertainty=Uncertainty(), count=40, seed=1)
    assert needs[:, 0].min() < 400 < needs[:, 0].max() + 1
    assert ((needs[:, 0] >= 250) & (needs[:, 0] <= 450)).all()
    assert_array_equal(needs, need_draws(ROWS, {}, asked=asked, uncertainty=Uncertainty(), count=40, seed=1))
