"""Minutes by hand: straight lines where the plan has no roads, the grid where it has."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from shapely import LineString

from layers.matrix import Matrix
from planner import access
from planner.errors import PlanError
from planner.sections import Travel
from tests import tiny_world

POINTS = tiny_world.villages()


def straight() -> access.Ways:
    return access.ways(Travel(), communes=tiny_world.communes(), roads=None, barriers=None)


def test_without_roads_minutes_are_straight_lines_with_a_detour_and_say_so():
    ways = straight()
    assert ways.flags == ("straight_line",)
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
    assert ways.flags == ("roads_only",)
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


ROAD = gpd.GeoDataFrame(
    {"road_class": ["national"]},
    geometry=[LineString([(tiny_world.X0, tiny_world.Y0 + 1_000), (tiny_world.X0 + 8_000, tiny_world.Y0 + 1_000)])],
    crs=tiny_world.CRS,
)


def on_road(**settings) -> access.Ways:
    return access.ways(Travel(**settings), communes=tiny_world.communes(), roads=ROAD, barriers=None)


def test_on_foot_a_road_is_walked_and_in_the_wet_season_all_is_slower():
    along = {
        name: on_road(**settings).nearest(POINTS, POINTS.iloc[:1])[1]
        for name, settings in {
            "ride": {},
            "walk": {"mode": "walking"},
            "wet ride": {"season": "wet"},
            "wet walk": {"mode": "walking", "season": "wet"},
        }.items()
    }
    # 2,000 m at 40 km/h, at 5 km/h, and nine tenths of both
    assert along == pytest.approx({"ride": 3.0, "walk": 24.0, "wet ride": 3.0 / 0.9, "wet walk": 24.0 / 0.9})
    assert on_road(season="wet").flags == ("roads_only", "wet_season")


def test_a_share_of_nothing_closes_the_road_in_the_wet_season_only():
    shares = {"national": 0.0, "provincial": 1.0, "district": 1.0, "offroad": 1.0}
    wet = on_road(season="wet", wet_share=shares).nearest(POINTS, POINTS.iloc[:1])
    # the road is no road: 2,000 m at 4 km/h
    assert wet[1] == pytest.approx(30.0)


def given_minutes(*, empty_is_unknown: bool) -> access.Ways:
    entries = ([7.0, 0.0, 250.0], ([0, 1, 2], [1, 1, 1]))
    minutes = sparse.coo_array(entries, shape=(4, 2)).tocsr()
    brought = Matrix(np.array(["v00", "v01", "v02", "v03"]), np.array(["t0", "t1"]), minutes)
    return access.ways(
        Travel(),
        communes=tiny_world.communes(),
        roads=ROAD,
        barriers=None,
        given=access.Given(brought, empty_is_unknown=empty_is_unknown),
    )


@pytest.mark.parametrize(("empty_is_unknown", "status"), [(False, "unreachable"), (True, "unknown")])
def test_a_matrix_of_ones_own_comes_first_and_says_what_empty_means(empty_is_unknown, status):
    ways = given_minutes(empty_is_unknown=empty_is_unknown)
    found = ways.support(POINTS, tiny_world.teams()).set_index("unit_id")
    assert ways.flags == ("given_minutes",)
    assert found.loc["v00", ["support_minutes", "support_status", "support_reason"]].tolist() == [7.0, "reached", None]
    assert found.loc["v01", "support_minutes"] == 0.0
    assert found.loc["v02", ["support_status", "support_reason"]].tolist() == ["beyond_cutoff", "too_far"]
    assert found.loc["v03", ["support_status", "support_reason"]].tolist() == [status, "no_entry"]
    assert found.loc["v10", ["support_status", "support_reason"]].tolist() == ["unknown", "not_in_matrix"]


def test_a_team_without_a_column_leaves_unknown_what_no_other_team_reaches():
    two = pd.concat([tiny_world.teams(), tiny_world.teams().assign(site_id="t9")])
    found = given_minutes(empty_is_unknown=False).support(POINTS, two).set_index("unit_id")
    assert found.loc["v00", "support_status"] == "reached"
    assert found.loc["v03", "support_status"] == "unknown"


def test_pairs_of_a_matrix_of_ones_own_are_found_by_id_whatever_the_order():
    sites = pd.DataFrame({"site_id": ["t9", "t1"]})
    found = given_minutes(empty_is_unknown=False).matrix(POINTS.iloc[[2, 0, 1]], sites, cutoff_minutes=100)
    assert found.indptr.tolist() == [0, 0, 1, 2]
    assert (found.indices.tolist(), found.data.tolist()) == ([1, 1], [7.0, 0.0])


def test_candidates_without_a_column_are_left_out_and_none_at_all_is_told():
    sites = pd.DataFrame({"site_id": ["site-v00", "t0"]})
    ways = given_minutes(empty_is_unknown=False)
    assert ways.known_sites(sites)["site_id"].tolist() == ["t0"]
    assert straight().known_sites(sites) is sites
    with pytest.raises(PlanError, match=r"site-<unit_id>, for example site-v00"):
        ways.known_sites(sites.iloc[:1])


def test_why_a_village_is_not_reached_is_said():
    ring = gpd.GeoDataFrame(
        {"name": [""], "roads_cross": ["no"], "season": ["all"]},
        geometry=[POINTS.geometry.iloc[5].buffer(100).boundary],
        crs=tiny_world.CRS,
    )
    ways = access.ways(Travel(), communes=tiny_world.communes(), roads=ROAD, barriers=ring)
    away = POINTS.assign(x_m=POINTS["x_m"].where(POINTS["unit_id"] != "v10", 9e6).where(POINTS["unit_id"] != "v11"))
    found = ways.support(away, tiny_world.teams()).set_index("unit_id")["support_reason"]
    assert (found["v10"], found["v11"]) == ("outside_the_grid", "no_position")
    inside = ways.support(POINTS, tiny_world.teams()).set_index("unit_id")
    assert inside.loc["v11", ["support_status", "support_reason"]].tolist() == ["unreachable", "cut_off"]
    only_mobile = tiny_world.teams().assign(team_type="rapid_response")
    assert set(ways.support(POINTS, only_mobile)["support_reason"]) == {"no_team_stands"}
