"""p-center: the sites with which the longest way of anybody in need is shortest (Hakimi 1964; Minieka 1970)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from planner.errors import InfeasibleError, LimitError
from planner.siting import center_within
from planner.siting.base import Float, Int, SitingPlan, SitingProblem
from planner.siting.check import check
from planner.siting.order import by_id
from planner.siting.outcome import Certificate, in_order, nearest, plan_of, within_reach
from planner.siting.sense import refuse
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import Bool, Reduced, reduce
from planner.siting.solvers.fewest import Fewest, any_of, fewest, greedily
from planner.siting.start import Start, start_of
from planner.siting.within import has_limits


def solve(problem: SitingProblem) -> SitingPlan:
    """Place at most `new_teams` teams so that the longest way to the nearest open site is as short as it can be.

    Villages without need, and those that no allowed site has within `reach_minutes` (which may be infinite), have no
    say; the latter are `unserved_people`.

    Parameters
    ----------
    problem : SitingProblem

    Returns
    -------
    SitingPlan
        `objective`, `bound` and `greedy` in minutes; `greedy` is NaN where the one-by-one choice does not serve every
        village.

    Raises
    ------
    InfeasibleError
        When `new_teams` cannot serve every village that a site has within reach; names how many teams could.
    LimitError
        When the time is over before any plan is known.
    ValueError, LayerError, PlanError
        See `planner.siting.check.check`.
    """
    clock = Clock(problem.time_limit_s)
    check(problem)
    refuse(problem, model="p_center")
    ordered = by_id(problem)
    if has_limits(problem):
        return ordered.restore(center_within.solved(ordered.problem, clock))
    return ordered.restore(_solved(ordered.problem, clock))


@dataclass(frozen=True, slots=True)
class _Search:
    """Which ways are long enough: a set covering problem for each length tried."""

    problem: SitingProblem
    start: Start
    voters: Bool
    clock: Clock

    def sets(self, minutes: float) -> Reduced:
        """Return the villages left to serve and the sites within so many minutes of them, each village counted once."""
        cover = within_reach(replace(self.problem, reach_minutes=minutes, need_people=self.voters.astype(np.float64)))
        return reduce(cover, keep=self.start.free, served=cover.covered(self.start.fixed) | ~self.voters)

    def greedy(self, minutes: float) -> Int | None:
        """Return the one-by-one choice if its teams serve every village."""
        sets = self.sets(minutes)
        sites = greedily(sets.cover, people=float(sets.cover.need.sum()))
        return sets.sites[sites] if sites.size <= self.start.teams else None

    def exact(self, minutes: float) -> tuple[Int | None, bool]:
        """Return a choice that serves every village, if one is found, and whether there is proven to be none."""
        sets = self.sets(minutes)
        people = float(sets.cover.need.sum())
        found = any_of(sets.cover, people=people, teams=self.start.teams, clock=self.clock)
        if found.sites is None:
            return None, found.bound > self.start.teams
        return sets.sites[found.sites], False

    def needed(self, minutes: float) -> Fewest:
        """Return the fewest sites that serve every village."""
        sets = self.sets(minutes)
        people = float(sets.cover.need.sum())
        return fewest(sets.cover, people=people, start=greedily(sets.cover, people=people), clock=self.clock)


def _solved(problem: SitingProblem, clock: Clock) -> SitingPlan:
    cover, start = within_reach(problem), start_of(problem)
    voters = cover.covered(start.allowed) & (problem.need_people > 0)
    search = _Search(problem, start, voters, clock)
    ways = _ways(search)
    greedy = _first_greedy(search, ways)
    least, sites = (greedy[0], greedy[1]) if greedy else (ways.size - 1, _any_plan(search, ways[-1]))
    bound, sites = _bisected(search, ways, found=least, sites=sites)
    new_sites, _ = in_order(cover, np.sort(np.concatenate([start.locked, sites])), served=cover.covered(start.existing))
    certificate = Certificate(
        model="p_center",
        unit="minutes",
        objective=_longest(problem, voters, np.concatenate([start.existing, new_sites])),
        bound=bound,
        greedy=_longest(problem, voters, np.concatenate([start.fixed, greedy[1]])) if greedy else math.nan,
        solver="greedy, bisection and HiGHS",
        seconds=clock.seconds,
        greedy_people=cover.reached(np.concatenate([start.fixed, greedy[1]])) if greedy else math.nan,
        bound_people=cover.reached(start.allowed),
    )
    return plan_of(problem, cover, new_sites, certificate)


def _ways(search: _Search) -> Float:
    """Return every length that the longest way can have, ascending: none is shorter than a village's nearest site."""
    problem, nothing = search.problem, np.zeros(search.problem.site_ids.size, dtype=np.bool_)
    allowed = nothing.copy()
    allowed[search.start.allowed] = True
    best = nearest(problem.minutes, allowed, reach_minutes=problem.reach_minutes).minutes[search.voters]
    shortest = float(best.max(initial=0.0))
    village = np.repeat(np.arange(search.voters.size), np.diff(problem.minutes.indptr))
    data = problem.minutes.data[search.voters[village] & allowed[problem.minutes.indices]]
    return np.union1d([shortest], data[(data >= shortest) & (data <= problem.reach_minutes)])


def _first_greedy(search: _Search, ways: Float) -> tuple[int, Int] | None:
    """Return a short way that the one-by-one choice keeps to, by bisection, and its sites."""
    sites = search.greedy(ways[-1])
    if sites is None:
        return None
    low, high = -1, ways.size - 1
    while high - low > 1:
        middle = (low + high) // 2
        shorter = search.greedy(ways[middle])
        if shorter is None:
            low = middle
        else:
            high, sites = middle, shorter
    return high, sites


def _any_plan(search: _Search, minutes: float) -> Int:
    sites, none = search.exact(minutes)
    if sites is not None:
        return sites
    if not none:
        message = f"the time limit of {search.problem.time_limit_s:g} s was over before any plan served every village"
        raise LimitError(message)
    teams, locked = search.start.teams, search.start.locked.size
    needed = search.needed(minutes)
    count = needed.bound if needed.sites is None else needed.sites.size
    proven = "" if count == needed.bound else " (enough, perhaps more than needed)"
    reach = search.problem.reach_minutes
    where = f"within {reach:g} minutes" if math.isfinite(reach) else "within reach"
    message = (
        f"{locked + teams} new teams cannot have every village {where}: "
        f"{count - teams} too few{proven}. Least change: teams = {locked + count}, or a longer reach_minutes"
    )
    raise InfeasibleError(message)


def _bisected(search: _Search, ways: Float, *, found: int, sites: Int) -> tuple[float, Int]:
    """Return a way that nothing undercuts, and the sites of the shortest way found."""
    low, high, stuck = -1, found, False
    while high - low > 1 and not stuck:
        middle = (low + high) // 2
        shorter, none = search.exact(ways[middle])
        if shorter is not None:
            high, sites = middle, shorter
        elif none:
            low = middle
        else:
            stuck = True
    return float(ways[low + 1]), sites


def _longest(problem: SitingProblem, voters: Bool, sites: Int) -> float:
    opened = np.zeros(problem.site_ids.size, dtype=np.bool_)
    opened[sites] = True
    minutes = nearest(problem.minutes, opened, reach_minutes=problem.reach_minutes).minutes[voters]
    return float(minutes.max(initial=0.0))
