"""Every indicator of the score, by pillar; to add one, copy the smallest file here and name it below."""

from __future__ import annotations

from typing import Final

from planner.indicators import access, adoption, connectivity, voice, vulnerability
from planner.indicators.base import Indicator, Settings

INDICATORS: Final[dict[str, Indicator]] = {
    "connectivity": connectivity.INDICATOR,
    "adoption": adoption.INDICATOR,
    "access": access.INDICATOR,
    "voice": voice.INDICATOR,
}
"""The indicator of each pillar that has one whatever the plan."""

PILLARS: Final = ("connectivity", "adoption", "access", "vulnerability", "voice")
"""Every pillar, in the order in which contributions are written."""


def of_pillar(pillar: str, settings: Settings) -> tuple[Indicator, ...]:
    """Return the indicators of a pillar: one, or those that the plan's attributes make."""
    if pillar in INDICATORS:
        return (INDICATORS[pillar],)
    return tuple(vulnerability.indicator(attribute) for attribute in settings.attributes)
