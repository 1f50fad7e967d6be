"""What stands before a model chooses: the sites that are open anyway, and how many teams are left to place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.siting.base import Int, SitingProblem
from planner.siting.solvers.cover import Bool
from planner.siting.solvers.model import Model


@dataclass(frozen=True, slots=True)
class Start:
    """The given part of every plan.

    Parameters
    ----------
    existing, locked : ndarray of int64
        Sites that stand, and new ones that must open, ascending.
    free : ndarray of bool, shape (m,)
        Sites that may open.
    teams : int
        Left to place once the locked sites are open.
    """

    existing: Int
    locked: Int
    free: Bool
    teams: int

    @property
    def fixed(self) -> Int:
        """Every site that is open whatever is chosen, ascending."""
        return np.sort(np.concatenate([self.existing, self.locked]))

    @property
    def allowed(self) -> Int:
        """Every site that can be open, ascending."""
        return np.sort(np.concatenate([self.fixed, np.flatnonzero(self.free)]))


def start_of(problem: SitingProblem) -> Start:
    """Return the given part of a checked problem."""
    locked = problem.locked_in & ~problem.existing
    return Start(
        existing=np.flatnonzero(problem.existing).astype(np.int64),
        locked=np.flatnonzero(locked).astype(np.int64),
        free=~(problem.existing | problem.locked_in | problem.locked_out),
        teams=int(problem.new_teams) - int(locked.sum()),
    )


def warmer(model: Model, greedy: Int, sites: Int, warm: Int | None, *, teams: int) -> Int:
    """Return the better of the one-by-one choice and a plan that is known already, as far as that is allowed.

    Parameters
    ----------
    model : Model
    greedy : ndarray of int64
    sites : ndarray of int64
        Position in the problem of each site of the model, ascending.
    warm : ndarray of int64, optional
        Positions in the problem.
    teams : int
        At most this many.
    """
    if warm is None:
        return greedy
    known = np.flatnonzero(np.isin(sites, warm))[:teams].astype(np.int64)
    return known if model.total(known) > model.total(greedy) else greedy
