"""How sure a choice of sites is: the same problem solved again for other draws of need, each time from the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import sparse

from planner.siting.base import Float, Int, SitingPlan, SitingProblem

DRAW_GAP: Final = 0.01
"""Gap to which a draw is solved, share; the plan itself to its own."""
ALIKE: Final = 0.7
"""Sites are of one group when of the people that either reaches, this share is reached by both."""
ALWAYS: Final = 0.95
"""Share of draws from which a choice is called always right."""
UNSURE: Final = 0.5
"""Share of draws below which somebody should phone first."""


@dataclass(frozen=True, slots=True)
class Certainty:
    """How often sites are chosen over draws of need.

    Parameters
    ----------
    draws : int
    frequency : ndarray of float64, shape (m,)
        Share of the draws in which the site is open.
    group : ndarray of int64, shape (m,)
        Position of the site that leads the group of near-equal sites.
    group_frequency : ndarray of float64, shape (m,)
        Share of the draws in which a site of its group is open.
    """

    draws: int
    frequency: Float
    group: Int
    group_frequency: Float

    def verdict(self, site: int) -> str:
        """Return ``no_regret`` (its place is chosen in almost every draw), ``phone_first`` (seldom) or ``likely``."""
        share = self.group_frequency[site]
        if share >= ALWAYS:
            return "no_regret"
        return "phone_first" if share < UNSURE else "likely"


def certainty(
    problem: SitingProblem, plan: SitingPlan, needs: Float, *, solve: Callable[[SitingProblem], SitingPlan]
) -> Certainty:
    """Solve the problem for each draw of need, one after another, starting from the plan.

    Parameters
    ----------
    problem : SitingProblem
    plan : SitingPlan
        Its answer.
    needs : ndarray of float64, shape (draws, n)
        People in need of each village; NaN (unknown) weighs nothing.
    solve : callable
        The model of the plan.

    Raises
    ------
    ValueError
        When there is no draw.
    InfeasibleError
        When a draw has no plan; only models that must serve so many people can raise it.
    """
    if len(needs) == 0:
        message = "certainty needs at least one draw of need"
        raise ValueError(message)
    gap, m = max(problem.gap, DRAW_GAP), problem.site_ids.size
    leader = groups(problem, plan)
    opened, of_group = np.zeros(m), np.zeros(m)
    for need in needs:
        again = replace(
            problem, need_people=np.nan_to_num(need), gap=gap, warm_sites=plan.sites, warm_prices=plan.prices
        )
        sites = solve(again).sites
        opened[sites] += 1
        of_group += np.isin(leader, leader[sites])
    return Certainty(len(needs), opened / len(needs), leader, of_group / len(needs))


def groups(problem: SitingProblem, plan: SitingPlan) -> Int:
    """Return for each site the leader of its group: open sites of the plan lead, then the others by position.

    A site joins the first leader with which it shares enough of the people within reach (`ALIKE`).
    """
    m = problem.site_ids.size
    near = problem.minutes.data <= problem.reach_minutes
    row = np.repeat(np.arange(problem.minutes.shape[0]), np.diff(problem.minutes.indptr))[near]
    weight = np.sqrt(problem.need_people[row])
    cover = sparse.csr_array((weight, (problem.minutes.indices[near], row)), shape=(m, problem.minutes.shape[0]))
    both = (cover @ cover.T).tocsr()
    alone = both.diagonal()
    leader = np.full(m, -1, dtype=np.int64)
    rest = np.setdiff1d(np.arange(m), plan.sites)
    for j in np.concatenate([plan.sites, rest]):
        if leader[j] >= 0:
            continue
        others = both.indices[both.indptr[j] : both.indptr[j + 1]]
        shared = both.data[both.indptr[j] : both.indptr[j + 1]]
        union = alone[j] + alone[others] - shared
        alike = others[(shared >= ALIKE * union) & (leader[others] < 0) & (shared > 0)]
        leader[alike] = j
        leader[j] = j
    return leader
