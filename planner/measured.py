"""What tests say of each village: how many of the places that were tested have signal, and how little that may tell.

Tests stand close together along the way of whoever drove: they are no independent draws. So all tests in one square of
`LOOK_M` are one look, and the number of looks says how wide the interval is (Wilson 1927). Nobody tested the rest of the
village: the interval holds it both ways, as with and as without signal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers import pieces, schema
from layers.pieces import Geometries, Zones

Float = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LOOK_M: Final = 250.0
"""Side of the square in which tests are one look."""
SPEAKS_M: Final = 1_000.0
"""A test speaks of the ground within this distance of it; a tile of itself."""
LEVEL_Z: Final = 1.6448536269514722
"""Of a normal distribution, both tails of 5 %: intervals of 90 %."""
FEW_LOOKS: Final = 3
FEW_TESTS: Final = "few_tests"
TESTED_IN_PART: Final = "tested_in_part"
_PART: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """What tests say of each village.

    Parameters
    ----------
    figures : ndarray, shape (3, n)
        Share of looks with signal, low and high; NaN without any.
    few, part : ndarray of bool, shape (n,)
        Too few tests; less than half of the village lies near one.
    """

    figures: Float
    few: Flags
    part: Flags


def is_test(coverage: pd.DataFrame) -> Flags:
    """Say which rows of a coverage table are measurements."""
    if schema.TESTS not in coverage:
        return np.zeros(len(coverage), dtype=bool)
    return coverage[schema.TESTS].notna().to_numpy(dtype=np.bool_)


def wilson(share: Float, looks: Float) -> tuple[Float, Float]:
    """Return the interval of a share at 90 % (E. B. Wilson, Journal of the American Statistical Association 22, 1927).

    Parameters
    ----------
    share, looks : ndarray, shape (n,)
        Share with signal, 0 to 1, and how many looks it rests on, not 0; not whole where tiles lie in two villages.
    """
    z2 = LEVEL_Z**2
    middle = (share + z2 / (2 * looks)) / (1 + z2 / looks)
    half = LEVEL_Z * np.sqrt(share * (1 - share) / looks + z2 / (4 * looks**2)) / (1 + z2 / looks)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def looks(cells: Geometries, tests: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the looks into each village.

    Parameters
    ----------
    cells : ndarray of polygons, shape (n,)
    tests : GeoDataFrame
        Points or polygons in the same metric CRS, with ``operator``, ``tests``, ``with_signal``.

    Returns
    -------
    DataFrame
        ``village`` (its position), ``look`` (which square or tile), ``operator``, ``tests`` (in this village),
        ``with_signal`` (share of them), ``weight`` (part of the look that lies in the village) and ``row`` of `tests`.
    """
    shapes = tests.geometry.to_numpy()
    village, row = _within(cells, shapes)
    points = shapely.get_dimensions(shapes) == 0
    weight = np.ones(len(row))
    tiles = np.flatnonzero(~points[row])
    whole = shapely.area(shapes[row[tiles]])
    weight[tiles] = shapely.area(shapely.intersection(cells[village[tiles]], shapes[row[tiles]])) / whole
    x, y = shapely.get_x(shapes), shapely.get_y(shapes)
    squares = [
        f"{np.floor(a / LOOK_M):.0f} {np.floor(b / LOOK_M):.0f}" if point else f"tile {i}"
        for i, (a, b, point) in enumerate(zip(x, y, points, strict=True))
    ]
    known = tests.reset_index(drop=True).iloc[row]
    found = pd.DataFrame(
        {
            "village": village,
            "look": np.asarray(squares, dtype=object)[row],
            schema.OPERATOR: known[schema.OPERATOR].to_numpy(),
            "tests": known[schema.TESTS].to_numpy() * weight,
            "with_signal": known[schema.WITH_SIGNAL].to_numpy(),
            "weight": weight,
            "row": row,
        }
    )
    return found[found["weight"] > pieces.ROUNDING]


def of_looks(found: pd.DataFrame, tests: gpd.GeoDataFrame, zones: Zones, *, min_tests: int) -> Tested:
    """Return what looks say of each village.

    Parameters
    ----------
    found : DataFrame
        From `looks`; of several operators: where one of them has signal.
    tests : GeoDataFrame
        That they came from.
    zones : Zones
        The villages' cells and what weighs them.
    min_tests : int
        Fewer are few.
    """
    cells = zones.shapes[0]
    size = cells.size
    each = found.groupby(["village", "look", schema.OPERATOR], sort=True)
    met = (found["with_signal"] * found["tests"]).groupby([found["village"], found["look"], found[schema.OPERATOR]])
    share = (met.sum() / each["tests"].sum()).groupby(level=["village", "look"]).max()
    weight = each["weight"].max().groupby(level=["village", "look"]).max()
    village = share.index.get_level_values("village").to_numpy()
    total = np.bincount(village, weight.to_numpy(), minlength=size)
    with_signal = np.bincount(village, (share * weight).to_numpy(), minlength=size)
    counted = np.bincount(found["village"].to_numpy(), found["tests"].to_numpy(), minlength=size)
    known = total > 0
    of = np.where(known, total, 1.0)
    figure = np.where(known, np.clip(with_signal / of, 0.0, 1.0), np.nan)
    low, high = wilson(np.where(known, figure, 0.0), of)
    near = _near(cells, found, tests, zones)
    figures = np.stack([figure, np.where(known, near * low, np.nan), np.where(known, near * high + 1 - near, np.nan)])
    few = known & ((counted < min_tests - pieces.ROUNDING) | (total < FEW_LOOKS - pieces.ROUNDING))
    return Tested(figures, few, known & (near < _PART))


def _near(cells: Geometries, found: pd.DataFrame, tests: gpd.GeoDataFrame, zones: Zones) -> Float:
    """Return the share of each village that lies near a test in it."""
    shapes = tests.geometry.to_numpy()
    first = found.drop_duplicates(["village", "look"])
    ground = shapes[first["row"].to_numpy()]
    points = shapely.get_dimensions(ground) == 0
    ground = np.where(points, shapely.buffer(ground, SPEAKS_M, quad_segs=16), ground)
    clipped = shapely.intersection(cells[first["village"].to_numpy()], ground)
    near = pieces.nothing(cells.size)
    for village, rows in pd.Series(range(len(first))).groupby(first["village"].to_numpy()):
        near[int(str(village))] = shapely.union_all(clipped[rows.to_numpy()])
    whole = zones.sizes[0]
    share = np.divide(zones.weigh(near), whole, out=np.zeros_like(whole), where=whole > 0)
    clear: Float = np.where(share > 1 - pieces.ROUNDING, 1.0, np.clip(share, 0.0, 1.0))
    return clear


def _within(cells: Geometries, shapes: Geometries) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return which village holds which test; a point on a border belongs to the first of its villages."""
    row, village = shapely.STRtree(cells).query(shapes, predicate="intersects")
    pairs = pd.DataFrame({"row": row, "village": village}).sort_values(["row", "village"], kind="stable")
    again = pairs.duplicated("row") & (shapely.get_dimensions(shapes) == 0)[pairs["row"].to_numpy()]
    return pairs.loc[~again, "village"].to_numpy(np.int64), pairs.loc[~again, "row"].to_numpy(np.int64)
