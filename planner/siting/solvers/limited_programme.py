"""Choosing options and serving villages within limits, as a mixed integer programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from planner.siting.base import Float, Int
from planner.siting.solvers import choice
from planner.siting.solvers.cover import TOLERANCE, Bool, is_whole
from planner.siting.solvers.limited import Assigned, Limited
from planner.siting.solvers.programme import Programme

NOTHING: Final = 1e-12
"""A weight that is none, where it is divided by."""

Served = tuple[Int, Int, Int]
"""Village, site and column of each pair."""


@dataclass(frozen=True, slots=True)
class Demand:
    """How much must be served at least, beside what is optimised.

    Parameters
    ----------
    weight : ndarray of float64, shape (k, n)
        What each village counts in each demand.
    least : ndarray of float64, shape (k,)
    """

    weight: Float
    least: Float


@dataclass(frozen=True, slots=True)
class LimitedProgramme:
    """The programme and how to read it.

    Parameters
    ----------
    highs : Programme
        Columns: done(option), then served(pair of village and site), or served(village) where any open site will do.
    pair : ndarray of int64
        Pair of each of the other columns; empty where those are villages.
    scale : float
        What one unit of the programme's objective is worth.
    """

    highs: Programme
    pair: Int
    scale: float

    def point(self, limited: Limited, plan: Assigned) -> Float:
        """Return a plan as a point."""
        done = np.isin(np.arange(limited.options.size), plan.chosen).astype(np.float64)
        pairs = limited.service.savings
        if not self.pair.size:
            return np.concatenate([done, (plan.sites >= 0).astype(np.float64)])
        if plan.share is not None:
            return np.concatenate([done, plan.share[self.pair]])
        return np.concatenate([done, plan.sites[pairs.village[self.pair]] == limited.site[self.pair]]).astype(
            np.float64
        )

    def read(self, limited: Limited, x: Float, *, exact: bool = False) -> Assigned:
        """Return the plan of a point; unless `exact`, served in another way where that saves more."""
        options = limited.options.size
        chosen = np.flatnonzero(x[:options] > 0.5).astype(np.int64)
        if not self.pair.size:
            return limited.assigned(chosen)
        share = np.zeros(limited.service.pairs)
        share[self.pair] = np.clip(x[options:], 0.0, 1.0)
        share[limited.room(chosen)[limited.site] < 0] = 0.0
        shared = limited.shared(chosen, share)
        if limited.split:
            return shared
        plain = Assigned(chosen, shared.sites, limited.value(shared.sites))
        if exact and fits(limited, plain):
            return plain
        again = limited.assigned(chosen)
        return again if again.value > plain.value or not fits(limited, plain) else plain


def fits(limited: Limited, plan: Assigned) -> bool:
    """Return whether every site has the room that a plan asks of it."""
    room = limited.room(plan.chosen)
    served = plan.sites >= 0
    if plan.share is None:
        used = np.bincount(plan.sites[served], limited.load[served], minlength=room.size)
    else:
        load = limited.load[limited.service.savings.village] * plan.share
        used = np.bincount(limited.site, load, minlength=room.size)
    scale = TOLERANCE * float(limited.load.sum())
    return bool((used <= np.maximum(room, 0.0) + scale).all())


def programme(
    limited: Limited, *, may_open: Bool | None = None, demand: Demand | None = None, amount: Float | None = None
) -> LimitedProgramme:
    """Build the programme.

    Rows: those of `planner.siting.solvers.choice.rows_of`; a village is served once; only from an open site; no more
    than there is room. Villages are served whole where any room is limited, unless they may be split.

    Parameters
    ----------
    limited : Limited
    may_open : ndarray of bool, shape (m,), optional
        Sites that may open; all when absent.
    demand : Demand, optional
    amount : ndarray of float64, shape (o,), optional
        Make this small instead of the savings large.
    """
    pairs, options = limited.service.savings, limited.options
    usable = np.bincount(options.site[options.opens], minlength=limited.service.sites) > 0
    usable &= True if may_open is None else may_open
    keep = np.flatnonzero(usable[limited.site])
    whole_village = limited.roomy and _alike(limited)
    extra = pairs.villages if whole_village else keep.size
    columns = options.size + extra
    rows, lower, upper = choice.rows_of(options, limited.resources, limited.minima, columns=columns)
    parts = [rows]
    lowers, uppers = [lower], [upper]

    def add(block: sparse.csr_array, low: Float, high: Float) -> None:
        parts.append(block)
        lowers.append(low)
        uppers.append(high)

    village, site = pairs.village[keep], limited.site[keep]
    served = options.size + (np.arange(pairs.villages) if whole_village else np.arange(keep.size))
    opening = sparse.csr_array(
        (np.ones(int(options.opens.sum())), (options.site[options.opens], np.flatnonzero(options.opens))),
        shape=(limited.service.sites, options.size),
    )
    if whole_village:
        reach = sparse.csr_array((np.ones(keep.size), (village, site)), shape=(pairs.villages, limited.service.sites))
        block = sparse.hstack([-(reach @ opening), sparse.eye_array(extra)], format="csr")
        add(block, np.full(extra, -np.inf), np.zeros(extra))
        saving = np.zeros(pairs.villages)
        saving[village] = pairs.value[keep]
        of_village = np.arange(extra)
    else:
        add(
            _pick(village, served, np.ones(keep.size), (pairs.villages, columns)),
            np.full(pairs.villages, -np.inf),
            np.ones(pairs.villages),
        )
        link = sparse.hstack([-opening[site], sparse.eye_array(keep.size)], format="csr")
        add(sparse.csr_array(link), np.full(keep.size, -np.inf), np.zeros(keep.size))
        full = np.flatnonzero(_limits(limited))
        if full.size:
            add(
                _rooms(limited, full, (village, site, served), columns),
                np.full(full.size, -np.inf),
                np.zeros(full.size),
            )
        saving, of_village = pairs.value[keep], village
    if demand is not None:
        scale = np.maximum(demand.weight.max(axis=1, initial=0.0), NOTHING)[:, None]
        weight = (demand.weight / scale)[:, of_village]
        block = sparse.hstack(
            [sparse.csr_array((weight.shape[0], options.size)), sparse.csr_array(weight)], format="csr"
        )
        add(sparse.csr_array(block), demand.least / scale[:, 0] * (1 - TOLERANCE), np.full(demand.least.size, np.inf))
    scale_of = 1.0 if is_whole(saving) else float(saving.max(initial=1.0))
    cost = np.concatenate([np.zeros(options.size), saving / scale_of])
    if amount is not None:
        scale_of, cost = 1.0, np.concatenate([-amount, np.zeros(extra)])
    closed = ~usable[options.site] & options.opens
    if closed.any():
        shut = np.flatnonzero(closed)
        add(
            _pick(np.zeros(shut.size, dtype=np.int64), shut, np.ones(shut.size), (1, columns)), np.zeros(1), np.zeros(1)
        )
    matrix = sparse.csr_array(sparse.vstack(parts, format="csr"))
    found = Programme(
        cost=cost,
        integer=(np.arange(columns) < options.size) | (not limited.roomy and not limited.split),
        start=matrix.indptr,
        index=matrix.indices,
        value=matrix.data,
        lower=np.concatenate(lowers),
        upper=np.concatenate(uppers),
    )
    return LimitedProgramme(found, np.zeros(0, dtype=np.int64) if whole_village else keep, scale_of)


def _alike(limited: Limited) -> bool:
    """Return whether a village saves the same at every site."""
    pairs = limited.service.savings
    return bool((pairs.value == limited.service.most[pairs.village]).all())


def _limits(limited: Limited) -> Bool:
    """Return the sites whose room is limited when they are open."""
    options = limited.options
    room = np.full(limited.service.sites, np.inf)
    opening = np.flatnonzero(options.opens)
    np.minimum.at(room, options.site[opening], options.capacity[opening])
    return np.asarray(np.isfinite(room))


def _rooms(limited: Limited, full: Int, served: Served, columns: int) -> sparse.csr_array:
    """Return, for each site of limited room, the load it serves less the room it has once it is open."""
    options = limited.options
    village, site, column_of = served
    row_of = np.full(limited.service.sites, -1, dtype=np.int64)
    row_of[full] = np.arange(full.size)
    used = np.flatnonzero(row_of[site] >= 0)
    opening = np.flatnonzero(options.opens & (row_of[options.site] >= 0))
    # Room beyond everybody's load is as good as no limit, and numbers stay of one size.
    room = np.minimum(options.capacity[opening], float(limited.load.sum()))
    row = np.concatenate([row_of[site[used]], row_of[options.site[opening]]])
    column = np.concatenate([column_of[used], opening])
    value = np.concatenate([limited.load[village[used]], -room])
    return _pick(row, column, value, (full.size, columns))


def _pick(row: Int, column: Int, value: Float, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((value, (row, column)), shape=shape)
