"""Rasters on the cells of the ways: means and majorities by hand, and one file per fault."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from affine import Affine

from layers import lattice, surfaces
from layers.catalog import Record
from layers.errors import LayerError
from tests import tiny_world
from tests.tiny_world import X0, Y0

CELLS = lattice.over(tiny_world.communes(), cell_m=500.0)


def write(folder, cells, *, cell_m=250.0, nodata=-9999.0, crs=tiny_world.CRS, margin_m=2500.0) -> Record:
    """A raster from 2.5 km outside the tiny world's north-west corner; one value fills it."""
    size = int((8000 + 2 * margin_m) / cell_m)
    values = np.broadcast_to(np.asarray(cells, np.float32), (size, size))
    path = folder / "surface.tif"
    transform = Affine(cell_m, 0, X0 - margin_m, 0, -cell_m, Y0 + 8000 + margin_m)
    profile = {"driver": "GTiff", "width": size, "height": size, "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", **profile, crs=crs, transform=transform, nodata=nodata) as out:
        out.write(values, 1)
    return Record(layer="surface", file=path.name, path=path)


def dem(record, **more):
    return surfaces.load_dem(record, source_crs=None, lattice=CELLS, **more)


def test_a_cell_has_the_mean_height_of_the_finer_cells_in_it(tmp_path):
    stripes = np.tile([100.0, 300.0], 26)
    found = dem(write(tmp_path, stripes))
    assert np.allclose(found.cells, 200.0)
    assert (found.layer.rows_read, found.layer.record.crs, list(found.layer.issues)) == (
        found.cells.size,
        "EPSG:32649",
        [],
    )


def test_a_cell_has_the_most_frequent_class(tmp_path):
    cells = np.full((52, 52), 40.0)
    cells[::2, ::2] = 10.0  # one of the four in each cell
    found = surfaces.load_landcover(write(tmp_path, cells), source_crs=None, lattice=CELLS)
    assert set(np.unique(found.cells)) == {40.0}


def test_a_cell_without_a_height_takes_the_nearest_and_that_is_told(tmp_path):
    cells = np.tile(np.where(np.arange(52) < 26, 100.0, -9999.0), (52, 1))
    found = dem(write(tmp_path, cells))
    assert np.allclose(found.cells, 100.0)
    assert [i.code for i in found.layer.issues] == ["no_height"]
    assert found.layer.issues[0].severity == "warning"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(0.012, "minutes_per_m", 0.012), (12.0, "minutes_per_km", 0.012), (5.0, "kmh", 0.012)],
)
def test_friction_is_minutes_per_metre_whatever_its_unit(tmp_path, value, unit, expected):
    found = surfaces.load_friction(write(tmp_path, value), source_crs=None, lattice=CELLS, unit=unit)
    assert np.allclose(found.cells, expected)


def test_a_speed_of_nothing_closes_a_cell_and_no_data_is_unknown(tmp_path):
    cells = np.full((52, 52), 5.0)
    cells[:26] = 0.0
    cells[:, :26] = -9999.0
    found = surfaces.load_friction(write(tmp_path, cells), source_crs=None, lattice=CELLS, unit="kmh").cells
    assert np.isinf(found[0, -1])
    assert np.isnan(found[0, 0])


def test_a_raster_in_degrees_is_read_where_it_lies(tmp_path):
    path = tmp_path / "degrees.tif"
    profile = {"driver": "GTiff", "width": 40, "height": 40, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", **profile, transform=Affine(0.1, 0, 106.5, 0, -0.1, 14.5)) as out:
        out.write(np.full((40, 40), 250.0, np.float32), 1)
    found = dem(Record(layer="dem", file=path.name, path=path))
    assert np.allclose(found.cells, 250.0)
    assert found.layer.record.crs == "EPSG:4326"


@pytest.mark.parametrize(
    ("load", "value", "said"),
    [
        (dem, 20_000.0, "heights lie between"),
        (lambda r: surfaces.load_landcover(r, source_crs=None, lattice=CELLS), 10.5, "whole numbers"),
        (lambda r: surfaces.load_landcover(r, source_crs=None, lattice=CELLS), -5.0, "classes"),
        (
            lambda r: surfaces.load_friction(r, source_crs=None, lattice=CELLS, unit="minutes_per_m"),
            12.0,
            "30 m in an hour",
        ),
        (lambda r: surfaces.load_friction(r, source_crs=None, lattice=CELLS, unit="minutes_per_m"), 0.0, "above 0"),
        (lambda r: surfaces.load_friction(r, source_crs=None, lattice=CELLS, unit="kmh"), -1.0, "or more"),
    ],
)
def test_a_raster_that_cannot_be_is_refused_in_words(tmp_path, load, value, said):
    with pytest.raises(LayerError, match=said):
        load(write(tmp_path, value))


def test_a_raster_of_another_place_is_refused(tmp_path):
    with pytest.raises(LayerError, match="says something of the plan's region"):
        dem(write(tmp_path, 100.0, crs="EPSG:32633"))
