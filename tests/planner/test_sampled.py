"""Draws of the data: the same again by seed, whatever the weights; intervals hold what is published."""

import numpy as np
import pandas as pd

from planner import estimate, sections
from planner.sampled import sample
from tests import tiny_world
from tests.planner.test_intervals import LIMITS, WEIGHTS, scored


def drawn(weights=WEIGHTS, *, seed=1):
    adoption = tiny_world.adoption()
    frame, _ = scored(adoption, weights)
    counts = estimate.counts(adoption, tiny_world.villages(), indicator="vneid_activated", min_people=20)
    return frame, sample(
        frame,
        {"vneid_activated": counts},
        indicators=["vneid_activated"],
        settings=sections.Uncertainty(draws=50),
        asked=sections.Needs(adoption="vneid_activated"),
        limits=LIMITS,
        seed=seed,
    )


def test_weights_change_no_draw_and_the_seed_changes_all():
    (_, one), (_, other), (_, third) = drawn(), drawn({"access": 1.0}), drawn(seed=2)
    pd.testing.assert_frame_equal(one.table, other.table)
    for name in ("covered", "adopted", "minutes"):
        np.testing.assert_array_equal(getattr(one.world, name), getattr(other.world, name))
    assert not np.array_equal(one.world.adopted, third.world.adopted)


def test_rates_and_people_lie_in_their_intervals():
    frame, found = drawn()
    table = found.table
    assert (table["vneid_activated_rate_low"] <= frame["vneid_activated_rate"] + 1e-12).all()
    assert (frame["vneid_activated_rate"] <= table["vneid_activated_rate_high"] + 1e-12).all()
    assert (table["not_adopted_people_low"] <= frame["not_adopted_people"]).all()
    assert found.world.covered.shape == (50, 16)
