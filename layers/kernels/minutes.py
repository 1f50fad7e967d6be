"""Least-cost minutes over a raster: a bucket queue (Dial 1969) on eight neighbours, with slope and closed steps.

A step between two neighbouring cells is half in each: its length times the mean of what a metre takes in either cell,
each stretched by what the slope of the step does to people moving as one does in that cell. Without relief the way
there costs what the way back costs; with it uphill and downhill differ, so the direction of a way is an argument. A
cell that is not finite lets nobody pass: by convention inf is a barrier and NaN is outside. Every label is the least
sum of steps whatever the order in which cells are visited, so answers do not depend on the queue.
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
SLOPE_STEPS: Final = 400
"""Nodes per unit of slope in `Relief.slower`, which reaches from -1 to 1 (45 degrees); steeper counts as 1."""
SLOPE_NODES: Final = 2 * SLOPE_STEPS + 1

_DIAGONAL = np.sqrt(2.0)
_NOWHERE = -1
_IDLE = -2
"""What a cell that waits in no bucket has for a predecessor."""
_WIDTH: Final = 4.0
"""A bucket is this many shortest steps wide: fewer empty ones are turned past, few cells are queued twice."""


class Relief(NamedTuple):
    """Heights, and what slope does to people.

    Parameters
    ----------
    height_m : ndarray of float32, shape (rows, columns)
        Finite.
    response : ndarray of uint8, shape (rows, columns)
        Which row of `slower` holds in each cell.
    slower : ndarray of float64, shape (responses, SLOPE_NODES)
        Time per metre of map distance over that on the flat at slopes -1, ..., 1 (rise over run, along the way); in
        between it is interpolated. Above 0.
    """

    height_m: npt.NDArray[np.float32]
    response: npt.NDArray[np.uint8]
    slower: Float


class Ground(NamedTuple):
    """What a search reads.

    Parameters
    ----------
    pace : ndarray of float32 or float64, shape (rows, columns)
        Minutes per metre on the flat, above 0; inf and NaN let nobody pass.
    width_m, height_m : float
        Sides of a cell, east-west and north-south.
    relief : Relief or None
        None: flat.
    closed : ndarray of uint8, shape (rows, columns), or None
        Bit k is 1 where the step to neighbour k is closed: 0 north-west, 1 north, 2 north-east, 3 west, 4 east, 5
        south-west, 6 south, 7 south-east. None: every step is open.
    """

    pace: npt.NDArray[Any]
    width_m: float = 1.0
    height_m: float = 1.0
    relief: Relief | None = None
    closed: npt.NDArray[np.uint8] | None = None

    @property
    def parts(self) -> tuple[npt.NDArray[Any], tuple[float, float], Relief | None, npt.NDArray[np.uint8] | None]:
        """What a search takes."""
        return self.pace, (self.width_m, self.height_m), self.relief, self.closed


class _Work(NamedTuple):
    """What one search writes to; `_search` leaves the queue empty, so that the next one can use it.

    Buckets are doubly linked lists of cells: `heads` by bucket, the rest by cell; -1 is none.
    """

    per_minute: float
    minutes: Float
    touched: Int32
    heads: Int32
    following: Int32
    previous: Int32


@njit(cache=True, nogil=True)
def _push(cell: int, slot: int, heads: Int32, following: Int32, previous: Int32) -> None:
    """Put `cell` in front of the list of bucket `slot`."""
    first = heads[slot]
    following[cell] = first
    previous[cell] = _NOWHERE
    if first >= 0:
        previous[first] = cell
    heads[slot] = cell


@njit(cache=True, nogil=True)
def _slower(slower: Float, response: int, slope: float) -> float:
    """Return what `slope` does to the time of a metre, interpolated."""
    position = min(max((slope + 1.0) * SLOPE_STEPS, 0.0), 2.0 * SLOPE_STEPS)
    node = min(int(position), 2 * SLOPE_STEPS - 1)
    low = slower[response, node]
    return np.float64(low + (slower[response, node + 1] - low) * (position - node))


@njit(cache=True, nogil=True)
def _is_closed(closed: npt.NDArray[np.uint8], row: int, column: int, down: int, right: int) -> np.bool_:
    place = (down + 1) * 3 + right + 1
    return np.bool_((closed[row, column] >> (place - (1 if place > 4 else 0))) & 1)


@njit(cache=True, nogil=True)
def _search(  # noqa: C901, PLR0912, PLR0915, PLR0917 - one loop over eight neighbours; split up it takes twice as long
    pace: npt.NDArray[Any],
    sides_m: tuple[float, float],
    relief: Relief | None,
    closed: npt.NDArray[np.uint8] | None,
    work: _Work,
    sources: Int,
    toward: bool,  # noqa: FBT001 - numba takes no keywords
    cutoff: float,
) -> int:
    """Write minutes from (or `toward`) the nearest of `sources` into ``work.minutes`` (inf before); return how many.

    The parts of a `Ground` come as arguments: numba compiles a search without relief or closed steps apart.
    """
    per_minute, minutes, touched = work.per_minute, work.minutes, work.touched
    heads, following, previous = work.heads, work.following, work.previous
    rows, columns = pace.shape
    width, height = sides_m
    slant = np.sqrt(width * width + height * height)
    slots = heads.size
    count, waiting, turn = 0, 0, 0
    for source in sources:
        if source >= 0 and minutes[source] > 0.0:
            minutes[source] = 0.0
            touched[count] = source
            count += 1
            waiting += 1
            _push(source, 0, heads, following, previous)
    while waiting > 0:
        cell = heads[turn % slots]
        if cell < 0:
            turn += 1
            continue
        # it leaves the front of its list
        heads[turn % slots] = following[cell]
        if following[cell] >= 0:
            previous[following[cell]] = _NOWHERE
        previous[cell] = _IDLE
        waiting -= 1
        label = minutes[cell]
        row = cell // columns
        column = cell - row * columns
        own = np.float64(pace[row, column])
        for down in range(-1, 2):
            r = row + down
            if r < 0 or r >= rows:
                continue
            for right in range(-1, 2):
                c = column + right
                if c < 0 or c >= columns or (down == 0 and right == 0):
                    continue
                if closed is not None:  # noqa: SIM102 - numba prunes this branch where no step is closed
                    if _is_closed(closed, row, column, down, right):
                        continue
                length = slant if down != 0 and right != 0 else (width if down == 0 else height)
                if relief is not None:
                    rise = np.float64(relief.height_m[r, c]) - np.float64(relief.height_m[row, column])
                    slope = -rise / length if toward else rise / length
                    here, there = relief.response[row, column], relief.response[r, c]
                    one = _slower(relief.slower, here, slope)
                    other_one = one if here == there else _slower(relief.slower, there, slope)
                    mean = 0.5 * (own * one + np.float64(pace[r, c]) * other_one)
                else:
                    mean = 0.5 * (own + np.float64(pace[r, c]))
                found = label + mean * length
                other = r * columns + c
                old = minutes[other]
                # False for inf and for NaN: nobody enters or leaves a cell that is not finite
                if found < old and found <= cutoff:
                    if old == np.inf:
                        touched[count] = other
                        count += 1
                    elif previous[other] != _IDLE:
                        # it waits with a longer way: out of that bucket's list
                        if previous[other] >= 0:
                            following[previous[other]] = following[other]
                        else:
                            heads[int(old * per_minute) % slots] = following[other]
                        if following[other] >= 0:
                            previous[following[other]] = previous[other]
                        waiting -= 1
                    minutes[other] = found
                    at = int(found * per_minute) % slots
                    first = heads[at]
                    following[other] = first
                    previous[other] = _NOWHERE
                    if first >= 0:
                        previous[first] = other
                    heads[at] = other
                    waiting += 1
    return count


@njit(cache=True, nogil=True)
def _longer(values: npt.NDArray[Any], used: int, size: int) -> npt.NDArray[Any]:
    """Return an array of `size` that begins with the first `used` of `values`."""
    found = np.empty(size, values.dtype)
    found[:used] = values[:used]
    return found


@njit(cache=True, nogil=True)
def _matrix(  # noqa: PLR0917 - as above
    pace: npt.NDArray[Any],
    sides_m: tuple[float, float],
    relief: Relief | None,
    closed: npt.NDArray[np.uint8] | None,
    work: _Work,
    sources: Int,
    targets: Int,
    toward: bool,  # noqa: FBT001 - as above
    cutoff: float,
) -> tuple[Int, Int32, Float]:
    starts = np.zeros(sources.size + 1, np.int64)
    capacity = 4 * (sources.size + targets.size)
    indices, values = np.empty(capacity, np.int32), np.empty(capacity, np.float64)
    used = 0
    for i in range(sources.size):
        count = _search(pace, sides_m, relief, closed, work, sources[i : i + 1], toward, cutoff)
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


@njit(cache=True, nogil=True)
def _ends(pace: npt.NDArray[Any]) -> tuple[float, float]:
    """Return the least and the most of the finite values; inf and 0 where there is none, NaN where one is not above 0."""
    least, most = np.inf, 0.0
    for value in pace.ravel():
        if value <= 0.0:
            return np.nan, np.nan
        if value < np.inf:
            least, most = min(least, np.float64(value)), max(most, np.float64(value))
    return least, most


def _checked_ground(ground: Ground) -> Ground:
    """Return the ground with contiguous arrays of known types, whose shapes and values keep the rules of `Ground`."""
    kind = np.float32 if np.asarray(ground.pace).dtype == np.float32 else np.float64
    pace = np.ascontiguousarray(ground.pace, dtype=kind)
    if pace.ndim != 2 or not 0 < pace.size <= MAX_CELLS:
        message = f"pace needs two dimensions and 1 to {MAX_CELLS} cells, got shape {pace.shape}"
        raise ValueError(message)
    if not (ground.width_m > 0 and ground.height_m > 0):
        message = f"a cell has sides above 0, got {ground.width_m} by {ground.height_m} m"
        raise ValueError(message)
    closed = None if ground.closed is None else np.ascontiguousarray(ground.closed, dtype=np.uint8)
    relief = None if ground.relief is None else _checked_relief(ground.relief, pace.shape)
    if closed is not None and closed.shape != pace.shape:
        message = f"closed has the shape of pace, got {closed.shape} and {pace.shape}"
        raise ValueError(message)
    return Ground(pace, float(ground.width_m), float(ground.height_m), relief, closed)


def _checked_relief(relief: Relief, shape: tuple[int, ...]) -> Relief:
    height_m = np.ascontiguousarray(relief.height_m, dtype=np.float32)
    response = np.ascontiguousarray(relief.response, dtype=np.uint8)
    slower = np.ascontiguousarray(relief.slower, dtype=np.float64)
    if height_m.shape != shape or response.shape != shape or not np.isfinite(height_m).all():
        message = f"relief has a finite height and a response in each of {shape} cells"
        raise ValueError(message)
    if slower.ndim != 2 or slower.shape[1] != SLOPE_NODES or not (np.isfinite(slower).all() and np.all(slower > 0)):
        message = f"slower has {SLOPE_NODES} finite values above 0 for each response, got shape {slower.shape}"
        raise ValueError(message)
    if response.max() >= len(slower):
        message = f"a response is one of 0 to {len(slower) - 1}, got {response.max()}"
        raise ValueError(message)
    return Relief(height_m, response, slower)


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


def _buckets(ground: Ground) -> tuple[float, int]:
    """Return a bucket's width in minutes and how many there are; all labels that wait fit in one turn of the ring."""
    least, most = _ends(ground.pace)
    if np.isnan(least):
        message = "pace must be above 0 (or inf, NaN: nobody passes)"
        raise ValueError(message)
    if most == 0.0:
        return 1.0, 4
    slower = np.ones(1) if ground.relief is None else ground.relief.slower
    shortest = least * float(slower.min()) * min(ground.width_m, ground.height_m)
    longest = most * float(slower.max()) * float(np.hypot(ground.width_m, ground.height_m))
    width = max(_WIDTH * shortest, longest / (MAX_BUCKETS - 4))
    return width, int(longest / width) + 3


def _work(ground: Ground) -> _Work:
    width, slots = _buckets(ground)
    size = ground.pace.size
    return _Work(
        per_minute=1.0 / width,
        minutes=np.full(size, np.inf),
        touched=np.empty(size, np.int32),
        heads=np.full(slots, _NOWHERE, np.int32),
        following=np.empty(size, np.int32),
        previous=np.full(size, _IDLE, np.int32),
    )


def nearest(
    ground: Ground, sources: npt.NDArray[np.integer], *, toward: bool = True, cutoff_minutes: float = np.inf
) -> npt.NDArray[np.float64]:
    """Return the minutes between every cell and the nearest source.

    Parameters
    ----------
    ground : Ground
    sources : ndarray of int, shape (k,)
        Cell numbers, row x columns + column; -1 (nowhere) is passed over.
    toward : bool
        Ways lead from the cells to the sources; False: from the sources to the cells.
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
    Needs at most 30 bytes a cell, the ground (in float32) and the answer included.
    """
    given = _checked_ground(ground)
    numbers = _checked_cells(sources, given.pace.size, "sources")
    work = _work(given)
    _search(*given.parts, work, numbers, bool(toward), _checked_cutoff(cutoff_minutes))
    return work.minutes.reshape(given.pace.shape)


def matrix(
    ground: Ground,
    sources: npt.NDArray[np.integer],
    targets: npt.NDArray[np.integer],
    *,
    toward: bool = False,
    cutoff_minutes: float,
) -> tuple[Int, Int32, Float]:
    """Return the minutes between every source and every target within the cutoff, as the arrays of a CSR matrix.

    Parameters
    ----------
    ground : Ground
    sources, targets : ndarray of int, shapes (n,), (m,)
        Cell numbers; the row or column of a -1 (nowhere) is empty.
    toward : bool
        Ways lead from the targets to the sources; False: from the sources to the targets.
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
    given = _checked_ground(ground)
    begins = _checked_cells(sources, given.pace.size, "sources")
    ends = _checked_cells(targets, given.pace.size, "targets")
    return _matrix(*given.parts, _work(given), begins, ends, bool(toward), _checked_cutoff(cutoff_minutes))
