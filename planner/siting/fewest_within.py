"""The fewest new teams that reach shares of the people in need within capacity, budget and communes' minima."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from scipy import sparse

from planner.errors import InfeasibleError, LimitError
from planner.siting.base import Float, SitingPlan, SitingProblem
from planner.siting.check import named, smaller_share
from planner.siting.options import Resources
from planner.siting.outcome import Certificate, within_reach
from planner.siting.solvers import highs, limited_programme, limited_relaxation
from planner.siting.solvers.choice import plain_start
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, is_whole
from planner.siting.solvers.limited import Assigned, Limited
from planner.siting.solvers.limited_programme import Demand
from planner.siting.solvers.limited_search import LimitedAnswer, enough_time
from planner.siting.solvers.programme import Solution
from planner.siting.solvers.service import Service, from_matrix
from planner.siting.start import start_of
from planner.siting.within import limited_of, rules_of, within, within_plan

ONE: Final = 1.0 - 1e-6
"""Two numbers of teams differ by at least one."""


def solved(problem: SitingProblem, clock: Clock) -> SitingPlan:
    """Solve a checked problem in order of ids, see `planner.siting.min_teams.solve`.

    Raises
    ------
    InfeasibleError
        When no choice within the limits reaches the shares; names the share that can be had, or the budget that would do.
    LimitError
        When the time is over before any plan is known.
    """
    cover, start = within_reach(problem), start_of(problem)
    limited = limited_of(problem, people_of(problem), rules_of(problem, clock=clock))
    demand = _demand(problem)
    greedy = greedily(limited, demand)
    amount = limited.options.new.astype(np.float64)
    relaxed = _whole(limited_relaxation.least(limited, demand=demand, amount=amount, clock=clock))
    plan, found, solver = greedy, Solution(np.zeros(0), -float(relaxed), feasible=True), "greedy and linear relaxation"
    if greedy is None or (teams_of(limited, greedy) > relaxed and enough_time(limited.service.pairs, clock)):
        solver = "greedy, linear relaxation and HiGHS"
        programme = limited_programme.programme(limited, demand=demand, amount=amount)
        first = None if greedy is None else programme.point(limited, greedy)
        found = highs.solve(programme.highs, first=first, slack=ONE, seconds=clock.left_s)
    if found.x.size:
        other = programme.read(limited, found.x, exact=True)
        if met(limited, demand, other) and (plan is None or teams_of(limited, other) < teams_of(limited, plan)):
            plan = other
    if plan is None:
        if not found.feasible:
            raise InfeasibleError(_told(problem, limited, demand, clock))
        message = f"the time limit of {problem.time_limit_s:g} s was over before any plan reached the share"
        raise LimitError(message)
    teams = teams_of(limited, plan)
    proven = max(relaxed, 0 if np.isinf(found.bound) else _whole(-found.bound))
    # a locked site takes a new team, unless one that stands may move there
    least = start.locked.size if problem.movable is None or not problem.movable.any() else 0
    first_plan = plan if greedy is None else greedy
    done = within(problem, limited, LimitedAnswer(plan, plan.value, first_plan, solver))
    certificate = Certificate(
        model="min_teams",
        unit="teams",
        objective=float(teams),
        bound=float(min(max(proven, least), teams)),
        greedy=float("nan") if greedy is None else float(teams_of(limited, greedy)),
        solver=done.solver,
        seconds=clock.seconds,
        greedy_people=done.greedy_people if greedy is not None else float("nan"),
        bound_people=cover.reached(start.allowed),
    )
    return within_plan(problem, cover, done, certificate)


def _whole(teams: float) -> int:
    return int(np.ceil(teams - 1e-6))


def people_of(problem: SitingProblem) -> Service:
    """Return the people each village has at every site within reach."""
    matrix = problem.minutes
    village = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    people = np.where(matrix.data <= problem.reach_minutes, problem.need_people[village], 0.0)
    return from_matrix(sparse.csr_array((people, (matrix.indices, village)), shape=matrix.shape[::-1]))


def teams_of(limited: Limited, plan: Assigned) -> int:
    """Return how many new teams a plan places."""
    return int(limited.options.new[plan.chosen].sum())


def met(limited: Limited, demand: Demand, plan: Assigned) -> bool:
    """Return whether a plan keeps to the limits and serves enough."""
    served = _served(limited, plan)
    enough = demand.weight @ served >= demand.least - TOLERANCE * np.maximum(demand.weight.sum(axis=1), 1.0)
    return bool(enough.all() and limited.kept(plan.chosen) and limited_programme.fits(limited, plan))


def _served(limited: Limited, plan: Assigned) -> Float:
    if plan.share is None:
        return (plan.sites >= 0).astype(np.float64)
    pairs = limited.service.savings
    return np.minimum(np.bincount(pairs.village, plan.share, minlength=pairs.villages), 1.0)


def greedily(limited: Limited, demand: Demand) -> Assigned | None:
    """Return the plan of the one-by-one choice with as few teams as bisection finds, None where it does not reach enough."""
    low, high = -1, int(limited.resources.limit[limited.resources.names.index("teams")])
    best = _with_teams(limited, demand, high)
    if best is None:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        plan = _with_teams(limited, demand, middle)
        if plan is None:
            low = middle
        else:
            high, best = middle, plan
    return best


def _with_teams(limited: Limited, demand: Demand, teams: int) -> Assigned | None:
    resources = limited.resources
    limit = resources.limit.copy()
    limit[resources.names.index("teams")] = teams
    fewer = replace(limited, resources=Resources(resources.names, resources.use, limit, resources.equal))
    chosen = fewer.completed(plain_start(limited.options))
    if not fewer.kept(chosen):
        return None
    plan = limited.assigned(chosen)
    return plan if met(fewer, demand, plan) else None


def _demand(problem: SitingProblem) -> Demand:
    need = problem.need_people
    weight, least = [need], [_wanted(problem.share, need)]
    if problem.share_per_commune > 0 and problem.unit_commune_ids is not None:
        for name in np.unique(problem.unit_commune_ids):
            of_commune = np.where(problem.unit_commune_ids == name, need, 0.0)
            weight.append(of_commune)
            least.append(_wanted(problem.share_per_commune, of_commune))
    return Demand(np.vstack(weight), np.array(least))


def _wanted(share: float, need: Float) -> float:
    everyone = float(need.sum())
    wanted = share * everyone
    return float(np.ceil(wanted - TOLERANCE * everyone)) if is_whole(need) else wanted


def _told(problem: SitingProblem, limited: Limited, demand: Demand, clock: Clock) -> str:
    """Return which share cannot be reached, what can be, and what would help."""
    share = _told_share(problem, limited, demand, clock)
    if "budget" not in limited.resources.names:
        return share
    cost = limited.options.cost
    names = limited.resources.names
    keep = [k for k, name in enumerate(names) if name != "budget"]
    free = Resources(
        tuple(names[k] for k in keep),
        limited.resources.use[keep],
        limited.resources.limit[keep],
        limited.resources.equal[keep],
    )
    programme = limited_programme.programme(replace(limited, resources=free), demand=demand, amount=cost)
    found = highs.solve(programme.highs, first=None, slack=1e-6, seconds=clock.left_to_explain_s)
    if not found.x.size or found.cut:
        return share
    needed = float(cost @ np.round(found.x[: cost.size]))
    budget = problem.budget or 0.0
    return (
        f"budget = {budget:.15g} does not pay for enough teams: the cheapest ones that reach the share cost {needed:.15g}, "
        f"{needed - budget:.12g} too little. Least change: budget = {needed:.15g}; or, with this budget, {share}"
    )


def _told_share(problem: SitingProblem, limited: Limited, demand: Demand, clock: Clock) -> str:
    communes = [] if problem.unit_commune_ids is None else np.unique(problem.unit_commune_ids).tolist()
    short = []
    for k, (weight, least) in enumerate(zip(demand.weight, demand.least, strict=True)):
        most = _most(limited, weight, clock)
        if most is None:
            return (
                f"share = {problem.share:g} cannot be reached within the limits; the time was over before it was known which "
                "share can. Least change: a smaller share, or a longer time_limit_s to learn by how much"
            )
        everyone = float(weight.sum())
        if most >= least - TOLERANCE * max(everyone, 1.0):
            continue
        can = np.floor(most / everyone * 10_000) / 10_000
        if k == 0:
            change = f"{smaller_share(can)}, more" if can > 0 else "more"
            return (
                f"share = {problem.share:g} asks for {least:,.0f} of {everyone:,.0f} people, but no choice within the limits "
                f"reaches more than {most:,.0f}: {least - most:,.0f} too few. Least change: {change} people per team, or split = true"
            )
        short.append((communes[k - 1], can))
    if short:
        worst = min(can for _, can in short)
        return (
            f"share_per_commune = {problem.share_per_commune:g} cannot be reached in {len(short)} communes "
            f"({named([name for name, _ in short])}). Least change: share_per_commune = {worst:g}"
        )
    return (
        f"share = {problem.share:g} and share_per_commune = {problem.share_per_commune:g} can each be reached, but not together "
        "within the limits. Least change: a smaller one of the two, more capacity, or a larger budget"
    )


def _most(limited: Limited, weight: Float, clock: Clock) -> float | None:
    """Return the most that can be served of one demand alone, None where the time was over before that was known."""
    pairs = limited.service.savings
    value = weight[pairs.village]
    matrix = sparse.csr_array((value, (limited.site, pairs.village)), shape=(limited.service.sites, pairs.villages))
    alone = replace(limited, service=from_matrix(matrix))
    programme = limited_programme.programme(alone)
    found = highs.solve(programme.highs, first=None, slack=1e-6, seconds=clock.left_to_explain_s)
    if found.cut:
        return None
    if not found.x.size:
        return 0.0
    plan = programme.read(alone, found.x, exact=True)
    return float(weight @ _served(alone, plan))
