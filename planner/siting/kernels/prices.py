"""One step of prices down a slope, compiled: everything a subgradient step touches is walked once."""

from __future__ import annotations

import numpy as np
from numba import njit

from planner.siting.kernels.service import Float


@njit(cache=True)
def inside(slope: Float, prices: Float, most: Float) -> Float:
    """Return a slope without what would push a price out of its range from 0 to `most`."""
    found = slope.copy()
    for i in range(slope.size):
        if (slope[i] > 0 and prices[i] <= 0) or (slope[i] < 0 and prices[i] >= most[i]):
            found[i] = 0.0
    return found


@njit(cache=True)
def stepped(prices: Float, direction: Float, most: Float, size: float) -> Float:
    """Return prices one step on, in shares of what each village can contribute; `size` is the value to make up."""
    free = inside(direction, prices, most)
    length = 0.0
    for i in range(free.size):
        length += most[i] * free[i] * free[i]
    if length == 0.0:
        return prices
    found = np.empty(prices.size)
    for i in range(free.size):
        found[i] = min(max(prices[i] - size / length * most[i] * free[i], 0.0), most[i])
    return found
