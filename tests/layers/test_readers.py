from __future__ import annotations

import contextlib
import json
import sqlite3
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from layers import readers
from layers.catalog import Record
from layers.errors import CrsError, LayerError, UnsafeFileError
from layers.limits import Limits

UTM = "EPSG:32649"


@pytest.fixture
def squares():
    return gpd.GeoDataFrame(
        {"code": ["007", "008"], "name": ["Xã Hoà Tiến", "Buôn Đôn"]},
        geometry=[box(200_000, 1_400_000, 201_000, 1_401_000), box(201_000, 1_400_000, 202_000, 1_401_000)],
        crs=UTM,
    )


def _zipped(folder, squares, *, name="layer", inside=""):
    squares.to_file(folder / f"{name}.shp")
    with zipfile.ZipFile(folder / "layer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.glob(f"{name}.*")):
            if part.suffix != ".zip":
                archive.write(part, inside + part.name)
    return folder / "layer.zip"


@pytest.mark.parametrize("name", ["layer.geojson", "layer.gpkg", "layer.shp", "layer.parquet", "layer.zip"])
def test_every_format_gives_the_same_rows(tmp_path, squares, record_of, name):
    path = tmp_path / name
    if name.endswith(".parquet"):
        squares.rename_geometry("shape").to_parquet(path)
    elif name.endswith(".zip"):
        path = _zipped(tmp_path, squares, inside="folder/")
    else:
        squares.to_file(path)
    frame = readers.read_vector(record_of(path))
    assert frame["code"].tolist() == ["007", "008"]
    assert frame["name"].tolist() == squares["name"].tolist()
    assert frame.index.tolist() == [1, 2]
    assert frame.index.name == "row"
    assert frame.geometry.name == "geometry"
    read, written = frame.to_crs(UTM).geometry.normalize(), squares.geometry.normalize().set_axis([1, 2])
    assert read.geom_equals_exact(written, 0.01).all()


def test_a_shapefile_without_an_encoding_is_utf_8(tmp_path, squares, record_of):
    squares.to_file(tmp_path / "layer.shp", encoding="UTF-8")
    (tmp_path / "layer.cpg").unlink()
    table = tmp_path / "layer.dbf"
    table.write_bytes(table.read_bytes()[:29] + b"\x00" + table.read_bytes()[30:])
    assert readers.read_vector(record_of(tmp_path / "layer.shp"))["name"].tolist() == squares["name"].tolist()


def test_heights_are_left_out(tmp_path, record_of):
    high = gpd.GeoDataFrame({"a": [1]}, geometry=[Point(200_000, 1_400_000, 500)], crs=UTM)
    high.to_file(tmp_path / "layer.gpkg")
    assert not readers.read_vector(record_of(tmp_path / "layer.gpkg")).has_z.any()


def test_a_layer_without_crs_is_refused_unless_the_plan_names_one(tmp_path, squares, record_of):
    squares.set_crs(None, allow_override=True).to_parquet(tmp_path / "layer.parquet")
    record = record_of(tmp_path / "layer.parquet")
    with pytest.raises(CrsError, match=r"layer.parquet: .*coordinate reference system.*crs = "):
        readers.read_vector(record)
    assert readers.read_vector(record, source_crs=UTM).crs.to_epsg() == 32649


def test_a_shapefile_without_prj_is_refused(tmp_path, squares, record_of):
    squares.to_file(tmp_path / "layer.shp")
    (tmp_path / "layer.prj").unlink()
    with pytest.raises(CrsError, match=r"\.prj"):
        readers.read_vector(record_of(tmp_path / "layer.shp"))


def test_the_plan_does_not_overrule_the_file(tmp_path, squares, record_of):
    squares.to_file(tmp_path / "layer.gpkg")
    record = record_of(tmp_path / "layer.gpkg")
    assert len(readers.read_vector(record, source_crs=UTM)) == 2
    with pytest.raises(CrsError, match="states its own"):
        readers.read_vector(record, source_crs="EPSG:4326")


def test_a_crs_that_is_none_is_told(tmp_path, squares, record_of):
    squares.to_file(tmp_path / "layer.gpkg")
    with pytest.raises(CrsError, match="EPSG:4326"):
        readers.read_vector(record_of(tmp_path / "layer.gpkg"), source_crs="EPSG:nonsense")


def test_of_several_layers_the_plan_names_one(tmp_path, squares, record_of):
    path = tmp_path / "layer.gpkg"
    squares.to_file(path, layer="a")
    squares.iloc[:1].to_file(path, layer="b")
    assert len(readers.read_vector(record_of(path), layer_name="b")) == 1
    with pytest.raises(LayerError, match="a, b"):
        readers.read_vector(record_of(path))
    with pytest.raises(LayerError, match="a, b"):
        readers.read_vector(record_of(path), layer_name="c")


def test_a_missing_file_is_told(tmp_path, record_of):
    for read in (readers.read_table, readers.read_vector):
        with pytest.raises(LayerError, match=r"nowhere.csv: the file is missing"):
            read(record_of(tmp_path / "nowhere.csv"))
    with pytest.raises(LayerError, match="missing"):
        readers.read_table(Record(layer="x", file="x"))


def test_a_folder_is_no_file(tmp_path, record_of):
    (tmp_path / "layer.gpkg").mkdir()
    with pytest.raises(LayerError, match="missing"):
        readers.read_vector(record_of(tmp_path / "layer.gpkg"))


@pytest.mark.parametrize("name", ["layer.vrt", "layer.gml", "layer.csv", "layer"])
def test_other_formats_are_refused(tmp_path, record_of, name):
    (tmp_path / name).write_text("x")
    with pytest.raises(LayerError, match="comes as one of"):
        readers.read_vector(record_of(tmp_path / name))


VRT = b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/vsicurl/http://127.0.0.1:9/x</SrcDataSource>'
STREAMED = json.dumps({"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read http://127.0.0.1:9/x"})


@pytest.mark.parametrize("name", ["layer.gpkg", "layer.shp", "layer.zip", "layer.parquet"])
def test_a_virtual_file_in_disguise_never_reaches_gdal(tmp_path, record_of, name):
    (tmp_path / name).write_bytes(VRT)
    with pytest.raises(UnsafeFileError, match="begins with the bytes"):
        readers.read_vector(record_of(tmp_path / name))


@pytest.mark.parametrize("content", [VRT, STREAMED.encode()])
def test_a_virtual_file_called_geojson_is_no_geojson(tmp_path, record_of, content):
    (tmp_path / "layer.geojson").write_bytes(content)
    with pytest.raises(LayerError, match=r"JSON"):
        readers.read_vector(record_of(tmp_path / "layer.geojson"))


def test_another_database_called_gpkg_is_refused(tmp_path, record_of):
    with contextlib.closing(sqlite3.connect(tmp_path / "layer.gpkg")) as database:
        database.execute("CREATE TABLE a (b)")
    with pytest.raises(LayerError):
        readers.read_vector(record_of(tmp_path / "layer.gpkg"))


@pytest.mark.parametrize("name", ["layer.gpkg", "layer.shp", "layer.parquet", "layer.zip"])
def test_a_damaged_file_is_told(tmp_path, squares, record_of, name):
    path = tmp_path / name
    if name.endswith(".zip"):
        _zipped(tmp_path, squares)
    elif name.endswith(".parquet"):
        squares.to_parquet(path)
    else:
        squares.to_file(path)
    path.write_bytes(path.read_bytes()[:150])
    with pytest.raises(LayerError, match=name):
        readers.read_vector(record_of(path))


@pytest.mark.parametrize("prj", ["", "nonsense", 'LOCAL_CS["site",UNIT["metre",1]]', 'PROJCS["x"'])
def test_a_damaged_prj_is_told(tmp_path, squares, record_of, prj):
    squares.to_file(tmp_path / "layer.shp")
    (tmp_path / "layer.prj").write_text(prj)
    with pytest.raises(CrsError, match=r"layer.shp: .*coordinate reference system"):
        readers.read_vector(record_of(tmp_path / "layer.shp"))


@pytest.mark.parametrize(
    "name", ["layer.geojson", "layer.gpkg", "layer.shp", "layer.parquet", "layer.zip", "t.xlsx", "t.csv"]
)
def test_whatever_happens_to_its_bytes_a_file_is_read_or_refused_in_words(tmp_path, squares, record_of, name):
    source = _zipped(tmp_path, squares, name="inner") if name == "layer.zip" else tmp_path / name
    table = pd.DataFrame(squares.drop(columns="geometry"))
    writers = {"xlsx": table.to_excel, "csv": table.to_csv, "parquet": squares.to_parquet, "zip": lambda _: None}
    writers.get(name.rpartition(".")[2], squares.to_file)(source)
    whole = source.read_bytes()
    read = readers.read_table if name.startswith("t.") else readers.read_vector
    random = np.random.Generator(np.random.PCG64(7))
    for _ in range(25):
        damaged = bytearray(whole[: random.integers(len(whole) // 2, len(whole) + 1)])
        for place in random.integers(0, len(damaged), 8):
            damaged[place] = random.integers(256)
        source.write_bytes(damaged)
        with contextlib.suppress(LayerError):
            read(record_of(source))


def test_a_shapefile_alone_is_told(tmp_path, squares, record_of):
    squares.to_file(tmp_path / "layer.shp")
    (tmp_path / "layer.shx").unlink()
    with pytest.raises(LayerError, match=r"\.shx"):
        readers.read_vector(record_of(tmp_path / "layer.shp"))


def test_a_parquet_table_is_no_layer_with_geometry(tmp_path, record_of):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "layer.parquet")
    with pytest.raises(LayerError, match="GeoParquet"):
        readers.read_vector(record_of(tmp_path / "layer.parquet"))


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(vertices=9), r"found '10 vertices'; a layer has at most 9 vertices \(limits.vertices\)"),
        (Limits(rows=1), r"found '2 rows'; a layer has at most 1 rows \(limits.rows\)"),
        (Limits(columns=1), r"found '2 columns'; a layer has at most 1 columns \(limits.columns\)"),
        (Limits(file_mb=0), r"a file has at most 0 MB \(limits.file_mb\)"),
    ],
)
def test_a_limit_names_itself_what_was_found_and_the_key_to_change(tmp_path, squares, record_of, limits, words):
    squares.to_file(tmp_path / "layer.gpkg")
    squares.to_file(tmp_path / "layer.fgb")
    squares.to_parquet(tmp_path / "layer.parquet")
    for name in ("layer.gpkg", "layer.fgb", "layer.parquet"):
        if limits.columns == 1 and name == "layer.parquet":
            continue  # Parquet counts the geometry among its columns
        with pytest.raises(UnsafeFileError, match=words) as caught:
            readers.read_vector(record_of(tmp_path / name, limits=limits))
        assert "in [limits] of the plan" in caught.value.issues[0].done


def test_a_parquet_file_that_unpacks_to_too_much_is_refused_unread(tmp_path, record_of):
    pd.DataFrame({"a": np.arange(300_000)}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(UnsafeFileError, match=r"unpacks to at most 1 MB \(limits.unpacked_mb\)"):
        readers.read_table(record_of(tmp_path / "t.parquet", limits=Limits(unpacked_mb=1)))


def test_a_zip_file_holds_one_shapefile_and_writes_nowhere_else(tmp_path, squares, record_of):
    path = _zipped(tmp_path, squares, inside="../../")
    assert len(readers.read_vector(record_of(path))) == 2
    assert not (tmp_path.parent.parent / "layer.shp").exists()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other.shp", b"")
    with pytest.raises(LayerError, match="one Shapefile"):
        readers.read_vector(record_of(path))


def test_tables_are_read_by_their_suffix(tmp_path, csv, record_of):
    assert readers.read_table(csv("a", "007")).index.tolist() == [1]
    assert readers.is_table(csv("a", "007"))
    pd.DataFrame({"a": ["007"]}).to_excel(tmp_path / "t.xlsx", index=False)
    pd.DataFrame({"a": ["007"]}).to_parquet(tmp_path / "t.parquet")
    for name in ("t.xlsx", "t.parquet"):
        frame = readers.read_table(record_of(tmp_path / name))
        assert frame["a"].tolist() == ["007"]
        assert frame.index.tolist() == [1]


@pytest.mark.real
@pytest.mark.parametrize("name", ["curve", "curvepolygon", "line_zm", "multisurface"])
def test_real_curves_and_measures_become_plain_geometries(real_data, record_of, name):
    frame = readers.read_vector(record_of(real_data / "adversarial/pyogrio_fixtures" / f"{name}.gpkg"))
    assert set(frame.geom_type) <= {"LineString", "Polygon", "MultiPolygon"}
    assert not frame.has_z.any()


@pytest.mark.real
def test_the_real_vn2000_shapefile(real_data, record_of):
    frame = readers.read_vector(record_of(real_data / "adversarial/derived/vn2000_tm3_10830/communes.shp"))
    assert frame.crs.to_epsg() == 9218
    assert frame["full_name"].str.startswith(("Xã", "Phường")).all()
