"""Every indicator of the score, by pillar; to add one, copy the smallest file here and name it below."""

from __future__ import annotations

from typing import Final

from planner.indicators import access, adoption, connectivity
from planner.indicators.base import Indicator

INDICATORS: Final[dict[str, Indicator]] = {
    "connectivity": connectivity.INDICATOR,
    "adoption": adoption.INDICATOR,
    "access": access.INDICATOR,
}
"""One indicator per pillar, in the order in which contributions are written."""
