"""What is published of the draws: intervals that hold the value, chances that add up, the same again by seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planner import estimate, intervals, needs, scoring, sections
from planner.sampled import sample
from tests import tiny_world

WEIGHTS = {"connectivity": 1.0, "adoption": 1.0, "access": 1.0}


LIMITS = needs.Limits(ratio=0.5, covered_at=0.95, not_covered_at=0.05, skills_gap_at=0.25, reach_minutes=30.0)


def drawn(frame, counts, found, *, settings, seed):
    """Draw the data, then score the draws."""
    sampled = sample(
        frame,
        counts,
        indicators=["vneid_activated"],
        settings=settings,
        asked=sections.Needs(adoption="vneid_activated"),
        limits=LIMITS,
        seed=seed,
    )
    return intervals.columns(
        frame, sampled, settings=settings, cutoff_minutes=120.0, seed=seed, workings=found.workings
    )


def rows(adoption: pd.DataFrame) -> pd.DataFrame:
    return scored(adoption)[0]


def scored(adoption: pd.DataFrame, weights=WEIGHTS) -> tuple[pd.DataFrame, scoring.Scores]:
    villages = tiny_world.villages()
    rate = estimate.rates(adoption, villages, min_people=20, shrink=True)["rate"].to_numpy()
    share = np.linspace(0.0, 1.0, 16)
    frame = pd.DataFrame(
        {
            "unit_id": villages["unit_id"],
            "commune_id": villages["commune_id"],
            "eligible_people": 500,
            "covered_share": share,
            "covered_share_low": share * 0.8,
            "covered_share_high": np.minimum(1.0, share * 1.1),
            "coverage_status": np.select([share >= 0.95, share <= 0.05], ["covered", "not_covered"], "partial"),
            "operators": [("A",) if s > 0 else () for s in share],
            "vneid_activated_rate": rate,
            "support_minutes": np.arange(16) * 5.0,
            "support_status": "reached",
        }
    )
    frame = frame.join(needs.split(frame, adoption="vneid_activated"))
    frame = frame.join(needs.classify(frame, skills_gap_at=0.25, reach_minutes=30.0))
    found = scoring.score(frame, weights=weights, adoption="vneid_activated", cutoff_minutes=120.0)
    return frame.join(found.table()), found


def columns(adoption: pd.DataFrame, *, seed: int = 1, **uncertainty: float) -> pd.DataFrame:
    counts = estimate.counts(adoption, tiny_world.villages(), indicator="vneid_activated", min_people=20)
    options = {"draws": 200, **uncertainty}
    frame, found = scored(adoption)
    given = {"vneid_activated": counts}
    return drawn(frame, given, found, settings=sections.Uncertainty(**options), seed=seed)


@pytest.fixture
def adoption() -> pd.DataFrame:
    frame = tiny_world.adoption()
    own = frame["unit_id"] != "v33"
    return frame.assign(numerator=(frame["numerator"] + np.tile([-9.0, 9.0], 8)).clip(20, 80).where(own, 3.0))


def test_intervals_hold_what_is_published_and_chances_add_up(adoption):
    before, found = rows(adoption), columns(adoption)
    for name, low, high in (
        ("vneid_activated_rate", "vneid_activated_rate_low", "vneid_activated_rate_high"),
        ("score", "score_low", "score_high"),
        ("rank", "rank_low", "rank_high"),
        ("rank", "rank_method_low", "rank_method_high"),
        ("not_adopted_people", "not_adopted_people_low", "not_adopted_people_high"),
        ("no_signal_people", "no_signal_people_low", "no_signal_people_high"),
    ):
        assert (found[low] <= before[name] + 1e-12).all(), name
        assert (before[name] <= found[high] + 1e-12).all(), name
    assert found["worst_tenth_probability"].sum() == pytest.approx(2.0)
    assert found["need_class_probability"].between(0, 1).all()


def test_the_seed_alone_decides(adoption):
    pd.testing.assert_frame_equal(columns(adoption), columns(adoption))
    assert not columns(adoption)["score_low"].equals(columns(adoption, seed=2)["score_low"])


def test_a_wide_interval_is_a_band_of_ranks(adoption):
    found = columns(adoption, band_share=0.0)
    assert found["rank_band"].iloc[0] == f"{found['rank_low'].iloc[0]}–{found['rank_high'].iloc[0]}"
    assert columns(adoption, band_share=1.0)["rank_band"].isna().all()


def test_where_nothing_ranks_there_are_no_ranks(adoption):
    alike = adoption.assign(numerator=80.0, denominator=100.0)
    frame, found = scored(alike, {"adoption": 1.0})
    assert frame["rank"].isna().all()
    given = {
        "vneid_activated": estimate.counts(alike, tiny_world.villages(), indicator="vneid_activated", min_people=20)
    }
    got = drawn(frame, given, found, settings=sections.Uncertainty(draws=20), seed=1)
    assert got[[*intervals.RANKS, *intervals.METHOD_RANKS]].isna().all().all()
    assert got["vneid_activated_rate_low"].notna().all()
