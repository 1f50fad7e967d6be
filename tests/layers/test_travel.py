from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from layers import ground, travel
from layers.catalog import Record
from layers.errors import CrsError, LayerError
from tests import tiny_world
from tests.tiny_world import X0, Y0

CELL_M = 500.0
OFFROAD_MINUTES = 60 * 0.5 / 5  # half a kilometre at 5 km/h
ROAD_MINUTES = 60 * 0.5 / 30


def roads(*lines: tuple[str, LineString]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"road_class": [c for c, _ in lines]}, geometry=[g for _, g in lines] or None, crs=tiny_world.CRS
    )


def no_roads() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"road_class": []}, geometry=gpd.GeoSeries([], crs=tiny_world.CRS), crs=tiny_world.CRS)


def barriers(*geometries) -> gpd.GeoDataFrame:
    columns = {"name": "", "roads_cross": "no", "season": "all"}
    return gpd.GeoDataFrame(
        {name: [value] * len(geometries) for name, value in columns.items()},
        geometry=list(geometries),
        crs=tiny_world.CRS,
    )


SPEEDS = ground.Speeds(roads_kmh={"national": 30.0, "district": 15.0}, offroad_kmh=5.0)


def grid(road=None, *, barrier=None, cell_m=CELL_M, speeds=SPEEDS, **more) -> ground.CostGrid:
    return ground.cost_grid(
        tiny_world.communes(),
        no_roads() if road is None else road,
        cell_m=cell_m,
        speeds=speeds,
        barriers=barrier,
        **more,
    )


def at(*places: tuple[float, float], prefix: str) -> dict[str, np.ndarray]:
    """Points in metres east and north of the tiny world's corner."""
    xy = np.array(places, dtype=float).reshape(-1, 2)
    return {f"{prefix}_x_m": X0 + xy[:, 0], f"{prefix}_y_m": Y0 + xy[:, 1]}


def minutes_between(found: ground.CostGrid, start, end, *, cutoff=1e9):
    matrix = travel.grid_minutes(found, **at(start, prefix="from"), **at(end, prefix="to"), cutoff_minutes=cutoff)
    return matrix.data[0] if matrix.nnz else None


class TestCostGrid:
    def test_open_country_costs_what_a_person_works_out(self):
        assert minutes_between(grid(), (250, 250), (3250, 250)) == pytest.approx(6 * OFFROAD_MINUTES)
        assert minutes_between(grid(), (250, 250), (1250, 1250)) == pytest.approx(2 * np.sqrt(2) * OFFROAD_MINUTES)

    def test_a_road_is_taken_and_left_at_half_the_difference(self):
        road = roads(("national", LineString([(X0 + 250, Y0 + 750), (X0 + 7750, Y0 + 750)])))
        half = (OFFROAD_MINUTES + ROAD_MINUTES) / 2
        # up to the road, six cells along it, down again; slanting on and off would save two cells and cost more
        expected = 2 * half + 6 * ROAD_MINUTES
        assert minutes_between(grid(road), (250, 250), (3250, 250)) == pytest.approx(expected)

    def test_the_fastest_road_of_a_cell_wins_whatever_the_order_of_rows(self):
        line = LineString([(X0 + 250, Y0 + 250), (X0 + 7750, Y0 + 250)])
        one, other = roads(("national", line), ("district", line)), roads(("district", line), ("national", line))
        assert minutes_between(grid(one), (250, 250), (1250, 250)) == pytest.approx(2 * ROAD_MINUTES)
        assert np.array_equal(grid(one).cell_minutes, grid(other).cell_minutes, equal_nan=True)

    def test_every_cell_that_a_road_touches_has_its_speed(self):
        road = roads(("national", LineString([(X0 + 450, Y0 + 250), (X0 + 550, Y0 + 250)])))
        assert np.isclose(grid(road).cell_minutes, ROAD_MINUTES).sum() == 2

    def test_cells_far_from_every_commune_are_outside(self):
        found = grid()
        inside = found.cells([X0 - 3 * CELL_M + 1, X0 - 3 * CELL_M - 1, np.nan], [Y0 + 1, Y0 + 1, Y0])
        assert inside[0] >= 0
        assert inside[1:].tolist() == [-1, -1]

    def test_between_two_regions_far_apart_nothing_is_known(self):
        area = gpd.GeoDataFrame(geometry=[box(0, 0, 1000, 1000), box(9000, 0, 10000, 1000)], crs=tiny_world.CRS)
        found = ground.cost_grid(area, no_roads(), cell_m=CELL_M, speeds=ground.Speeds({}, offroad_kmh=5))
        assert found.cells([5000.0], [500.0]).tolist() == [-1]
        near = travel.nearest_minutes(found, from_x_m=[500.0], from_y_m=[500.0], to_x_m=[9500.0], to_y_m=[500.0])
        assert near.tolist() == [np.inf]

    def test_the_grid_lies_on_multiples_of_its_cell(self):
        found = grid().lattice
        assert found.west_m % CELL_M == found.north_m % CELL_M == 0
        assert (found.transform.c, found.transform.f) == (found.west_m, found.north_m)
        assert found.crs == tiny_world.CRS

    def test_a_barrier_closes_the_road_that_crosses_it(self):
        road = roads(("national", LineString([(X0, Y0 + 250), (X0 + 8000, Y0 + 250)])))
        wall = barriers(LineString([(X0 + 4250, Y0 - 9000), (X0 + 4250, Y0 + 20000)]))
        assert minutes_between(grid(road, barrier=wall), (250, 250), (7750, 250)) is None
        gap = barriers(LineString([(X0 + 4250, Y0 + 600), (X0 + 4250, Y0 + 20000)]))
        assert minutes_between(grid(road, barrier=gap), (250, 250), (7750, 250)) == pytest.approx(15 * ROAD_MINUTES)

    @pytest.mark.parametrize(
        ("x", "y", "along_x", "along_y"),
        [(5000, 5000, 5174, 19319), (4000, 5500, -667, 19989), (3500, 4000, 18637, 7256), (4000, 4000, 9000, 9000)],
    )
    def test_a_wall_through_the_corners_of_cells_has_no_slanting_gap(self, x, y, along_x, along_y):
        ends = [(X0 + x - along_x, Y0 + y - along_y), (X0 + x + along_x, Y0 + y + along_y)]
        there = np.array([x, y])
        across = np.array([-along_y, along_x]) / np.hypot(along_x, along_y) * 1800
        found = grid(barrier=barriers(LineString(ends)))
        assert minutes_between(found, there + across, there - across) is None

    @settings(deadline=None, max_examples=40)
    @given(west=st.floats(2_000, 6_000), east=st.floats(2_000, 6_000))
    def test_a_thin_sloping_wall_lets_nobody_through(self, west, east):
        wall = barriers(LineString([(X0 - 5000, Y0 + west), (X0 + 13000, Y0 + east)]))
        assert minutes_between(grid(barrier=wall), (4250, -750), (4250, 8750)) is None

    def test_a_class_without_a_speed_is_named_with_the_known_ones(self):
        road = roads(("motorway", LineString([(X0, Y0), (X0 + 10, Y0)])))
        with pytest.raises(LayerError, match=r"'motorway'.*district, national"):
            grid(road)

    def test_a_grid_that_would_fill_the_memory_is_refused(self):
        with pytest.raises(LayerError, match="larger cells"):
            grid(cell_m=0.5)

    def test_another_crs_is_refused(self):
        with pytest.raises(CrsError):
            grid(no_roads().set_crs("EPSG:9218", allow_override=True))
        with pytest.raises(CrsError):
            ground.cost_grid(
                tiny_world.communes().to_crs(4326), no_roads().to_crs(4326), cell_m=1, speeds=ground.Speeds({}, 1)
            )

    @pytest.mark.parametrize("bad", [{"cell_m": 0.0}, {"offroad_kmh": -1.0}, {"roads_kmh": {"x": np.inf}}])
    def test_lengths_and_speeds_are_above_zero(self, bad):
        options = {"cell_m": 500.0, "offroad_kmh": 5.0, "roads_kmh": {}} | bad
        cell_m = options.pop("cell_m")
        with pytest.raises(ValueError, match="above 0"):
            ground.cost_grid(tiny_world.communes(), no_roads(), cell_m=cell_m, speeds=ground.Speeds(**options))


class TestGridMinutes:
    def test_two_points_in_one_cell_are_a_stored_zero_apart(self):
        found = travel.grid_minutes(
            grid(), **at((10, 10), prefix="from"), **at((490, 490), prefix="to"), cutoff_minutes=1
        )
        assert (found.nnz, found.data.tolist()) == (1, [0.0])

    def test_points_outside_have_empty_rows_and_columns(self):
        found = travel.grid_minutes(
            grid(),
            **at((10, 10), (-9000, 0), prefix="from"),
            **at((10, 10), (np.nan, 0), (510, 10), prefix="to"),
            cutoff_minutes=10,
        )
        assert found.indptr.tolist() == [0, 2, 2]
        assert found.indices.tolist() == [0, 2]

    def test_searching_from_the_other_side_gives_the_same_minutes(self):
        rng = np.random.default_rng(7)
        many, few = rng.uniform(0, 8000, (40, 2)), rng.uniform(0, 8000, (3, 2))
        road = roads(("national", LineString([(X0, Y0 + 100), (X0 + 8000, Y0 + 7000)])))
        one = travel.grid_minutes(grid(road), **at(*many, prefix="from"), **at(*few, prefix="to"), cutoff_minutes=45)
        other = travel.grid_minutes(
            grid(road), **at(*few, prefix="from"), **at(*many, prefix="to"), cutoff_minutes=45
        ).T.tocsr()
        assert one.shape == (40, 3)
        assert np.array_equal(one.indptr, other.indptr)
        assert np.array_equal(one.indices, other.indices)
        assert np.allclose(one.data, other.data, rtol=1e-12)

    def test_nothing_to_ask_is_answered_with_an_empty_matrix(self):
        found = travel.grid_minutes(grid(), **at(prefix="from"), **at((1, 1), prefix="to"), cutoff_minutes=1)
        assert found.shape == (0, 1)

    def test_a_longer_cutoff_only_adds_entries(self):
        places = np.random.default_rng(1).uniform(0, 8000, (30, 2))
        points = at(*places, prefix="from") | at(*places, prefix="to")
        short = travel.grid_minutes(grid(), **points, cutoff_minutes=20).toarray()
        long = travel.grid_minutes(grid(), **points, cutoff_minutes=60).toarray()
        assert np.all(long[short > 0] == short[short > 0])


class TestNearestMinutes:
    def test_it_is_the_least_of_the_matrix(self):
        rng = np.random.default_rng(3)
        places, sites = rng.uniform(0, 8000, (30, 2)), rng.uniform(0, 8000, (4, 2))
        points = at(*places, prefix="from") | at(*sites, prefix="to")
        full = travel.grid_minutes(grid(), **points, cutoff_minutes=1e6).toarray()
        assert np.allclose(travel.nearest_minutes(grid(), **points), full.min(axis=1), rtol=1e-12)

    def test_unreachable_outside_and_unknown_are_three_things(self):
        ring = barriers(
            Polygon(
                Point(X0 + 4000, Y0 + 4000).buffer(2500), [Point(X0 + 4000, Y0 + 4000).buffer(1500).exterior.coords]
            )
        )
        found = travel.nearest_minutes(
            grid(barrier=ring),
            **at((4000, 4000), (100, 100), (-9000, 0), prefix="from"),
            **at((100, 100), prefix="to"),
        )
        assert found[:2].tolist() == [np.inf, 0.0]
        assert np.isnan(found[2])

    def test_without_sites_nothing_is_reachable_and_with_sites_outside_nothing_is_known(self):
        here = at((100, 100), prefix="from")
        assert travel.nearest_minutes(grid(), **here, **at(prefix="to")).tolist() == [np.inf]
        assert np.isnan(travel.nearest_minutes(grid(), **here, **at((-9000, 0), prefix="to"))).all()


class TestStraightMinutes:
    def options(self, **more):
        return {"kmh": 30.0, "detour_factor": 1.4} | more

    def test_ten_kilometres_are_28_minutes(self):
        points = at((0, 0), prefix="from") | at((6000, 8000), (0, 0), prefix="to")
        found = travel.straight_minutes(**points, **self.options(cutoff_minutes=28.0))
        assert found.indices.tolist() == [0, 1]
        assert found.data.tolist() == pytest.approx([28.0, 0.0])
        assert travel.nearest_straight_minutes(**points, **self.options()).tolist() == [0.0]

    @settings(deadline=None, max_examples=25)
    @given(seed=st.integers(0, 2**32 - 1), cutoff=st.floats(0.1, 60))
    def test_it_equals_every_pair_measured(self, seed, cutoff):
        rng = np.random.default_rng(seed)
        start, end = rng.uniform(0, 20000, (rng.integers(0, 12), 2)), rng.uniform(0, 20000, (rng.integers(0, 12), 2))
        found = travel.straight_minutes(
            **at(*start, prefix="from"), **at(*end, prefix="to"), **self.options(cutoff_minutes=cutoff)
        )
        every = np.hypot(*(start[:, None] - end[None]).transpose(2, 0, 1)) / 1000 * 1.4 / 30 * 60
        assert np.allclose(found.toarray(), np.where(every <= cutoff, every, 0), rtol=1e-9)
        assert found.has_sorted_indices

    def test_a_point_without_a_position_is_unknown(self):
        points = at((np.nan, 0), (0, 0), prefix="from") | at((0, np.inf), (0, 0), prefix="to")
        assert travel.straight_minutes(**points, **self.options(cutoff_minutes=9)).toarray().sum() == 0
        assert travel.straight_minutes(**points, **self.options(cutoff_minutes=9)).nnz == 1
        assert np.isnan(travel.nearest_straight_minutes(**points, **self.options())).tolist() == [True, False]

    def test_without_sites_nothing_is_reachable(self):
        points = at((0, 0), prefix="from") | at(prefix="to")
        assert travel.nearest_straight_minutes(**points, **self.options()).tolist() == [np.inf]

    @pytest.mark.parametrize("bad", [{"kmh": 0.0}, {"detour_factor": 0.9}, {"kmh": np.nan}])
    def test_a_speed_of_nothing_and_a_detour_below_one_are_refused(self, bad):
        with pytest.raises(ValueError, match="above 0"):
            travel.nearest_straight_minutes(
                **at((0, 0), prefix="from"), **at((0, 0), prefix="to"), **self.options(**bad)
            )


class TestSupport:
    def test_each_status_has_its_case(self):
        found = travel.support(
            ["a", "b", "c", "d"], np.array([30.0, np.inf, 30.1, np.nan]), cutoff_minutes=30, flags=(travel.ROADS_ONLY,)
        )
        assert list(found["support_status"]) == ["reached", "unreachable", "beyond_cutoff", "unknown"]
        assert found["support_minutes"].notna().tolist() == [True, False, False, False]
        assert list(found["flags"]) == [("roads_only",)] * 3 + [()]
        assert list(found["support_reason"]) == [None, None, "too_far", None]

    def test_without_a_teams_layer_nothing_is_known(self):
        found = travel.support(["a"], None, cutoff_minutes=30, flags=(travel.STRAIGHT_LINE,))
        assert found.iloc[0].drop("support_minutes").tolist() == ["a", "unknown", "no_teams_known", ()]


class TestLoaders:
    def write(self, folder, frame) -> Record:
        path = folder / "roads.gpkg"
        frame.to_file(path)
        return Record(layer="roads", file="roads.gpkg", path=path)

    def load(self, record, load=travel.load_roads, **columns):
        return load(record, columns=columns, source_crs=None, layer_name=None, crs=tiny_world.CRS)

    def line(self):
        return LineString([(X0, Y0), (X0 + 1000, Y0)])

    def test_roads_come_with_their_class_in_the_plans_crs(self, tmp_path):
        frame = roads(("national", self.line())).rename(columns={"road_class": "kind"}).assign(lanes=2).to_crs(4326)
        layer = self.load(self.write(tmp_path, frame), road_class="kind")
        assert list(layer.frame.columns) == ["road_class", "geometry"]
        assert layer.frame.crs == tiny_world.CRS
        assert layer.frame.geometry.iloc[0].length == pytest.approx(1000, abs=1e-3)
        assert (layer.rows_read, len(layer.set_aside), layer.record.crs) == (1, 0, "EPSG:4326")

    def test_a_road_without_a_line_is_set_aside_and_listed(self, tmp_path):
        frame = roads(("national", self.line()), ("district", None))
        layer = self.load(self.write(tmp_path, frame))
        assert (len(layer.frame), layer.rows_read) == (1, 2)
        assert layer.set_aside["reason"].tolist() == ["no geometry"]

    def test_a_missing_class_names_file_row_and_column(self, tmp_path):
        with pytest.raises(LayerError, match=r"roads.gpkg, row 2, column 'road_class'"):
            self.load(self.write(tmp_path, roads(("national", self.line()), (None, self.line()))))

    def test_a_missing_column_names_the_nearest(self, tmp_path):
        with pytest.raises(LayerError, match="road_klass"):
            self.load(self.write(tmp_path, roads(("national", self.line()))), road_class="road_klass")

    def test_barriers_may_be_lines_or_polygons(self, tmp_path):
        for shape in (self.line(), box(X0, Y0, X0 + 10, Y0 + 10)):
            record = self.write(tmp_path, barriers(shape))
            layer = self.load(record, travel.load_barriers)
            assert list(layer.frame["name"]) == [""]
            assert layer.frame.geometry.iloc[0].equals(shape)
            record.path.unlink()

    def test_barriers_of_points_are_refused(self, tmp_path):
        with pytest.raises(LayerError, match="Polygon"):
            self.load(self.write(tmp_path, barriers(Point(X0, Y0))), travel.load_barriers)


@pytest.mark.real
def test_the_real_roads_carry_the_province(real_data):
    area = gpd.read_parquet(real_data / "boundaries" / "daklak_communes_2025_simpl50m.parquet").to_crs(tiny_world.CRS)
    file = "roads/daklak_osm_main_roads_20260717.geojson"
    layer = travel.load_roads(
        Record(layer="roads", file=file, path=real_data / file),
        columns={"road_class": "roadClass"},
        source_crs=None,
        layer_name=None,
        crs=tiny_world.CRS,
    )
    assert layer.rows_read == len(layer.frame) == 1201
    kmh = {"national": 40, "provincial": 30, "district": 25}
    found = ground.cost_grid(area, layer.frame, cell_m=250, speeds=ground.Speeds(kmh, offroad_kmh=4))
    inside = area.geometry.representative_point()
    sites = {"to_x_m": inside.x[:5], "to_y_m": inside.y[:5]}
    near = travel.nearest_minutes(found, from_x_m=inside.x, from_y_m=inside.y, **sites)
    assert np.all(np.isfinite(near))
    assert np.all(near[:5] == 0)
    crow = travel.nearest_straight_minutes(from_x_m=inside.x, from_y_m=inside.y, **sites, kmh=40, detour_factor=1)
    # nobody is faster than the fastest road flown straight; half a cell is lost at each end
    assert np.all(near >= crow - 2 * 0.25 * np.sqrt(2) / 40 * 60)
