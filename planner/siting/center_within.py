"""The shortest longest way within capacity, budget and communes' minima: bisection over ways, each a question of room."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from planner.errors import InfeasibleError, LimitError
from planner.siting.base import Float, SitingPlan, SitingProblem
from planner.siting.fewest_within import met, people_of
from planner.siting.options import Resources
from planner.siting.outcome import Certificate, within_reach
from planner.siting.solvers import highs, limited_programme
from planner.siting.solvers.choice import plain_start
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import Bool
from planner.siting.solvers.limited import Assigned, Limited
from planner.siting.solvers.limited_programme import Demand
from planner.siting.solvers.limited_search import LimitedAnswer
from planner.siting.start import start_of
from planner.siting.within import Rules, limited_of, rules_of, within, within_plan


@dataclass(frozen=True, slots=True)
class _Search:
    """Whether everybody who has a site within reach can be served within so many minutes."""

    problem: SitingProblem
    rules: Rules
    voters: Bool
    clock: Clock

    @property
    def demand(self) -> Demand:
        """Every voter is served."""
        weight = self.voters.astype(np.float64)
        return Demand(weight[None, :], np.array([weight.sum()]))

    def limited(self, minutes: float) -> Limited:
        """Return what is within so many minutes."""
        nearer = replace(self.problem, reach_minutes=minutes)
        return limited_of(nearer, people_of(nearer), self.rules)

    def greedy(self, minutes: float) -> Assigned | None:
        """Return the one-by-one choice if it serves every voter."""
        limited = self.limited(minutes)
        chosen = limited.completed(plain_start(self.rules.options))
        plan = limited.assigned(chosen)
        return plan if met(limited, self.demand, plan) else None

    def exact(self, minutes: float) -> tuple[Assigned | None, bool]:
        """Return a plan that serves every voter, if one is found, and whether there is proven to be none."""
        plan = self.greedy(minutes)
        if plan is not None:
            return plan, False
        limited = self.limited(minutes)
        programme = limited_programme.programme(limited, demand=self.demand, amount=np.zeros(self.rules.options.size))
        found = highs.solve(programme.highs, first=None, slack=1.0, seconds=self.clock.left_s)
        if not found.feasible:
            return None, True
        if not found.x.size:
            return None, False
        plan = programme.read(limited, found.x, exact=True)
        return (plan, False) if met(limited, self.demand, plan) else (None, False)


def solved(problem: SitingProblem, clock: Clock) -> SitingPlan:
    """Solve a checked problem in order of ids, see `planner.siting.p_center.solve`.

    Raises
    ------
    InfeasibleError
        When not every village that a site has within reach can be served; names teams, budget or room.
    LimitError
        When the time is over before any plan is known.
    """
    cover, start, rules = within_reach(problem), start_of(problem), rules_of(problem, clock=clock)
    opening = np.unique(rules.options.site[rules.options.opens])
    voters = cover.covered(opening) & (problem.need_people > 0)
    search = _Search(problem, rules, voters, clock)
    ways = _ways(search)
    greedy = _first_greedy(search, ways)
    least, plan = greedy or (ways.size - 1, _any_plan(search, float(ways[-1])))
    bound, high, plan = _bisected(search, ways, found=least, plan=plan)
    limited = search.limited(float(ways[high]))
    answer = LimitedAnswer(plan, plan.value, greedy[1] if greedy else plan, "greedy, bisection and HiGHS")
    done = within(replace(problem, reach_minutes=float(ways[high])), limited, answer)
    longest = _longest(done.assigned.minutes, done.assigned.sites, voters)
    if plan.share is not None:
        longest = float(ways[high])
    certificate = Certificate(
        model="p_center",
        unit="minutes",
        objective=longest,
        bound=min(bound, longest),
        greedy=float(ways[greedy[0]]) if greedy else math.nan,
        solver=answer.solver,
        seconds=clock.seconds,
        greedy_people=done.greedy_people if greedy else math.nan,
        bound_people=cover.reached(start.allowed),
    )
    return within_plan(problem, cover, done, certificate)


def _ways(search: _Search) -> Float:
    """Return every length that the longest way can have, ascending: none is shorter than a village's nearest site."""
    problem = search.problem
    usable = np.zeros(problem.site_ids.size, dtype=np.bool_)
    usable[search.rules.options.site[search.rules.options.opens]] = True
    village = np.repeat(np.arange(search.voters.size), np.diff(problem.minutes.indptr))
    keep = usable[problem.minutes.indices] & search.voters[village] & (problem.minutes.data <= problem.reach_minutes)
    nearest = np.full(search.voters.size, np.inf)
    np.minimum.at(nearest, village[keep], problem.minutes.data[keep])
    shortest = float(nearest[search.voters].max(initial=0.0))
    data = problem.minutes.data[keep]
    return np.union1d([shortest], data[data >= shortest])


def _first_greedy(search: _Search, ways: Float) -> tuple[int, Assigned] | None:
    """Return a short way that the one-by-one choice keeps to, by bisection, and its plan."""
    plan = search.greedy(float(ways[-1]))
    if plan is None:
        return None
    low, high = -1, ways.size - 1
    while high - low > 1:
        middle = (low + high) // 2
        shorter = search.greedy(float(ways[middle]))
        if shorter is None:
            low = middle
        else:
            high, plan = middle, shorter
    return high, plan


def _bisected(search: _Search, ways: Float, *, found: int, plan: Assigned) -> tuple[float, int, Assigned]:
    """Return a way that nothing undercuts, the position of the shortest way found, and its plan."""
    low, high, stuck = -1, found, False
    while high - low > 1 and not stuck:
        middle = (low + high) // 2
        shorter, none = search.exact(float(ways[middle]))
        if shorter is not None:
            high, plan = middle, shorter
        elif none:
            low = middle
        else:
            stuck = True
    return float(ways[low + 1]), high, plan


def _any_plan(search: _Search, minutes: float) -> Assigned:
    plan, none = search.exact(minutes)
    if plan is not None:
        return plan
    problem = search.problem
    if not none:
        message = f"the time limit of {problem.time_limit_s:g} s was over before any plan served every village"
        raise LimitError(message)
    for name, key in (("teams", "teams"), ("budget", "budget")):
        needed = _needed(search, minutes, name)
        limit = problem.new_teams if name == "teams" else problem.budget
        if needed is not None and limit is not None:
            message = (
                f"{key} = {limit:.15g} cannot serve every village that a site has within reach: "
                f"{needed - limit:.12g} too few. Least change: {key} = {needed:.15g}, or a longer reach_minutes"
            )
            raise InfeasibleError(message)
    voters = float(problem.need_people[search.voters].sum())
    limited = search.limited(minutes)
    programme = limited_programme.programme(limited)
    found = highs.solve(programme.highs, first=None, slack=1e-6, seconds=search.clock.left_to_explain_s)
    if found.cut:
        message = (
            "no plan serves every village that a site has within reach; the time was over before it was known what is "
            "missing: teams, budget or room. Least change: a longer time_limit_s, to learn by how much"
        )
        raise InfeasibleError(message)
    most = 0.0 if not found.x.size else programme.read(limited, found.x, exact=True).value
    message = (
        f"the open sites have no room for every village within reach: at most {most:,.0f} of {voters:,.0f} people fit, "
        f"{voters - most:,.0f} too few. Least change: more people per team (capacity), or split = true where villages are larger than "
        "what is left of a site's room"
    )
    raise InfeasibleError(message)


def _needed(search: _Search, minutes: float, name: str) -> float | None:
    """Return the least of a resource with which every village can be served, None where none of it would do."""
    limited = search.limited(minutes)
    names = limited.resources.names
    if name not in names:
        return None
    at = names.index(name)
    keep = [k for k in range(len(names)) if k != at]
    resources = limited.resources
    free = Resources(tuple(names[k] for k in keep), resources.use[keep], resources.limit[keep], resources.equal[keep])
    amount = resources.use[at]
    programme = limited_programme.programme(replace(limited, resources=free), demand=search.demand, amount=amount)
    found = highs.solve(programme.highs, first=None, slack=1e-6, seconds=search.clock.left_to_explain_s)
    if not found.x.size or found.cut:
        return None
    return float(amount @ np.round(found.x[: amount.size]))


def _longest(minutes: Float, sites: np.ndarray, voters: Bool) -> float:
    return float(minutes[voters & (sites >= 0)].max(initial=0.0))
