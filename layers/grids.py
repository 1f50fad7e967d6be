"""People on a grid, held in memory: how many live in a polygon, each cell by the share of it that the polygon covers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine

from layers.crs import to_crs
from layers.kernels import zonal
from layers.rings import in_cells

Float = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """People per cell.

    Parameters
    ----------
    people : ndarray of float64, shape (rows, columns)
        0 or more; 0 where the raster says nothing.
    transform : tuple of six floats
        a, b, c, d, e, f: x = a column + b row + c, y = d column + e row + f.
    crs : str
        Of the cells, as WKT.
    plan_crs : str
        Of the polygons that are asked about.
    """

    people: Float
    transform: tuple[float, float, float, float, float, float]
    crs: str
    plan_crs: str

    @property
    def total(self) -> float:
        """People on the whole grid."""
        return float(self.people.sum())

    def people_in(self, polygons: Geometries) -> Float:
        """Return how many people live in each polygon.

        Parameters
        ----------
        polygons : ndarray of polygons, shape (n,)
            Valid, in `plan_crs`; an empty one has nobody. What lies off the grid has nobody.
        """
        found = np.zeros(len(polygons))
        there = np.flatnonzero(~shapely.is_empty(polygons))
        if not there.size or not self.people.size:
            return found
        rows, columns = self.people.shape
        prefix = np.empty((rows, columns + 1, 2))
        zonal.value_prefix(self.people, np.nan, prefix)
        totals = np.zeros((there.size, 2))
        zonal.add_block(self._rings(polygons[there]), 0, 0, prefix, totals)
        found[there] = totals[:, 1]
        return np.maximum(found, 0.0)  # the rounding of what cancels out may leave less than nobody

    def around(self, polygons: Geometries) -> Grid:
        """Return the part of the grid that some polygons touch: as many people live in each of them there.

        Parameters
        ----------
        polygons : ndarray of polygons
            Valid, in `plan_crs`.
        """
        there = polygons[~shapely.is_empty(polygons)]
        if not there.size:
            return replace(self, people=self.people[:0, :0])
        vertices = self._rings(there).vertices
        low, high = np.floor(vertices.min(axis=0)).astype(int), np.ceil(vertices.max(axis=0)).astype(int)
        column, row = np.maximum(low, 0)
        part = self.people[row : max(high[1], row), column : max(high[0], column)]
        a, b, c, d, e, f = self.transform
        corner = (a * column + b * row + c, d * column + e * row + f)
        return replace(self, people=np.ascontiguousarray(part), transform=(a, b, corner[0], d, e, corner[1]))

    def _rings(self, polygons: Geometries) -> zonal.Rings:
        """Return the polygons' rings in cells of the grid."""
        series = gpd.GeoDataFrame(geometry=gpd.GeoSeries(polygons, crs=self.plan_crs))
        moved = to_crs(series, self.crs, name="people").geometry.to_numpy()
        return in_cells(moved, ~Affine(*self.transform))
