"""Indicators of the score in every draw: each from what it is made of, or as it is where nothing of it is redrawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from planner import draws
from planner.draws import Draws
from planner.scoring import Workings

Float = npt.NDArray[np.float64]

REDRAWN: Final[dict[str, Callable[[Draws, float], Float]]] = {
    "without_signal_share": lambda world, _cutoff: 1.0 - world.covered,
    "not_adopted_share": lambda world, _cutoff: 1.0 - world.adopted,
    "support_minutes": lambda world, cutoff: np.minimum(world.minutes, cutoff),
}
"""Indicators that draws decide: from a `Draws` and the plan's cutoff in minutes, shape (draws, villages)."""


def indicators(
    workings: Workings, world: Draws, *, cutoff_minutes: float, errors: Mapping[str, Error] | None = None, seed: int = 0
) -> list[Float]:
    """Return the indicators of ``workings.recipe`` in every draw.

    Parameters
    ----------
    workings : Workings
    world : Draws
    cutoff_minutes : float
        Worst value of the minutes.
    errors : mapping of str to Error, optional
        By attribute: how far its values may be off. Others are taken as they are.
    seed : int
        Of the attributes' draws.

    Returns
    -------
    list of ndarray
        Higher is worse, NaN where unknown; shape (draws, villages), or (1, villages) of what is not redrawn.
    """
    return [
        REDRAWN[name](world, cutoff_minutes)
        if name in REDRAWN
        else _attribute(workings, name, (errors or {}).get(name), count=len(world.covered), seed=seed)
        for name in workings.scales
    ]


def _attribute(workings: Workings, name: str, error: Error | None, *, count: int, seed: int) -> Float:
    values = workings.indicators[name].to_numpy(dtype=np.float64)[np.newaxis]
    if error is None or not np.nanmax(error.standard_error, initial=0.0) > 0:
        return values
    rng = draws.generator(seed, f"attribute {name}")
    drawn = values + error.drawn(count, rng=rng)
    # A share that is drawn stays one, and whoever draws beyond what occurs anywhere draws the end of it.
    return np.clip(drawn, np.nanmin(values), np.nanmax(values))
