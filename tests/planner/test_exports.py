"""Spreadsheets and GeoPackages: safe to open, nothing lost, equal for equal inputs."""

from __future__ import annotations

import csv
import datetime as dt
import sqlite3
import zipfile
from contextlib import closing

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, box

from planner import exports
from planner.errors import PublicationError
from planner.products import Column
from tests.tiny_publication import HOSTILE_NAME, publish_tiny

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
COLUMNS = [
    Column("unit_id", "text", "", "id"),
    Column("name", "text", "", "name"),
    Column("people", "whole", "people", "people"),
    Column("share", "number", "share", "share"),
    Column("flags", "list", "", "flags"),
]


def frame(*rows: tuple[object, ...]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=[c.name for c in COLUMNS])
    return found.astype({"unit_id": "str", "name": "str", "people": "Int64", "share": "float64"})


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return publish_tiny(tmp_path_factory.mktemp("published"))


def test_csv_is_what_the_contract_says(tmp_path):
    rows = frame(
        ("007", "Thôn, 1", 10, 0.5, ["a", "b"]),
        ("-8", "=1+1", None, None, []),
        ("009", "+84", 0, -0.25, ["=x"]),
        ("010", '@"a"\r\nb', 1, 1e-9, []),
        ("011", "\tx", 1, 1.0, []),
        ("012", "a=b", 1, 1.0, []),
    )
    exports.write_csv(rows, COLUMNS, path=tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes() == (
        "\ufeffunit_id,name,people,share,flags\r\n"
        '007,"Thôn, 1",10,0.5,a;b\r\n'
        "-8,'=1+1,,,\r\n"
        "009,'+84,0,-0.25,'=x\r\n"
        '010,"\'@""a""\r\nb",1,1e-09,\r\n'
        "011,'\tx,1,1.0,\r\n"
        "012,a=b,1,1.0,\r\n"
    ).encode()


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20))
def test_no_text_cell_begins_a_formula(text):
    assert not exports.csv_text(text).startswith(exports.FORMULA_STARTS)
    assert exports.csv_text(text).removeprefix("'") == text.removeprefix("'")


def test_csv_of_a_publication_reads_back(published):
    with (published.path / "villages.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [r["unit_id"] for r in rows] == list(published.villages["unit_id"])
    assert rows[9]["name"] == HOSTILE_NAME
    assert rows[10]["covered_share"] == rows[10]["need_people"] == ""
    assert float(rows[6]["score"]) == published.villages["score"][6]
    assert rows[6]["flags"] == "area_weighted;contradicted"


def test_gpkg_rows_and_times_depend_on_the_arguments(published):
    with closing(sqlite3.connect(published.path / "plan.gpkg")) as base:
        contents = base.execute("select table_name, last_change from gpkg_contents order by 1").fetchall()
        types = dict(base.execute("select table_name, geometry_type_name from gpkg_geometry_columns").fetchall())
    assert contents == [(n, "2026-01-01T00:00:00.000Z") for n in ("assignments", "communes", "sites", "villages")]
    assert types == {
        "assignments": "LINESTRING",
        "communes": "MULTIPOLYGON",
        "sites": "POINT",
        "villages": "MULTIPOLYGON",
    }


def test_gpkg_opens_in_gdal_with_the_same_numbers(published):
    path = published.path / "plan.gpkg"
    assert [name for name, _ in pyogrio.list_layers(path)] == ["villages", "communes", "sites", "assignments"]
    found = gpd.read_file(path, layer="villages")
    assert found.crs == "EPSG:4326"
    assert list(found["name"]) == list(published.villages["name"])
    pd.testing.assert_series_equal(found["score"], published.villages["score"])
    need = published.villages["need_people"].astype("float64")
    pd.testing.assert_series_equal(found["need_people"].astype("float64"), need)
    assert found["flags"][6] == "area_weighted;contradicted"
    same = shapely.equals(found.geometry.to_numpy(), published.villages.geometry.to_numpy())
    assert same.all()


def test_gpkg_leaves_the_process_as_it_was(tmp_path):
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2020-01-01T00:00:00.000Z"})
    try:
        layer = gpd.GeoDataFrame({"a": [1]}, geometry=[box(0, 0, 1, 1)], crs=4326)
        exports.add_layer(layer, path=tmp_path / "x.gpkg", layer="a", now=NOW)
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == "2020-01-01T00:00:00.000Z"
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        ([box(0, 0, 1, 1), MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)])], "MultiPolygon"),
        ([box(0, 0, 1, 1).centroid], "Point"),
        ([LineString([(0, 0), (1, 1)]), None], "LineString"),
        ([box(0, 0, 1, 1), box(0, 0, 1, 1).centroid], "Unknown"),
        ([], "Unknown"),
    ],
)
def test_a_layer_has_one_kind_of_geometry(tmp_path, shapes, kind):
    layer = gpd.GeoDataFrame({"name": ["x"] * len(shapes)}, geometry=gpd.GeoSeries(shapes, crs=4326))
    exports.add_layer(layer, path=tmp_path / "x.gpkg", layer="a", now=NOW)
    assert pyogrio.read_info(tmp_path / "x.gpkg", layer="a")["geometry_type"] == kind
    assert len(gpd.read_file(tmp_path / "x.gpkg", layer="a")) == len(shapes)


def test_a_ring_is_refused_before_gdal_sees_it(tmp_path):
    layer = gpd.GeoDataFrame({"name": ["x"]}, geometry=[box(0, 0, 1, 1).exterior], crs=4326)
    with pytest.raises(PublicationError, match="layer 'a' holds a LinearRing"):
        exports.add_layer(layer, path=tmp_path / "x.gpkg", layer="a", now=NOW)


def test_xlsx_holds_values_and_no_formulas(published):
    book = openpyxl.load_workbook(published.path / "plan.xlsx")
    tables = ["villages", "communes", "sites", "assignments", "coverage", "doubtful", "operator_requests", "actions"]
    assert book.sheetnames == ["about", *tables, "scenarios", "fairness", "waves", "alternatives", "columns"]
    assert book.properties.created == NOW.replace(tzinfo=None)
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert {c.data_type for c in cells} <= {"s", "n"}
    assert any(c.value == '=HYPERLINK("http://example.test")' for c in cells)
    assert not any(c.hyperlink for c in cells)
    rows = list(book["villages"].iter_rows(values_only=True))
    header, v22 = rows[0], rows[11]
    row = dict(zip(header, v22, strict=True))
    assert (row["unit_id"], row["covered_share"], row["need_people"]) == ("v22", None, None)
    assert row["score"] == published.villages["score"][10]


def test_xlsx_explains_every_column(published):
    book = openpyxl.load_workbook(published.path / "plan.xlsx")
    explained = {(r[0], r[1]) for r in book["columns"].iter_rows(min_row=2, values_only=True)}
    for name in ("villages", "communes", "sites", "assignments", "coverage"):
        assert {(name, c.value) for c in book[name][1]} <= explained
    about = list(book["about"].iter_rows(values_only=True))
    assert ("publication", published.path.name) in about
    assert ("flag", "synthetic") in about


def test_xlsx_carries_no_clock(published):
    with zipfile.ZipFile(published.path / "plan.xlsx") as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 31, 0, 0, 0)}


def test_a_table_longer_than_a_sheet_is_left_out_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    columns = {name: [Column("unit_id", "text", "", "village")] for name in ("short", "long")}
    frames = {"short": pd.DataFrame({"unit_id": list("ab")}), "long": pd.DataFrame({"unit_id": list("abc")})}
    exports.write_xlsx(frames, columns, path=tmp_path / "x.xlsx", now=NOW, about=[("id", "x")])
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["about", "short", "columns"]
    assert ("long", "3 rows; a sheet holds 2: see long.parquet") in list(book["about"].values)
    assert [p.name for p in tmp_path.iterdir()] == ["x.xlsx"]  # nothing that it was put together from stays


def test_xlsx_keeps_long_and_odd_texts(tmp_path):
    rows = frame(("001", "x" * 40_000, 1, 0.5, []), ("002", "a\x00\x1b[31m", None, None, ["a", "b"]))
    exports.write_xlsx({"t": rows}, {"t": COLUMNS}, path=tmp_path / "x.xlsx", now=NOW, about=[("title", "=1")])
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["t"]
    assert sheet["A2"].value == "001"
    assert len(sheet["B2"].value) == 32_767
    assert sheet["E3"].value == "a;b"
