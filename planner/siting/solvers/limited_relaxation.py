"""What the linear relaxation says where every site that can open has limited room: prices of villages, the least of an amount.

Sites open in part and villages are split; that a village is served only as far as its site is open is left out, since
room says nearly the same where it is scarce, and the programme is then a flow that the simplex method finishes in a
moment. Only its prices and proposals are used: the bound at the prices is computed anew, in
`planner.siting.solvers.limited_bound` or by weak duality, so nothing rests on the tolerances of a solver.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import sparse

from planner.siting.base import Float, Int
from planner.siting.solvers import choice, highs
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE
from planner.siting.solvers.limited import Assigned, Limited
from planner.siting.solvers.limited_programme import Demand, fits
from planner.siting.solvers.programme import Programme

MOST_PAIRS: Final = 400_000
"""Pairs up to which the relaxation is solved (measured: 106,000 in 0.6 to 2.4 s)."""
PART_OF_TIME: Final = 0.5
"""Of the time that is left."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What the relaxation proposes.

    Parameters
    ----------
    prices : ndarray of float64, shape (n,)
        Per village, as a share of the most that it can save.
    chosen : ndarray of int64
        Options that are done by more than half, ascending.
    """

    prices: Float
    chosen: Int


def relaxed(limited: Limited, *, clock: Clock) -> Relaxed | None:
    """Return the relaxation of a choice within limits; None where it says too little.

    Parameters
    ----------
    limited : Limited
    clock : Clock
    """
    pairs = limited.service.savings
    if not _says_enough(limited):
        return None
    found = highs.relaxed(_flow(limited), seconds=PART_OF_TIME * clock.left_s)
    if found is None:
        return None
    point, duals = found
    each = limited.service.most
    worth = duals[: pairs.villages] * limited.load
    share = np.clip(np.divide(worth, each, out=np.zeros(each.size), where=each > 0), 0.0, 1.0)
    return Relaxed(share, np.flatnonzero(point[: limited.options.size] > 0.5).astype(np.int64))


def shared(limited: Limited, plan: Assigned, *, clock: Clock) -> Assigned:
    """Return a plan with its villages split among its sites as well as they can be; as it is where the time does not suffice.

    Parameters
    ----------
    limited : Limited
        Whose villages may be split.
    plan : Assigned
    clock : Clock
    """
    if plan.share is None or limited.service.pairs > MOST_PAIRS:
        return plan
    programme, options = _flow(limited), limited.options.size
    most = np.ones(options) if programme.most is None else programme.most.copy()
    most[:options] = np.isin(np.arange(options), plan.chosen)
    found = highs.relaxed(replace(programme, most=most), seconds=PART_OF_TIME * clock.left_s)
    if found is None:
        return plan
    village = limited.service.savings.village
    used = np.flatnonzero(limited.load[village] > 0)
    share = plan.share.copy()
    share[used] = np.clip(found[0][options:] / limited.load[village[used]], 0.0, 1.0)
    share[limited.room(plan.chosen)[limited.site] < 0] = 0.0
    better = limited.shared(plan.chosen, share)
    return better if better.value > plan.value and fits(limited, better) else plan


def least(limited: Limited, *, demand: Demand, amount: Float, clock: Clock) -> float:
    """Return what every plan that serves enough takes of an amount at least; 0 where this relaxation says too little.

    Parameters
    ----------
    limited : Limited
    demand : Demand
    amount : ndarray of float64, shape (o,)
        What each option takes, not negative.
    clock : Clock
    """
    if not _says_enough(limited):
        return 0.0
    programme = _flow(limited, demand=demand, amount=amount)
    found = highs.relaxed(programme, seconds=PART_OF_TIME * clock.left_s)
    return 0.0 if found is None else max(-programme.bound(found[1]), 0.0)


def _says_enough(limited: Limited) -> bool:
    options = limited.options
    return bool(np.isfinite(options.capacity[options.opens]).all()) and limited.service.pairs <= MOST_PAIRS


def _flow(limited: Limited, *, demand: Demand | None = None, amount: Float | None = None) -> Programme:
    """Return the relaxation: people who go from villages to sites, and how far each option is done."""
    pairs, options, load = limited.service.savings, limited.options, limited.load
    used = np.flatnonzero(load[pairs.village] > 0)
    village, site = pairs.village[used], limited.site[used]
    o, n, m = options.size, pairs.villages, limited.service.sites
    columns, of_pair = o + used.size, o + np.arange(used.size)
    rows, lower, upper = choice.rows_of(options, limited.resources, limited.minima, columns=columns)
    served = sparse.csr_array((np.ones(used.size), (village, of_pair)), shape=(n, columns))
    opening = np.flatnonzero(options.opens)
    room = np.minimum(options.capacity[opening], float(load.sum()))
    filled = sparse.csr_array(
        (
            np.concatenate([np.ones(used.size), -room]),
            (np.concatenate([site, options.site[opening]]), np.concatenate([of_pair, opening])),
        ),
        shape=(m, columns),
    )
    parts, lowers, uppers = [served, filled, rows], [np.full(n + m, -np.inf), lower], [load, np.zeros(m), upper]
    if demand is not None:
        # villages without people take no room and count nothing here
        share = demand.weight[:, village] / load[village]
        parts.append(sparse.csr_array(sparse.hstack([sparse.csr_array((len(share), o)), sparse.csr_array(share)])))
        lowers.append(demand.least * (1 - TOLERANCE))
        uppers.append(np.full(demand.least.size, np.inf))
    matrix = sparse.csr_array(sparse.vstack(parts, format="csr"))
    value = np.concatenate([np.zeros(o), pairs.value[used] / load[village]])
    return Programme(
        cost=value if amount is None else np.concatenate([-amount, np.zeros(used.size)]),
        integer=np.zeros(columns, dtype=np.bool_),
        start=matrix.indptr,
        index=matrix.indices,
        value=matrix.data,
        lower=np.concatenate(lowers),
        upper=np.concatenate(uppers),
        most=np.concatenate([np.ones(o), load[village]]),
    )
