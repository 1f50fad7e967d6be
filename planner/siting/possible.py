"""Whether any choice keeps to teams, budget, types and communes' minima; if not, which of them and the least change."""

from __future__ import annotations

import numpy as np

from planner.errors import InfeasibleError, LimitError
from planner.siting.base import Int, SitingProblem
from planner.siting.check import named
from planner.siting.options import Minima, Options, Resources
from planner.siting.solvers import choice
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE


def possible(problem: SitingProblem, options: Options, resources: Resources, minima: Minima, *, clock: Clock) -> Int:
    """Return a choice that keeps to every rule but the room of sites.

    Parameters
    ----------
    problem : SitingProblem
        Checked and in order of ids.
    options, resources, minima
        Of the problem.
    clock : Clock
        All searches share its time.

    Raises
    ------
    InfeasibleError
        When a commune has too few sites, or teams, teams of a type or budget do not suffice.
    LimitError
        When the time was over before any choice was found, and none is known not to exist.
    """
    plain = choice.plain_start(options)
    if choice.kept(options, resources, minima, plain):
        return plain
    _enough_sites(problem, options, minima)
    nothing = np.zeros(options.size)
    found = choice.least(options, resources, minima, amount=nothing, seconds=clock.left_to_explain_s)
    if found is not None and (found.proven or choice.kept(options, resources, minima, found.chosen)):
        return found.chosen
    if found is not None:
        message = f"the time limit of {problem.time_limit_s:g} s was over before any choice within the limits was found"
        raise LimitError(message)
    for name in resources.names:
        if name != "moves":
            _enough(problem, name, options, resources, minima, clock=clock)
    message = (
        f"no choice keeps to {', '.join(resources.names)} and the locked sites at once. "
        "Least change: more teams, a larger budget, or fewer locked sites"
    )
    raise InfeasibleError(message)


def _enough_sites(problem: SitingProblem, options: Options, minima: Minima) -> None:
    possible_sites = np.unique(options.site[options.opens])
    count = np.bincount(minima.group[possible_sites], minlength=minima.least.size)
    short = np.flatnonzero(count < minima.least)
    if short.size:
        key, value = _minimum(problem, minima, short)
        message = (
            f"{key} = {value}, but communes {named(minima.names[short])} have fewer sites that can open: "
            f"{int((minima.least - count)[short].sum())} too few in all. Least change: {key} = {int(count[short].min())}, or more candidates there"
        )
        raise InfeasibleError(message)


def _minimum(problem: SitingProblem, minima: Minima, communes: Int) -> tuple[str, int]:
    if (minima.least[communes] > problem.min_per_commune).any():
        return "min_per_priority_commune", problem.min_per_priority_commune
    return "min_per_commune", problem.min_per_commune


def _enough(
    problem: SitingProblem, name: str, options: Options, resources: Resources, minima: Minima, *, clock: Clock
) -> None:
    """Refuse when this resource alone, or beside those named before it, is too small."""
    at = resources.names.index(name)
    limit = resources.limit.copy()
    before = [k for k, other in enumerate(resources.names) if k < at or other == "moves"]
    limit[[k for k in range(limit.size) if k not in before]] = np.inf
    without = Resources(
        tuple(resources.names[k] for k in before),
        resources.use[before],
        resources.limit[before],
        resources.equal[before],
    )
    found = choice.least(options, without, minima, amount=resources.use[at], seconds=clock.left_to_explain_s)
    if found is None or not found.proven:
        return  # refused or undecided by what was named before it; the time said nothing about this resource
    if found.amount <= resources.limit[at] + TOLERANCE * max(abs(resources.limit[at]), 1.0):
        return
    raise InfeasibleError(_told(problem, name, found.amount, options, minima))


def _told(problem: SitingProblem, name: str, needed: float, options: Options, minima: Minima) -> str:
    locked = problem.locked_in & ~problem.existing
    if name == "budget":
        budget = problem.budget or 0.0
        return (
            f"budget = {budget:.15g}, but the locked sites and the cheapest sites for min_per_commune cost {needed:.15g}: "
            f"{needed - budget:.12g} too little. Least change: budget = {needed:.15g}"
        )
    missing = choice.owed(options, minima, choice.plain_start(options))
    if name == "teams":
        over = round(needed) - problem.new_teams
        where = np.flatnonzero(missing)
        key, value = _minimum(problem, minima, where)
        return (
            f"{key} = {value} needs {int(missing.sum())} more sites in {where.size} communes ({named(minima.names[where])}), "
            f"{problem.new_teams - int(locked.sum())} new teams are left for them: {over} too few. "
            f"Least change: teams = {problem.new_teams + over}"
        )
    kind = name.removeprefix("type ")
    most = (problem.most_of_type or {})[kind]
    return (
        f"most_of_type: {most} new teams of type '{kind}', but the locked sites and the communes' minimum need {needed:.15g}: "
        f"{needed - most:.12g} too few. Least change: {kind} = {needed:.15g}"
    )
