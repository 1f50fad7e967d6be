"""What one more team brings: people reached against teams added, with bound and one-by-one figure beside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from planner.siting.base import Float, Int, SitingPlan, SitingProblem


@dataclass(frozen=True, slots=True)
class Curve:
    """People reached by the number of teams added, 0 is today.

    Parameters
    ----------
    teams_added : ndarray of int64
        Ascending, each once.
    people_reached, bound_people, greedy_people : ndarray of float64
        Beside it, none ever falling; people reached lie between the other two.
    knee : int or None
        Teams added where the curve bends most: farthest above the straight line from its first point to its last.
        None where it is that line.
    """

    teams_added: Int
    people_reached: Float
    bound_people: Float
    greedy_people: Float
    knee: int | None


def curve(problem: SitingProblem, teams: Iterable[int], *, solve: Callable[[SitingProblem], SitingPlan]) -> Curve:
    """Solve for each number of teams; a plan with fewer teams that reaches more stays, so the curve never falls.

    Parameters
    ----------
    problem : SitingProblem
        Its `new_teams` plays no part.
    teams : iterable of int
        Numbers of teams to try.
    solve : callable
        A model whose plans name people reached and their bound: `planner.siting.max_cover.solve`.

    Raises
    ------
    ValueError
        When `teams` is empty.
    InfeasibleError
        When more sites are locked in than one of the numbers.
    """
    added = np.array(sorted(set(teams)), dtype=np.int64)
    if added.size == 0:
        message = "a curve needs at least one number of teams"
        raise ValueError(message)
    plans = [solve(replace(problem, new_teams=int(count))) for count in added]
    reached = np.maximum.accumulate([plan.objective_people for plan in plans])
    # What no plan with more teams exceeds, none with fewer does.
    bound = np.minimum.accumulate([plan.bound_people for plan in reversed(plans)])[::-1]
    greedy = np.maximum.accumulate([plan.greedy_people for plan in plans])
    return Curve(added, reached, np.maximum(bound, reached), greedy, _knee(added, reached))


def _knee(added: Int, reached: Float) -> int | None:
    if added.size < 3 or reached[-1] <= reached[0]:
        return None
    above = (reached - reached[0]) / (reached[-1] - reached[0]) - (added - added[0]) / (added[-1] - added[0])
    best = int(np.argmax(np.round(above, 9)))  # the fewest teams of equally far points
    return int(added[best]) if above[best] > 1e-9 else None
