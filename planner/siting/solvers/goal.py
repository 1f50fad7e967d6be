"""When a solve may stop."""

from __future__ import annotations

from dataclasses import dataclass

from planner.siting.solvers.cover import TOLERANCE


@dataclass(frozen=True, slots=True)
class Goal:
    """A gap between plan and bound, as a share of the bound of the whole problem.

    Parameters
    ----------
    gap : float
        Share, 0 asks for a proven best plan.
    zero : float
        The value of the solved part at which the whole problem's value is 0: minus what stands already where more is
        better, the whole cost where the solved part is what is saved of it.
    """

    gap: float
    zero: float = 0.0

    def slack(self, reached: float) -> float:
        """Return how far above `reached` a bound may lie; never less than two sums may differ by rounding."""
        return max(self.gap * abs(reached - self.zero), TOLERANCE * reached)

    def met(self, reached: float, bound: float) -> bool:
        """Return whether the bound is near enough to the plan."""
        return bound - reached <= self.slack(reached)
