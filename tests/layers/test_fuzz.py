"""Damaged files of every format: the readers end in a frame or in a LayerError, never in another error."""

from __future__ import annotations

import contextlib
import os
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from shapely.geometry import Point, box

from layers import coverage_rasters, points, rasters, readers, shapes
from layers.catalog import Record
from layers.errors import LayerError
from tests.layers.test_rasters import write

SECONDS = float(os.environ.get("PLANNER_FUZZ_SECONDS", "600"))
KML = (
    '<?xml version="1.0"?><kml><Placemark><name>Buôn</name><Point><coordinates>108,12</coordinates></Point></Placemark>'
    "<Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>108,12 109,12 109,13 108,12</coordinates>"
    "</LinearRing></outerBoundaryIs></Polygon></Placemark></kml>"
)
CSV = "Bảng 1;;\nMã;Tên;Dân số\n007;Tuy Hoà;1.234\n008;Đắk Lắk;12,5\n;Tổng cộng;1.246,5\n"


def _seeds(folder: Path) -> list[Path]:
    """Write one small file of each format."""
    frame = gpd.GeoDataFrame(
        {"code": ["007", "008"], "name": ["Tuy Hoà", "Đắk Lắk"]},
        geometry=[box(108, 12, 108.5, 12.5), box(108.5, 12, 109, 12.5)],
        crs="EPSG:4326",
    )
    for name in ("a.geojson", "a.gpkg", "a.shp", "a.fgb"):
        frame.to_file(folder / name)
    frame.to_parquet(folder / "a.geoparquet")
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(folder / f"a{suffix}", f"a{suffix}")
    (folder / "a.kml").write_text(KML, encoding="utf-8")
    with zipfile.ZipFile(folder / "a.kmz", "w") as archive:
        archive.writestr("doc.kml", KML)
    (folder / "a.csv").write_text(CSV, encoding="utf-8")
    (folder / "b.csv").write_text(CSV, encoding="utf-16")
    (folder / "c.csv").write_text("lon,lat\n108°30'E,12.5\n108.2,12\n", encoding="utf-8")
    (folder / "a.tsv").write_text(CSV.replace(";", "\t"), encoding="utf-8")
    pd.DataFrame({"code": ["007"], "people": [5]}).to_parquet(folder / "b.parquet")
    pd.DataFrame({"code": ["007"], "people": [5]}).to_excel(folder / "a.xlsx", index=False)
    gpd.GeoDataFrame({"a": [1]}, geometry=[Point(108, 12)], crs="EPSG:9210").to_file(folder / "p.gpkg")
    for name, cells in (("a.tif", np.ones((40, 30), np.uint8)), ("b.tif", np.full((9, 9), -80.5, np.float32))):
        write(folder / name, cells, transform=Affine(0.01, 0, 108, 0, -0.01, 13), crs="EPSG:4326", nodata=0)
    known = {*readers.VECTORS, *readers.TABLES, *rasters.SUFFIXES}
    return sorted(p for p in folder.iterdir() if p.suffix in known)


def _damaged(data: bytes, generator: np.random.Generator) -> bytes:
    """Return the bytes with a few of them changed, cut, doubled or swapped for unlucky ones."""
    spoilt = bytearray(data)
    for _ in range(int(generator.integers(1, 6))):
        at, length = int(generator.integers(0, max(1, len(spoilt)))), int(generator.integers(1, 9))
        kind = int(generator.integers(0, 4))
        if kind == 0:
            spoilt[at : at + length] = generator.bytes(length)
        elif kind == 1:
            del spoilt[at : at + length * 20]
        elif kind == 2:
            spoilt[at:at] = spoilt[at : at + length * 20]
        else:
            unlucky = (
                b"\x00",
                b"\xff" * 8,
                b"\x7f\xff\xff\xff",
                b"nan",
                b"1e999",
                b'"',
                b"\xef\xbf\xbd",
                b"<!DOCTYPE a>",
            )
            spoilt[at : at + length] = unlucky[int(generator.integers(0, len(unlucky)))]
    return bytes(spoilt)


def _read(path: Path) -> None:
    """Read a file in every way that a loader would; only a LayerError is an answer."""
    record = Record(layer="fuzz", file=path.name, path=path)
    if path.suffix in readers.TABLES:
        with contextlib.suppress(LayerError):
            readers.read_table(record)
        with contextlib.suppress(LayerError):
            if readers.is_table(record):
                points.read(record, columns={})
    if path.suffix in rasters.SUFFIXES:
        area = gpd.GeoSeries([box(108, 12.5, 108.2, 12.9)], crs="EPSG:4326")
        for read in (lambda: rasters.zonal_sums(record, area), lambda: _signal(record)):
            with contextlib.suppress(LayerError):
                read()
    if path.suffix in readers.VECTORS:
        with contextlib.suppress(LayerError):
            frame = readers.read_vector(record)
            for kind in ("polygon", "point"):
                shapes.place(frame, crs="EPSG:32649", kind=kind, record=record)


def _signal(record: Record) -> None:
    """Read a raster as coverage."""
    coverage_rasters.load(
        record,
        source_crs=None,
        crs="EPSG:32649",
        operator="V",
        technology="4G",
        evidence="modelled",
        threshold_dbm=-100.0,
    )


def _fuzz(folder: Path, *, seconds: float, most: int) -> int:
    """Damage the seeds in turn until the time or the number is up; return how many files were read."""
    seeds = _seeds(folder)
    originals = {path: path.read_bytes() for path in seeds}
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([66])))
    until, count = time.monotonic() + seconds, 0
    while count < most and time.monotonic() < until:
        path = seeds[count % len(seeds)]
        data = _damaged(originals[path], generator)
        path.write_bytes(data)
        try:
            _read(path)
        except Exception as error:
            error.add_note(f"{path.name}, file {count}: {data[:4000]!r}")
            raise
        path.write_bytes(originals[path])
        count += 1
    return count


@pytest.mark.filterwarnings("ignore")
def test_a_few_damaged_files_of_each_format(tmp_path):
    assert _fuzz(tmp_path, seconds=120, most=150) > 0


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore")
def test_ten_minutes_of_damaged_files(tmp_path):
    assert _fuzz(tmp_path, seconds=SECONDS, most=10**9) > 0
