"""One province end to end beside what a careful analyst would write by hand (benchmarks/by_hand.py), on the same files.

    python benchmarks/province.py [--out FILE]

Communes, hamlets and people are real; coverage, rates and teams are generated once and written to files that both read.
The script by hand has no travel time, no uncertainty, no checks and no bound. Whole processes, one after the other in
turn: wall clock and CPU seconds, the largest resident size, the size of the maps. Shares covered and people must be
equal, and nobody may reach more people than the product's bound.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import geopandas as gpd  # noqa: E402 - a script finds its own tree first
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import rasterio  # noqa: E402

import planner  # noqa: E402
from benchmarks import common  # noqa: E402
from benchmarks.path import timed  # noqa: E402
from planner import intake  # noqa: E402
from planner.config import PlanFile  # noqa: E402

NOW = "2026-11-01T00:00:00Z"
RUNS = 3
PLAN = """
[plan]
title = "Province"
[layers.communes]
path = "communes.parquet"
columns = { unit_id = "code", name = "full_name" }
[layers.villages]
path = "villages.csv"
kind = "points"
same_place = "merge"
commune_without_village = "commune"
[layers.population]
path = "population.csv"
level = "commune"
spread = "equal"
[layers.coverage.declared]
path = "declared.geojson"
[layers.adoption.vneid_activated]
path = "adoption.csv"
[layers.teams]
path = "teams.csv"
[deploy]
teams = 60
reach_minutes = 30
"""


def write_inputs(folder: Path) -> None:
    """Write the files that both read."""
    real = Path(os.environ.get("PLANNER_REAL_DATA") or ROOT.parent / "shared" / "data")
    gpd.read_parquet(real / "boundaries" / "daklak_communes_2025.parquet").to_parquet(folder / "communes.parquet")
    hamlets = pd.read_csv(real / "settlements" / "hes_hamlets_1974_daklak.csv", dtype=str)
    hamlets = hamlets.rename(columns={"usid": "unit_id", "code_2025": "commune_id"})
    hamlets[["unit_id", "name", "lon", "lat", "commune_id"]].to_csv(folder / "villages.csv", index=False)
    totals = pd.read_csv(real / "population" / "daklak_communes_population_2025.csv", dtype=str)
    totals = totals.rename(columns={"code": "unit_id", "population_2025": "people"})
    totals[["unit_id", "people"]].to_csv(folder / "population.csv", index=False)
    known = intake.gather(
        PlanFile(ROOT / "tests" / "real" / "plan.toml"), seed=1, now=dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    )
    declared = known.coverage[0].frame.to_crs("EPSG:4326")
    declared[["operator", "signal", "geometry"]].to_file(folder / "declared.geojson")
    rates = known.adoption_frame().query("indicator == 'vneid_activated'")
    rates[["unit_id", "numerator", "denominator"]].to_csv(folder / "adoption.csv", index=False)
    teams = pd.DataFrame(known.frame("teams").drop(columns="geometry", errors="ignore"))
    teams = teams[teams["team_type"] == "community"]
    teams[["site_id", "unit_id", "name"]].to_csv(folder / "teams.csv", index=False)
    write_signal(folder / "signal.tif", tuple(known.frame("communes").to_crs("EPSG:4326").total_bounds))
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")


def write_signal(path: Path, bounds: tuple[float, ...]) -> None:
    """Write a smooth raster of received power, dBm, about 100 m a cell: what the script by hand averages per village."""
    west, south, east, north = bounds
    step = 0.001
    shape = (int((north - south) / step) + 1, int((east - west) / step) + 1)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    power = (-100 + 15 * np.sin(x / 90) * np.cos(y / 70)).astype("float32")
    profile = {
        "driver": "GTiff",
        "height": shape[0],
        "width": shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:4326",
    }
    profile["transform"] = rasterio.transform.from_origin(west, north, step, step)
    with rasterio.open(path, "w", **profile, nodata=-9999, compress="deflate") as file:
        file.write(power, 1)


def agree(published: Path, by_hand: Path) -> common.Row:
    """Stop where the two disagree; return how far apart they are."""
    ours = planner.open(published)
    villages = ours.villages.set_index("unit_id")
    theirs = pd.read_csv(by_hand / "villages.csv", dtype={"unit_id": str}).set_index("unit_id").loc[villages.index]
    share = float((villages["covered_share"] - theirs["covered"]).abs().max())
    people = float((villages["population_people"].astype(float) - theirs["population"]).abs().max())
    about = json.loads((by_hand / "about.json").read_text(encoding="utf-8"))
    solver = ours.manifest.solver
    if share > 1e-6 or people >= 1 or solver is None:
        message = f"the product and the script by hand disagree: shares by {share}, people by {people}"
        raise SystemExit(message)
    return {"largest_share_difference": share, "largest_people_difference": round(people, 3),
            "reached_by_hand": round(about["reached"]), "reached": round(solver.objective_people),
            "bound": round(solver.bound_people), "map_by_hand_mb": round(about["map_bytes"] / 1e6, 2)}  # fmt: skip


def main() -> None:
    """Time both in turn and compare what they found."""
    rows: list[common.Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_inputs(folder)
        os.environ["PLANNER_CACHE"] = ""
        cache = Path(sys.prefix) / "numba"
        found: dict[str, list[common.Row]] = {"product": [], "by hand": []}
        for run in range(RUNS + 1):
            out = folder / f"by-hand-{run}"
            out.mkdir()
            ours = [
                sys.executable,
                "-m",
                "planner",
                "run",
                str(folder / "plan.toml"),
                "--out",
                str(folder / f"p{run}"),
                "--now",
                NOW,
            ]
            theirs = [sys.executable, str(ROOT / "benchmarks" / "by_hand.py"), str(folder), str(out)]
            pair = {"product": timed(ours, cache), "by hand": timed(theirs, cache)}
            if run:
                for tool, row in pair.items():
                    found[tool].append(row)
        apart = agree(folder / f"p{RUNS}", folder / f"by-hand-{RUNS}")
        size = sum(f.stat().st_size for f in planner.open(folder / f"p{RUNS}").path.glob("maps/*.html"))
        for tool, runs in found.items():
            medians = {key: statistics.median(float(str(row[key])) for row in runs) for key in runs[0]}
            rows.append({"case": "real province", "tool": tool, **medians})
        rows[0] |= {"maps_mb": round(size / 1e6, 2)} | apart
        rows[1] |= {"times_product_wall": round(float(str(rows[1]["wall_s"])) / float(str(rows[0]["wall_s"])), 1)}
    common.report(rows)


if __name__ == "__main__":
    main()
