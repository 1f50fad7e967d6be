"""People on a grid against every cell cut by shapely; what a raster of people may not be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rasterio import shutil as rasterio_shutil

from layers import people_rasters
from layers.errors import LayerError
from layers.grids import Grid
from tests import tiny_world
from tests.layers.test_rasters import write

CELLS = Affine(500.0, 0.0, tiny_world.X0, 0.0, -500.0, tiny_world.Y0 + 8000.0)
"""16 x 16 cells of 500 m over the tiny world."""


def load(record):
    return people_rasters.load(record, source_crs=None, crs=tiny_world.CRS, communes=tiny_world.communes())


def raster(tmp_path, cells, **more):
    return write(tmp_path / "people.tif", cells, **({"transform": CELLS, "crs": tiny_world.CRS} | more))


def codes(layer):
    return [issue.code for issue in layer.issues]


def test_people_of_communes_and_villages(tmp_path):
    cells = np.zeros((16, 16), dtype=np.float32)
    cells[15, 0] = 40  # the south-west corner, in v00
    cells[0, 15] = 2
    layer, grid = load(raster(tmp_path, cells))
    assert dict(zip(layer.frame["unit_id"], layer.frame["people"], strict=True)) == pytest.approx(
        {"k00": 40, "k01": 0, "k10": 0, "k11": 2}
    )
    villages = tiny_world.villages()
    found = pd.Series(grid.people_in(villages.geometry.to_numpy()), index=villages["unit_id"])
    assert found[found > 1e-9].to_dict() == pytest.approx({"v00": 40, "v33": 2})
    assert codes(layer) == ["people_outside", "nobody_in_raster"]
    told = people_rasters.nobody(found, layer.record)[0]
    assert "14 of 16" in told.rule


@settings(deadline=None, max_examples=30)
@given(
    cells=arrays.arrays(np.float64, (6, 5), elements=st.floats(0, 1e4, width=32)),
    corners=st.lists(st.tuples(st.floats(-500, 3000), st.floats(-500, 3500)), min_size=3, max_size=8),
)
def test_people_in_a_polygon_are_those_of_its_cells_by_area(cells, corners):
    grid = Grid(cells, (500.0, 0.0, 0.0, 0.0, -500.0, 3000.0), tiny_world.CRS, tiny_world.CRS)
    polygon = shapely.MultiPoint(corners).convex_hull
    if polygon.geom_type != "Polygon" or polygon.area < 1:
        return
    boxes = [shapely.box(500 * c, 2500 - 500 * r, 500 * c + 500, 3000 - 500 * r) for r in range(6) for c in range(5)]
    expected = sum(v * polygon.intersection(b).area / 250_000 for v, b in zip(cells.ravel(), boxes, strict=True))
    found = grid.people_in(np.array([polygon, shapely.Polygon()], dtype=object))
    assert found[0] == pytest.approx(expected, rel=1e-6, abs=1e-3)
    assert found[1] == 0


def test_degrees_nodata_scale_and_a_cog(tmp_path):
    """Cells of 0.0005 degrees stored as tenths of people, no data where nobody was asked, written as a COG."""
    plain = write(
        tmp_path / "plain.tif",
        np.full((600, 600), 30, dtype=np.int16),
        transform=Affine(0.0005, 0, 108.1, 0, -0.0005, 12.8),
        crs="EPSG:4326",
        nodata=-1,
    )
    with rasterio.open(plain.path, "r+") as dataset:
        dataset.scales = (0.1,)
        cells = dataset.read(1)
        cells[:, 380:] = -1
        dataset.write(cells, 1)
    with rasterio.open(plain.path) as source:
        rasterio_shutil.copy(source, tmp_path / "cog.tif", driver="COG")
    record = type(plain)(layer="rasters.people", file="cog.tif", path=tmp_path / "cog.tif")
    layer, grid = load(record)
    assert set(np.unique(grid.people)) == {0.0, 3.0}
    assert grid.people.size < 600 * 600
    with_people = layer.frame.set_index("unit_id")["people"]
    side_m = 0.0005 * 111_000
    assert with_people.max() == pytest.approx(3.0 * 16e6 / (side_m * side_m * 0.977), rel=0.05)


@pytest.mark.parametrize(
    ("cells", "more", "said"),
    [
        (np.full((16, 16), -99999, dtype=np.float32), {}, "0 or more"),
        (np.full((16, 16), np.inf, dtype=np.float32), {}, "0 or more"),
        (np.zeros((16, 16), dtype=np.uint8), {}, "has some"),
        (np.full((16, 16), np.nan, dtype=np.float32), {}, "has some"),
        (np.ones((16, 16), dtype=np.uint8), {"transform": Affine(500, 0, 900_000, 0, -500, 1_000_000)}, "lies where"),
    ],
)
def test_faults_are_named(tmp_path, cells, more, said):
    with pytest.raises(LayerError, match=said):
        load(raster(tmp_path, cells, **more))


def test_several_bands_are_refused_by_name(tmp_path):
    path = tmp_path / "people.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=16, height=16, count=2, dtype="uint8", crs=tiny_world.CRS, transform=CELLS
    ) as target:
        target.write(np.ones((2, 16, 16), dtype=np.uint8))
        target.set_band_description(1, "men")
        target.set_band_description(2, "women")
    record = type(raster(tmp_path / "..", np.ones((16, 16), dtype=np.uint8)))("rasters.people", "people.tif", path)
    with pytest.raises(LayerError, match="2 bands: 1 'men', 2 'women'"):
        load(record)


def test_a_density_is_told_apart_from_a_count(tmp_path):
    layer, _ = load(raster(tmp_path, np.full((16, 16), 1.0, dtype=np.float32)))
    close = pd.DataFrame({"unit_id": ["k00"], "people": [200]})
    assert people_rasters.compared(layer, close)[0].severity == "info"
    assert people_rasters.compared(layer, close.assign(people=2000))[0].severity == "warning"
