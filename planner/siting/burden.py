"""What a person on the way counts: every minute alike, or long ways more than short ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.errors import PlanError
from planner.siting.base import Float, Unit

MOST_STEEP: Final = 20.0
"""Largest exponent: a person unserved then counts 5e8 times one at the door, and sums of both are still exact to a person."""


@dataclass(frozen=True, slots=True)
class Burden:
    """How minutes become what is added up, and how a sum is told.

    With a rate above 0 a person of z minutes counts ``(exp(rate z) - 1) / rate``; the sum is told as the equally
    distributed equivalent of Kolm (1976) and Pollak (1971): the minutes that would be as bad if everybody had them.
    With a rate of 0 both are the minutes themselves.

    Parameters
    ----------
    model : str
    unit : {"person_minutes", "minutes"}
    rate_per_minute : float
        0 or more.
    """

    model: str
    unit: Unit
    rate_per_minute: float = 0.0

    def of(self, minutes: Float) -> Float:
        """Return what a person of so many minutes counts."""
        rate = self.rate_per_minute
        return minutes if rate == 0 else np.asarray(np.expm1(rate * minutes) / rate)

    def told(self, total: float, *, people: float) -> float:
        """Return a sum over people in the model's unit."""
        if self.unit == "person_minutes" or people <= 0:
            return total
        rate = self.rate_per_minute
        return total / people if rate == 0 else math.log1p(rate * total / people) / rate

    def gap_of_sum(self, gap: float, *, least_minutes: float) -> float:
        """Return how near the bound of the sum must come, so that what is told comes as near as `gap`.

        Parameters
        ----------
        gap : float
            Share.
        least_minutes : float
            What is told of any plan is at least this.
        """
        rate = self.rate_per_minute
        return gap if self.unit == "person_minutes" or rate == 0 else -math.expm1(-rate * gap * least_minutes)


def averse(minutes: Float, people: Float, *, aversion: float, unserved_minutes: float) -> Burden:
    """Return the burden for an aversion to unequal ways, whose unit is the scale of these ways.

    The rate is the aversion times the mean of the minutes over the mean of their squares, so that the same dial means
    the same for a town and for a mountain commune (Logan, Anderson, Williams and Conrow 2021).

    Parameters
    ----------
    minutes, people : ndarray of float64
        Ways of a plan that is at hand, and how many people each stands for.
    aversion : float
        0 counts every minute alike; 0.5 to 2 are usual.
    unserved_minutes : float
        The longest way that is counted.

    Raises
    ------
    PlanError
        When somebody unserved would count so much that nobody else does.
    """
    squares = float(people @ minutes**2)
    rate = aversion * float(people @ minutes) / squares if squares > 0 else 0.0
    if rate * unserved_minutes > MOST_STEEP:
        most = aversion * MOST_STEEP / (rate * unserved_minutes)
        message = (
            f"deploy.aversion = {aversion:g}: a person who counts {unserved_minutes:g} minutes would outweigh everybody else. "
            f"Least change: aversion = {math.floor(most * 100) / 100:g}, or a smaller unserved_minutes or reach_minutes"
        )
        raise PlanError(message)
    return Burden("fair", "minutes", rate)
