"""Prices of villages from the linear relaxation, where every site that can open has limited room.

Sites open in part and villages are split; that a village is served only as far as its site is open is left out, since
room says nearly the same where it is scarce, and the programme is then a flow that the simplex method finishes in a
moment. Only the prices are used: the bound at these prices is computed anew in `planner.siting.solvers.limited_bound`,
so nothing rests on the tolerances of a solver.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse

from planner.siting.base import Float
from planner.siting.solvers import choice, highs
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.limited import Limited
from planner.siting.solvers.programme import Programme

MOST_PAIRS: Final = 400_000
"""Pairs up to which the relaxation is solved (measured: 106,000 in 0.6 to 2.4 s)."""
PART_OF_TIME: Final = 0.5
"""Of the time that is left."""


def prices(limited: Limited, *, clock: Clock) -> Float | None:
    """Return a price per village, as a share of the most that it can save; None where this relaxation says too little.

    Parameters
    ----------
    limited : Limited
    clock : Clock
    """
    pairs, options = limited.service.savings, limited.options
    if not np.isfinite(options.capacity[options.opens]).all() or limited.service.pairs > MOST_PAIRS:
        return None
    found = highs.dual(_flow(limited), seconds=PART_OF_TIME * clock.left_s)
    if found is None:
        return None
    each = limited.service.most
    worth = found[: pairs.villages] * limited.load
    return np.clip(np.divide(worth, each, out=np.zeros(each.size), where=each > 0), 0.0, 1.0)


def _flow(limited: Limited) -> Programme:
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
    matrix = sparse.csr_array(sparse.vstack([served, filled, rows], format="csr"))
    return Programme(
        cost=np.concatenate([np.zeros(o), pairs.value[used] / load[village]]),
        integer=np.zeros(columns, dtype=np.bool_),
        start=matrix.indptr,
        index=matrix.indices,
        value=matrix.data,
        lower=np.concatenate([np.full(n + m, -np.inf), lower]),
        upper=np.concatenate([load, np.zeros(m), upper]),
        most=np.concatenate([np.ones(o), load[village]]),
    )
