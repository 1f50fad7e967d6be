"""How much time a solve may still take."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

GRACE_S: Final = 5.0
"""Seconds after the limit within which a refusal may still be explained; all its searches share them."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A limit that starts when the clock is made.

    Parameters
    ----------
    limit_s : float
        Seconds of wall clock.
    """

    limit_s: float
    _started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._started

    @property
    def left_s(self) -> float:
        """Seconds left, 0 when the time is over."""
        return max(self.limit_s - self.seconds, 0.0)

    @property
    def left_to_explain_s(self) -> float:
        """Seconds left with those that an answer nobody can do without may take beyond the limit."""
        return max(self.limit_s + GRACE_S - self.seconds, 0.0)

    @property
    def over(self) -> bool:
        """Whether the limit is reached."""
        return self.left_s <= 0.0
