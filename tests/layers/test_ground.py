"""What it takes to cross a cell, by hand: land cover, slope, season, bridges."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box

from layers import ground, lattice, slopes, travel
from layers.catalog import Layer, Record
from layers.errors import LayerError
from layers.surfaces import Surface
from tests import tiny_world
from tests.tiny_world import X0, Y0

CELL_M = 500.0
AREA = tiny_world.communes()
CELLS = lattice.over(AREA, cell_m=CELL_M)
DRY = ground.Speeds(roads_kmh={"national": 30.0}, offroad_kmh=5.0)
OFFROAD_MINUTES = 6.0  # half a kilometre at 5 km/h


def surface(cells) -> Surface:
    layer = Layer(Record("surface", "surface.tif"), pd.DataFrame(), rows_read=0)
    return Surface(layer, np.broadcast_to(np.asarray(cells, np.float32), CELLS.shape).copy())


def lines(*geometries, kind: str = "national") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"road_class": [kind] * len(geometries)}, geometry=list(geometries), crs=AREA.crs)


def barriers(*geometries, roads_cross: str = "yes", season: str = "all") -> gpd.GeoDataFrame:
    columns = {"name": "", "roads_cross": roads_cross, "season": season}
    rows = {name: [value] * len(geometries) for name, value in columns.items()}
    return gpd.GeoDataFrame(rows, geometry=list(geometries), crs=AREA.crs)


def grid(roads=None, *, speeds=DRY, **more) -> ground.CostGrid:
    return ground.cost_grid(AREA, roads, cell_m=CELL_M, speeds=speeds, **more)


def minutes(found: ground.CostGrid, start, end) -> float | None:
    ends = {"from_x_m": [X0 + start[0]], "from_y_m": [Y0 + start[1]], "to_x_m": [X0 + end[0]], "to_y_m": [Y0 + end[1]]}
    matrix = travel.grid_minutes(found, **ends, cutoff_minutes=1e6)
    return float(matrix.data[0]) if matrix.nnz else None


ROAD = LineString([(X0 - 1000, Y0 + 250), (X0 + 9000, Y0 + 250)])
RIVER = LineString([(X0 + 4000, Y0 - 9000), (X0 + 4000, Y0 + 20000)])


class TestLandCover:
    def test_each_class_has_its_speed_and_nothing_known_is_open_country(self):
        cells = np.full(CELLS.shape, 2.0)
        cells[:, CELLS.columns // 2 :] = np.nan
        speeds = ground.Speeds({}, offroad_kmh=5.0, landcover_kmh={2: 2.5})
        found = grid(speeds=speeds, landcover=surface(cells))
        assert minutes(found, (250, 250), (1250, 250)) == pytest.approx(2 * 12.0)
        assert minutes(found, (6250, 250), (7250, 250)) == pytest.approx(2 * OFFROAD_MINUTES)

    def test_a_class_at_0_lets_nobody_pass_but_a_road_goes_through(self):
        speeds = ground.Speeds({"national": 30.0}, offroad_kmh=5.0, landcover_kmh={80: 0.0})
        water = surface(80.0)
        assert minutes(grid(speeds=speeds, landcover=water), (250, 250), (7250, 250)) is None
        on_road = grid(lines(ROAD), speeds=speeds, landcover=water)
        assert minutes(on_road, (250, 250), (7250, 250)) == pytest.approx(14 * 1.0)
        assert on_road.hold([X0 + 250], [Y0 + 5000]).tolist() == [True]
        assert on_road.hold([X0 + 250], [Y0 + 250]).tolist() == [False]

    def test_a_class_without_a_speed_is_named_with_the_known_ones(self):
        speeds = ground.Speeds({}, offroad_kmh=5.0, landcover_kmh={10: 3.0})
        with pytest.raises(LayerError, match=r"landcover_kmh.*'40'.*there are: 10"):
            grid(speeds=speeds, landcover=surface(40.0))

    def test_a_path_is_never_slower_than_the_land_it_crosses(self):
        speeds = ground.Speeds({"national": 2.0}, offroad_kmh=5.0)
        assert minutes(grid(lines(ROAD), speeds=speeds), (250, 250), (1250, 250)) == pytest.approx(2 * OFFROAD_MINUTES)


class TestSlope:
    def hill(self) -> Surface:
        """50 m higher with every cell to the east: a slope of 10 %."""
        return surface(np.arange(CELLS.columns)[None, :] * 50.0)

    def test_uphill_on_foot_follows_tobler_and_downhill_differs(self):
        found = grid(dem=self.hill())
        up, down = minutes(found, (250, 250), (1250, 250)), minutes(found, (1250, 250), (250, 250))
        assert up == pytest.approx(2 * OFFROAD_MINUTES * np.exp(3.5 * 0.10))
        assert down == pytest.approx(2 * OFFROAD_MINUTES)  # |-0.10 + 0.05| = 0.05, as on the flat

    def test_citizens_go_to_a_team_and_a_team_goes_to_villages(self):
        found = grid(dem=self.hill())
        village, base = {"x": [X0 + 250.0], "y": [Y0 + 250.0]}, {"x": [X0 + 1250.0], "y": [Y0 + 250.0]}
        ends = {"from_x_m": village["x"], "from_y_m": village["y"], "to_x_m": base["x"], "to_y_m": base["y"]}
        assert travel.nearest_minutes(found, **ends)[0] == pytest.approx(minutes(found, (250, 250), (1250, 250)))
        assert travel.nearest_minutes(found, **ends)[0] > minutes(found, (1250, 250), (250, 250)) + 1

    def test_on_wheels_the_table_counts_on_roads_only(self):
        table = slopes.of_table(((-0.2, 1.0), (0.0, 1.0), (0.2, 0.5)))
        speeds = ground.Speeds({"national": 30.0}, offroad_kmh=5.0, on_wheels=table)
        found = grid(lines(ROAD), speeds=speeds, dem=self.hill())
        assert minutes(found, (250, 250), (1250, 250)) == pytest.approx(2 * 1.0 / 0.75)
        assert minutes(found, (1250, 250), (250, 250)) == pytest.approx(2 * 1.0)
        off_road = minutes(found, (250, 5250), (1250, 5250))
        assert off_road == pytest.approx(2 * OFFROAD_MINUTES * np.exp(0.35))

    def test_on_foot_roads_follow_the_hiking_function_too(self):
        speeds = ground.Speeds({"national": 30.0}, offroad_kmh=5.0, on_roads="foot")
        found = grid(lines(ROAD), speeds=speeds, dem=self.hill())
        assert minutes(found, (250, 250), (1250, 250)) == pytest.approx(2 * np.exp(0.35))

    def test_flat_land_with_heights_is_flat_land(self):
        assert minutes(grid(dem=surface(700.0)), (250, 250), (3250, 1750)) == pytest.approx(
            minutes(grid(), (250, 250), (3250, 1750))
        )


class TestBarriers:
    def test_a_road_that_crosses_a_river_is_a_bridge_unless_it_says_no(self):
        start, end = (250, 250), (7250, 250)
        assert minutes(grid(lines(ROAD), barriers=barriers(RIVER)), start, end) == pytest.approx(14 * 1.0)
        assert minutes(grid(lines(ROAD), barriers=barriers(RIVER, roads_cross="no")), start, end) is None
        assert minutes(grid(barriers=barriers(RIVER)), start, end) is None

    def test_the_bridge_is_the_only_way_over(self):
        found = grid(lines(ROAD), barriers=barriers(RIVER))
        over_the_bridge = minutes(found, (3750, 5250), (4250, 5250))
        # from one bank to the other is one cell; by the bridge it is ten cells down and ten up
        assert over_the_bridge > 15 * OFFROAD_MINUTES

    def test_a_road_along_the_bank_opens_nothing(self):
        along = LineString([(X0 + 3750, Y0 - 1000), (X0 + 3750, Y0 + 9000)])
        assert minutes(grid(lines(along), barriers=barriers(RIVER)), (250, 250), (7250, 250)) is None

    def test_a_wide_river_is_crossed_along_the_road(self):
        wide = box(X0 + 3000, Y0 - 9000, X0 + 5000, Y0 + 20000)
        found = grid(lines(ROAD), barriers=barriers(wide))
        assert minutes(found, (250, 250), (7250, 250)) == pytest.approx(14 * 1.0)
        assert minutes(found, (250, 5250), (7250, 5250)) > 14 * 1.0

    def test_a_village_beside_a_river_is_not_in_it(self):
        beside = LineString([(X0 + 4010, Y0 - 9000), (X0 + 4010, Y0 + 20000)])
        found = grid(barriers=barriers(beside))
        assert minutes(found, (3250, 250), (3750, 250)) == pytest.approx(OFFROAD_MINUTES)
        assert minutes(found, (4250, 250), (4750, 250)) == pytest.approx(OFFROAD_MINUTES)

    def test_a_ford_is_closed_in_the_wet_season_only(self):
        ford = barriers(RIVER, roads_cross="no", season="wet")
        wet = ground.Speeds({}, offroad_kmh=5.0, season="wet")
        assert minutes(grid(barriers=ford), (3750, 250), (4250, 250)) == pytest.approx(OFFROAD_MINUTES)
        assert minutes(grid(speeds=wet, barriers=ford), (3750, 250), (4250, 250)) is None

    @settings(deadline=None, max_examples=25)
    @given(seed=st.integers(0, 2**32 - 1))
    def test_a_winding_river_lets_nobody_through(self, seed):
        rng = np.random.default_rng(seed)
        y = np.linspace(Y0 - 5000, Y0 + 13000, 40)
        river = LineString(np.column_stack([X0 + 4000 + rng.normal(0, 600, 40), y]))
        found = grid(barriers=barriers(river, roads_cross="no"))
        assert minutes(found, (250, 4250), (7750, 4250)) is None


class TestFriction:
    def test_minutes_per_metre_are_taken_as_they_are(self):
        found = ground.friction_grid(AREA, surface(0.012), cell_m=CELL_M)
        assert minutes(found, (250, 250), (1250, 250)) == pytest.approx(12.0)

    def test_where_it_says_nothing_nothing_is_known(self):
        cells = np.full(CELLS.shape, 0.012)
        cells[:, : CELLS.columns // 2] = np.nan
        found = ground.friction_grid(AREA, surface(cells), cell_m=CELL_M)
        assert found.cells([X0 + 250, X0 + 7750], [Y0 + 250] * 2).tolist()[0] == -1
        assert found.cells([X0 + 250, X0 + 7750], [Y0 + 250] * 2).tolist()[1] >= 0


class TestSlopeTables:
    def test_tobler_is_one_on_the_flat_and_least_at_five_per_cent_down(self):
        found = slopes.on_foot()
        assert found[400] == pytest.approx(1.0)
        assert slopes.NODES[np.argmin(found)] == pytest.approx(-0.05)
        # 6 exp(-3.5 |s + 0.05|) at 20 % up is 2.501 km/h, on the flat 5.037
        assert found[480] == pytest.approx(5.037 / 2.501, rel=1e-3)

    def test_a_table_is_interpolated_and_its_ends_are_held(self):
        found = slopes.of_table(((0.0, 1.0), (0.1, 0.5)))
        assert found[[0, 400, 420, 440, 800]] == pytest.approx([1.0, 1.0, 1 / 0.75, 2.0, 2.0])

    @pytest.mark.parametrize("bad", [((0.1, 1.0), (0.0, 1.0)), ((0.0, 0.0), (0.1, 1.0))])
    def test_a_table_that_breaks_the_rules_is_refused(self, bad):
        with pytest.raises(ValueError, match="ascend"):
            slopes.of_table(bad)
