"""Areas of A ∩ B for many polygons A and one region B, without building any intersection.

B is the union of polygons whose insides are disjoint. Let F(x, y) be the length of B on the horizontal line at y, left of
x. dF/dx is 1 inside B and 0 outside, so by Green's theorem the area of A ∩ B is the integral of F dy along the boundary
of A, counter-clockwise. A grid of square cells keeps F short: the area is the sum over cells of that of A ∩ B ∩ cell,
where F counts from the left side of the cell. Two kinds of boundary are then walked:

* Edges of A, cut at grid lines. Inside a cell F(x, y) = base x + the sum over B's fragments f left of x of
  weight_f (x - x_f(y)). `base` is the winding number of B at the cell's lower left corner; a fragment is a piece of an
  edge of B in this cell, weight -1 where it runs up and 1 where it runs down; where an edge of B crosses the cell's left
  side, a fragment along that side from there up corrects `base`. x and x_f are linear in y, so the integral of
  max(0, x - x_f) over a common range of y is that of a line cut at 0: a closed form.
* The right sides of cells, where they lie in A (F is 0 on left sides, dy is 0 on the others). An edge of A that crosses
  a right side opens or closes the part of it above; one that crosses the bottom line of a row does so for the right
  sides of all cells of that row farther right, whose F add up beforehand in `to_the_right`.

All is in cells: x and y count grid cells from the grid's lower left corner.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]

_VERTICAL, _UP_OR_DOWN, _END = 0, 1, 2
"""How a piece of an edge ends: at a vertical grid line, at a horizontal one, or with the edge."""
_OUTSIDE = 0.5
"""So far outside the grid, in cells, a vertex is moved to: what an edge does there changes nothing."""


class Edges(NamedTuple):
    """Rings of polygons, exteriors counter-clockwise and holes clockwise, in cells.

    `vertices` of shape (v, 2); ring i has the vertices from ``starts[i]`` to ``starts[i + 1]``, the first again as the
    last; `owner` is the number of its polygon.
    """

    vertices: Float
    starts: Int
    owner: Int


class Region(NamedTuple):
    """B, cut by the cells of a grid.

    `fragments` of shape (f, 5): x and y of the lower end, of the upper end (from the cell's lower left corner), weight;
    those of the cell in row r and column c are from ``first[r * columns + c]`` to the next entry. `base` of shape
    (rows, columns); `to_the_right` of shape (rows, columns + 1): area of B in the cells of the row from there on.
    """

    first: Int32
    fragments: Float
    base: Int32
    to_the_right: Float


@njit(inline="always")
def _cell(place: float) -> int:
    return int(np.floor(place))


@njit(cache=True, nogil=True)
def _next_piece(
    start: tuple[float, float], end: tuple[float, float], cell: tuple[int, int], last: tuple[int, int]
) -> tuple[float, float, int]:
    """Return where the edge from `start` to `end` leaves `cell` on its way to cell `last`, and how.

    Both coordinates are kept inside the cell, so that rounding leaves no gap between pieces.
    """
    if cell[0] == last[0] and cell[1] == last[1]:
        return end[0], end[1], _END
    dx, dy = end[0] - start[0], end[1] - start[1]
    line_x = cell[0] + 1.0 if last[0] > cell[0] else float(cell[0])
    line_y = cell[1] + 1.0 if last[1] > cell[1] else float(cell[1])
    at_x = (line_x - start[0]) / dx if cell[0] != last[0] else 2.0
    at_y = (line_y - start[1]) / dy if cell[1] != last[1] else 2.0
    if at_x <= at_y:
        return line_x, min(max(start[1] + at_x * dy, float(cell[1])), cell[1] + 1.0), _VERTICAL
    return min(max(start[0] + at_y * dx, float(cell[0])), cell[0] + 1.0), line_y, _UP_OR_DOWN


@njit(cache=True, nogil=True)
def _under(region: Region, place: tuple[int, int], start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return the integral of F dy of the cell in `place` (column, row), from `start` up to `end`, counted from its corner."""
    column, row = place
    (x_low, y_low), (x_high, y_high) = start, end
    height = y_high - y_low
    total: float = region.base[row, column] * (x_low + x_high) * 0.5 * height
    cell = row * region.base.shape[1] + column
    slope = (x_high - x_low) / height
    for i in range(region.first[cell], region.first[cell + 1]):
        x0, y0 = region.fragments[i, 0], region.fragments[i, 1]
        x1, y1 = region.fragments[i, 2], region.fragments[i, 3]
        low, high = max(y_low, y0), min(y_high, y1)
        if high <= low:
            continue
        lean = (x1 - x0) / (y1 - y0)
        ahead_low = x_low + (low - y_low) * slope - (x0 + (low - y0) * lean)
        ahead_high = x_low + (high - y_low) * slope - (x0 + (high - y0) * lean)
        weighted = region.fragments[i, 4] * (high - low) * 0.5
        if ahead_low >= 0.0 and ahead_high >= 0.0:
            total += weighted * (ahead_low + ahead_high)
        elif ahead_low >= 0.0:
            total += weighted * ahead_low * ahead_low / (ahead_low - ahead_high)
        elif ahead_high > 0.0:
            total += weighted * ahead_high * ahead_high / (ahead_high - ahead_low)
    return total


@njit(cache=True, nogil=True)
def _walk_region(edges: Edges, first: Int32, fragments: Float, base: Int32) -> None:
    """Walk B's edges from cell to cell: count its fragments into `first`, or write them where `first` points.

    Without room for any fragment this is the first walk, which counts and sums up `base` as well.
    """
    columns = base.shape[1]
    counting = fragments.shape[0] == 0
    for ring in range(edges.owner.size):
        for i in range(edges.starts[ring], edges.starts[ring + 1] - 1):
            start = (edges.vertices[i, 0], edges.vertices[i, 1])
            end = (edges.vertices[i + 1, 0], edges.vertices[i + 1, 1])
            column, row = _cell(start[0]), _cell(start[1])
            last = (_cell(end[0]), _cell(end[1]))
            right = 1 if last[0] > column else -1
            up = 1 if last[1] > row else -1
            x, y, how = start[0], start[1], _VERTICAL
            while how != _END:
                x_next, y_next, how = _next_piece(start, end, (column, row), last)
                cell = row * columns + column
                if y_next > y:
                    _put(first, fragments, cell, (x - column, y - row, x_next - column, y_next - row, -1.0))
                elif y_next < y:
                    _put(first, fragments, cell, (x_next - column, y_next - row, x - column, y - row, 1.0))
                if how == _VERTICAL:
                    if y_next < row + 1.0:
                        beside = cell + 1 if right > 0 else cell
                        _put(first, fragments, beside, (0.0, y_next - row, 0.0, 1.0, float(right)))
                    column += right
                elif how == _UP_OR_DOWN:
                    above = row + 1 if up > 0 else row
                    if counting:
                        base[above, column + 1] -= up
                    row += up
                x, y = x_next, y_next


@njit(inline="always")
def _put(
    first: Int32,
    fragments: Float,
    cell: int,
    fragment: tuple[float, float, float, float, float],
) -> None:
    """Write a fragment where ``first[cell]`` points, if there is room for any, and move on."""
    if fragments.shape[0] > 0:
        for field in range(5):
            fragments[first[cell], field] = fragment[field]
    first[cell] += 1


@njit(cache=True, nogil=True)
def cut_region(edges: Edges, rows: int, columns: int) -> Region:
    """Cut a region by the cells of a grid.

    Parameters
    ----------
    edges : Edges
        Of polygons whose insides are disjoint; every vertex at least one cell from the sides of the grid.
    rows, columns : int

    Returns
    -------
    Region
    """
    base = np.zeros((rows, columns), np.int32)
    counts = np.zeros(rows * columns + 1, np.int32)
    _walk_region(edges, counts, np.empty((0, 5)), base)
    total = 0
    for cell in range(counts.size):
        total, counts[cell] = total + counts[cell], total
    first = counts.copy()
    fragments = np.empty((total, 5))
    _walk_region(edges, first, fragments, base)
    to_the_right = np.zeros((rows, columns + 1))
    region = Region(counts, fragments, base, to_the_right)
    for row in range(rows):
        for column in range(1, columns):
            base[row, column] += base[row, column - 1]
        for column in range(columns - 1, -1, -1):
            whole = _under(region, (column, row), (1.0, 0.0), (1.0, 1.0))
            to_the_right[row, column] = to_the_right[row, column + 1] + whole
    return region


@njit(cache=True, nogil=True)
def _along(region: Region, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return what one edge of A adds to the area; the edge is inside the grid, or at most a cell outside."""
    rows, columns = region.base.shape
    column, row = _cell(start[0]), _cell(start[1])
    last = (_cell(end[0]), _cell(end[1]))
    right = 1 if last[0] > column else -1
    up = 1 if last[1] > row else -1
    total = 0.0
    x, y, how = start[0], start[1], _VERTICAL
    while how != _END:
        x_next, y_next, how = _next_piece(start, end, (column, row), last)
        here, there = (x - column, y - row), (x_next - column, y_next - row)
        inside = 0 <= row < rows
        if inside and 0 <= column < columns and y_next != y:
            if y_next > y:
                total += _under(region, (column, row), here, there)
            else:
                total -= _under(region, (column, row), there, here)
        if how == _VERTICAL:
            beside = column if right > 0 else column - 1  # the cell whose right side is crossed
            if inside and 0 <= beside < columns and y_next < row + 1.0:
                total += right * _under(region, (beside, row), (1.0, y_next - row), (1.0, 1.0))
            column += right
        elif how == _UP_OR_DOWN:
            above = row + 1 if up > 0 else row
            if 0 <= above < rows:
                total -= up * region.to_the_right[above, min(max(column, 0), columns)]
            row += up
        x, y = x_next, y_next
    return total


@njit(cache=True, nogil=True)
def _clipped(region: Region, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return what one edge of A adds, when it may lead far outside the grid.

    The edge is cut at the four sides of the grid, and the ends of the outer parts are moved to just outside: there F is
    0 or, right of the grid, nothing depends on x, so only on which side of the grid the edge passes is of account.
    """
    rows, columns = region.base.shape
    dx, dy = end[0] - start[0], end[1] - start[1]
    cuts = np.zeros(6)
    cuts[5] = 1.0
    if dx != 0.0:
        cuts[1], cuts[2] = (0.0 - start[0]) / dx, (columns - start[0]) / dx
    if dy != 0.0:
        cuts[3], cuts[4] = (0.0 - start[1]) / dy, (rows - start[1]) / dy
    cuts = np.sort(np.minimum(np.maximum(cuts, 0.0), 1.0))
    total = 0.0
    here = _near(start, rows, columns)
    for i in range(1, cuts.size):
        if cuts[i] > cuts[i - 1]:
            there = end if cuts[i] == 1.0 else (start[0] + cuts[i] * dx, start[1] + cuts[i] * dy)
            there = _near(there, rows, columns)
            total += _along(region, here, there)
            here = there
    return total


@njit(inline="always")
def _near(place: tuple[float, float], rows: int, columns: int) -> tuple[float, float]:
    """Return a place, moved to half a cell from the grid where it is farther outside."""
    return (
        min(max(place[0], -_OUTSIDE), columns + _OUTSIDE),
        min(max(place[1], -_OUTSIDE), rows + _OUTSIDE),
    )


@njit(cache=True, nogil=True)
def areas(edges: Edges, count: int, region: Region) -> Float:
    """Return the area of each polygon's intersection with the region, in cells, shape (count,).

    Parameters
    ----------
    edges : Edges
        Of the polygons A, anywhere.
    count : int
        How many polygons there are.
    region : Region
        B, from `cut_region`.
    """
    rows, columns = region.base.shape
    found = np.zeros(count)
    for ring in range(edges.owner.size):
        total = 0.0
        for i in range(edges.starts[ring], edges.starts[ring + 1] - 1):
            start = (edges.vertices[i, 0], edges.vertices[i, 1])
            end = (edges.vertices[i + 1, 0], edges.vertices[i + 1, 1])
            if max(start[1], end[1]) < 0.0 or min(start[1], end[1]) >= rows or min(start[0], end[0]) >= columns:
                continue  # below, above or right of all of B: F dy adds up to 0 there
            within = min(start[0], end[0]) >= 0.0 and max(start[0], end[0]) <= columns
            within = within and min(start[1], end[1]) >= 0.0 and max(start[1], end[1]) <= rows
            total += _along(region, start, end) if within else _clipped(region, start, end)
        found[edges.owner[ring]] += total
    return found
