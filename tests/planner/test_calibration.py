"""Rank intervals and chances hold what they promise when data are noisy: the product's draws on worlds whose truth is known."""

from __future__ import annotations

import pytest

from benchmarks.calibration import NOISES, around_observed, calibrate


@pytest.mark.parametrize("noise", NOISES)
def test_rank_intervals_hold_the_true_rank(noise):
    found = calibrate(noise, replicates=10)
    assert 0.85 <= found.held <= 0.95
    assert 0.85 <= found.held_worst <= 0.95


def test_redrawing_round_the_observed_does_not():
    """The measure can fail: the usual choice leaves the true rank outside far too often."""
    assert calibrate(1.0, replicates=5, redraw=around_observed).held < 0.75


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("noise", NOISES)
def test_rank_intervals_and_chances_over_200_replicates(noise):
    found = calibrate(noise, replicates=200)
    assert 0.85 <= found.held <= 0.95
    assert 0.85 <= found.held_worst <= 0.95
    bins = found.bins()
    assert len(bins) == 10
    for chance, share, _ in bins:
        assert share == pytest.approx(chance, abs=0.05)
