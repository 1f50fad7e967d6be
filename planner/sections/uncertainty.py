"""[uncertainty]: how often the data are redrawn, and what is said of the draws."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from planner.sections.base import Section, Share


class Uncertainty(Section):
    """[uncertainty]: how often the data are redrawn, and what is said of the draws."""

    draws: Annotated[int, Field(ge=0, le=20_000)] = 1000
    level: Annotated[float, Field(ge=0.5, lt=1, allow_inf_nan=False)] = 0.9
    worst_share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.1
    band_share: Share = 0.2
    shared_coverage_error: Share = 0.5
    speed_error: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.1
    weight_error: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.25
