"""One code for what is published and for its draws: whatever a plan chooses, equal data score equally to the last digit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import composite, draws, normalisation, redrawn, scoring, uncertainty
from planner.framework import Framework
from planner.indicators.base import Attribute

POSTS = {"poverty": (0.0, 1.0), "schooling": (12.0, 0.0), "age": (0.0, 1.0)}
ATTRIBUTES = (
    Attribute("poverty", unit="share"),
    Attribute("schooling", direction="lower_is_worse", unit="years"),
    Attribute("age", unit="share"),
)
WEIGHTS = {"connectivity": 1, "adoption": 2, "access": 1, "vulnerability": 3}
CHOICES = [
    (normalisation, aggregation, winsorise, known)
    for normalisation in ("min_max", "goalposts", "z_score", "percentile")
    for aggregation in ("arithmetic", "geometric", "harmonic")
    for winsorise, known in ((0.0, 0.0), (0.1, 0.7))
]


def villages(seed: int, size: int = 60, *, holes: float = 0.1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    minutes = rng.uniform(0, 200, size)
    found = pd.DataFrame(
        {
            "covered_share": rng.integers(0, 9, size) / 8,
            "x_rate": rng.beta(8, 2, size),
            "support_minutes": np.where(minutes < 120, minutes, np.nan),
            "support_status": np.where(minutes < 120, "reached", "beyond_cutoff"),
            "attribute_poverty": rng.beta(2, 8, size),
            "attribute_schooling": rng.integers(0, 13, size).astype(float),
            "attribute_age": rng.beta(3, 8, size).round(2),
        }
    )
    unknown = rng.random(found.shape) < holes
    for at, name in enumerate(found):
        if name == "support_status":
            found[name] = found[name].mask(unknown[:, at - 1], "unknown")
        else:
            found[name] = found[name].mask(unknown[:, at])
    return found


def scored(frame: pd.DataFrame, choice: tuple, weights=WEIGHTS) -> scoring.Scores:
    normalised, aggregated, winsorise, known = choice
    framework = Framework(normalised, aggregated, winsorise, known, POSTS, {"poverty": 2.0, "age": 0.5})
    return scoring.score(
        frame, weights=weights, adoption="x", cutoff_minutes=120.0, attributes=ATTRIBUTES, framework=framework
    )


def world(frame: pd.DataFrame, count: int) -> draws.Draws:
    """As many draws without any noise."""
    out = (frame["support_status"] == "beyond_cutoff").to_numpy()
    minutes = np.where(out, np.inf, frame["support_minutes"].where(frame["support_status"] == "reached"))
    columns = (frame["covered_share"].to_numpy(), frame["x_rate"].to_numpy(), minutes)
    return draws.Draws(*(np.broadcast_to(c, (count, len(frame))) for c in columns))


@pytest.mark.parametrize("choice", CHOICES)
def test_a_draw_without_noise_scores_exactly_what_is_published(choice):
    frame = villages(7)
    found = scored(frame, choice)
    values = redrawn.indicators(found.workings, world(frame, 3), cutoff_minutes=120.0)
    enough = found.workings.enough.to_numpy()
    drawn = composite.evaluate([v.round(scoring.DECIMALS) for v in values], found.workings.recipe, enough=enough)
    for row in np.broadcast_to(drawn.score, (3, len(frame))):
        assert np.array_equal(row, found.score.to_numpy(), equal_nan=True)
    ranked = found.rank.notna().to_numpy()
    summed = uncertainty.of_draws(values, found.workings.recipe, ranked=ranked, enough=enough)
    assert summed.score_low[ranked].tolist() == summed.score_high[ranked].tolist() == found.score[ranked].tolist()
    assert summed.rank_low[ranked].tolist() == summed.rank_high[ranked].tolist() == found.rank[ranked].tolist()


@pytest.mark.parametrize("choice", CHOICES)
def test_every_draw_scores_as_if_it_had_been_published(choice):
    like = villages(9)
    frames = [villages(seed, holes=0.0) for seed in range(5)]
    numbers = [c for c in like if c.startswith(("covered", "x_", "attribute"))]
    away = like["support_status"] == "unknown"
    frames = [
        f.assign(
            **{c: f[c].where(like[c].notna()) for c in numbers},
            support_status=f["support_status"].mask(away, "unknown"),
        )
        for f in frames
    ]
    found = [scored(f, choice) for f in frames]
    first = found[0].workings
    values = [np.stack([f.workings.indicators[name].to_numpy() for f in found]) for name in first.scales]
    together = composite.evaluate(values, first.recipe, enough=first.enough.to_numpy()).score
    assert np.array_equal(together, np.stack([f.score for f in found]), equal_nan=True)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 999), size=st.integers(1, 30), steps=st.sampled_from([2, 5, 1000]))
def test_percentiles_are_those_of_the_scale(seed, size, steps):
    values = np.random.default_rng(seed).integers(0, steps, (4, size)).astype(float)
    found = normalisation.percentiles(values)
    for row, place in zip(values, found, strict=True):
        scale = normalisation.fit(row, "percentile", ends=(0.0, 1.0))
        assert place.tolist() == scale.apply(row).tolist()


def test_an_indicator_without_spread_in_one_draw_counts_for_nothing_in_it():
    recipe = composite.Recipe(Framework(), ("a", "b"), (1.0, 1.0), ((0.0, 1.0), (0.0, 1.0)), {"a": 1.0, "b": 3.0})
    a = np.array([[0.0, 1.0], [5.0, 5.0]])
    b = np.array([[1.0, 0.0], [1.0, 0.0]])
    found = composite.evaluate([a, b], recipe, enough=np.array([True, True]))
    assert found.score.tolist() == [[75.0, 25.0], [100.0, 0.0]]
    assert found.used["b"].ravel().tolist() == [0.75, 1.0]


def test_indicators_have_weights_inside_their_pillar():
    recipe = composite.Recipe(Framework(), ("a", "a"), (3.0, 1.0), ((0.0, 1.0), (0.0, 1.0)), {"a": 1.0})
    values = [np.array([[0.0, 1.0, 1.0]]), np.array([[1.0, 0.0, np.nan]])]
    assert composite.evaluate(values, recipe, enough=np.ones(3, dtype=bool)).score.tolist() == [[25.0, 75.0, 100.0]]
