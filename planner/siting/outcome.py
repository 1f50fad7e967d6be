"""What open sites mean for each village: who goes where, in which order sites help, what is lost without one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.siting.base import Float, Int, Parts, SitingPlan, SitingProblem, Status, Unit
from planner.siting.options import Options, standing_of
from planner.siting.solvers.cover import TOLERANCE, Bool, Cover, entries_of, from_pairs


def within_reach(problem: SitingProblem) -> Cover:
    """Return every village, those without need included, with all sites within reach."""
    matrix = problem.minutes
    village = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    near = matrix.data <= problem.reach_minutes
    return from_pairs(problem.need_people, village[near], matrix.indices[near].astype(np.int64), sites=matrix.shape[1])


@dataclass(frozen=True, slots=True)
class Assignments:
    """Which open site each village goes to.

    Parameters
    ----------
    sites : ndarray of int64, shape (n,)
        -1 where no open site is within reach.
    minutes : ndarray of float64, shape (n,)
        NaN there.
    """

    sites: Int
    minutes: Float


def nearest(minutes: sparse.csr_array, opened: Bool, *, reach_minutes: float) -> Assignments:
    """Assign each village to its nearest open site within reach, the first of equally near ones."""
    n = minutes.shape[0]
    village = np.repeat(np.arange(n), np.diff(minutes.indptr))
    near = np.flatnonzero(opened[minutes.indices] & (minutes.data <= reach_minutes))
    order = near[np.lexsort((minutes.indices[near], minutes.data[near], village[near]))]
    found, first = np.unique(village[order], return_index=True)
    sites, spent = np.full(n, -1, dtype=np.int64), np.full(n, np.nan)
    sites[found] = minutes.indices[order[first]]
    spent[found] = minutes.data[order[first]]
    return Assignments(sites, spent)


def losses(cover: Cover, sites: Int) -> Float:
    """Return, beside `sites`, the need of the villages that only this one of them reaches."""
    slot, village = entries_of(cover.villages_of, sites)
    count = np.bincount(village, minlength=cover.need.size)
    alone = count[village] == 1
    return np.bincount(slot[alone], weights=cover.need[village[alone]], minlength=sites.size).astype(np.float64)


def in_order(cover: Cover, sites: Int, *, served: Bool) -> tuple[Int, Float]:
    """Order sites by the people each adds to `served` and to the sites before it, the first of equals first.

    Returns
    -------
    sites : ndarray of int64
    gains : ndarray of float64
        People each adds, falling; sums too small to be people are 0.
    """
    left = np.where(served, 0.0, cover.need)
    rows = cover.villages_of[sites]
    remaining = np.ones(sites.size, dtype=np.bool_)
    order: list[int] = []
    gains: list[float] = []
    for _ in range(sites.size):
        gain = np.where(remaining, rows @ left, -1.0)
        best = int(np.argmax(gain))
        order.append(best)
        gains.append(float(gain[best]))
        remaining[best] = False
        left[entries_of(cover.villages_of, sites[best : best + 1])[1]] = 0.0
    least = TOLERANCE * float(cover.need.sum())
    return sites[np.array(order, dtype=np.int64)], np.array([g if g > least else 0.0 for g in gains])


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a model proved about its plan.

    Parameters
    ----------
    model : str
    unit : {"people", "weighted_people", "person_minutes", "minutes", "teams"}
    objective, bound, greedy : float
        In that unit; `bound` is snapped to the objective where the two differ by rounding alone.
    solver : str
    seconds : float
    greedy_people, bound_people : float
        What the one-by-one choice reaches, and what no plan exceeds.
    """

    model: str
    unit: Unit
    objective: float
    bound: float
    greedy: float
    solver: str
    seconds: float
    greedy_people: float
    bound_people: float

    @property
    def gap(self) -> float:
        """Difference of plan and bound as a share of the larger."""
        larger = max(abs(self.objective), abs(self.bound))
        return abs(self.objective - self.bound) / larger if larger > 0 else 0.0

    def status(self, wanted: float) -> Status:
        """Return how the solve ended, for the gap that was asked for."""
        if self.objective == self.bound:
            return "optimal"
        return "gap_reached" if self.gap <= wanted else "time_limit"


def snapped(bound: float, objective: float, *, scale: float) -> float:
    """Return the objective where the bound differs from it by no more than sums of this size differ by rounding."""
    return objective if abs(bound - objective) <= TOLERANCE * scale else bound


def plan_of(
    problem: SitingProblem,
    cover: Cover,
    new_sites: Int,
    certificate: Certificate,
    *,
    assigned: Assignments | None = None,
    today_people: float | None = None,
    changes: Options | None = None,
    chosen: Int | None = None,
    parts: Parts | None = None,
) -> SitingPlan:
    """Return the plan that opens these sites beside the existing ones.

    Parameters
    ----------
    problem : SitingProblem
    cover : Cover
        Of all villages and sites, see `within_reach`.
    new_sites : ndarray of int64
        In the order in which they help most.
    certificate : Certificate
    assigned : Assignments, optional
        Where room is limited; else every village goes to its nearest open site.
    today_people : float, optional
        Reached by the existing sites where room is limited.
    changes : Options, optional
        What could be done at each site, where more than opening can.
    chosen : ndarray of int64, optional
        Options that are done.
    parts : Parts, optional
        Who serves how many where villages are split.
    """
    existing = np.flatnonzero(problem.existing).astype(np.int64)
    done = _done(problem, new_sites, changes, chosen)
    is_open: Bool = np.zeros(problem.site_ids.size, dtype=np.bool_)
    is_open[done.sites] = True
    limited, loss = assigned is not None, losses(cover, done.sites)
    assigned = assigned or nearest(problem.minutes, is_open, reach_minutes=problem.reach_minutes)
    served = assigned.sites >= 0
    people = cover.reached(done.sites)
    if parts is not None:
        people = float(parts.people.sum())
        loss = np.bincount(parts.site, parts.people, minlength=is_open.size)[done.sites].astype(np.float64)
    elif limited:
        people = float(problem.need_people[served].sum())
        by_site = np.bincount(assigned.sites[served], problem.need_people[served], minlength=is_open.size)
        loss = by_site[done.sites].astype(np.float64)
    return SitingPlan(
        model=certificate.model,
        sites=done.sites,
        new_sites=new_sites,
        assignments=assigned.sites,
        assigned_minutes=assigned.minutes,
        objective_people=people,
        bound_people=max(certificate.bound_people, people),
        greedy_people=certificate.greedy_people,
        today_people=cover.reached(existing) if today_people is None else today_people,
        gap=certificate.gap,
        status=certificate.status(problem.gap),
        solver=certificate.solver,
        seconds=certificate.seconds,
        loss_if_dropped_people=loss,
        unserved_people=float(problem.need_people.sum()) - people
        if parts is not None
        else float(problem.need_people[~served].sum()),
        objective=certificate.objective,
        bound=certificate.bound,
        greedy=certificate.greedy,
        unit=certificate.unit,
        teams=done.teams,
        closed=done.closed,
        moved=done.moved,
        received=done.received,
        placed=done.placed,
        parts=parts,
        backup_people=cover.reached_twice(done.sites),
    )


@dataclass(frozen=True, slots=True)
class _Done:
    """Open sites, ascending, with teams, received and new teams beside them, and the existing sites that leave."""

    sites: Int
    teams: Int
    received: Int
    placed: Int
    closed: Int
    moved: Int


def _done(problem: SitingProblem, new_sites: Int, changes: Options | None, chosen: Int | None) -> _Done:
    nothing = np.zeros(0, dtype=np.int64)
    if changes is None or chosen is None:
        existing = np.flatnonzero(problem.existing).astype(np.int64)
        sites = np.sort(np.concatenate([existing, new_sites]))
        teams = np.where(problem.existing[sites], standing_of(problem)[sites], 1)
        placed = (~problem.existing[sites]).astype(np.int64)
        return _Done(sites, teams, np.zeros(sites.size, dtype=np.int64), placed, nothing, nothing)
    opened = chosen[changes.opens[chosen]]
    opened = opened[np.argsort(changes.site[opened])]
    left = chosen[~changes.opens[chosen]]
    away = changes.sent[left] > 0
    return _Done(
        changes.site[opened],
        changes.teams[opened],
        changes.received[opened],
        changes.new[opened],
        np.sort(changes.site[left[~away]]),
        np.sort(changes.site[left[away]]),
    )
