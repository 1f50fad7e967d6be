"""Pictures of what varies inside villages: classes at their bounds, and the numbers of the published tables."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
from scipy import sparse
from shapely import LineString

from layers import mercator
from layers.matrix import Matrix
from planner import pictured
from planner.lands import Land
from planner.pictured import minutes_codes
from planner.sections import CoverageSection, Travel
from tests import tiny_world

POINTS = tiny_world.villages()


def land(**changes: object) -> Land:
    x, y = tiny_world.X0, tiny_world.Y0
    road = gpd.GeoDataFrame(
        {"road_class": ["national"]},
        geometry=[LineString([(x, y + 1_000), (x + 8_000, y + 1_000)])],
        crs=tiny_world.CRS,
    )
    parts = {
        "settings": Travel(cutoff_minutes=40),
        "section": None,
        "communes": tiny_world.communes().assign(province_id=""),
        "roads": road,
        "barriers": None,
        "terrain": {},
        "given": None,
    }
    return Land(**{**parts, **changes})


def at(found: pictured.Pictured, lon: float, lat: float) -> int:
    west, _, _, north = found.placed.bounds_deg
    x, y = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform([west, lon], [north, lat])
    return int(found.placed.codes[int((y[0] - y[1]) / found.placed.cell_m), int((x[1] - x[0]) / found.placed.cell_m)])


def test_classes_at_their_bounds() -> None:
    bounds = pictured.minutes_bounds(40)
    assert bounds == [0, 10, 20, 30, 40]
    minutes = np.array([np.nan, 0, 9.99, 10, 39, 40, 40.01, np.inf])
    assert minutes_codes(minutes, bounds).tolist() == [0, 1, 1, 2, 4, 4, 5, 6]


def test_villages_lie_in_the_class_of_their_own_minutes() -> None:
    ground = land()
    found = pictured.support(ground, tiny_world.teams())
    assert found is not None
    minutes = ground.ways.support(POINTS, tiny_world.teams())["support_minutes"]
    points = gpd.GeoSeries.from_xy(POINTS["x_m"], POINTS["y_m"], crs=tiny_world.CRS).to_crs("EPSG:4326")
    shown = [found.entry.classes[at(found, p.x, p.y) - 1] for p in points]
    differing = 0
    for value, seen in zip(minutes, shown, strict=True):
        inside = seen.code == "beyond_cutoff" if np.isnan(value) else seen.low <= value < seen.high
        differing += not inside
    # a cell of the picture may be that of the neighbour, 250 m further
    assert differing <= 1
    assert len({c.colour for c in shown}) > 2
    assert found.entry.flags == ["roads_only"]


def test_the_plans_own_teams_bring_people_nearer() -> None:
    teams = tiny_world.teams()
    more = POINTS.assign(team_type="community", teams=1)
    before, after = pictured.support(land(), teams), pictured.planned(land(), more)
    assert before is not None
    assert after is not None
    assert (after.placed.codes <= before.placed.codes).all()
    assert after.placed.codes.sum() < before.placed.codes.sum()
    nobody = pictured.planned(land(), more.assign(teams=0))
    assert nobody is None


def test_where_there_is_no_surface_there_is_no_picture() -> None:
    teams = tiny_world.teams()
    assert pictured.support(land(), None) is None
    assert pictured.support(land(), teams.assign(team_type="rapid_response")) is None
    assert pictured.support(land(roads=None), teams) is None
    two = land().communes.assign(province_id=["a", "a", "b", "b"])
    assert pictured.support(land(communes=two), teams) is None
    given = Matrix(np.array(["v00"]), np.array(["s"]), sparse.csr_array((1, 1)))
    assert pictured.support(land(given=given), teams) is None


def test_a_coverage_raster_has_its_threshold_among_its_classes() -> None:
    placed = mercator.Placed(np.ones((2, 2), dtype=np.uint8), (108.0, 12.0, 108.1, 12.1), 500.0)
    section = CoverageSection(path="a.tif", operator="V", evidence="modelled", threshold_dbm=-100)
    plain = CoverageSection(path="b.tif", operator="M", technology="5G")
    found = pictured.signals({"b": placed, "a": placed}, {"a": section, "b": plain})
    assert [p.entry.path for p in found] == ["rasters/signal-1.png", "rasters/signal-2.png"]
    strength, yes = (p.entry for p in found)
    assert [(c.low, c.high) for c in strength.classes] == [
        (None, -110),
        (-110, -100),
        (-100, -90),
        (-90, -80),
        (-80, None),
    ]
    assert strength.unit == "dbm"
    assert [c.code for c in yes.classes] == ["not_covered", "covered"]
    assert (yes.operator, yes.technology, yes.evidence, yes.unit) == ("M", "5G", "declared", "")


@pytest.mark.parametrize("name", ["support_minutes", "planned_minutes"])
def test_names_are_files(name: str) -> None:
    make = {
        "support_minutes": lambda: pictured.support(land(), tiny_world.teams()),
        "planned_minutes": lambda: pictured.planned(land(), tiny_world.teams()),
    }[name]
    found = make()
    assert found is not None
    assert found.entry.path == f"rasters/{name}.png"
    assert Path(found.entry.path).suffix == ".png"
    assert found.png().startswith(b"\x89PNG")
    assert json.loads(found.entry.model_dump_json())["name"] == name
