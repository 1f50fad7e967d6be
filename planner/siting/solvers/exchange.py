"""Swaps within limits: one new team leaves and another one comes, or a standing one moves; villages move to where there is room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.siting.base import Float, Int
from planner.siting.kernels import fill, leaving
from planner.siting.solvers.choice import owed
from planner.siting.solvers.clock import Clock
from planner.siting.solvers.cover import TOLERANCE, Bool
from planner.siting.solvers.goal import Goal
from planner.siting.solvers.limited import Assigned, Limited

TRIES: Final = 40
"""Swaps tried one after another without one that helps, before the search ends."""
SWAPS: Final = 2_000


@dataclass(frozen=True, slots=True)
class _Swaps:
    """What is no longer done (-1: nothing), what is done at that site instead (-1: nothing), what comes; what each pair promises."""

    out: Int
    instead: Int
    into: Int
    promised: Float

    def best(self, count: int) -> list[tuple[float, int, int, int]]:
        """Return the most promising pairs, the best first, ties by position."""
        flat = self.promised.ravel()
        count = min(count, int(np.isfinite(flat).sum()))
        if count == 0:
            return []
        least = np.partition(flat, -count)[-count]
        near = np.flatnonzero(flat >= least)
        near = near[np.argsort(-flat[near], kind="stable")][:count]
        rows, columns = near // self.into.size, near % self.into.size
        return [
            (float(flat[k]), int(self.out[r]), int(self.instead[r]), int(self.into[c]))
            for k, r, c in zip(near, rows, columns, strict=True)
        ]


def improved(limited: Limited, plan: Assigned, *, bound: float, goal: Goal, clock: Clock) -> Assigned:
    """Swap one new team for another, or move a standing one, the most promising first, until no tried one saves more.

    Parameters
    ----------
    limited : Limited
        Whose villages are served whole.
    plan : Assigned
        Within the limits; the answer is as well, and never worse.
    bound : float
        What no plan exceeds: the search ends where the goal is met.
    goal : Goal
    clock : Clock
    """
    for _ in range(SWAPS):
        if limited.split or clock.over or goal.met(plan.value, bound):
            return plan
        better = _step(limited, plan, clock)
        if better is None:
            return plan
        plan = better
    return plan


def _step(limited: Limited, plan: Assigned, clock: Clock) -> Assigned | None:
    tried = [swap for swaps in _swaps(limited, plan) for swap in swaps.best(TRIES)]
    for _, out, instead, into in sorted(tried, key=lambda swap: -swap[0])[:TRIES]:
        if clock.over:
            return None
        kept = plan.chosen[plan.chosen != out]
        kept = kept[limited.options.site[kept] != limited.options.site[into]]
        chosen = np.sort(np.concatenate([kept, [into], [instead] if instead >= 0 else []]).astype(np.int64))
        if limited.kept(chosen):
            found = limited.continued(chosen, plan.sites)
            if found.value > plan.value + limited.least:
                return found
    return None


def _swaps(limited: Limited, plan: Assigned) -> list[_Swaps]:
    """Return the swaps of new teams, and the moves of standing ones where the plan has any to move."""
    options, chosen = limited.options, plan.chosen
    now, room = limited.saved(plan.sites), limited.left(chosen, plan.sites)
    at = np.full(limited.service.sites, -1, dtype=np.int64)
    at[options.site[chosen]] = chosen
    before = at[options.site]
    closed = options.opens & (before < 0) & (options.first[options.site] >= 0)
    extra = np.zeros(limited.service.sites)
    opening = np.flatnonzero(closed)
    np.maximum.at(extra, options.site[opening], options.capacity[opening])
    gain = fill.gains(limited.service.savings, fill.Rooms(limited.densest, limited.load, extra), now)
    loss = leaving.losses(limited.by_village, limited.load, room, plan.sites, now)
    free = options.opens[chosen] & (options.new[chosen] > 0) & (options.received[chosen] == 0)
    out = np.concatenate([[-1], chosen[free & ~options.required[options.site[chosen]]]])
    found = [(out, np.full(out.size, -1), np.flatnonzero(closed & (options.received == 0)))]
    sending = np.flatnonzero(options.sent > 0)
    sending = sending[(before[sending] >= 0) & options.opens[np.maximum(before[sending], 0)]]
    if sending.size:
        found.append((before[sending], sending, np.flatnonzero(closed & (options.received > 0) & (options.new == 0))))
    return [_Swaps(o, i, t, _promised(limited, chosen, (o, i, t), gain=gain, loss=loss)) for o, i, t in found]


def _promised(limited: Limited, chosen: Int, swaps: tuple[Int, Int, Int], *, gain: Float, loss: Float) -> Float:
    """Return what each pair of what leaves and what comes promises, minus infinity where a limit forbids it."""
    out, instead, into = swaps
    site = limited.options.site
    lost = np.where(out >= 0, loss[site[out]], 0.0)
    return np.where(_allowed(limited, chosen, out, instead, into), gain[site[into]][None, :] - lost[:, None], -np.inf)


def _allowed(limited: Limited, chosen: Int, out: Int, instead: Int, into: Int) -> Bool:
    """Return, per pair, whether the resources suffice and no commune loses a site that it must have."""
    options, resources, minima = limited.options, limited.resources, limited.minima
    left = resources.limit - resources.use[:, chosen].sum(axis=1)
    slack = TOLERANCE * np.maximum(np.abs(resources.limit), 1.0)
    good = np.ones((out.size, into.size), dtype=np.bool_)
    for r in range(left.size):
        freed = np.where(out >= 0, resources.use[r, out], 0.0) - np.where(instead >= 0, resources.use[r, instead], 0.0)
        good &= resources.use[r, into][None, :] - freed[:, None] <= left[r] + slack[r]
    group = minima.group[options.site]
    opened = chosen[options.opens[chosen]]
    spare = np.bincount(group[opened], minlength=minima.least.size) - minima.least
    needed = (out >= 0) & (spare[group[out]] <= 0)
    good &= ~needed[:, None] | (group[out][:, None] == group[into][None, :])
    return good if not owed(options, minima, chosen).any() else np.zeros_like(good)
