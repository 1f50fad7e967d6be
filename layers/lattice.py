"""The square cells on which ways are searched: where they lie, and in which of them a point is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from affine import Affine

from layers.crs import require_metric
from layers.errors import Issue, LayerError

MAX_GRID_CELLS: Final = 40_000_000
"""About 1.2 GB while minutes are worked out; a finer grid is refused with a sentence."""
MARGIN_CELLS: Final = 3
"""How far a way may leave the communes: a road that runs along the border still serves them."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """Square cells over a region.

    Parameters
    ----------
    west_m, north_m : float
        North-west corner, metres in `crs`.
    cell_m : float
        Side of a cell, metres.
    rows, columns : int
        First row in the north.
    crs : str
        Metric CRS.
    """

    west_m: float
    north_m: float
    cell_m: float
    rows: int
    columns: int
    crs: str

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    @property
    def transform(self) -> Affine:
        """From (column, row) to (x, y), as rasterio takes it."""
        return Affine(self.cell_m, 0.0, self.west_m, 0.0, -self.cell_m, self.north_m)

    def numbers(self, x_m: npt.ArrayLike, y_m: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the numbers (row x columns + column) of the cells in which points lie, -1 outside and without position.

        Parameters
        ----------
        x_m, y_m : array_like of float, shape (n,)
            Metres in `crs`.
        """
        column = np.floor((np.asarray(x_m, dtype=np.float64) - self.west_m) / self.cell_m)
        row = np.floor((self.north_m - np.asarray(y_m, dtype=np.float64)) / self.cell_m)
        # comparisons with NaN are False: a point without a position is outside
        inside = (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns)
        return np.where(inside, row * self.columns + column, -1).astype(np.int64)

    def centres(self, rows: npt.ArrayLike, columns: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the centres of cells, metres in `crs`, shape (n, 2)."""
        x_m = self.west_m + (np.asarray(columns, dtype=np.float64) + 0.5) * self.cell_m
        y_m = self.north_m - (np.asarray(rows, dtype=np.float64) + 0.5) * self.cell_m
        return np.column_stack([x_m, y_m])


def over(area: gpd.GeoDataFrame, *, cell_m: float) -> Lattice:
    """Return the cells over a region and three more on each side.

    Its corners are multiples of the cell, so that a small change of the region moves no cell.

    Parameters
    ----------
    area : GeoDataFrame
        Communes, metric CRS.
    cell_m : float
        Side of a cell, metres.

    Raises
    ------
    LayerError
        When there would be more than `MAX_GRID_CELLS`.
    CrsError
        When the CRS is not metric.
    ValueError
        When the region is empty or the side not above 0.
    """
    crs = require_metric(area.crs, name="communes")
    if area.empty or not 0 < cell_m < np.inf:
        message = "a cost grid needs a region, and lengths and speeds above 0"
        raise ValueError(message)
    west, south, east, north = (float(v) for v in area.total_bounds)
    first_column, last_column = int(np.floor(west / cell_m)), int(np.ceil(east / cell_m))
    first_row, last_row = int(np.floor(south / cell_m)), int(np.ceil(north / cell_m))
    columns, rows = (last_column - first_column + 2 * MARGIN_CELLS, last_row - first_row + 2 * MARGIN_CELLS)
    if rows * columns > MAX_GRID_CELLS:
        rule = f"a cost grid has at most {MAX_GRID_CELLS:,} cells"
        value = f"{rows:,} x {columns:,} cells of {cell_m:g} m"
        raise LayerError(
            Issue("travel", "[travel]", rule, column="cell_m", value=value, done="Take larger cells.", code="cell_m")
        )
    west_m, north_m = (first_column - MARGIN_CELLS) * cell_m, (last_row + MARGIN_CELLS) * cell_m
    return Lattice(west_m, north_m, float(cell_m), rows, columns, crs.to_string())
