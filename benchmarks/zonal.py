"""Means of a raster over communes beside exactextract and rasterstats: the country at 100 m, the province in full detail.

    python benchmarks/zonal.py [--out FILE]

The rasters are made (smooth noise with a seed, no data outside the communes), tiled and compressed as rasters come. CPU seconds of one call, reading
included. exactextract weighs cells by float32 fractions, rasterstats by their centres: the tolerance of the comparison
is theirs. Communes on which exactextract gives up are left out for every tool and counted.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from affine import Affine
from rasterio.features import rasterize
from scipy.ndimage import zoom

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import common  # noqa: E402 - a script finds its own tree first

DATA = Path(os.environ.get("PLANNER_REAL_DATA") or ROOT.parent / "shared" / "data")
COMMUNES = {
    "country": DATA / "boundaries" / "vn_communes_2025_simpl.parquet",
    "province": DATA / "boundaries" / "daklak_communes_2025.parquet",
}
CASES = ("country uint8", "country float32", "province uint8", "province float32")
CELLS_PER_DEGREE = 1080
"""About 100 m."""
NODATA = 255
MAINLAND = (102.1, 8.3, 110.4, 23.5)
"""West, south, east, north; what lies beyond (the islands) has no value."""


def polygons(place: str) -> gpd.GeoSeries:
    """Return the communes."""
    return gpd.read_parquet(COMMUNES[place]).geometry


def raster(place: str, kind: str) -> Path:
    """Return the made raster of a case, written once per machine."""
    path = Path(tempfile.gettempdir()) / f"planner-bench-{os.getuid()}-{place}-{kind}-land.tif"
    if path.exists():
        return path
    west, south, east, north = MAINLAND if place == "country" else polygons(place).total_bounds
    width, height = int((east - west) * CELLS_PER_DEGREE), int((north - south) * CELLS_PER_DEGREE)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([width, height])))
    smooth = zoom(random.random((height // 40 + 2, width // 40 + 2)), 40, order=1)[:height, :width]
    cells = (smooth * 200).astype(np.uint8)
    if kind == "float32":
        cells = (smooth * 50 + random.random((height, width))).astype(np.float32)
    step = 1 / CELLS_PER_DEGREE
    transform = Affine(step, 0, west, 0, -step, north)
    cells[rasterize(polygons(place), out_shape=cells.shape, transform=transform, all_touched=True) == 0] = NODATA
    shape = {"width": width, "height": height, "count": 1, "dtype": kind}
    layout = {"compress": "deflate", "tiled": True, "blockxsize": 512, "blockysize": 512}
    place_on_map = {"crs": "EPSG:4326", "transform": transform}
    unfinished = path.with_suffix(".part")
    with rasterio.open(unfinished, "w", driver="GTiff", nodata=NODATA, **shape, **layout, **place_on_map) as target:
        target.write(cells, 1)
    unfinished.rename(path)
    return path


def product(place: str, kind: str) -> common.Run:
    """Return the product's call."""
    from layers import rasters  # noqa: PLC0415 - it closes drivers of GDAL that peers need
    from layers.catalog import Record  # noqa: PLC0415

    path, areas = raster(place, kind), polygons(place)
    record = Record(layer="raster", file=path.name, path=path)
    return lambda: rasters.zonal_sums(record, areas).mean


def by_exactextract(place: str, kind: str) -> common.Run:
    """Return exactextract's call, without the communes on which it gives up (found before the clock starts)."""
    from exactextract import exact_extract  # noqa: PLC0415 - a peer is imported in its own process only

    path, areas = raster(place, kind), polygons(place).to_frame("geometry")
    left = np.array([_can(exact_extract, path, areas.iloc[[i]]) for i in range(len(areas))])
    some = areas[left]

    def call() -> common.Values:
        found = np.full(len(areas), np.nan)
        found[left] = exact_extract(str(path), some, ["mean"], output="pandas")["mean"].to_numpy(np.float64)
        return found

    return call


def _can(exact_extract: object, path: Path, area: gpd.GeoDataFrame) -> bool:
    try:
        exact_extract(str(path), area, ["count"], output="pandas")  # type: ignore[operator]
    except RuntimeError:
        return False
    return True


def by_rasterstats(place: str, kind: str) -> common.Run:
    """Return rasterstats' call, which counts whole cells by their centres."""
    from rasterstats import zonal_stats  # noqa: PLC0415 - a peer is imported in its own process only

    path, areas = raster(place, kind), polygons(place)
    return lambda: np.array(
        [np.nan if r["mean"] is None else float(r["mean"]) for r in zonal_stats(list(areas), str(path), stats=["mean"])]
    )


TOOLS = {"product": product, "exactextract": by_exactextract, "rasterstats": by_rasterstats}


def one(case: str, tool: str) -> tuple[common.Values, common.Row]:
    """Measure one tool on one case."""
    place, kind = case.split()
    values, row = common.measured(TOOLS[tool](place, kind), runs=5 if tool == "product" or place == "province" else 1)
    return values, {**row, "polygons": len(values), "without_answer": int(np.isnan(values).sum())}


def cases() -> list[common.Row]:
    """Compare all tools: exactextract to 0.05 of values up to 200 (its weights are float32), rasterstats (cell centres) in its own rows."""
    script = Path(__file__).resolve()
    rows: list[common.Row] = []
    for case in CASES:
        raster(*case.split())  # made here, so that no tool's memory counts it
        rows += common.compared(script, case=case, tools=("product", "exactextract"), tolerance=0.05)
    # Whole cells by their centres are another figure: a commune of few cells differs by several units.
    rows += common.compared(script, case="province uint8", tools=("product", "rasterstats"), tolerance=50.0)[1:]
    return rows


if __name__ == "__main__":
    common.main(__file__, cases, one)
