"""What a siting model must be able to do so that its best choice of sites can be searched, bounded and proven.

Every village contributes at most one site's value to a plan, the largest one among the open sites; a plan is worth
the sum. People reached (maximum cover) and person-minutes saved (p-median) are both of this kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from planner.siting.base import Float, Int
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import Bool


@dataclass(frozen=True, slots=True)
class Closed:
    """What a solver of mixed integer programmes gives.

    Parameters
    ----------
    sites : ndarray of int64
        The best plan it found, ascending; may be empty.
    bound : float
        No choice is worth more; infinite when the solver has none.
    solver : str
        What people call it; empty where none was needed.
    """

    sites: Int
    bound: float
    solver: str = ""


class Model(Protocol):
    """A problem of choosing at most so many sites."""

    @property
    def sites(self) -> int:
        """Number of sites there are to choose from."""

    @property
    def pairs(self) -> int:
        """Number of pairs of village and site that count: what a programme of it grows with."""

    @property
    def most(self) -> Float:
        """The most that each village can contribute."""

    @property
    def whole(self) -> bool:
        """Whether two plans of different worth differ by at least one."""

    def total(self, sites: Int) -> float:
        """Return what a plan is worth."""

    def improved(self, sites: Int, *, clock: Clock) -> Int:
        """Return a plan with as many sites that is worth as much or more."""

    def first_prices(self, sites: Int) -> Float:
        """Return prices of the villages to start a relaxation from, near those that a plan suggests."""

    def worth(self, prices: Float) -> Float:
        """Return, per site, what its villages contribute there beyond their prices."""

    def takers(self, prices: Float, sites: Int) -> Float:
        """Return, per village, at how many of these sites it contributes more than its price."""

    def part(self, *, keep: Bool, forced: Int) -> Part:
        """Return what is left to choose when some sites are open and some are out."""

    def close(self, teams: int, *, start: Int, slack: float, seconds: float) -> Closed:
        """Solve to within `slack`, or until the time is over."""


class Part(Protocol):
    """A smaller problem of the same kind."""

    @property
    def model(self) -> Model:
        """The smaller problem."""

    @property
    def sites(self) -> Int:
        """Position in the larger problem of each of its sites, ascending."""

    @property
    def base(self) -> float:
        """What the forced sites are worth."""
