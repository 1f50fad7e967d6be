"""The real province: 102 communes at full detail and 1,448 cells clipped one by one stay one small file."""

from __future__ import annotations

import gzip
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser

from planner import maps
from planner.maps import topology
from planner.products import Publication
from tests.browser import PHONE, opened
from tests.planner.maps.reading import changed, content

pytestmark = pytest.mark.real

COUNT = 1448
MOST_BYTES = 3_000_000
MOST_COMPRESSED = 1_000_000


def cells_of(commune: shapely.Geometry, count: int, random: np.random.Generator) -> list[shapely.Geometry]:
    """Voronoi cells clipped to their commune, as villages from points are."""
    west, south, east, north = commune.bounds
    points = random.random((count * 20, 2)) * (east - west, north - south) + (west, south)
    inside = points[shapely.contains_xy(commune, points[:, 0], points[:, 1])][:count]
    cells = shapely.voronoi_polygons(shapely.multipoints(inside), extend_to=commune)
    return [shapely.intersection(c, commune) for c in shapely.get_parts(cells)]


@pytest.fixture(scope="module")
def province(publication: Publication, real_data: Path) -> Publication:
    """Real borders; the numbers are those of the tiny publication, again and again."""
    shapes = gpd.read_parquet(real_data / "boundaries" / "daklak_communes_2025.parquet")
    random = np.random.Generator(np.random.PCG64(7))
    counts = np.full(len(shapes), COUNT // len(shapes))
    counts[: COUNT - counts.sum()] += 1
    cells = [cells_of(g, int(n), random) for g, n in zip(shapes.geometry, counts, strict=True)]
    flat = [c for group in cells for c in group]
    rows = publication.villages.drop(columns="geometry").iloc[np.arange(len(flat)) % 16].reset_index(drop=True)
    codes = np.repeat(shapes["code"].to_numpy(), [len(g) for g in cells])
    rows = rows.assign(unit_id=[f"{c}-{i:04d}" for i, c in enumerate(codes)], commune_id=codes)
    rows["score"] = random.random(len(rows)) * 100
    inside = shapely.point_on_surface(np.array(flat))
    rows = rows.assign(lon=shapely.get_x(inside), lat=shapely.get_y(inside))
    wholes = publication.communes.drop(columns="geometry").iloc[np.arange(len(shapes)) % 4].reset_index(drop=True)
    wholes = wholes.assign(unit_id=shapes["code"].to_numpy(), name=shapes["full_name"].to_numpy())
    return changed(
        publication,
        villages=gpd.GeoDataFrame(rows, geometry=flat, crs="EPSG:4326"),
        communes=gpd.GeoDataFrame(wholes, geometry=shapes.geometry.to_numpy(), crs="EPSG:4326"),
    )


@pytest.fixture(scope="module")
def page(province: Publication) -> str:
    return maps.render("need", province)


def test_it_is_small(page: str) -> None:
    assert len(page.encode()) <= MOST_BYTES
    assert len(gzip.compress(page.encode(), mtime=0)) <= MOST_COMPRESSED


def test_every_cell_is_drawn_and_the_province_has_no_hole(page: str, province: Publication) -> None:
    shapes = topology.decode(content(page)["topology"], "villages")
    drawn = [shapely.union_all([shapely.Polygon(p[0], p[1:]) for p in s]) for s in shapes]
    assert len(drawn) == len(province.villages) >= COUNT
    assert not shapely.is_empty(drawn).any()
    whole, exact = shapely.union_all(drawn), shapely.union_all(province.communes.geometry.to_numpy())
    assert shapely.area(shapely.symmetric_difference(whole, exact)) < 0.004 * shapely.area(exact)
    assert shapely.get_num_interior_rings(shapely.get_parts(whole)).sum() == 0


def test_communes_use_the_arcs_of_their_villages(page: str) -> None:
    objects = content(page)["topology"]["objects"]

    def used(name: str) -> set[int]:
        return {i if i >= 0 else ~i for s in objects[name] for part in s for ring in part for i in ring}

    assert used("communes") <= used("villages")


@pytest.mark.browser
def test_it_opens_on_a_phone(browser: Browser, page: str, tmp_path: Path) -> None:
    file = tmp_path / "need.html"
    file.write_text(page, encoding="utf-8")
    with opened(browser, file, size=PHONE, fragment="#level=villages") as seen:
        assert seen.text("#list h2") == "Thôn, buôn cần chú ý"
