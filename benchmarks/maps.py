"""The maps of the real province and of the whole country beside plain folium: bytes, and milliseconds until usable.

    python benchmarks/maps.py [--out FILE]

Chromium without a network opens each page from a file, in turns, at full speed and with the processor slowed four
times (DevTools); medians over the rounds. Usable: the first view is painted and two frames passed after it. Plain
folium draws the same communes and villages, equally simplified, with a colour by score and a tooltip of six columns;
its Leaflet is inside the page too, its other stock assets are left out, which speaks for it.
"""

from __future__ import annotations

import gzip
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import common  # noqa: E402 - a script finds its own tree first
from benchmarks.path import NOW  # noqa: E402 - as above
from layers import voronoi  # noqa: E402 - as above
from planner import maps  # noqa: E402 - as above
from planner.cli import main as planner  # noqa: E402 - as above
from planner.maps import drawing, offline, topology  # noqa: E402 - as above
from planner.products import Publication, open_publication  # noqa: E402 - as above
from tests.browser import launch  # noqa: E402 - as above

DATA = Path(os.environ.get("PLANNER_REAL_DATA") or ROOT.parent / "shared" / "data")
CHROMIUM = os.environ.get("PLANNER_CHROMIUM", "/usr/bin/chromium")
SLOWER = (1, 4)
ROUNDS = {"real province": 5, "country": 3}
FIELDS = ["name", "score", "rank", "need_people", "covered_share", "population_people"]
RASTER = "deployment, with a raster"
USABLE = (
    """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"""
)


def province(folder: Path) -> Publication:
    """Publish the real province and open it."""
    plan = ROOT / "tests" / "real" / "plan.toml"
    if planner(["run", str(plan), "--out", str(folder), "--now", NOW]):
        raise SystemExit("the real province could not be published")  # noqa: EM101, TRY003 - a script's last word
    return open_publication(folder)


def country(model: Publication) -> Publication:
    """Return all communes of the country and their villages: real places, the numbers of the province drawn again.

    Parameters
    ----------
    model : Publication
        Of the real province; its rows are drawn with replacement.
    """
    communes = gpd.read_parquet(DATA / "boundaries" / "vn_communes_2025_simpl.parquet")
    points = gpd.read_parquet(DATA / "settlements" / "hes_hamlets_south_vietnam_all.parquet").to_crs(communes.crs)
    joined = gpd.sjoin(points[["name", "geometry"]], communes[["code", "geometry"]], predicate="within")
    groups = {str(code): rows for code, rows in joined.groupby("code")}
    cells, names, codes = [], [], []
    draw = np.random.Generator(np.random.PCG64(1))
    for code, name, shape in zip(communes["code"], communes["fullName"], communes.geometry, strict=True):
        rows = groups.get(str(code))
        # where the old survey has no hamlet, two places drawn at random stand for its villages
        rows = _anywhere(shape, draw) if rows is None else _distinct(rows)
        found = _cells(rows, shape)
        cells += found
        codes += [code] * len(found)
        names += [name if pd.isna(n) else n for n in rows["name"]][: len(found)]
    villages = _rows(model.villages, len(cells), draw).assign(commune_id=codes, name=names)
    villages["unit_id"] = [f"{code}-{i:05d}" for i, code in enumerate(codes)]
    inside = shapely.point_on_surface(np.array(cells))
    villages = villages.assign(lat=shapely.get_y(inside), lon=shapely.get_x(inside))
    villages["rank"] = villages["score"].rank(ascending=False, method="min").astype("Int64")
    wholes = _rows(model.communes, len(communes), draw)
    wholes = wholes.assign(unit_id=communes["code"].to_numpy(), name=communes["fullName"].to_numpy())
    wholes["rank"] = wholes["score"].rank(ascending=False, method="min").astype("Int64")
    made = Publication(model.path)
    vars(made).update(
        villages=gpd.GeoDataFrame(villages, geometry=cells, crs="EPSG:4326"),
        communes=gpd.GeoDataFrame(wholes, geometry=communes.geometry.to_numpy(), crs="EPSG:4326"),
    )
    vars(made)["coverage"] = model.coverage.iloc[:0]
    return made


def _distinct(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return rows[~pd.Series(shapely.to_wkb(rows.geometry), index=rows.index).duplicated()]


def _anywhere(shape: shapely.Geometry, draw: np.random.Generator) -> gpd.GeoDataFrame:
    west, south, east, north = shape.bounds
    points = shapely.points(draw.random((2, 2)) * (east - west, north - south) + (west, south))
    return gpd.GeoDataFrame({"name": [None, None]}, geometry=points, crs="EPSG:4326")


def _cells(rows: gpd.GeoDataFrame, shape: shapely.Geometry) -> list[shapely.Geometry]:
    """Return the catchment of each hamlet inside its commune, EPSG:4326; on the plane of UTM 48N or 49N."""
    metric = "EPSG:32648" if shape.centroid.x < 108 else "EPSG:32649"
    points = rows.to_crs(metric).geometry
    whole = gpd.GeoSeries([shape], crs="EPSG:4326").to_crs(metric)
    made = [c for c in voronoi.voronoi_cells(points.x, points.y, whole.iloc[0]) if not c.is_empty]
    return list(gpd.GeoSeries(made, crs=metric).to_crs("EPSG:4326"))


def _rows(frame: gpd.GeoDataFrame, count: int, draw: np.random.Generator) -> pd.DataFrame:
    chosen = draw.integers(0, len(frame), count)
    return pd.DataFrame(frame.drop(columns="geometry")).iloc[chosen].reset_index(drop=True)


def plain(publication: Publication, ready: drawing.Drawing) -> str:
    """Return plain folium's map of the same communes and villages."""
    (south, west), (north, east) = ready.content["bounds"]
    made = folium.Map(location=[(south + north) / 2, (west + east) / 2], zoom_start=8, tiles=None)
    for level in ("communes", "villages"):
        frame = getattr(publication, level)[[*FIELDS, "geometry"]].reset_index(drop=True)
        shapes = topology.decode(ready.topology, level)
        parts = [shapely.MultiPolygon([(p[0], p[1:]) for p in shape]) for shape in shapes]
        frame = frame.set_geometry(gpd.GeoSeries(parts, crs="EPSG:4326"))
        layer = folium.GeoJson(frame, name=level, style_function=_style, show=level == "communes")
        layer.add_child(folium.GeoJsonTooltip(FIELDS))
        layer.add_to(made)
    folium.LayerControl().add_to(made)
    return offline.page(made)


def _style(feature: dict[str, dict[str, float | None]]) -> dict[str, str | float]:
    colours = ("#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#8c2d04")
    score = feature["properties"]["score"]
    shade = "#bbbbbb" if score is None else colours[min(4, int(score // 20))]
    return {"fillColor": shade, "fillOpacity": 0.9, "weight": 0.6, "color": "#5a5a5a"}


def pages(publication: Publication) -> Iterator[tuple[str, str, float]]:
    """Yield name, text and CPU seconds of each page; geometry is prepared once and counts for none of them."""
    ready = drawing.prepare(publication)
    for name, make in maps.MAPS.items():
        start = time.process_time()
        text = offline.page(make(publication, drawing=ready))
        yield name, text, time.process_time() - start
    start = time.process_time()
    yield "plain folium", plain(publication, ready), time.process_time() - start


def usable_ms(browser: Browser, file: Path, *, slower: int, fragment: str = "") -> float:
    """Open a page as a person does and return milliseconds from its start until the first view can be used.

    With a raster in the address (``#raster=…``) the picture is drawn too.
    """
    with browser.new_context(viewport={"width": 1280, "height": 800}, offline=True, bypass_csp=True) as context:
        page = context.new_page()
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        page.goto(file.resolve().as_uri() + fragment, wait_until="load")
        ours = page.locator("script#planner-data").count()
        page.wait_for_selector("body[data-ready]" if ours else "canvas, svg path", state="attached")
        if fragment:
            page.wait_for_function("images.size > 0 && [...images.values()].every((image) => image.complete)")
        return float(page.evaluate(USABLE))


def case(name: str, publication: Publication, folder: Path) -> list[common.Row]:
    """Return one row per page of a publication."""
    rows: dict[str, common.Row] = {}
    for page, text, cpu in pages(publication):
        raw = text.encode()
        (folder / f"{name}-{page}.html").write_bytes(raw)
        rows[page] = {
            "case": name,
            "page": page,
            "villages": len(publication.villages),
            "raw_mb": round(len(raw) / 1e6, 2),
            "gzip_mb": round(len(gzip.compress(raw, mtime=0)) / 1e6, 2),
            "drawn_cpu_s": round(cpu, 2),
        }
    opened = {page: (folder / f"{name}-{page}.html", "") for page in rows}
    if publication.manifest.rasters:  # the same file, opened by a link that shows a raster under the borders
        opened[RASTER] = (opened["deployment"][0], "#raster=planned_minutes")
        rows[RASTER] = rows["deployment"] | {"page": RASTER}
    times: dict[tuple[str, int], list[float]] = {(page, slower): [] for page in rows for slower in SLOWER}
    with sync_playwright() as playwright:
        browser = launch(playwright, CHROMIUM)
        for _ in range(ROUNDS[name]):
            for (page, slower), found in times.items():
                file, fragment = opened[page]
                found.append(usable_ms(browser, file, slower=slower, fragment=fragment))
        browser.close()
    for (page, slower), found in times.items():
        rows[page][f"usable_ms_{slower}x"] = round(statistics.median(found))
    return list(rows.values())


def main() -> None:
    """Measure both cases; without the real files or Chromium there is nothing to measure."""
    if not (DATA / "boundaries").is_dir() or not Path(CHROMIUM).is_file():
        common.report([{"case": "left out", "why": "needs the files of PLANNER_REAL_DATA and Chromium"}])
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        real = province(folder / "published")
        common.report([*case("real province", real, folder), *case("country", country(real), folder)])


if __name__ == "__main__":
    main()
