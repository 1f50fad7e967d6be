"""What a slope does to people on foot and on wheels: how much longer a metre takes than on the flat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from layers.kernels.minutes import SLOPE_NODES

Float = npt.NDArray[np.float64]
Table = Sequence[tuple[float, float]]
"""Pairs of slope (rise over run along the way, -1 to 1) and share of the speed on the flat (above 0)."""

NODES: Final[Float] = np.linspace(-1.0, 1.0, SLOPE_NODES)

MOTORBIKE: Final[Table] = ((-0.30, 0.4), (-0.20, 0.6), (-0.10, 0.85), (-0.05, 1.0), (0.05, 1.0), (0.10, 0.8), (0.20, 0.5), (0.30, 0.3))  # fmt: skip
"""An assumption, no measurement: a loaded 110 cm3 motorbike keeps its speed to 5 %, changes down at 10 %, brakes downhill."""


def on_foot() -> Float:
    """Return time per metre over that on the flat for walkers, at `NODES`.

    Tobler's hiking function (Tobler 1993, NCGIA Technical Report 93-1): km/h = 6 exp(-3.5 |slope + 0.05|). Speeds of a
    plan are those on the flat, so only its shape counts: 1 on the flat, least (0.84) at 5 % downhill.
    """
    return np.asarray(np.exp(3.5 * (np.abs(NODES + 0.05) - 0.05)), dtype=np.float64)


def of_table(table: Table) -> Float:
    """Return time per metre over that on the flat, at `NODES`, from a table of shares of the speed.

    Parameters
    ----------
    table : sequence of pairs
        Slopes ascending; between them the share is interpolated, beyond the first and the last it stays theirs.

    Raises
    ------
    ValueError
        When slopes do not ascend or a share is not above 0.
    """
    slope, share = (np.asarray(part, dtype=np.float64) for part in zip(*table, strict=True))
    if not (np.all(np.diff(slope) > 0) and np.all(share > 0) and np.isfinite(share).all()):
        message = f"slopes ascend and shares of speed are above 0, got {list(table)}"
        raise ValueError(message)
    return np.asarray(1.0 / np.interp(NODES, slope, share), dtype=np.float64)
