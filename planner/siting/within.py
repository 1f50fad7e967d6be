"""Plans within capacity, budget, types, moves and communes' minima: what all models share then."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.siting.base import Float, Int, Parts, SitingPlan, SitingProblem
from planner.siting.kernels import fill
from planner.siting.kernels.service import Pairs
from planner.siting.options import Minima, Options, Resources, minima_of, options_of, resources_of
from planner.siting.outcome import Assignments, Certificate, nearest, plan_of
from planner.siting.possible import possible
from planner.siting.solvers.certify import best_choice
from planner.siting.solvers.choice import plain_start
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Cover
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.limited import Assigned, Limited
from planner.siting.solvers.limited_search import LimitedAnswer, best_within
from planner.siting.solvers.service import Service, one_by_one
from planner.siting.start import Start


def has_limits(problem: SitingProblem) -> bool:
    """Return whether anything but the number of teams limits a plan, or more can be done than open sites."""
    capacity = problem.capacity_people is not None and bool(np.isfinite(problem.capacity_people).any())
    minima = problem.min_per_commune > 0 or problem.min_per_priority_commune > 0
    return capacity or problem.budget is not None or minima or bool(problem.most_of_type) or may_leave(problem)


def may_leave(problem: SitingProblem) -> bool:
    """Return whether a team that stands may move or close."""
    given = [mask for mask in (problem.movable, problem.closable) if mask is not None]
    return any(bool((mask & problem.existing & ~problem.locked_in).any()) for mask in given)


@dataclass(frozen=True, slots=True)
class Within:
    """A plan within limits.

    Parameters
    ----------
    limited : Limited
        What was chosen from.
    plan : Assigned
    new_sites : ndarray of int64
        In the order of what they serve, most first, ties by position.
    assigned, today : Assignments
        With the plan and with the existing sites alone.
    today_people : float
        Reached by the existing sites alone.
    bound, greedy : float
        In the unit of the savings.
    greedy_people : float
    solver : str
    prices : ndarray of float64, optional
        As in `SitingPlan`.
    """

    limited: Limited
    plan: Assigned
    new_sites: Int
    assigned: Assignments
    today_people: float
    bound: float
    greedy: float
    greedy_people: float
    solver: str
    prices: Float | None = None

    @property
    def value(self) -> float:
        """What the plan saves."""
        return self.plan.value


@dataclass(frozen=True, slots=True)
class Rules:
    """Options and what they must keep to."""

    options: Options
    resources: Resources
    minima: Minima
    fallback: Int


def rules_of(problem: SitingProblem, *, clock: Clock) -> Rules:
    """Return the options of a problem and a choice that keeps to every rule.

    Raises
    ------
    InfeasibleError
        See `planner.siting.possible.possible`.
    """
    options, minima = options_of(problem), minima_of(problem)
    resources = resources_of(problem, options)
    return Rules(options, resources, minima, possible(problem, options, resources, minima, clock=clock))


def limited_of(problem: SitingProblem, service: Service, rules: Rules) -> Limited:
    """Return the rules with what villages save where they fit, and the room that they take."""
    fitting = service if problem.split else _fitting(service, rules.options, problem.need_people)
    return Limited(fitting, rules.options, rules.resources, rules.minima, problem.need_people, problem.split)


def _fitting(service: Service, options: Options, load: Float) -> Service:
    """Return the savings without the pairs whose village is larger than the site can become: it is served whole or not."""
    largest = np.zeros(service.sites)
    np.maximum.at(largest, options.site[options.opens], options.capacity[options.opens])
    start, village, value = service.savings.start, service.savings.village, service.savings.value
    site = np.repeat(np.arange(service.sites), np.diff(start))
    fits = load[village] <= largest[site]
    if fits.all():
        return service
    ends = np.concatenate([[0], np.cumsum(np.bincount(site[fits], minlength=service.sites))]).astype(np.int64)
    return Service(Pairs(service.savings.villages, ends, village[fits], value[fits]))


def plan_within(problem: SitingProblem, service: Service, start: Start, *, goal: Goal, clock: Clock) -> Within:
    """Choose sites and serve villages within the limits.

    Parameters
    ----------
    problem : SitingProblem
        Checked and in order of ids.
    service : Service
        What each village saves at each site.
    start : Start
    goal : Goal
        For the savings of all open sites.
    clock : Clock

    Raises
    ------
    InfeasibleError
        See `planner.siting.possible.possible`.
    """
    rules = rules_of(problem, clock=clock)
    limited = limited_of(problem, service, rules)
    answer = _best(problem, limited, start, rules, goal=goal, clock=clock)
    return within(problem, limited, answer)


def within(problem: SitingProblem, limited: Limited, answer: LimitedAnswer) -> Within:
    """Return an answer with villages at the nearer of equal sites and without new sites that nobody needs."""
    plan = answer.plan if limited.split else _tidied(problem, limited, _used(limited, answer.plan))
    greedy_people = _people(problem, limited, answer.greedy)
    options = limited.options
    done = plan.chosen[options.opens[plan.chosen]]
    opened = options.site[done]
    served = np.bincount(
        plan.sites[plan.sites >= 0], problem.need_people[plan.sites >= 0], minlength=limited.service.sites
    )
    new = np.sort(opened[~problem.existing[opened]])
    return Within(
        limited=limited,
        plan=plan,
        new_sites=new[np.argsort(-served[new], kind="stable")],
        assigned=Assignments(plan.sites, _minutes(problem, plan.sites)),
        today_people=_people(problem, limited, _today(problem, limited)),
        bound=answer.bound,
        prices=answer.prices,
        greedy=answer.greedy.value,
        greedy_people=greedy_people,
        solver=answer.solver,
    )


def within_plan(problem: SitingProblem, cover: Cover, found: Within, certificate: Certificate) -> SitingPlan:
    """Return the plan with the assignments that were found, the teams at each site and what leaves."""
    plan = plan_of(
        problem,
        cover,
        found.new_sites,
        certificate,
        assigned=found.assigned,
        today_people=found.today_people,
        changes=found.limited.options,
        chosen=found.plan.chosen,
        parts=_parts(problem, found),
    )
    return replace(plan, prices=found.prices)


def _parts(problem: SitingProblem, found: Within) -> Parts | None:
    share, pairs = found.plan.share, found.limited.service.savings
    if share is None:
        return None
    used = np.flatnonzero(share > TOLERANCE)
    used = used[np.lexsort((found.limited.site[used], pairs.village[used]))]
    village, site = pairs.village[used], found.limited.site[used]
    return Parts(village, site, problem.need_people[village] * share[used], _between(problem, village, site))


def _between(problem: SitingProblem, village: Int, site: Int) -> Float:
    """Return the minutes of pairs that the matrix holds."""
    matrix, width = problem.minutes, problem.site_ids.size
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    key = row * width + matrix.indices
    order = np.argsort(key)
    return np.asarray(matrix.data[order[np.searchsorted(key[order], village * width + site)]], dtype=np.float64)


def _people(problem: SitingProblem, limited: Limited, plan: Assigned) -> float:
    if plan.share is None:
        return float(problem.need_people[plan.sites >= 0].sum())
    return float(problem.need_people[limited.service.savings.village] @ plan.share)


def _best(
    problem: SitingProblem, limited: Limited, start: Start, rules: Rules, *, goal: Goal, clock: Clock
) -> LimitedAnswer:
    options, base = rules.options, plain_start(rules.options)
    starts = []
    if problem.warm_sites is not None:
        warm = np.setdiff1d(problem.warm_sites, options.site[base])
        starts.append(np.sort(np.concatenate([base, options.first[warm[options.first[warm] >= 0]]])))
    most = np.inf
    # a like problem's prices are a better bound than that without limits would be
    if not may_leave(problem) and problem.warm_prices is None:
        part = limited.service.part(keep=start.free, forced=start.fixed)
        teams = min(start.teams, part.model.sites)
        first, left = one_by_one(part.model, teams), Clock(clock.left_s / 6)
        unlimited = best_choice(part.model, teams, start=first, goal=Goal(goal.gap, goal.zero - part.base), clock=left)
        starts.append(np.sort(np.concatenate([base, options.first[part.sites[unlimited.sites]]])))
        most = part.base + unlimited.bound
    return best_within(
        limited,
        base=base,
        fallback=rules.fallback,
        starts=starts,
        most=most,
        goal=goal,
        clock=clock,
        warm=problem.warm_prices,
    )


def _used(limited: Limited, plan: Assigned) -> Assigned:
    """Return the plan without new teams that serve nobody, where no commune needs them."""
    options = limited.options
    served = np.bincount(plan.sites[plan.sites >= 0], limited.load[plan.sites >= 0], minlength=limited.service.sites)
    idle = options.opens[plan.chosen] & (served[options.site[plan.chosen]] <= 0)
    idle &= ~options.required[options.site[plan.chosen]] & (options.received[plan.chosen] == 0)
    kept = plan.chosen[~idle]
    return Assigned(kept, plan.sites, plan.value) if limited.kept(kept) else plan


def _today(problem: SitingProblem, limited: Limited) -> Assigned:
    options = limited.options
    keep = np.flatnonzero(options.opens & problem.existing[options.site] & (options.new + options.received == 0))
    return limited.assigned(keep)


def _tidied(problem: SitingProblem, limited: Limited, plan: Assigned) -> Assigned:
    """Give villages the nearer of two sites with room, and those without need their nearest."""
    room = limited.room(plan.chosen)
    closest = nearest(problem.minutes, room >= 0, reach_minutes=problem.reach_minutes).sites
    sites = np.where(problem.need_people > 0, plan.sites, closest)
    matrix = problem.minutes
    village = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, matrix.data, village))
    site, minutes = matrix.indices[order].astype(np.int64), matrix.data[order]
    near = minutes <= problem.reach_minutes
    served = sites >= 0
    left = room - np.bincount(sites[served], problem.need_people[served], minlength=room.size)
    left[room < 0] = -1.0  # closed: not even a village without need moves there
    start = np.concatenate([[0], np.cumsum(np.bincount(village[near], minlength=matrix.shape[0]))])
    moved = fill.nearer(start, site[near], problem.need_people, left, sites.copy())
    return Assigned(plan.chosen, moved, max(plan.value, limited.value(moved)))  # nearer may also mean more


def _minutes(problem: SitingProblem, sites: Int) -> Float:
    matrix = problem.minutes
    village = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    match = matrix.indices == sites[village]
    spent = np.full(sites.size, np.nan)
    spent[village[match]] = matrix.data[match]
    return spent
