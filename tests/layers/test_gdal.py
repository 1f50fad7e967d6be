"""GDAL opens what the reader gives it, by the listed drivers, and nothing that a file or its name leads to."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import box

from layers import gdal, rasters, readers
from layers.errors import LayerError, UnsafeFileError
from tests.layers.test_rasters import write


@pytest.fixture
def squares():
    return gpd.GeoDataFrame({"code": ["007"], "name": ["Buôn Đôn"]}, geometry=[box(108, 12, 109, 13)], crs="EPSG:4326")


def test_no_driver_is_registered_that_is_not_listed():
    """In a process of its own, as a person runs it: whoever imports pyogrio first decides."""
    code = (
        "import json, planner.cli, planner.pipeline, pyogrio, rasterio\n"
        "with rasterio.Env(): pass\n"
        "with rasterio.Env() as env: print(json.dumps([sorted(pyogrio.list_drivers()), sorted(env.drivers())]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    vectors, grids = json.loads(done.stdout)
    assert set(vectors) <= gdal.ALLOWED
    assert set(grids) <= gdal.ALLOWED
    assert {"GPKG", "ESRI Shapefile", "FlatGeobuf"} <= set(vectors)
    assert {"GTiff", "COG"} <= set(grids)
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["WFS:http:!x.gpkg", "a;b.gpkg", "a?b#c.gpkg", "x.zip!y.gpkg", "&'\"<b>.gpkg"])
@pytest.mark.parametrize("folder", ["plain", "a!b", "x.zip", "vsicurl", "unit=1"])
def test_a_name_is_a_name_and_no_address(tmp_path, squares, record_of, name, folder):
    (tmp_path / folder).mkdir()
    squares.to_file(tmp_path / "layer.gpkg")
    path = (tmp_path / "layer.gpkg").rename(tmp_path / folder / name)
    assert readers.read_vector(record_of(path))["name"].tolist() == ["Buôn Đôn"]
    squares.to_parquet(path.with_suffix(".parquet"))
    assert list(readers.read_vector(record_of(path.with_suffix(".parquet"))).columns) == ["code", "name", "geometry"]


def test_what_lies_beside_a_file_says_nothing(tmp_path, squares, record_of):
    squares.to_file(tmp_path / "layer.shp")
    (tmp_path / "layer.vrt").write_text("<OGRVRTDataSource/>")
    (tmp_path / "layer.shp.aux.xml").write_text("<PAMDataset><SRS>EPSG:3405</SRS></PAMDataset>")
    (tmp_path / "layer.qix").write_bytes(b"nonsense")
    assert readers.read_vector(record_of(tmp_path / "layer.shp")).crs.to_epsg() == 4326
    record = write(tmp_path / "r.tif", np.ones((2, 2), dtype=np.uint8))
    (tmp_path / "r.tif.aux.xml").write_text(
        "<PAMDataset><PAMRasterBand band='1'><NoDataValue>1</NoDataValue></PAMRasterBand></PAMDataset>"
    )
    (tmp_path / "r.tif.msk").write_bytes(record.path.read_bytes())
    with rasters.opened(record) as dataset:
        assert dataset.nodata is None
        assert rasters.recoded(dataset, lambda cells, _: cells.astype(np.uint8)).tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    "content", [b"<VRTDataset rasterXSize='1'/>", b"WMS:http://127.0.0.1:9/", b"\x89PNG\r\n\x1a\n"]
)
def test_another_format_called_tif_is_refused(tmp_path, record_of, content):
    (tmp_path / "r.tif").write_bytes(content)
    with (
        pytest.raises(UnsafeFileError, match="begins with the bytes"),
        rasters.opened(record_of(tmp_path / "r.tif")),
    ):
        pass


def test_a_part_of_a_shapefile_that_leads_outside_is_refused(tmp_path, squares, record_of):
    (tmp_path / "in").mkdir()
    squares.to_file(tmp_path / "in" / "layer.shp")
    (tmp_path / "in" / "layer.dbf").rename(tmp_path / "secret.dbf")
    (tmp_path / "in" / "layer.dbf").symlink_to(tmp_path / "secret.dbf")
    with pytest.raises(UnsafeFileError, match=r"layer.dbf.*leads outside"):
        readers.read_vector(record_of(tmp_path / "in" / "layer.shp"))


def test_parts_with_capital_suffixes_belong_to_it(tmp_path, squares, record_of):
    squares.to_file(tmp_path / "layer.shp")
    for suffix in ("shx", "dbf", "prj", "cpg"):
        (tmp_path / f"layer.{suffix}").rename(tmp_path / f"layer.{suffix.upper()}")
    found = readers.read_vector(record_of(tmp_path / "layer.shp"))
    assert found["name"].tolist() == ["Buôn Đôn"]
    assert found.crs.to_epsg() == 4326


@pytest.mark.parametrize("name", ["a'); DROP TABLE x; --", '"; ATTACH "/etc/passwd', "../../etc", "tên lớp", "a\nb"])
def test_names_of_layers_and_columns_are_only_names(tmp_path, squares, record_of, name):
    squares.rename(columns={"name": name}).to_file(tmp_path / "layer.gpkg", layer="plain")
    with contextlib.closing(sqlite3.connect(tmp_path / "layer.gpkg")) as database:  # GDAL writes no such names
        database.execute(f"""ALTER TABLE plain RENAME TO "{name.replace('"', '""')}" """)
        for table in ("gpkg_contents", "gpkg_geometry_columns", "gpkg_ogr_contents"):
            database.execute(f"UPDATE {table} SET table_name = ?", (name,))  # noqa: S608
        database.execute("DELETE FROM gpkg_extensions")
        database.commit()
    found = readers.read_vector(record_of(tmp_path / "layer.gpkg"))
    assert found[name].tolist() == ["Buôn Đôn"]


def test_a_virtual_table_in_a_geopackage_is_refused(tmp_path, squares, record_of):
    squares.to_file(tmp_path / "layer.gpkg")
    with contextlib.closing(sqlite3.connect(tmp_path / "layer.gpkg")) as database:
        database.execute("PRAGMA writable_schema = 1")
        sql = "CREATE VIRTUAL TABLE far USING VirtualOGR('/vsicurl/http://127.0.0.1:9/x')"
        database.execute("INSERT INTO sqlite_master VALUES ('table', 'far', 'far', 0, ?)", (sql,))
        database.commit()
    with pytest.raises(UnsafeFileError, match=r"'far'; .*virtual table"):
        readers.read_vector(record_of(tmp_path / "layer.gpkg"))


def test_a_geopackage_that_another_program_has_open_is_refused(tmp_path, squares, record_of):
    squares.to_file(tmp_path / "layer.gpkg")
    with contextlib.closing(sqlite3.connect(tmp_path / "layer.gpkg", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE more (x)")
        with pytest.raises(LayerError, match=r"layer.gpkg-wal.*QGIS"):
            readers.read_vector(record_of(tmp_path / "layer.gpkg"))


def test_network_file_systems_are_off():
    with rasterio.Env(), pytest.raises(rasterio.errors.RasterioIOError):
        rasterio.open("/vsicurl/http://127.0.0.1:9/x.tif")
    with pytest.raises(gdal.Unreadable):
        gdal.layers("WFS:http://127.0.0.1:9/")


def test_closing_doors_says_nothing_to_whoever_listens_already():
    script = "import logging; logging.basicConfig(); import layers.gdal"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
