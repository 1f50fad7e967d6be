"""How indicators become a score: which steps a plan chose, with which numbers. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Normalisation = Literal["min_max", "goalposts", "z_score", "percentile"]
Aggregation = Literal["arithmetic", "geometric", "harmonic"]
Direction = Literal["higher_is_worse", "lower_is_worse"]


@dataclass(frozen=True, slots=True)
class Framework:
    """The choices of ``[score]`` beside the weights.

    What holds for every choice: the order of the villages, a constant indicator and scaled weights change no rank. A
    village that gets worse never improves its rank

    - with ``min_max`` (not winsorised), whatever else is unknown;
    - with ``goalposts``, ``percentile`` or winsorising, as long as every ranked village knows all that ranks
      (``min_known_share = 1`` makes it so): an indicator that loses its last difference is left out, and that may
      move villages in which it is unknown;
    - with ``z_score``, not always: the mean and the spread that all villages are measured by move with it.

    Parameters
    ----------
    normalisation : {"min_max", "goalposts", "z_score", "percentile"}
        How indicators are made comparable, see `planner.normalisation`.
    aggregation : {"arithmetic", "geometric", "harmonic"}
        How pillars are put together, see `planner.aggregation`.
    winsorise_share : float
        Share of the villages at either end whose values are drawn in to the nearest remaining one; 0 = none.
    min_known_share : float
        A village in which a smaller share of the indicators is known gets no score.
    goalposts : mapping
        Indicator to its best and its worst value, in its own unit; the rest use the range of their record.
    inside : mapping
        Indicator to its weight inside its pillar, above 0; 1 for those that are not named. Only ratios matter.
    """

    normalisation: Normalisation = "min_max"
    aggregation: Aggregation = "arithmetic"
    winsorise_share: float = 0.0
    min_known_share: float = 0.0
    goalposts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    inside: Mapping[str, float] = field(default_factory=dict)

    @property
    def keeps_order(self) -> bool:
        """Whether more need never improves a rank, whatever is unknown elsewhere."""
        return self.normalisation == "min_max" and self.winsorise_share == 0
