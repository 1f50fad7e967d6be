"""Zonal sums against the definition: every cell as a box, cut with every polygon by shapely."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box

from layers import rasters
from layers.catalog import Record
from layers.errors import CrsError, LayerError, UnsafeFileError

CRS = "EPSG:32649"
NORTH_UP = Affine(100.0, 0.0, 500_000.0, 0.0, -50.0, 1_400_000.0)
"""Cells 100 m wide and 50 m high: an error that swaps the two shows."""


def write(path, cells, *, transform=NORTH_UP, nodata=None, crs=CRS, **options):
    cells = np.asarray(cells)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=cells.shape[1],
        height=cells.shape[0],
        count=1,
        dtype=cells.dtype,
        crs=crs,
        transform=transform,
        nodata=nodata,
        **options,
    ) as target:
        target.write(cells, 1)
    return Record(layer="raster", file=path.name, path=path)


def on_map(shape, transform=NORTH_UP):
    """Return a shape drawn in columns and rows on the map."""
    return shapely.transform(
        shape, lambda xy: xy @ [[transform.a, transform.d], [transform.b, transform.e]] + [transform.c, transform.f]
    )


def series(*shapes, transform=NORTH_UP):
    return gpd.GeoSeries([on_map(s, transform) for s in shapes], crs=CRS)


def by_boxes(shape, cells, valid):
    """Return [valid cells, total] of a shape in columns and rows, cell by cell."""
    found = np.zeros(2)
    for (row, column), value in np.ndenumerate(cells):
        if valid[row, column]:
            part = shape.intersection(box(column, row, column + 1, row + 1)).area
            found += [part, part * float(value)]
    return found


@pytest.fixture
def four(tmp_path):
    return write(tmp_path / "four.tif", np.array([[1, 2], [3, 255]], dtype=np.uint8), nodata=255)


def test_halves_of_cells_by_hand(four):
    found = rasters.zonal_sums(four, series(box(0, 0, 1, 1), box(0.5, 0, 1.5, 1), box(0, 0, 2, 2), box(5, 5, 6, 6)))
    assert found.valid_cells.tolist() == [1.0, 1.0, 3.0, 0.0]
    assert found.total.tolist() == [1.0, 1.5, 6.0, 0.0]
    assert found.mean[:3].tolist() == [1.0, 1.5, 2.0]
    assert np.isnan(found.mean[3])


def test_what_reaches_beyond_the_raster_has_no_value(four):
    found = rasters.zonal_sums(four, series(box(-1e6, -1e6, 1e6, 1e6), box(-3, 0, 0.25, 1), box(1, 0, 9, 1)))
    assert found.valid_cells == pytest.approx([3.0, 0.25, 1.0], abs=1e-9)
    assert found.total == pytest.approx([6.0, 0.25, 2.0], abs=1e-9)


def test_a_hole_a_multipolygon_an_empty_one_and_the_direction_of_rings(four):
    ring = box(0, 0, 2, 1).difference(box(0.5, 0.25, 1, 0.75))
    two = shapely.union(box(0, 0, 0.5, 0.5), box(1, 0, 1.5, 1))
    shapes = (ring, shapely.reverse(ring), two, Polygon())
    found = rasters.zonal_sums(four, series(*shapes))
    assert found.valid_cells == pytest.approx([1.75, 1.75, 0.75, 0.0], abs=1e-12)
    assert found.total == pytest.approx([2.75, 2.75, 1.25, 0.0], abs=1e-12)


def _sawtooth(teeth):
    top = [(6.0 * i / (2 * len(teeth)), y) for i, y in enumerate(teeth)]
    return Polygon([*top, (6.0, 4.0), (0.0, 4.0)])


CORNERS = st.one_of(
    st.integers(-1, 7).map(float),  # vertices that lie exactly on cell lines
    st.floats(-1, 7, allow_nan=False).map(lambda x: round(x, 3)),
)
SHAPES = st.lists(st.tuples(CORNERS, CORNERS), min_size=3, max_size=9).map(
    lambda points: shapely.make_valid(Polygon(points)).buffer(0)
)


def test_a_sliver_without_area_adds_nothing(tmp_path):
    at = (1.411764705882353, 0.0588235294117647)
    sliver = Polygon([at, (1.411764705882353, 0.05882352941176472), (4, 2), at])
    triangle = Polygon([(0, 0), (0, 1), (0.8571428571428571, 0.4285714285714286)])
    shape = shapely.MultiPolygon([sliver, triangle])
    record = write(tmp_path / "r.tif", np.ones((5, 6), dtype="uint8"))
    found = rasters.zonal_sums(record, series(shape)).total[0]
    assert found == pytest.approx(0.42857142857142855, abs=1e-9)


@settings(deadline=None, max_examples=150)
@given(outer=SHAPES, hole=SHAPES, seed=st.integers(0, 2**16), kind=st.sampled_from(["uint8", "int16", "float32"]))
def test_any_polygon_against_boxes(tmp_path_factory, outer, hole, seed, kind):
    random = np.random.default_rng(seed)
    cells = random.integers(0, 9, size=(5, 6)).astype(kind)
    if kind == "float32":
        cells[random.random((5, 6)) < 0.1] = np.nan
    record = write(tmp_path_factory.mktemp("r") / "r.tif", cells, nodata=3)
    shape = outer.difference(hole)
    # rounding may make a difference invalid, which the oracle refuses, or leave a sliver of 1e-17, for which it gives whole boxes
    assume(shape.is_valid and (shapely.area(shapely.get_parts(shape)) > 1e-9).all())
    expected = by_boxes(shape, cells, (cells != 3) & ~np.isnan(cells))
    found = rasters.zonal_sums(record, series(shape))  # an empty shape too
    assert [found.valid_cells[0], found.total[0]] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "transform",
    [
        Affine(100.0, 0.0, 500_000.0, 0.0, 50.0, 1_400_000.0),
        Affine(80.0, 30.0, 500_000.0, 20.0, -60.0, 1_400_000.0),
        Affine(-100.0, 0.0, 500_000.0, 0.0, -50.0, 1_400_000.0),
    ],
    ids=["south-up", "turned", "east-left"],
)
def test_any_way_to_lie(tmp_path, transform):
    cells = np.arange(20, dtype=np.int16).reshape(4, 5)
    shape = Polygon([(0.3, 0.2), (4.6, 1.1), (3.2, 3.9), (1.0, 2.5)])
    found = rasters.zonal_sums(
        write(tmp_path / "r.tif", cells, transform=transform), series(shape, transform=transform)
    )
    expected = by_boxes(shape, cells, np.ones_like(cells, dtype=bool))
    assert [found.valid_cells[0], found.total[0]] == pytest.approx(expected, abs=1e-9)


def test_blocks_do_not_show(tmp_path, monkeypatch):
    random = np.random.default_rng(1)
    cells = random.random((70, 40)).astype(np.float32)
    record = write(tmp_path / "r.tif", cells, tiled=True, blockxsize=16, blockysize=16)
    shapes = series(Point(20, 35).buffer(15), box(3.3, 0.1, 8.8, 69.7), box(0, 16, 40, 32))
    whole = rasters.zonal_sums(record, shapes)
    monkeypatch.setattr(rasters, "BLOCK_CELLS", 40 * 20)
    monkeypatch.setattr(rasters, "STRIP_NUMBERS", 41 * 2 * 3)
    parts = rasters.zonal_sums(record, shapes)
    assert parts.total == pytest.approx(whole.total, abs=1e-9)
    assert parts.valid_cells == pytest.approx(whole.valid_cells, abs=1e-9)


def test_scale_and_offset_of_the_file(tmp_path):
    record = write(tmp_path / "r.tif", np.array([[100, 200]], dtype=np.int16))
    with rasterio.open(record.path, "r+") as target:
        target.scales, target.offsets = (0.5,), (-10.0,)
    found = rasters.zonal_sums(record, series(box(0, 0, 2, 1), box(0, 0, 0.5, 1)))
    assert found.mean == pytest.approx([65.0, 40.0])


@pytest.mark.parametrize("nodata", [-9999, 0.5, 300])
def test_nodata_that_no_cell_can_hold(nodata):
    cells = np.array([[0, 1]], dtype=np.uint8)

    class Dataset:
        mask_flag_enums = ([],)

        def read(self, band, *, window):
            del band, window
            return cells

    Dataset.nodata = nodata
    found, missing = rasters._read(Dataset(), None)
    assert found is cells
    assert np.isnan(missing)


def test_a_mask_inside_the_file(tmp_path):
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        record = write(tmp_path / "r.tif", np.array([[1, 2]], dtype=np.uint8))
        with rasterio.open(record.path, "r+") as target:
            target.write_mask(np.array([[255, 0]], dtype=np.uint8))
    found = rasters.zonal_sums(record, series(box(0, 0, 2, 1)))
    assert (found.valid_cells[0], found.total[0]) == (1.0, 1.0)


def test_categories_by_hand(tmp_path):
    record = write(tmp_path / "r.tif", np.array([[1, 2, 1], [9, 2, 0]], dtype=np.uint8), nodata=9)
    found = rasters.zonal_fractions(record, series(box(0, 0, 3, 2), box(0, 1, 1, 2)), categories=(1, 2, 7))
    assert found.valid_cells.tolist() == [5.0, 0.0]
    assert found.cells.tolist() == [[2.0, 2.0, 0.0], [0.0, 0.0, 0.0]]
    assert found.share[0].tolist() == [0.4, 0.4, 0.0]
    assert np.isnan(found.share[1]).all()


def test_weights_by_hand(tmp_path):
    values = write(tmp_path / "v.tif", np.array([[10, 20, 30]], dtype=np.int16), nodata=30)
    weights = write(tmp_path / "w.tif", np.array([[1.0, 3.0, 5.0]], dtype=np.float32))
    found = rasters.zonal_weighted_sums(values, weights, series(box(0, 0, 3, 1), box(2, 0, 3, 1)))
    assert (found.valid_cells[0], found.weight[0], found.total[0]) == (2.0, 4.0, 70.0)
    assert found.mean[0] == 17.5
    assert np.isnan(found.mean[1])


def test_weights_on_another_grid_or_below_zero_are_refused(tmp_path):
    values = write(tmp_path / "v.tif", np.array([[10, 20]], dtype=np.int16))
    other = write(tmp_path / "o.tif", np.array([[1.0], [2.0]], dtype=np.float32))
    below = write(tmp_path / "b.tif", np.array([[1.0, -2.0]], dtype=np.float32))
    with pytest.raises(LayerError, match="lie on the grid"):
        rasters.zonal_weighted_sums(values, other, series(box(0, 0, 1, 1)))
    with pytest.raises(LayerError, match="0 or more"):
        rasters.zonal_weighted_sums(values, below, series(box(0, 0, 2, 1)))


def test_infinite_cells_are_refused(tmp_path):
    record = write(tmp_path / "r.tif", np.array([[1.0, np.inf]], dtype=np.float32))
    with pytest.raises(LayerError, match="finite numbers"):
        rasters.zonal_sums(record, series(box(0, 0, 2, 1)))


def test_two_coordinate_systems_never_meet(four, tmp_path):
    with pytest.raises(CrsError, match="share one"):
        rasters.zonal_sums(four, series(box(0, 0, 1, 1)).to_crs("EPSG:32648"))
    nowhere = write(tmp_path / "n.tif", np.array([[1]], dtype=np.uint8), crs=None)
    with pytest.raises(CrsError, match="needs a coordinate"):
        rasters.zonal_sums(nowhere, series(box(0, 0, 1, 1)))
    assert rasters.zonal_sums(nowhere, series(box(0, 0, 1, 1)), source_crs=CRS).total == [1.0]
    with pytest.raises(CrsError, match="states its own"):
        rasters.zonal_sums(four, series(box(0, 0, 1, 1)), source_crs="EPSG:4326")


def test_files_that_are_no_raster(tmp_path):
    missing = Record(layer="raster", file="x.tif", path=tmp_path / "x.tif")
    disguised = Record(layer="raster", file="d.tif", path=tmp_path / "d.tif")
    disguised.path.write_text("<VRTDataset/>")
    damaged = Record(layer="raster", file="e.tif", path=tmp_path / "e.tif")
    damaged.path.write_bytes(b"II*\x00 and nothing more")
    vrt = Record(layer="raster", file="e.vrt", path=tmp_path / "e.vrt")
    vrt.path.write_text("<VRTDataset/>")
    for record, error, words in (
        (missing, LayerError, "missing"),
        (disguised, UnsafeFileError, "begins with"),
        (damaged, LayerError, "cannot be read"),
        (vrt, LayerError, "one of .tif"),
    ):
        with pytest.raises(error, match=words):
            rasters.zonal_sums(record, series(box(0, 0, 1, 1)))


def test_a_raster_without_a_position(tmp_path):
    path = tmp_path / "r.tif"
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        record = write(path, np.array([[1]], dtype=np.uint8), transform=Affine.identity(), crs=None)
    with pytest.raises(LayerError, match="where its cells lie"):
        rasters.zonal_sums(record, series(box(0, 0, 1, 1)), source_crs=CRS)


def test_lines_are_no_polygons(four):
    with pytest.raises(ValueError, match="polygons"):
        rasters.zonal_sums(four, gpd.GeoSeries([Point(0, 0)], crs=CRS))


@pytest.mark.parametrize("teeth", [[0.0, 3.0] * 40, [0.1, 3.9] * 200])
def test_many_edges_through_one_cell(tmp_path, teeth):
    cells = np.arange(30, dtype=np.float64).reshape(5, 6)
    shape = _sawtooth([*teeth, 0.0])
    found = rasters.zonal_sums(write(tmp_path / "r.tif", cells), series(shape))
    expected = by_boxes(shape, cells, np.ones_like(cells, dtype=bool))
    assert [found.valid_cells[0], found.total[0]] == pytest.approx(expected, abs=1e-9)


@pytest.mark.real
def test_the_smallest_real_communes_against_boxes(real_data, tmp_path):
    """Full detail on a grid of degrees: area and sum of the twelve smallest communes, cell by cell with shapely."""
    communes = gpd.read_parquet(real_data / "boundaries" / "daklak_communes_2025.parquet")
    some = communes.geometry.iloc[np.argsort(shapely.area(communes.geometry.to_numpy()))[:12]]
    west, south, east, north = communes.total_bounds
    step = 0.01
    transform = Affine(step, 0.0, np.floor(west * 100) / 100, 0.0, -step, np.ceil(north * 100) / 100)
    height, width = int((north - south) / step) + 2, int((east - west) / step) + 2
    cells = np.random.default_rng(1).integers(0, 200, size=(height, width)).astype(np.uint8)
    record = write(tmp_path / "r.tif", cells, transform=transform, crs="EPSG:4326", nodata=7)
    found = rasters.zonal_sums(record, some)
    for i, shape in enumerate(some):
        place = shapely.transform(shape, lambda xy: (xy - [transform.c, transform.f]) / [step, -step])
        left, top, right, bottom = (int(v) for v in np.floor(place.bounds))
        inside = [
            (place.intersection(box(c, r, c + 1, r + 1)).area, float(cells[r, c]))
            for r in range(top, bottom + 1)
            for c in range(left, right + 1)
            if cells[r, c] != 7
        ]
        assert found.valid_cells[i] == pytest.approx(sum(a for a, _ in inside), abs=1e-9)
        assert found.total[i] == pytest.approx(sum(a * v for a, v in inside), rel=1e-9)


def test_cells_are_recoded_block_by_block_with_scale_and_nodata(tmp_path, monkeypatch):
    cells = np.arange(60, dtype="int16").reshape(10, 6)
    record = write(tmp_path / "r.tif", cells, nodata=7)
    monkeypatch.setattr(rasters, "BLOCK_CELLS", 18)  # three rows at a time
    seen = []

    def code(values, first):
        seen.append((first, values.shape))
        assert values.dtype == np.float64
        return np.where(np.isnan(values), 255, values % 5).astype(np.uint8)

    with rasters.opened(record) as dataset:
        found = rasters.recoded(dataset, code)
    assert [first for first, _ in seen] == [0, 3, 6, 9]
    assert found.tolist() == np.where(cells == 7, 255, cells % 5).tolist()
