"""Puts pillars together, and shares the result out among them again: exact Shapley values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from planner.framework import Aggregation

Float = npt.NDArray[np.float64]

GEOMETRIC_BEST: Final = 100.0
"""The best place in the geometric mean, the worst is 1: a product over 0 would forget all other pillars."""
MAX_PILLARS: Final = 10
"""Exact Shapley values look at every subset; beyond it they would be slow."""


def arithmetic(places: Float, weights: Float) -> Float:
    """Return 100 times the weighted mean: what is bad in one pillar is made up for by another.

    Parameters
    ----------
    places : ndarray, shape (..., pillars)
        0 best, 1 worst.
    weights : ndarray, shape (..., pillars)
        They add to 1.

    Returns
    -------
    ndarray, shape (...)
        Points, 0 to 100 (worst).
    """
    return together(*_apart(places, weights), "arithmetic")


def geometric(places: Float, weights: Float) -> Float:
    """Return 100 less the weighted geometric mean of what is well, so that one bad pillar is hard to make up for.

    What is well runs from 100 (best) to 1 (worst) in each pillar, as in COINr's geometric aggregation; its mean is put
    back on 0 to 100 points (worst).

    Parameters
    ----------
    places, weights : ndarray
        As in `arithmetic`.
    """
    return together(*_apart(places, weights), "geometric")


def harmonic(places: Float, weights: Float) -> Float:
    """Return 100 less the weighted harmonic mean of what is well: the least of what is bad is made up for.

    Parameters
    ----------
    places, weights : ndarray
        As in `arithmetic`; what is well as in `geometric`.
    """
    return together(*_apart(places, weights), "harmonic")


def together(places: Sequence[Float], weights: Sequence[Float], method: Aggregation) -> Float:
    """Return the points of villages whose pillars come one by one: no array of all of them is built.

    Pillars are added in the order given, so that the same numbers give the same points in any number of draws.

    Parameters
    ----------
    places, weights : sequence of ndarray
        Of each pillar: shapes that fit together; weights add to 1 over the pillars.
    method : {"arithmetic", "geometric", "harmonic"}
    """
    if method == "arithmetic":
        total = 100.0 * (weights[0] * places[0])
        for place, weight in zip(places[1:], weights[1:], strict=True):
            total = total + 100.0 * (weight * place)
        return np.asarray(total, dtype=np.float64)
    turn, back = (np.log, np.exp) if method == "geometric" else (np.reciprocal, np.reciprocal)
    turned = weights[0] * turn(_well(places[0]))
    for place, weight in zip(places[1:], weights[1:], strict=True):
        turned = turned + weight * turn(_well(place))
    # There and back may leave [1, 100] by a rounding.
    points = 100.0 * (GEOMETRIC_BEST - back(turned)) / (GEOMETRIC_BEST - 1.0)
    return np.asarray(np.clip(points, 0.0, 100.0), dtype=np.float64)


def _well(place: Float) -> Float:
    return GEOMETRIC_BEST - (GEOMETRIC_BEST - 1.0) * place


def _apart(places: Float, weights: Float) -> tuple[list[Float], list[Float]]:
    return [places[..., i] for i in range(places.shape[-1])], [weights[..., i] for i in range(weights.shape[-1])]


METHODS: Final[dict[Aggregation, Callable[[Float, Float], Float]]] = {
    "arithmetic": arithmetic,
    "geometric": geometric,
    "harmonic": harmonic,
}


def contributions(places: Float, weights: Float, method: Aggregation) -> Float:
    """Return how many points of the score each pillar is answerable for; they add to the score.

    Exact Shapley values (Shapley, A value for n-person games, 1953): the mean, over all orders in which the pillars
    could turn from their best to the place they have, of what each of them adds. Where the mean is arithmetic that is
    100 times weight times place.

    Parameters
    ----------
    places : ndarray, shape (villages, pillars)
        0 best, 1 worst; of no account where the weight is 0.
    weights : ndarray, shape (villages, pillars)
    method : {"arithmetic", "geometric", "harmonic"}

    Returns
    -------
    ndarray, shape (villages, pillars)
        Points.

    Raises
    ------
    ValueError
        With more pillars than `MAX_PILLARS`.
    """
    pillars = places.shape[1]
    if pillars > MAX_PILLARS:
        message = f"{pillars} pillars: contributions are exact up to {MAX_PILLARS}"
        raise ValueError(message)
    if method == "arithmetic":
        return np.asarray(100.0 * weights * places, dtype=np.float64)
    inside = (np.arange(2**pillars)[:, np.newaxis] >> np.arange(pillars)) & 1
    value = np.stack([METHODS[method](places * subset, weights) for subset in inside])
    size = inside.sum(axis=1)
    order = [math.factorial(s) * math.factorial(pillars - s - 1) / math.factorial(pillars) for s in range(pillars)]
    found = np.zeros_like(places)
    for pillar in range(pillars):
        without = np.flatnonzero(inside[:, pillar] == 0)
        chance = np.array([order[s] for s in size[without]])
        found[:, pillar] = chance @ (value[without | (1 << pillar)] - value[without])
    return found
