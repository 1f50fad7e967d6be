"""What sites are worth at given prices of villages when their room is limited, and the best choice of options, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from planner.siting.kernels.service import Float, Int, Pairs

Bool = npt.NDArray[np.bool_]


class Table(NamedTuple):
    """Options and what they must keep to, see `planner.siting.options`.

    Parameters
    ----------
    site : ndarray of int64, shape (o,)
        Ascending.
    opens : ndarray of bool, shape (o,)
    required : ndarray of bool, shape (m,)
    group : ndarray of int64, shape (m,)
    least : ndarray of int64, shape (g,)
    use : ndarray of float64, shape (r, o)
    limit : ndarray of float64, shape (r,)
    equal : ndarray of bool, shape (r,)
    """

    site: Int
    opens: Bool
    required: Bool
    group: Int
    least: Int
    use: Float
    limit: Float
    equal: Bool


@njit(cache=True)
def filled(pairs: Pairs, load: Float, prices: Float, at: tuple[int, float], share: Float) -> float:
    """Return what a site (`at`: its position and room) is worth with the villages that bring most per room, the last in part.

    `share` receives how much of each of the site's pairs is taken; its first entries are the site's.
    """
    _, start, village, value = pairs
    site, room = at
    first, size = start[site], start[site + 1] - start[site]
    total, used = 0.0, 0.0
    for k in range(size):
        i = village[first + k]
        left = value[first + k] - prices[i]
        share[k] = 1.0 if left > 0 else 0.0
        if left > 0:
            total += left
            used += load[i]
    if used <= room:
        return total
    density = np.zeros(size)
    for k in range(size):
        i = village[first + k]
        density[k] = (value[first + k] - prices[i]) / load[i] if load[i] > 0 else np.inf
    total, left_room = 0.0, room
    for k in np.argsort(-density):
        i = village[first + k]
        if share[k] == 0.0:
            continue
        part = 1.0 if load[i] <= left_room else left_room / load[i]
        share[k] = part
        left_room -= part * load[i]
        total += part * (value[first + k] - prices[i])
    return total


@njit(cache=True)
def worths(pairs: Pairs, load: Float, prices: Float, site: Int, capacity: Float) -> Float:
    """Return, per option, what its site is worth with its capacity; 0 without room."""
    start = pairs[1]
    widest = 0
    for j in range(start.size - 1):
        widest = max(widest, start[j + 1] - start[j])
    share = np.zeros(widest)
    found = np.zeros(site.size)
    for o in range(site.size):
        if capacity[o] > 0:
            found[o] = filled(pairs, load, prices, (site[o], capacity[o]), share)
    return found


@njit(cache=True)
def taken(pairs: Pairs, load: Float, prices: Float, site: Int, capacity: Float) -> Float:
    """Return, per village, how often these options take it, parts added up."""
    villages, start, village, _ = pairs
    widest = 0
    for j in range(start.size - 1):
        widest = max(widest, start[j + 1] - start[j])
    share, count = np.zeros(widest), np.zeros(villages)
    for o in range(site.size):
        if capacity[o] <= 0:
            continue
        filled(pairs, load, prices, (site[o], capacity[o]), share)
        for k in range(start[site[o] + 1] - start[site[o]]):
            count[village[start[site[o]] + k]] += share[k]
    return count


@njit(cache=True)
def best_options(  # noqa: C901 - one pass over options, one over sites, one over what communes lack
    table: Table, worth: Float
) -> tuple[float, Int]:
    """Return the most that one option per site can be worth together with the communes' minima, and the option of each site."""
    site, opens, required, group, least = table[0], table[1], table[2], table[3], table[4]
    m = required.size
    chosen, opened, shut = np.full(m, -1), np.full(m, -1), np.full(m, -1)
    for o in range(site.size):
        j = site[o]
        if opens[o]:
            if opened[j] < 0 or worth[o] > worth[opened[j]]:
                opened[j] = o
        elif shut[j] < 0 or worth[o] > worth[shut[j]]:
            shut[j] = o
    total = 0.0
    count = np.zeros(least.size, dtype=np.int64)
    step = np.full(m, -np.inf)  # what opening a site that would stay shut changes
    for j in range(m):
        if opened[j] < 0 and shut[j] < 0:
            continue
        is_open = worth[opened[j]] if opened[j] >= 0 else -np.inf
        is_shut = worth[shut[j]] if shut[j] >= 0 else (-np.inf if required[j] else 0.0)
        if is_open > is_shut:
            chosen[j] = opened[j]
            count[group[j]] += 1
            total += is_open
        else:
            chosen[j] = shut[j]
            total += is_shut
            step[j] = is_open - is_shut
    short = False
    for g in range(least.size):
        short = short or count[g] < least[g]
    if short:
        for j in np.argsort(-step):
            if count[group[j]] < least[group[j]] and step[j] > -np.inf:
                total += step[j]
                chosen[j] = opened[j]
                count[group[j]] += 1
    return total, chosen


@njit(cache=True)
def _reduced(table: Table, worth: Float, multipliers: Float) -> Float:
    use = table[5]
    found = worth.copy()
    for r in range(multipliers.size):
        if multipliers[r] != 0.0:
            found -= multipliers[r] * use[r]
    return found


@njit(cache=True)
def _slack(table: Table, chosen: Int, resource: int) -> float:
    used = 0.0
    for o in chosen:
        if o >= 0:
            used += table[5][resource, o]
    return float(table[6][resource] - used)


@njit(cache=True)
def _largest_and_least(use: Float) -> tuple[float, float]:
    """Return the largest use of a resource by an option, and the least that is not 0."""
    largest, least = 0.0, np.inf
    for amount in np.abs(use):
        largest = max(largest, amount)
        if amount > 0.0:
            least = min(least, amount)
    return largest, least


@njit(cache=True)
def priced(table: Table, worth: Float, multipliers: Float, rounds: int) -> tuple[float, Int, Float]:
    """Return the least over multipliers of the resources, found one after another by bisection, of what options are worth.

    Returns
    -------
    value : float
        No choice within the resources is worth more; for any multipliers, so it need not be the least of all.
    chosen : ndarray of int64, shape (m,)
        Option of each site at the multipliers that give it, -1 where none.
    multipliers : ndarray of float64, shape (r,)
    """
    multipliers = multipliers.copy()
    scale = max(np.abs(worth).max() if worth.size else 0.0, 1e-9)
    for _ in range(rounds):
        for r in range(multipliers.size):
            largest, least = _largest_and_least(table[5][r])
            if largest == 0.0:
                continue
            low, high = (-scale if table[7][r] else 0.0), scale
            low, high = 4.0 * low / least, 4.0 * high / least
            multipliers[r] = low
            _, chosen = best_options(table, _reduced(table, worth, multipliers))
            if not table[7][r] and _slack(table, chosen, r) >= 0:
                continue  # there is enough: it costs nothing
            for _ in range(50):
                middle = (low + high) / 2
                multipliers[r] = middle
                _, chosen = best_options(table, _reduced(table, worth, multipliers))
                if _slack(table, chosen, r) >= 0:
                    high = middle
                else:
                    low = middle
                if high - low <= 1e-9 * scale / least:
                    break
            multipliers[r] = high
    total, chosen = best_options(table, _reduced(table, worth, multipliers))
    for r in range(multipliers.size):
        total += multipliers[r] * table[6][r]
    return total, chosen, multipliers
