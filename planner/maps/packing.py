"""Whole numbers as short texts: columns and borders travel as one text each, which a page reads only when it needs it.

A number is cut into groups of five bits, the lowest first; each group is one letter of `ALPHABET`, and all but the last
letter of a number come from the second half of it. Numbers with a sign are folded first: 0, -1, 1, -2 … are 0, 1, 2, 3 …
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""Letters that need no escape in JSON, HTML or a script."""
LARGEST: Final = 2**30
"""No larger number is packed: a page adds up groups of bits in 32 bits."""
_LETTERS: Final = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
Int = npt.NDArray[np.int64]


def pack(numbers: npt.ArrayLike) -> str:
    """Return whole numbers from 0 to `LARGEST` as text.

    Parameters
    ----------
    numbers : array_like of int, shape (n,)

    Raises
    ------
    ValueError
        When one is negative or too large.
    """
    values = np.asarray(numbers, dtype=np.int64)
    if len(values) == 0:
        return ""
    if values.min() < 0 or values.max() > LARGEST:
        message = f"only whole numbers from 0 to {LARGEST} are packed, found {values.min()} to {values.max()}"
        raise ValueError(message)
    groups = np.maximum(1, -(-np.frexp(values.astype(np.float64))[1] // 5)).astype(np.int64)
    owner = np.repeat(np.arange(len(values)), groups)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(groups) - groups, groups)
    more = place < groups[owner] - 1
    letters: bytes = _LETTERS[((values[owner] >> (5 * place)) & 31) + 32 * more].tobytes()
    return letters.decode()


def fold(numbers: npt.ArrayLike) -> Int:
    """Return numbers with a sign as numbers without: 0, -1, 1 and -2 become 0, 1, 2 and 3."""
    values = np.asarray(numbers, dtype=np.int64)
    folded: Int = np.where(values < 0, -2 * values - 1, 2 * values)
    return folded


def column(values: npt.NDArray[np.float64], *, digits: int, shown: int) -> dict[str, Any] | None:
    """Return numbers as a packed column; None when they are too large for it.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        NaN is unknown.
    digits : int
        Decimals that are carried.
    shown : int
        Decimals that are shown, fewer than `digits`: a value that would be shown otherwise after rounding is carried in full.

    Returns
    -------
    dict
        ``digits``; ``packed``: 0 for unknown, else one more than the folded number of steps of 10^-digits;
        ``exact``: by row the values that are carried in full, absent where there are none.
    """
    known = np.isfinite(values)
    scale, factor = 10.0**digits, 10.0**shown
    steps = np.rint(np.where(known, values, 0.0) * scale)
    if len(steps) and np.abs(steps).max() >= LARGEST // 2 - 1:
        return None
    full = np.where(known, values, 0.0)
    differs = known & (np.floor(steps / scale * factor + 0.5) != np.floor(full * factor + 0.5))
    found: dict[str, Any] = {"digits": digits, "packed": pack(np.where(known, fold(steps) + 1, 0))}
    if differs.any():
        found["exact"] = {str(row): float(values[row]) for row in np.flatnonzero(differs)}
    return found


def texts(values: Sequence[Any]) -> Any:
    """Return repeated values once with their positions, packed; values that hardly repeat stay as they are."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) * 2 > len(values) and len(distinct) > 1:
        return list(values)
    position = {value: i for i, value in enumerate(distinct)}
    return {"values": distinct, "codes": pack([position[v] for v in values])}


def arcs(ways: Sequence[Sequence[int]]) -> str:
    """Return arcs as one text: of each arc how many points it has, then x and y of each, from the point before."""
    flat = [np.concatenate([[len(way) // 2], fold(way)]) for way in ways]
    return pack(np.concatenate(flat)) if flat else ""


def shapes(layer: Sequence[Any]) -> str:
    """Return shapes as one text: how many parts; of each how many rings; of each how many arcs, and their numbers.

    Numbers are the difference to the number before, over the whole layer; ``~number`` runs backwards.

    Parameters
    ----------
    layer : sequence
        Per row the parts, per part the rings (a line is a part with one ring), per ring arc numbers.
    """
    found: list[int] = []
    before = 0
    for shape in layer:
        found.append(len(shape))
        for part in shape:
            found.append(len(part))
            for ring in part:
                found.append(len(ring))
                for number in ring:
                    index = number if number >= 0 else ~number
                    change = index - before
                    # one bit for the direction, then the folded difference
                    found.append(2 * (-2 * change - 1 if change < 0 else 2 * change) + (number < 0))
                    before = index
    return pack(found)
