"""Rates moved, draw by draw, until the people they stand for add to official totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.intp]

TOLERANCE: Final = 1e-12
"""How far from a total a group may end, as a share of its people."""
_EDGE: Final = 1e-15
_ROUNDS: Final = 80
_BLOCK: Final = 32
"""Draws raked at a time: what lies beside them stays in the processor's cache."""


def rake(rates: Float, people: Float, group: Int, *, totals: Float) -> Float:
    """Return rates whose people add to the totals of their groups, in every draw.

    All rates of a group and draw move by the same step on the logit scale (exponential tilting; Deville and Särndal,
    JASA 87, 1992): they stay between 0 and 1, keep their order, and the least informed move most in people.

    Parameters
    ----------
    rates : ndarray of float64, shape (draws, units) or (units,)
        Shares.
    people : ndarray, shape (units,)
        People whom a unit's rate is about.
    group : ndarray of int, shape (units,)
        Position of the unit's total; -1 leaves a unit as it is. Units with a suppressed count are left out together
        with their share of the total: a total that holds them, beside all others, would give them away.
    totals : ndarray of float64, shape (groups,)
        Official adopters per group, people; NaN leaves a group as it is.

    Raises
    ------
    ValueError
        When a total is negative or more than the people of its group, or a rate to be raked is not a share.
    """
    raked = np.array(rates, dtype=np.float64, ndmin=2)
    chosen = np.flatnonzero((group >= 0) & np.isfinite(np.append(totals, np.nan)[group]))
    chosen = chosen[np.argsort(group[chosen], kind="stable")]
    for start in range(0, len(raked) if len(chosen) else 0, _BLOCK):
        block = raked[start : start + _BLOCK]
        block[:, chosen] = _tilt(block[:, chosen], people[chosen].astype(np.float64), group[chosen], totals)
    return raked.reshape(np.shape(rates))


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Units sorted by group: where each group starts, which group a unit is in, and its share of the group's people."""

    start: Int
    index: Int
    weight: Float

    def mean(self, values: Float) -> Float:
        """Return the people-weighted mean of each draw and group."""
        return np.asarray(np.add.reduceat(values * self.weight, self.start, axis=1), dtype=np.float64)


def _tilt(rates: Float, people: Float, group: Int, totals: Float) -> Float:
    """Rake units that are sorted by group and all have a total."""
    found, start, index = np.unique(group, return_index=True, return_inverse=True)
    whole = np.add.reduceat(people, start)
    _check(rates, totals[found], whole, found)
    anyone = whole > 0
    share = np.divide(totals[found], whole, out=np.zeros(len(found)), where=anyone)
    groups = _Groups(start, index, np.divide(people, whole[index], out=np.zeros(len(people)), where=anyone[index]))
    inside = np.clip(rates, _EDGE, 1.0 - _EDGE)
    odds = inside / (1.0 - inside)
    moved = _moved(odds, _steps(odds, groups, np.clip(share, _EDGE, 1.0 - _EDGE)), groups)
    # At the ends every rate is the end; the logit scale only comes near it.
    moved = np.where((share == 0.0)[index], 0.0, np.where((share == 1.0)[index], 1.0, moved))
    return np.where(anyone[index], moved, rates)


def _moved(odds: Float, step: Float, groups: _Groups) -> Float:
    moved = odds * np.exp(step)[:, groups.index]
    return np.asarray(moved / (1.0 + moved), dtype=np.float64)


def _steps(odds: Float, groups: _Groups, share: Float) -> Float:
    """Solve for the step of each draw and group: Newton on the logit of the group's share, held in a bracket."""
    goal, logs = _logit(share), np.log(odds)
    low = goal - np.maximum.reduceat(logs, groups.start, axis=1)
    high = goal - np.minimum.reduceat(logs, groups.start, axis=1)
    step = np.clip(goal - _logit(groups.mean(odds / (1.0 + odds))), low, high)
    for _ in range(_ROUNDS):
        moved = _moved(odds, step, groups)
        reached = groups.mean(moved)
        if np.all(np.abs(reached - share) <= TOLERANCE):
            break
        low, high = np.where(reached <= share, step, low), np.where(reached >= share, step, high)
        slope = groups.mean(moved * (1.0 - moved)) / np.maximum(reached * (1.0 - reached), _EDGE)
        tried = step + (goal - _logit(reached)) / np.maximum(slope, _EDGE)
        step = np.where((tried > low) & (tried < high), tried, (low + high) / 2.0)
    return np.asarray(step, dtype=np.float64)


def _logit(share: Float) -> Float:
    inside = np.clip(share, _EDGE, 1.0 - _EDGE)
    return np.asarray(np.log(inside / (1.0 - inside)), dtype=np.float64)


def _check(rates: Float, totals: Float, whole: Float, found: Int) -> None:
    if not np.all((rates >= 0) & (rates <= 1)):
        message = "rates: a rate to be raked lies between 0 and 1 and is known"
        raise ValueError(message)
    for at in np.flatnonzero((totals < 0) | (totals > whole)):
        message = f"totals[{found[at]}] = {totals[at]:g}: the group has {whole[at]:g} people"
        raise ValueError(message)
