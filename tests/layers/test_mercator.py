"""Classes on web maps: every cell is looked up again by hand, and the picture is read by another library."""

from __future__ import annotations

import io

import geopandas as gpd
import numpy as np
import pyproj
import pytest
from affine import Affine
from matplotlib.image import imread

from layers import mercator
from tests import tiny_world

CELLS = Affine(500.0, 0.0, tiny_world.X0 - 1000.0, 0.0, -500.0, tiny_world.Y0 + 9000.0)
CODES = (np.arange(20 * 20).reshape(20, 20) % 4).astype(np.uint8)
COLOURS = ("#ff0000", "#00ff00", "#0000ff")


@pytest.fixture(scope="module")
def placed() -> mercator.Placed:
    return mercator.place(CODES, transform=CELLS, crs=tiny_world.CRS, area=tiny_world.communes())


def by_hand(found: mercator.Placed) -> np.ndarray:
    """The class of every cell's centre, and whether it lies in the area."""
    west, _, _, north = found.bounds_deg
    left, top = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform(west, north)
    rows, columns = np.indices(found.codes.shape)
    x = left + (columns + 0.5) * found.cell_m
    y = top - (rows + 0.5) * found.cell_m
    x_m, y_m = pyproj.Transformer.from_crs("EPSG:3857", tiny_world.CRS, always_xy=True).transform(x, y)
    column, row = (np.floor(v).astype(int) for v in ((x_m - CELLS.c) / 500, (CELLS.f - y_m) / 500))
    known = (row >= 0) & (row < 20) & (column >= 0) & (column < 20)
    codes = np.where(known, CODES[row.clip(0, 19), column.clip(0, 19)], 0)
    inside = gpd.GeoSeries.from_xy(x_m.ravel(), y_m.ravel(), crs=tiny_world.CRS).within(
        tiny_world.communes().union_all()
    )
    return np.where(inside.to_numpy().reshape(rows.shape), codes, 0)


def test_every_cell_is_that_of_its_centre(placed: mercator.Placed) -> None:
    assert placed.codes.size > 200
    wrong = placed.codes != by_hand(placed)
    # the warper's approximation may move a centre that lies on the line between two cells
    assert wrong.mean() < 0.01


def test_the_picture_is_as_large_as_the_area(placed: mercator.Placed) -> None:
    west, south, east, north = tiny_world.communes().to_crs("EPSG:4326").total_bounds
    cell_deg = placed.cell_m / 111_000
    left, low, right, high = placed.bounds_deg
    assert (left, high) == pytest.approx((west, north), abs=1e-9)
    assert right == pytest.approx(east, abs=cell_deg)
    assert low == pytest.approx(south, abs=cell_deg)
    # 500 m on the ground are more in EPSG:3857, by the cosine of the latitude
    assert placed.cell_m == pytest.approx(500 / np.cos(np.radians((south + north) / 2)), rel=0.01)


def test_it_is_no_larger_than_asked() -> None:
    small = mercator.place(CODES, transform=CELLS, crs=tiny_world.CRS, area=tiny_world.communes(), most_side=5)
    assert max(small.codes.shape) <= 6


def test_nothing_outside_the_area() -> None:
    half = tiny_world.communes().iloc[:1]
    found = mercator.place(np.ones_like(CODES), transform=CELLS, crs=tiny_world.CRS, area=half)
    area_m2 = half.to_crs("EPSG:3857").area.sum()
    assert found.codes.sum() * found.cell_m**2 == pytest.approx(area_m2, rel=0.1)
    assert (found.codes == 0).any()


def test_another_library_reads_the_picture(placed: mercator.Placed) -> None:
    content = mercator.png(placed, COLOURS)
    assert content == mercator.png(placed, COLOURS)
    seen = np.rint(imread(io.BytesIO(content)) * 255).astype(int)
    palette = np.array([[0, 0, 0, 0], [255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]])
    assert (seen == palette[placed.codes]).all()


@pytest.mark.parametrize(("colours", "said"), [(("red", "#00ff00", "#0000ff"), "red"), (COLOURS[:2], "class 3")])
def test_a_class_without_a_colour_is_refused(placed: mercator.Placed, colours: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        mercator.png(placed, colours)


def test_an_empty_area_is_refused() -> None:
    with pytest.raises(ValueError, match="area"):
        mercator.place(CODES, transform=CELLS, crs=tiny_world.CRS, area=tiny_world.communes().iloc[:0])
