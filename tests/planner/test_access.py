"""Minutes by hand: straight lines where the plan has no roads, the grid where it has."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from planner import access
from planner.sections import Travel
from tests import tiny_world

POINTS = tiny_world.villages()


def straight() -> access.Ways:
    return access.ways(Travel(), communes=tiny_world.communes(), roads=None, barriers=None)


def test_without_roads_minutes_are_straight_lines_with_a_detour_and_say_so():
    ways = straight()
    assert ways.flag == "straight_line"
    minutes = ways.matrix(POINTS, POINTS, cutoff_minutes=6).toarray()
    # v00 to v01: 2,000 m x 1.4 at 30 km/h
    assert minutes[0, 1] == pytest.approx(5.6)
    # the diagonal takes 7.9 minutes, beyond the cutoff
    assert minutes[0, 5] == 0


def test_with_roads_minutes_follow_the_grid_and_say_so():
    road = gpd.GeoDataFrame(
        {"road_class": ["national"]},
        geometry=[LineString([(tiny_world.X0, tiny_world.Y0 + 1_000), (tiny_world.X0 + 8_000, tiny_world.Y0 + 1_000)])],
        crs=tiny_world.CRS,
    )
    ways = access.ways(Travel(), communes=tiny_world.communes(), roads=road, barriers=None)
    assert ways.flag == "roads_only"
    minutes = ways.nearest(POINTS, POINTS.iloc[:1])
    # v01 lies on the road: 2,000 m at 40 km/h
    assert minutes[1] == pytest.approx(3.0)
    assert minutes[4] > 3.0


def test_support_knows_fixed_teams_only_and_unknown_is_not_far():
    teams = pd.concat([tiny_world.teams(), tiny_world.teams().assign(site_id="m", team_type="rapid_response")])
    found = straight().support(POINTS, teams).set_index("unit_id")
    assert found.loc["v00", "support_minutes"] == 0
    assert found.loc["v01", "support_minutes"] == pytest.approx(5.6)
    nobody = straight().support(POINTS, None)
    assert set(nobody["support_status"]) == {"unknown"}
    assert np.isnan(nobody["support_minutes"]).all()
    only_mobile = straight().support(POINTS, teams[teams["team_type"] == "rapid_response"])
    assert set(only_mobile["support_status"]) == {"unreachable"}
