"""Indicators of the score in every draw: each from what it is made of, or as it is where nothing of it is redrawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

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
    workings: Workings,
    world: Draws,
    *,
    cutoff_minutes: float,
    errors: Mapping[str, pd.DataFrame] | None = None,
    seed: int = 0,
) -> list[Float]:
    """Return the indicators of ``workings.recipe`` in every draw.

    Parameters
    ----------
    workings : Workings
    world : Draws
    cutoff_minutes : float
        Worst value of the minutes.
    errors : mapping of str to DataFrame, optional
        By attribute: ``unit``, whose value a village has, and ``standard_error`` of it, in the attribute's unit; index
        of the villages. Attributes that are not named are taken as they are.
    seed : int
        Of the attributes' draws.

    Returns
    -------
    list of ndarray
        Higher is worse, NaN where unknown; shape (draws, villages), or (1, villages) of what is not redrawn.
    """
    count = len(world.covered)
    return [
        REDRAWN[name](world, cutoff_minutes)
        if name in REDRAWN
        else _attribute(workings, name, (errors or {}).get(name), count=count, seed=seed)
        for name in workings.scales
    ]


def _attribute(workings: Workings, name: str, errors: pd.DataFrame | None, *, count: int, seed: int) -> Float:
    values = workings.indicators[name].to_numpy(dtype=np.float64)[np.newaxis]
    if errors is None:
        return values
    unit, names = pd.factorize(errors["unit"], sort=True)
    # One error per unit and draw: villages that have their commune's value are off together.
    normal = draws.generator(seed, f"attribute {name}").standard_normal((count, len(names)))
    drawn = values + errors["standard_error"].to_numpy(dtype=np.float64) * normal[:, unit]
    if workings.records[name].unit != "share":
        return drawn
    sign = workings.records[name].sign
    return sign * np.clip(sign * drawn, 0.0, 1.0)
