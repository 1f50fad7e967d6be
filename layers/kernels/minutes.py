"""Least-cost minutes over a raster: a bucket queue (Dial 1969) on eight neighbours.

A step between two neighbouring cells costs the mean of their minutes times the distance between their centres in cells
(1, or the square root of 2 for a diagonal), so the way there costs what the way back costs. A cell that is not finite
lets nobody pass: by convention inf is a barrier and NaN is outside. Every label is the least sum of steps whatever the
order in which cells are visited, so answers do not depend on the queue.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]

MAX_CELLS: Final = 2**31 - 1
"""Cells are numbered in 32 bits."""
MAX_BUCKETS: Final = 4096
"""More would not be faster; wider buckets are still exact, since an improved cell is queued again."""

_DIAGONAL = np.sqrt(2.0)
_NOWHERE = -1


class _Work(NamedTuple):
    """What one search writes to; `_search` leaves the queue empty, so that the next one can use it.

    Buckets are doubly linked lists of cells: `heads` by bucket, the rest by cell; -1 is none.
    """

    width: float
    minutes: Float
    touched: Int32
    heads: Int32
    following: Int32
    previous: Int32
    bucket: npt.NDArray[np.int16]


@njit(cache=True, nogil=True)
def _push(work: _Work, cell: int, slot: int) -> None:
    """Put `cell` in front of the list of bucket `slot`."""
    first = work.heads[slot]
    work.following[cell] = first
    work.previous[cell] = _NOWHERE
    if first >= 0:
        work.previous[first] = cell
    work.heads[slot] = cell
    work.bucket[cell] = slot


@njit(cache=True, nogil=True)
def _remove(work: _Work, cell: int) -> None:
    """Take `cell` out of the bucket in which it waits."""
    after, before = work.following[cell], work.previous[cell]
    if before >= 0:
        work.following[before] = after
    else:
        work.heads[work.bucket[cell]] = after
    if after >= 0:
        work.previous[after] = before
    work.bucket[cell] = _NOWHERE


@njit(cache=True, nogil=True)
def _seed(work: _Work, sources: Int) -> int:
    """Queue the sources at 0 minutes; return how many there are, each cell once."""
    count = 0
    for source in sources:
        if source >= 0 and work.minutes[source] > 0.0:
            work.minutes[source] = 0.0
            work.touched[count] = source
            count += 1
            _push(work, source, 0)
    return count


@njit(cache=True, nogil=True)
def _search(work: _Work, cell_minutes: Float, sources: Int, cutoff: float) -> int:
    """Write minutes from the nearest of `sources` into ``work.minutes`` (inf before); return how many it wrote."""
    rows, columns = cell_minutes.shape
    slots = work.heads.size
    count = _seed(work, sources)
    queued = count
    turn = 0
    while queued > 0:
        cell = work.heads[turn % slots]
        if cell < 0:
            turn += 1
            continue
        _remove(work, cell)
        queued -= 1
        row = cell // columns
        column = cell - row * columns
        for r in range(max(row - 1, 0), min(row + 2, rows)):
            for c in range(max(column - 1, 0), min(column + 2, columns)):
                length = _DIAGONAL if r != row and c != column else 1.0
                label = work.minutes[cell] + (cell_minutes[row, column] + cell_minutes[r, c]) * 0.5 * length
                other = r * columns + c
                # False for inf and for NaN: nobody enters or leaves a cell that is not finite
                if label < work.minutes[other] and label <= cutoff:
                    if work.minutes[other] == np.inf:
                        work.touched[count] = other
                        count += 1
                    if work.bucket[other] >= 0:
                        _remove(work, other)
                        queued -= 1
                    work.minutes[other] = label
                    _push(work, other, int(label / work.width) % slots)
                    queued += 1
    return count


@njit(cache=True, nogil=True)
def _longer(values: npt.NDArray[Any], used: int, size: int) -> npt.NDArray[Any]:
    """Return an array of `size` that begins with the first `used` of `values`."""
    found = np.empty(size, values.dtype)
    found[:used] = values[:used]
    return found


@njit(cache=True, nogil=True)
def _matrix(work: _Work, cell_minutes: Float, sources: Int, targets: Int, cutoff: float) -> tuple[Int, Int32, Float]:
    starts = np.zeros(sources.size + 1, np.int64)
    capacity = 4 * (sources.size + targets.size)
    indices, values = np.empty(capacity, np.int32), np.empty(capacity, np.float64)
    used = 0
    for i in range(sources.size):
        count = _search(work, cell_minutes, sources[i : i + 1], cutoff)
        if used + targets.size > capacity:
            capacity = 2 * capacity + targets.size
            indices, values = _longer(indices, used, capacity), _longer(values, used, capacity)
        for j in range(targets.size):
            if targets[j] >= 0 and work.minutes[targets[j]] < np.inf:
                indices[used], values[used] = j, work.minutes[targets[j]]
                used += 1
        starts[i + 1] = used
        for k in range(count):
            work.minutes[work.touched[k]] = np.inf
    return starts, indices[:used].copy(), values[:used].copy()


def _checked_grid(cell_minutes: Float) -> Float:
    grid = np.ascontiguousarray(cell_minutes, dtype=np.float64)
    if grid.ndim != 2 or not 0 < grid.size <= MAX_CELLS:
        message = f"cell_minutes needs two dimensions and 1 to {MAX_CELLS} cells, got shape {grid.shape}"
        raise ValueError(message)
    if np.any(grid <= 0):
        message = f"cell_minutes must be above 0 (or inf, NaN: nobody passes), got {np.nanmin(grid)}"
        raise ValueError(message)
    return grid


def _checked_cells(cells: npt.NDArray[np.integer], size: int, name: str) -> Int:
    numbers = np.ascontiguousarray(cells, dtype=np.int64)
    if numbers.ndim != 1 or np.any((numbers < _NOWHERE) | (numbers >= size)):
        message = f"{name} needs cell numbers from 0 to {size - 1}, or -1 for nowhere, in one dimension"
        raise ValueError(message)
    return numbers


def _checked_cutoff(cutoff_minutes: float) -> float:
    if not cutoff_minutes >= 0:
        message = f"cutoff_minutes must be 0 or more, got {cutoff_minutes}"
        raise ValueError(message)
    return float(cutoff_minutes)


def _buckets(grid: Float) -> tuple[float, int]:
    """Return a bucket's width in minutes and how many there are; all labels that wait fit in one turn of the ring."""
    finite = grid[np.isfinite(grid)]
    if finite.size == 0:
        return 1.0, 4
    shortest, longest = float(finite.min()), float(finite.max()) * float(_DIAGONAL)
    width = max(shortest, longest / (MAX_BUCKETS - 4))
    return width, int(longest / width) + 3


def _work(grid: Float) -> _Work:
    width, slots = _buckets(grid)
    return _Work(
        width=width,
        minutes=np.full(grid.size, np.inf),
        touched=np.empty(grid.size, np.int32),
        heads=np.full(slots, _NOWHERE, np.int32),
        following=np.empty(grid.size, np.int32),
        previous=np.empty(grid.size, np.int32),
        bucket=np.full(grid.size, _NOWHERE, np.int16),
    )


def nearest(
    cell_minutes: Float, sources: npt.NDArray[np.integer], *, cutoff_minutes: float = np.inf
) -> npt.NDArray[np.float64]:
    """Return the minutes from every cell to the nearest source.

    Parameters
    ----------
    cell_minutes : ndarray of float64, shape (rows, columns)
        Minutes to cross a cell from side to side, above 0; inf and NaN let nobody pass.
    sources : ndarray of int, shape (k,)
        Cell numbers, row x columns + column; -1 (nowhere) is passed over.
    cutoff_minutes : float
        Longer ways are not followed.

    Returns
    -------
    ndarray of float64, shape (rows, columns)
        0 in a source's own cell, also where nobody passes; inf where no way within the cutoff leads.

    Raises
    ------
    ValueError
        When an argument breaks the rules above.

    Notes
    -----
    Needs at most 30 bytes a cell, the grid and the answer included.
    """
    grid = _checked_grid(cell_minutes)
    numbers = _checked_cells(sources, grid.size, "sources")
    work = _work(grid)
    _search(work, grid, numbers, _checked_cutoff(cutoff_minutes))
    return work.minutes.reshape(grid.shape)


def matrix(
    cell_minutes: Float,
    sources: npt.NDArray[np.integer],
    targets: npt.NDArray[np.integer],
    *,
    cutoff_minutes: float,
) -> tuple[Int, Int32, Float]:
    """Return the minutes from every source to every target within the cutoff, as the arrays of a CSR matrix.

    Parameters
    ----------
    cell_minutes : ndarray of float64, shape (rows, columns)
        As in `nearest`.
    sources, targets : ndarray of int, shapes (n,), (m,)
        Cell numbers; the row or column of a -1 (nowhere) is empty.
    cutoff_minutes : float
        An entry at most this is kept.

    Returns
    -------
    starts : ndarray of int64, shape (n + 1,)
    indices : ndarray of int32
        Positions in `targets`, ascending in each row.
    minutes : ndarray of float64
        A stored 0 says that source and target share a cell.

    Raises
    ------
    ValueError
        When an argument breaks the rules above.
    """
    grid = _checked_grid(cell_minutes)
    starts = _checked_cells(sources, grid.size, "sources")
    ends = _checked_cells(targets, grid.size, "targets")
    return _matrix(_work(grid), grid, starts, ends, _checked_cutoff(cutoff_minutes))
