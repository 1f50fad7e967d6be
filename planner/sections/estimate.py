"""[estimate]: how thin counts are read."""

from __future__ import annotations

from typing import Literal

from planner.sections.base import Section


class Estimate(Section):
    """[estimate]: how thin counts are read."""

    shrinkage: bool = True
    missing: Literal["model", "commune_mean", "unknown"] = "model"
