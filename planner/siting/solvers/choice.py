"""Choosing options within resources and communes' minima, before anybody is served: what is possible, what it takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.siting.base import Float, Int
from planner.siting.options import Minima, Options, Resources
from planner.siting.solvers import highs
from planner.siting.solvers.cover import TOLERANCE, Bool
from planner.siting.solvers.programme import Programme


@dataclass(frozen=True, slots=True)
class Least:
    """The least that a choice can take, and such a choice: positions of options, ascending.

    Where the time was over before that was `proven`, the best choice found, empty when none was.
    """

    amount: float
    chosen: Int
    proven: bool = True


def rows_of(
    options: Options, resources: Resources, minima: Minima, *, columns: int
) -> tuple[sparse.csr_array, Float, Float]:
    """Return the rows that every choice keeps: one option per site, resources, communes' minima; lower and upper ends."""
    o, m, r = options.size, options.required.size, resources.limit.size
    per_site = _rows(options.site, np.arange(o), np.ones(o), shape=(m, columns))
    use = sparse.hstack([sparse.csr_array(resources.use.reshape(r, o)), sparse.csr_array((r, columns - o))])
    opening = np.flatnonzero(options.opens)
    group = minima.group[options.site[opening]]
    per_commune = _rows(group, opening, np.ones(opening.size), shape=(minima.least.size, columns))
    scale = np.maximum(np.abs(resources.use).max(axis=1, initial=0.0), 1.0)
    use = sparse.csr_array(sparse.diags_array(1 / scale) @ use)
    limit = resources.limit / scale
    lower = np.concatenate([options.required, np.where(resources.equal, limit, -np.inf), minima.least])
    upper = np.concatenate([np.ones(m), limit * (1 + TOLERANCE), np.full(minima.least.size, np.inf)])
    return sparse.csr_array(sparse.vstack([per_site, use, per_commune], format="csr")), lower.astype(np.float64), upper


def least(options: Options, resources: Resources, minima: Minima, *, amount: Float, seconds: float) -> Least | None:
    """Choose options that take the least of an amount; None where no choice keeps to the rules.

    Parameters
    ----------
    options : Options
    resources : Resources
    minima : Minima
    amount : ndarray of float64, shape (o,)
        What each option takes.
    seconds : float
    """
    rows, lower, upper = rows_of(options, resources, minima, columns=options.size)
    scale = max(float(np.abs(amount).max(initial=0.0)), 1.0)
    programme = Programme(
        cost=-amount / scale,
        integer=np.ones(options.size, dtype=np.bool_),
        start=rows.indptr,
        index=rows.indices,
        value=rows.data,
        lower=lower,
        upper=upper,
    )
    found = highs.solve(programme, first=None, slack=1e-9, seconds=seconds)
    if not found.x.size and not found.cut:
        return None
    chosen = np.flatnonzero(found.x > 0.5).astype(np.int64)
    return Least(float(amount[chosen].sum()), chosen, proven=not found.cut)


def kept(options: Options, resources: Resources, minima: Minima, chosen: Int) -> bool:
    """Return whether a choice keeps to all rules; the room of sites is kept by assignment."""
    done = np.bincount(options.site[chosen], minlength=options.required.size)
    used = resources.use[:, chosen].sum(axis=1)
    scale = TOLERANCE * np.maximum(np.abs(resources.use).max(axis=1, initial=0.0), np.abs(resources.limit))
    within = np.where(resources.equal, np.abs(used - resources.limit) <= scale, used <= resources.limit + scale)
    return bool(
        (done <= 1).all()
        and (done[options.required] == 1).all()
        and within.all()
        and not owed(options, minima, chosen).any()
    )


def owed(options: Options, minima: Minima, chosen: Int) -> Int:
    """Return how many open sites each commune still needs."""
    opened = options.site[chosen][options.opens[chosen]]
    counted = np.bincount(minima.group[opened], minlength=minima.least.size)
    return np.asarray(np.maximum(minima.least - counted, 0))


def plain_start(options: Options) -> Int:
    """Return the choice that does no more than it must: keep what stands, open what is locked in."""
    return options.first[np.flatnonzero(options.required)]


def addable(options: Options, resources: Resources, minima: Minima, chosen: Int) -> Bool:
    """Return the options that can be done beside those chosen, or instead of a smaller one at their site, for new teams.

    The communes' minimum stays within reach: enough teams and money are left for the cheapest sites that it still needs.
    """
    at = np.full(options.required.size, -1, dtype=np.int64)
    at[options.site[chosen]] = chosen
    before = at[options.site]
    has = before >= 0
    earlier = np.where(has, before, 0)
    grows = (
        options.opens
        & (options.received == 0)
        & np.where(
            has,
            options.opens[earlier] & (options.received[earlier] == 0) & (options.teams == options.teams[earlier] + 1),
            options.new == 1,
        )
    )
    change = resources.use - np.where(has, resources.use[:, earlier], 0.0)
    left = resources.limit - resources.use[:, chosen].sum(axis=1)
    slack = TOLERANCE * np.maximum(np.abs(resources.limit), 1.0)
    missing = owed(options, minima, chosen)
    can = grows & ((change <= (left + slack)[:, None]) | (change <= 0) | resources.equal[:, None]).all(axis=0)
    if not missing.any():
        return np.asarray(can)
    owing = ~has & (missing[minima.group[options.site]] > 0)
    teams = resources.names.index("teams")
    can &= np.where(owing, left[teams] >= 1, left[teams] >= missing.sum() + 1)
    if "budget" in resources.names:
        money = resources.names.index("budget")
        total, last = _cheapest(options, minima, missing, closed=at < 0)
        saved = np.where(owing, last[minima.group[options.site]], 0.0)
        can &= change[money] + total - saved <= left[money] + slack[money]
    return np.asarray(can)


def _cheapest(options: Options, minima: Minima, missing: Int, *, closed: Bool) -> tuple[float, Float]:
    """Return what the cheapest sites that the communes still need cost, and the dearest of them in each."""
    open_to = np.flatnonzero((options.first >= 0) & closed)
    price = np.full(closed.size, np.inf)
    price[open_to] = options.cost[options.first[open_to]]
    total, last = 0.0, np.zeros(missing.size)
    for group in np.flatnonzero(missing):
        prices = np.sort(price[open_to[minima.group[open_to] == group]])[: missing[group]]
        total += float(prices.sum())
        last[group] = prices[-1] if prices.size else 0.0
    return total, last


def _rows(row: Int, column: Int, value: Float, *, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((value, (row, column)), shape=shape)
