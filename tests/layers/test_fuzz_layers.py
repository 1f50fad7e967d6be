"""Damaged files of cells, measurements, ages and people: each loader ends in a layer or in a LayerError."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from rasterio import shutil as rasterio_shutil

from layers import ages, cell_sites, coverage_rasters, measurements, people_rasters
from layers.catalog import Record
from layers.errors import LayerError
from tests import tiny_world
from tests.layers.test_fuzz import _damaged as damaged

SECONDS = float(os.environ.get("PLANNER_FUZZ_SECONDS", "600")) / 5
CELLS = "radio,mcc,net,area,cell,lon,lat,range,samples\n" + "".join(
    f"LTE,452,{1 + 3 * (i % 2)},7,{i},108.2{i},12.6{i},1000,{i}\n" for i in range(6)
)
DRIVE = "lon;lat;rsrp;operator;radio;date\n" + "".join(
    f"108,2{i};12,6{i};-9{i},5;A;LTE;2025-05-0{i + 1}\n" for i in range(6)
)
TILES = (
    "quadkey,tile,avg_d_kbps,tests\n" + '1322132033231210,"POLYGON((108 12,108.1 12,108.1 12.1,108 12))",5000,3\n' * 3
)
WIDE = "ma,0-4,5-13,14-17,18+\na,1,2,3,4\nb,5,6,7,8\n"
LONG = "ma,age,people\n" + "".join(f"{u},{g},{n}\n" for u in "ab" for g, n in (("0-13", 3), ("14+", 9)))


def cells(record: Record) -> None:
    cell_sites.load(record, **_place(), model=cell_sites.Model(networks={"452-01": "A", "452-04": "B"}))


def drive(record: Record) -> None:
    kind = measurements.Thresholds(kind="drive_tests", technology="4G", operator=None, dbm=-110.0)
    measurements.load(record, **_place(), thresholds=kind)


def tiles(record: Record) -> None:
    kind = measurements.Thresholds(kind="tiles", technology="4G", operator="A", kbps=1000.0)
    measurements.load(record, **_place(), thresholds=kind)


def by_age(record: Record) -> None:
    ages.load(record, columns={"unit_id": "ma"}, level="commune", unit_ids=["a", "b"])


def people(record: Record) -> None:
    people_rasters.load(record, source_crs=None, crs=tiny_world.CRS, communes=tiny_world.communes())


def signal(record: Record) -> None:
    given = {"source_crs": None, "crs": tiny_world.CRS, "operator": "A", "technology": "4G", "evidence": "modelled"}
    coverage_rasters.load(record, threshold_dbm=None, **given)


def _place() -> dict[str, object]:
    return {
        "columns": {},
        "source_crs": None,
        "layer_name": None,
        "crs": tiny_world.CRS,
        "communes": tiny_world.communes(),
    }


def seeds(folder: Path) -> list[tuple[Path, Callable[[Record], None]]]:
    """Write one small file of each kind, with the loader it is for."""
    texts = {"cells": (CELLS, cells), "drive": (DRIVE, drive), "tiles": (TILES, tiles)}
    found = []
    for name, (text, load) in {**texts, "wide": (WIDE, by_age), "long": (LONG, by_age)}.items():
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        found.append((path, load))
    table = pd.DataFrame({"mcc": 452, "net": 4, "longitude": [108.2, 108.3], "latitude": [12.6, 12.7]})
    table.to_parquet(folder / "cells.parquet")
    points = gpd.GeoDataFrame({"rsrp": [-90.0]}, geometry=gpd.points_from_xy([108.2], [12.6]), crs="EPSG:4326")
    points.to_file(folder / "drive.geojson")
    at = Affine(1000.0, 0.0, tiny_world.X0, 0.0, -1000.0, tiny_world.Y0 + 8000.0)
    shape = {"width": 8, "height": 8, "count": 1, "dtype": "uint8"}
    with rasterio.open(folder / "p.tif", "w", driver="GTiff", crs=tiny_world.CRS, transform=at, **shape) as target:
        target.write(np.ones((8, 8), dtype=np.uint8), 1)
    with rasterio.open(folder / "p.tif") as source:
        rasterio_shutil.copy(source, folder / "cog.tif", driver="COG")
    found += [(folder / "cells.parquet", cells), (folder / "drive.geojson", drive)]
    return [*found, (folder / "p.tif", people), (folder / "cog.tif", people), (folder / "p.tif", signal)]


def fuzz(folder: Path, *, seconds: float, most: int) -> int:
    """Damage the seeds in turn until the time or the number is up; return how many files were loaded."""
    given = seeds(folder)
    originals = {path: path.read_bytes() for path, _ in given}
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([67])))
    until, count = time.monotonic() + seconds, 0
    while count < most and time.monotonic() < until:
        path, load = given[count % len(given)]
        data = damaged(originals[path], generator)
        path.write_bytes(data)
        try:
            with contextlib.suppress(LayerError):
                load(Record("fuzz", path.name, path))
        except Exception as error:
            error.add_note(f"{path.name}, file {count}: {data[:2000]!r}")
            raise
        path.write_bytes(originals[path])
        count += 1
    return count


@pytest.mark.filterwarnings("ignore")
def test_the_seeds_are_good_files(tmp_path):
    for path, load in seeds(tmp_path):
        load(Record("fuzz", path.name, path))


@pytest.mark.filterwarnings("ignore")
def test_a_few_damaged_files_of_each_kind(tmp_path):
    assert fuzz(tmp_path, seconds=60, most=120) > 0


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore")
def test_minutes_of_damaged_files(tmp_path):
    assert fuzz(tmp_path, seconds=SECONDS, most=10**9) > 0
