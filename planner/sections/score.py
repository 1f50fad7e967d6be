"""[score]: the composite."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from planner.sections.base import Finite, NotNegative, Positive, Section, Share

FIXED_INDICATORS: Final = (
    "without_signal_share",
    "not_adopted_share",
    "support_minutes",
    "negative_reports_per_1000",
)
"""Indicators that every plan has; a test keeps them equal to `planner.indicators`."""


class Score(Section):
    """[score]: the composite."""

    pillars: dict[Literal["connectivity", "adoption", "access", "vulnerability", "voice"], NotNegative] = {
        "connectivity": 1.0,
        "adoption": 1.0,
        "access": 1.0,
        "vulnerability": 1.0,
        "voice": 1.0,
    }
    normalisation: Literal["min_max", "goalposts", "z_score", "percentile"] = "min_max"
    goalposts: dict[str, tuple[Finite, Finite]] = {}
    indicators: dict[str, Positive] = {}
    aggregation: Literal["arithmetic", "geometric", "harmonic"] = "arithmetic"
    missing: Literal["renormalise"] = "renormalise"
    winsorise_share: Annotated[float, Field(ge=0, lt=0.5, allow_inf_nan=False)] = 0.0
    min_known_share: Share = 0.0

    @model_validator(mode="after")
    def _some_weight(self) -> Score:
        if not sum(self.pillars.values()) > 0:
            message = "at least one pillar needs a weight above 0"
            raise ValueError(message)
        return self
