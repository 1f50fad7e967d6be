"""Sums of a raster over polygons, each cell counted by the share of it that the polygon covers.

The sum over cells of value x covered area is the integral of v over the polygon P, where v(x, y) is the value of the
cell that holds (x, y). With F(x, y) = the integral of v(t, y) for t from 0 to x, dF/dx is v, and Green's theorem turns
the integral over P into one along its boundary: the integral of F dy, counter-clockwise. In row r and column c,
F = before[r, c] + (x - c) * v[r, c], where before[r, c] is the sum of the row's values left of column c. F is linear in
x, and x is linear in y along a piece of an edge within one cell, so that the integral over that piece is exactly
its height times F at its middle. The cost is the polygons' vertices and the cell lines that their edges cross;
no inner cell is visited and no mask is made.

Several quantities are summed in one walk: the last axis of the prefix sums. Coordinates are cells: x to the right from
the raster's left side, y downwards from its first row.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Cells = npt.NDArray[Any]


class Rings(NamedTuple):
    """The rings of many polygons, coordinates in cells.

    `vertices` of shape (v, 2); ring i has the vertices from ``starts[i]`` to ``starts[i + 1]``, the first again as the
    last; `owner` is the number of its polygon, `sign` makes the area of an exterior count positive and that of a hole
    negative whichever way they run, `top` and `bottom` are its least and greatest y.
    """

    vertices: Float
    starts: Int
    owner: Int
    sign: Float
    top: Float
    bottom: Float


@njit(cache=True, nogil=True)
def placed(
    coordinates: Float,
    starts: Int,
    owner: Int,
    exterior: Flags,
    matrix: tuple[float, float, float, float, float, float],
) -> Rings:
    """Return rings whose vertices are moved from the map into cells.

    Parameters
    ----------
    coordinates : ndarray of float64, shape (v, 2)
        x and y on the map.
    starts, owner : ndarray of int64
        As those of `Rings`.
    exterior : ndarray of bool
        Whether a ring is the outer one of its polygon.
    matrix : tuple of six floats
        a, b, c, d, e, f: column = a x + b y + c, row = d x + e y + f.
    """
    a, b, c, d, e, f = matrix
    vertices = np.empty_like(coordinates)
    sign, top, bottom = np.empty(owner.size), np.empty(owner.size), np.empty(owner.size)
    for ring in range(owner.size):
        first = starts[ring]
        twice_area, low, high = 0.0, np.inf, -np.inf
        for i in range(first, starts[ring + 1]):
            x, y = coordinates[i, 0], coordinates[i, 1]
            vertices[i, 0], vertices[i, 1] = a * x + b * y + c, d * x + e * y + f
            low, high = min(low, vertices[i, 1]), max(high, vertices[i, 1])
            if i > first:
                # from the ring's own corner: far from the raster's the products would lose its small area
                x0, y0 = vertices[i - 1, 0] - vertices[first, 0], vertices[i - 1, 1] - vertices[first, 1]
                x1, y1 = vertices[i, 0] - vertices[first, 0], vertices[i, 1] - vertices[first, 1]
                twice_area += x0 * y1 - x1 * y0
        sign[ring] = 1.0 if (twice_area >= 0.0) == exterior[ring] else -1.0
        top[ring], bottom[ring] = low, high
    return Rings(vertices, starts, owner, sign, top, bottom)


@njit(cache=True, nogil=True)
def value_prefix(cells: Cells, missing: Any, prefix: Float) -> int:
    """Fill prefix sums of [valid area, value]; return how many rows have a sum that is not finite.

    Parameters
    ----------
    cells : ndarray, shape (rows, columns)
        Floats, or whole numbers of at most 32 bits, whose sums fit in 64.
    missing : scalar of the cells' type
        The value that stands for no data; NaN never counts, whatever `missing` says.
    prefix : ndarray of float64, or of whole numbers that hold the sums, shape (rows, columns + 1, 2)
        Is overwritten.
    """
    infinite = 0
    for row in range(cells.shape[0]):
        area, total = 0, 0 * cells.dtype.type(0)  # whole numbers are added as such: exact, and four times as fast
        prefix[row, 0, 0], prefix[row, 0, 1] = 0, 0
        for column in range(cells.shape[1]):
            value = cells[row, column]
            if value != missing and value == value:  # noqa: PLR0124 - NaN alone is not equal to itself
                area += 1
                total += value
            prefix[row, column + 1, 0], prefix[row, column + 1, 1] = area, total
        if not np.isfinite(total):
            infinite += 1
    return infinite


@njit(cache=True, nogil=True)
def weighted_prefix(cells: Cells, missing: Any, weights: Float, prefix: Float) -> int:
    """Fill prefix sums of [valid area, weight, weight x value]; return how many rows have a sum that is not finite.

    A cell counts where both its value and its weight are known; `weights` has NaN where it is not.
    """
    infinite = 0
    for row in range(cells.shape[0]):
        area, weight, total = 0.0, 0.0, 0.0
        prefix[row, 0, :] = 0.0
        for column in range(cells.shape[1]):
            value, factor = cells[row, column], weights[row, column]
            if value != missing and value == value and factor == factor:  # noqa: PLR0124 - NaN differs from itself
                area += 1.0
                weight += factor
                total += factor * value
            prefix[row, column + 1, 0], prefix[row, column + 1, 1] = area, weight
            prefix[row, column + 1, 2] = total
        if not (np.isfinite(total) and np.isfinite(weight)):
            infinite += 1
    return infinite


@njit(cache=True, nogil=True)
def category_prefix(cells: Cells, missing: Any, codes: Float, prefix: Float) -> None:
    """Fill prefix sums of [valid area, area of each of `codes`], shape (rows, columns + 1, 1 + codes)."""
    kinds = codes.size
    counts = np.zeros(kinds + 1)
    for row in range(cells.shape[0]):
        counts[:] = 0.0
        prefix[row, 0, :] = 0.0
        for column in range(cells.shape[1]):
            value = cells[row, column]
            if value != missing and value == value:  # noqa: PLR0124 - NaN differs from itself
                counts[0] += 1.0
                for kind in range(kinds):
                    if value == codes[kind]:
                        counts[kind + 1] += 1.0
            for quantity in range(kinds + 1):
                prefix[row, column + 1, quantity] = counts[quantity]


@njit(inline="always")
def _add_piece(sums: Float, prefix: Cells, row: int, span: tuple[float, float], height: float) -> None:
    """Add height x F at the middle of a piece within one column, or left (F = 0) or right of the raster."""
    columns = prefix.shape[1] - 1
    middle = (span[0] + span[1]) * 0.5
    if middle <= 0.0:
        return
    if middle >= columns:
        for quantity in range(sums.size):
            sums[quantity] += height * prefix[row, columns, quantity]
        return
    column = int(middle)
    part = middle - column
    for quantity in range(sums.size):
        left = prefix[row, column, quantity]
        sums[quantity] += height * (left + part * (prefix[row, column + 1, quantity] - left))


@njit(cache=True, nogil=True)
def _add_in_row(sums: Float, prefix: Cells, row: int, span: tuple[float, float], height: float) -> None:
    """Add the integral of F over a stretch of an edge within one row, cut where it crosses column lines."""
    low, high = min(span[0], span[1]), max(span[0], span[1])
    # Column lines strictly between the ends; far outside the raster there is nothing to cut for.
    line = max(np.floor(low) + 1.0, 0.0)
    last = min(high, float(prefix.shape[1]))
    if line >= last:
        _add_piece(sums, prefix, row, (low, high), height)
        return
    # F does not ask in which direction the stretch is walked: y rises from one end to the other either way.
    per_column = height / (high - low)
    at = low
    while line < last:
        _add_piece(sums, prefix, row, (at, line), per_column * (line - at))
        at = line
        line += 1.0
    _add_piece(sums, prefix, row, (at, high), per_column * (high - at))


@njit(cache=True, nogil=True)
def _add_edge(sums: Float, prefix: Cells, start: tuple[float, float], end: tuple[float, float], sign: float) -> None:
    """Add the integral of F dy, times `sign`, along one edge that runs downwards (y grows), within the block's rows."""
    (x0, y0), (x1, y1) = start, end
    rows = prefix.shape[0]
    top, bottom = max(y0, 0.0), min(y1, float(rows))
    if bottom <= top:
        return
    row = int(top)
    if y0 >= 0.0 and y1 <= row + 1.0:  # most edges of a detailed boundary stay in one row: no slope is needed
        _add_in_row(sums, prefix, row, (x0, x1), sign * (y1 - y0))
        return
    slope = (x1 - x0) / (y1 - y0)
    y, x = top, x0 + (top - y0) * slope
    while y < bottom and row < rows:
        y_next = min(row + 1.0, bottom)
        x_next = x0 + (y_next - y0) * slope
        _add_in_row(sums, prefix, row, (x, x_next), sign * (y_next - y))
        y, x = y_next, x_next
        row += 1


@njit(cache=True, nogil=True)
def columns_in(rings: Rings, first_row: int, rows: int, width: int) -> tuple[int, int]:
    """Return the first column, and the one after the last, that edges have within some rows; equal where there is none.

    Parameters
    ----------
    rings : Rings
    first_row, rows : int
    width : int
        Columns of the raster.
    """
    low, high = float(width), 0.0
    for ring in range(rings.owner.size):
        if rings.bottom[ring] <= first_row or rings.top[ring] >= first_row + rows:
            continue
        for i in range(rings.starts[ring], rings.starts[ring + 1] - 1):
            y0, y1 = rings.vertices[i, 1] - first_row, rings.vertices[i + 1, 1] - first_row
            if max(y0, y1) > 0.0 and min(y0, y1) < rows:
                low = min(low, rings.vertices[i, 0], rings.vertices[i + 1, 0])
                high = max(high, rings.vertices[i, 0], rings.vertices[i + 1, 0])
    if high <= low:
        return 0, 0
    return int(max(np.floor(low), 0.0)), int(min(np.ceil(high), width))


@njit(cache=True, nogil=True)
def add_block(rings: Rings, first_row: int, first_column: int, prefix: Float, totals: Float) -> None:
    """Add to `totals` what the polygons cover of one block of rows.

    Parameters
    ----------
    rings : Rings
    first_row, first_column : int
        Row and column of the raster with which the block begins; no ring that meets its rows lies left of it.
    prefix : ndarray of numbers, shape (rows, columns + 1, quantities)
        Of the block, from one of the functions above.
    totals : ndarray of float64, shape (polygons, quantities)
        Is added to.
    """
    sums = np.zeros(totals.shape[1])
    for ring in range(rings.owner.size):
        if rings.bottom[ring] <= first_row or rings.top[ring] >= first_row + prefix.shape[0]:
            continue
        sums[:] = 0.0
        first = rings.starts[ring]
        x0, y0 = rings.vertices[first, 0] - first_column, rings.vertices[first, 1] - first_row
        for i in range(first + 1, rings.starts[ring + 1]):
            x1, y1 = rings.vertices[i, 0] - first_column, rings.vertices[i, 1] - first_row
            if y0 < y1:
                _add_edge(sums, prefix, (x0, y0), (x1, y1), 1.0)
            elif y1 < y0:
                _add_edge(sums, prefix, (x1, y1), (x0, y0), -1.0)
            x0, y0 = x1, y1
        totals[rings.owner[ring]] += rings.sign[ring] * sums
