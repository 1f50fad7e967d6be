"""p-median: the sites that are nearest on average, person by person (Hakimi 1964; ReVelle and Swain 1970)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.errors import PlanError
from planner.siting.base import Float, Int, SitingPlan, SitingProblem
from planner.siting.burden import Burden
from planner.siting.check import check
from planner.siting.order import by_id
from planner.siting.outcome import Certificate, plan_of, snapped, within_reach
from planner.siting.sense import refuse
from planner.siting.solvers.certify import best_choice
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import Cover
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.service import Service, from_matrix, one_by_one
from planner.siting.start import Start, start_of, warmer
from planner.siting.within import has_limits, plan_within, within_plan


def solve(problem: SitingProblem) -> SitingPlan:
    """Place at most `new_teams` teams so that people spend the fewest minutes to their nearest open site.

    A site serves villages within `reach_minutes`, which may be infinite; every person whom none serves counts
    `unserved_minutes`, and a person of a weight counts that many times. The rest is as in `planner.siting.max_cover.solve`.

    Parameters
    ----------
    problem : SitingProblem

    Returns
    -------
    SitingPlan
        `objective`, `bound` and `greedy` in person-minutes, the unserved included; `bound_people` are the people with
        any allowed site within reach.

    Raises
    ------
    ValueError, LayerError, PlanError, InfeasibleError
        See `planner.siting.check.check`; also when `unserved_minutes` is below the longest way within reach.
    """
    clock = Clock(problem.time_limit_s)
    check(problem)
    refuse(problem, model="p_median")
    ordered = by_id(problem)
    return ordered.restore(weighed(ordered.problem, Burden("p_median", "person_minutes"), clock))


@dataclass(frozen=True, slots=True)
class Weighed:
    """A problem whose ways are weighed, and what nobody served counts.

    Parameters
    ----------
    problem : SitingProblem
        Checked and in order of ids.
    burden : Burden
    unserved_minutes : float
    """

    problem: SitingProblem
    burden: Burden
    unserved_minutes: float

    @property
    def people(self) -> float:
        """Of all villages, by their weight."""
        return float(counted(self.problem).sum())

    @property
    def whole_cost(self) -> float:
        """What it counts when nobody is served."""
        return self.people * float(self.burden.of(np.array(self.unserved_minutes)))

    @property
    def service(self) -> Service:
        """What each village saves at each site against not being served."""
        matrix = self.problem.minutes
        village = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        near = matrix.data <= self.problem.reach_minutes
        ways = np.minimum(np.where(near, matrix.data, 0.0), self.unserved_minutes)
        less = self.burden.of(np.array(self.unserved_minutes)) - self.burden.of(ways)
        saved = np.where(near, less * counted(self.problem)[village], 0.0)
        return from_matrix(sparse.csr_array((saved, (matrix.indices, village)), shape=matrix.shape[::-1]))

    @property
    def gap(self) -> float:
        """How near the bound of the sum must come."""
        matrix, everyone = self.problem.minutes, counted(self.problem)
        village = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        allowed = (matrix.data <= self.problem.reach_minutes) & ~self.problem.locked_out[matrix.indices]
        shortest = np.full(everyone.size, self.unserved_minutes)
        np.minimum.at(shortest, village[allowed], matrix.data[allowed])
        mean = float(everyone @ shortest) / self.people if self.people > 0 else 0.0
        return self.burden.gap_of_sum(self.problem.gap, least_minutes=mean)

    def certificate(self, *, cost: float, bound: float, greedy: float, answer: Proof, cover: Cover) -> Certificate:
        """Return what was proven, told in the unit of the model."""
        start, told = start_of(self.problem), self.burden.told
        bound = max(min(snapped(bound, cost, scale=self.whole_cost), cost), 0.0)
        return Certificate(
            model=self.burden.model,
            unit=self.burden.unit,
            objective=told(cost, people=self.people),
            bound=told(bound, people=self.people),
            greedy=told(max(greedy, cost), people=self.people),
            solver=answer.solver,
            seconds=answer.seconds,
            greedy_people=answer.greedy_people,
            bound_people=cover.reached(start.allowed),
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """How a plan was found, and whom the one-by-one choice reaches."""

    solver: str
    seconds: float
    greedy_people: float


def weighed(problem: SitingProblem, burden: Burden, clock: Clock) -> SitingPlan:
    """Return the plan for which ways, so weighed, come to least.

    Parameters
    ----------
    problem : SitingProblem
        Checked and in order of ids.
    burden : Burden
    clock : Clock
    """
    asked = Weighed(problem, burden, unserved_minutes(problem))
    service, start = asked.service, start_of(problem)
    if has_limits(problem):
        return _limited(asked, service, start, clock=clock)
    part = service.part(keep=start.free, forced=start.fixed)
    model, whole_cost = part.model, asked.whole_cost
    greedy = one_by_one(model, start.teams)
    goal = Goal(asked.gap, whole_cost - part.base)
    first = warmer(model, greedy, part.sites, problem.warm_sites, teams=start.teams)
    answer = best_choice(model, start.teams, start=first, goal=goal, clock=clock)
    new_sites = _in_order(service, start, part.sites[answer.sites])
    cover = within_reach(problem)
    by_hand = cover.reached(np.concatenate([start.fixed, part.sites[greedy]]))
    certificate = asked.certificate(
        cost=whole_cost - service.total(np.concatenate([start.existing, new_sites])),
        bound=whole_cost - part.base - answer.bound,
        greedy=whole_cost - part.base - model.total(greedy),
        answer=Proof(answer.solver, clock.seconds, by_hand),
        cover=cover,
    )
    return plan_of(problem, cover, new_sites, certificate)


def _limited(asked: Weighed, service: Service, start: Start, *, clock: Clock) -> SitingPlan:
    cover, whole_cost = within_reach(asked.problem), asked.whole_cost
    found = plan_within(asked.problem, service, start, goal=Goal(asked.gap, whole_cost), clock=clock)
    certificate = asked.certificate(
        cost=whole_cost - found.value,
        bound=whole_cost - found.bound,
        greedy=whole_cost - found.greedy,
        answer=Proof(found.solver, clock.seconds, found.greedy_people),
        cover=cover,
    )
    return within_plan(asked.problem, cover, found, certificate)


def unserved_minutes(problem: SitingProblem) -> float:
    """Return what a person counts whom no site serves: the longest way within reach where the problem does not say.

    Raises
    ------
    PlanError
        When that is less than a way within reach.
    """
    near = problem.minutes.data[problem.minutes.data <= problem.reach_minutes]
    longest = float(near.max(initial=0.0))
    if problem.unserved_minutes is None:
        return problem.reach_minutes if math.isfinite(problem.reach_minutes) else longest
    if problem.unserved_minutes < longest:
        message = (
            f"unserved_minutes = {problem.unserved_minutes}: a person nobody serves would count less than one who travels "
            f"{longest} minutes; it must be at least that, or reach_minutes at most {problem.unserved_minutes}"
        )
        raise PlanError(message)
    return problem.unserved_minutes


def counted(problem: SitingProblem) -> Float:
    """Return what each village counts: its people, by their weight where there is one."""
    return problem.need_people if problem.weight is None else problem.need_people * problem.weight


def _in_order(service: Service, start: Start, chosen: Int) -> Int:
    """Return the new sites in order of what they save; of the chosen ones only those that save anything."""
    sites = np.sort(np.concatenate([start.locked, chosen]))
    mask = np.zeros(service.sites, dtype=np.bool_)
    mask[sites] = True
    part = service.part(keep=mask, forced=start.existing)
    order = part.sites[one_by_one(part.model, sites.size)]
    return np.concatenate([order, np.setdiff1d(start.locked, order)])
