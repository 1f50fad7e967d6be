"""Maximum cover as a model: a village contributes its need once one open site is within reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.solvers import cover_programme
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import Bool, Cover, entries_of, is_whole, reduce
from planner.siting.solvers.model import Closed
from planner.siting.solvers.swap import improved


@dataclass(frozen=True, slots=True)
class CoverModel:
    """`planner.siting.solvers.model.Model` of a `Cover`."""

    cover: Cover

    @property
    def sites(self) -> int:
        """Number of sites."""
        return self.cover.sites

    @property
    def pairs(self) -> int:
        """Number of pairs within reach."""
        return int(self.cover.sites_of.nnz)

    @property
    def most(self) -> Float:
        """The need of each village."""
        return self.cover.need

    @property
    def whole(self) -> bool:
        """Whether people are whole."""
        return is_whole(self.cover.need)

    def total(self, sites: Int) -> float:
        """Return the people reached."""
        return self.cover.reached(sites)

    def improved(self, sites: Int, *, clock: Clock) -> Int:
        """Return a plan that no single swap improves."""
        return improved(self.cover, sites, clock=clock)

    def first_prices(self, sites: Int) -> Float:
        """Return the need less an equal part for each chosen site within reach: exact where no two overlap."""
        count = np.maximum(self.takers(self.cover.need, sites), 1.0)
        return np.asarray(self.cover.need - self.cover.need / count)

    def worth(self, prices: Float) -> Float:
        """Return, per site, the need beyond the prices."""
        return np.asarray(self.cover.villages_of @ (self.cover.need - prices))

    def takers(self, prices: Float, sites: Int) -> Float:  # noqa: ARG002 - every village within reach, at any price
        """Return, per village, how many of these sites are within reach."""
        villages = entries_of(self.cover.villages_of, sites)[1]
        return np.bincount(villages, minlength=self.cover.need.size).astype(np.float64)

    def part(self, *, keep: Bool, forced: Int) -> CoverPart:
        """Return the cover of the villages that the forced sites leave, by the sites kept."""
        served = self.cover.covered(forced)
        small = reduce(self.cover, keep=keep, served=served)
        return CoverPart(CoverModel(small.cover), small.sites, float(self.cover.need[served].sum()))

    def close(self, teams: int, *, start: Int, slack: float, seconds: float) -> Closed:
        """Solve by SCIP, which took a third to nine tenths of the time of HiGHS on four reduced covers (measured)."""
        return cover_programme.close(self.cover, teams, start=start, slack=slack, seconds=seconds)


@dataclass(frozen=True, slots=True)
class CoverPart:
    """`planner.siting.solvers.model.Part` of a `CoverModel`."""

    model: CoverModel
    sites: Int
    base: float
