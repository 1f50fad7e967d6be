"""Areas of communes inside a coverage map beside geopandas.overlay: 5,000 and 100,000 blobs over the country.

    python benchmarks/shares.py [--out FILE]

A blob is the footprint of a radio cell: a star of 24 uneven directions. They are united beforehand (coverage that
overlaps counts once), outside the clock, since both tools are given the same region. CPU seconds of one call.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import common  # noqa: E402 - a script finds its own tree first
from layers import shares  # noqa: E402

DATA = Path(os.environ.get("PLANNER_REAL_DATA") or ROOT.parent / "shared" / "data")
CRS = "EPSG:32648"
CASES = {"country x 5,000 blobs": (5_000, 2_500.0), "country x 100,000 blobs": (100_000, 700.0)}
"""How many blobs, and their mean radius in metres."""
DIRECTIONS = 24


def communes() -> gpd.GeoSeries:
    """Return the country's communes in metres."""
    return gpd.read_parquet(DATA / "boundaries" / "vn_communes_2025_simpl.parquet").to_crs(CRS).geometry


def region(areas: gpd.GeoSeries, count: int, radius_m: float) -> gpd.GeoSeries:
    """Return the union of `count` blobs round points in communes, each commune as likely as another."""
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([count])))
    bounds = areas.bounds.to_numpy()[random.integers(0, len(areas), count)]
    centres = bounds[:, :2] + random.random((count, 2)) * (bounds[:, 2:] - bounds[:, :2])
    angles = np.linspace(0, 2 * np.pi, DIRECTIONS, endpoint=False)
    reach = radius_m * random.uniform(0.5, 1.5, (count, DIRECTIONS))
    rings = centres[:, None, :] + reach[:, :, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return gpd.GeoSeries(shapely.get_parts(shapely.union_all(shapely.polygons(rings))), crs=CRS)


def product(areas: gpd.GeoSeries, covered: gpd.GeoSeries) -> common.Run:
    """Return the product's call."""
    return lambda: shares.polygon_shares(areas, covered)


def by_overlay(areas: gpd.GeoSeries, covered: gpd.GeoSeries) -> common.Run:
    """Return the call of geopandas.overlay, and the sum of areas by commune."""
    left = gpd.GeoDataFrame({"commune": np.arange(len(areas))}, geometry=areas.to_numpy(), crs=CRS)
    right = gpd.GeoDataFrame(geometry=covered.to_numpy(), crs=CRS)

    def call() -> common.Values:
        parts = gpd.overlay(left, right, how="intersection", keep_geom_type=True)
        common_m2 = np.bincount(parts["commune"], parts.area, len(areas))
        return common_m2 / areas.area.to_numpy()

    return call


TOOLS = {"product": product, "geopandas.overlay": by_overlay}


def one(case: str, tool: str) -> tuple[common.Values, common.Row]:
    """Measure one tool on one case."""
    areas = communes()
    covered = region(areas, *CASES[case])
    values, row = common.measured(TOOLS[tool](areas, covered), runs=5 if tool == "product" else 1)
    vertices = int(shapely.get_num_coordinates(covered.to_numpy()).sum())
    return values, {**row, "polygons": len(values), "region_polygons": len(covered), "region_vertices": vertices}


def cases() -> list[common.Row]:
    """Compare both on both regions."""
    script = Path(__file__).resolve()
    return [
        row
        for case in CASES
        for row in common.compared(script, case=case, tools=("product", "geopandas.overlay"), tolerance=1e-9)
    ]


if __name__ == "__main__":
    common.main(__file__, cases, one)
