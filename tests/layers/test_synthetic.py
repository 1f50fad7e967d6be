from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from layers import boundaries, schema, synthetic
from layers.catalog import Record
from layers.crs import CrsError
from layers.errors import LayerError
from layers.synthetic import draws
from layers.synthetic.coverage import western_half
from planner.config import PlanFile
from tests import tiny_world

REAL = Path(__file__).parent.parent / "real"

PEOPLE = {"k00": 61_104, "k01": 4_000, "k10": 100, "k11": 9_075}
NOBODY: dict[str, list[str]] = {}


def commune_people(people: dict[str, int] = PEOPLE) -> pd.DataFrame:
    return pd.DataFrame({"unit_id": list(people), "people": list(people.values()), "data_date": tiny_world.DATE})


def generated(seed: int = 1) -> gpd.GeoDataFrame:
    return synthetic.villages(tiny_world.communes(), commune_people(), seed=seed).frame


def with_eligible(people: int = 1_000) -> pd.DataFrame:
    return tiny_world.villages().assign(eligible_people=people)


def declared_share(layer, villages: gpd.GeoDataFrame, unit_id: str, signal: str = "yes") -> dict[str, float]:
    """Share of one village's area per operator, by shapely alone."""
    cell = villages.set_index("unit_id").geometry[unit_id]
    rows = layer.frame[layer.frame["signal"] == signal]
    return {o: rows.geometry[rows["operator"] == o].union_all().intersection(cell).area / cell.area for o in OPERATORS}


OPERATORS = ("MobiFone", "VinaPhone", "Viettel")


class TestVillages:
    def test_as_many_as_people_ask_for_and_never_fewer_than_three(self):
        assert generated()["commune_id"].value_counts().to_dict() == {"k00": 37, "k01": 3, "k10": 3, "k11": 6}

    def test_columns_ids_order_and_flags(self):
        frame = generated()
        assert tuple(frame.columns) == schema.VILLAGES
        assert frame["unit_id"].is_monotonic_increasing
        assert list(frame["unit_id"][:2]) == ["k00-001", "k00-002"]
        assert set(frame["flags"]) == {("synthetic",)}
        assert str(frame.crs) == tiny_world.CRS

    def test_flags_of_the_commune_stay(self):
        communes = tiny_world.communes().assign(flags=[("approximate_boundary",)] * 4)
        frame = synthetic.villages(communes, commune_people(), seed=1).frame
        assert set(frame["flags"]) == {("approximate_boundary", "synthetic")}

    def test_points_lie_in_their_own_cell_and_cells_tile_the_commune(self):
        frame = generated()
        assert shapely.contains_xy(frame.geometry.to_numpy(), frame["x_m"], frame["y_m"]).all()
        for commune in tiny_world.communes().itertuples():
            cells = frame.geometry[frame["commune_id"] == commune.unit_id].to_numpy()
            assert shapely.area(cells).sum() == pytest.approx(commune.geometry.area)
            assert shapely.union_all(cells).symmetric_difference(commune.geometry).area < 1e-3

    def test_names_are_of_the_kind_of_unit_and_all_different_in_a_commune(self):
        communes = tiny_world.communes().assign(name=["Phường Một", "Xã Hai", "Xã Ba", "Xã Bốn"])
        frame = synthetic.villages(communes, commune_people(), seed=1).frame
        assert not frame.duplicated(["commune_id", "name"]).any()
        assert frame["name"][frame["commune_id"] == "k00"].str.fullmatch(r"Tổ dân phố \d+").all()
        assert frame["name"][frame["commune_id"] != "k00"].str.fullmatch(r"(Thôn|Buôn) \d+").all()

    def test_the_same_seed_gives_the_same_villages_and_another_does_not(self):
        assert generated(7).equals(generated(7))
        assert not generated(7)["x_m"].equals(generated(8)["x_m"])

    def test_one_commune_more_changes_no_other(self):
        fewer = synthetic.villages(tiny_world.communes().iloc[:3], commune_people(), seed=1).frame
        both = generated()
        assert fewer.equals(both[both["commune_id"] != "k11"].reset_index(drop=True))

    def test_the_order_of_the_communes_does_not_matter(self):
        turned = synthetic.villages(tiny_world.communes().iloc[::-1], commune_people(), seed=1).frame
        assert turned.equals(generated())

    def test_a_commune_without_people_is_named(self):
        with pytest.raises(LayerError, match="k11"):
            synthetic.villages(tiny_world.communes(), commune_people({"k00": 1, "k01": 1, "k10": 1}), seed=1)

    def test_more_villages_than_numbers_are_refused(self):
        people = commune_people(PEOPLE | {"k01": 2_000_000})
        with pytest.raises(LayerError, match="people_per_village"):
            synthetic.villages(tiny_world.communes(), people, seed=1)

    def test_a_commune_too_small_for_its_villages_is_refused_not_looped_over(self):
        communes = (
            tiny_world.communes().iloc[:1].set_geometry([shapely.box(200_000.2, 1_400_000.2, 200_000.8, 1_400_000.8)])
        )
        with pytest.raises(LayerError, match="k00"):
            synthetic.villages(communes, commune_people(), seed=1)

    def test_degrees_are_refused(self):
        with pytest.raises(CrsError):
            synthetic.villages(tiny_world.communes().to_crs("EPSG:4326"), commune_people(), seed=1)


class TestVillagePopulation:
    def test_people_of_every_commune_are_kept_to_the_person(self):
        villages = generated()
        layer = synthetic.village_population(villages, commune_people(), seed=1)
        assert tuple(layer.frame.columns) == schema.POPULATION
        assert list(layer.frame["unit_id"]) == list(villages["unit_id"])
        of = layer.frame["people"].groupby(villages["commune_id"]).sum()
        assert of.to_dict() == PEOPLE
        assert (layer.frame["people"] > 0).all()
        assert layer.record.synthetic

    @settings(deadline=None, max_examples=15)
    @given(st.integers(0, 100_000), st.integers(0, 2**40))
    def test_for_any_people_and_seed(self, people, seed):
        table = commune_people(PEOPLE | {"k01": people})
        frame = synthetic.village_population(generated(), table, seed=seed).frame
        assert frame["people"][frame["unit_id"].str.startswith("k01-")].sum() == people


class TestCoverage:
    truth: ClassVar = {"white_spots": ["v22"], "weak_spots": ["v31"], "contradiction": ["v10"], "unknown": ["v33"]}

    def declared(self, *, seed=3, full_in=(), truth=None):
        villages, communes = tiny_world.villages(), tiny_world.communes()
        return synthetic.coverage(
            villages, communes, seed=seed, truth=self.truth if truth is None else truth, full_in=full_in
        )

    def measured(self, seed=3):
        return synthetic.coverage(
            tiny_world.villages(), tiny_world.communes(), seed=seed, evidence="measured", truth=self.truth
        )

    def test_columns_and_marks(self):
        layer = self.declared()
        assert set(layer.frame.columns) == set(schema.COVERAGE)
        assert layer.frame["synthetic"].all()
        assert layer.record.synthetic
        assert layer.record.file == "synthetic"
        assert set(layer.frame["operator"]) == set(OPERATORS)
        assert set(layer.frame["evidence"]) == {"declared"}
        assert layer.frame.geometry.is_valid.all()
        assert set(layer.frame.geometry.geom_type) <= {"Polygon", "MultiPolygon"}

    @pytest.mark.parametrize("seed", [0, 1, 2, 99])
    def test_what_truth_asks_for_is_so_for_every_seed_and_operator(self, seed):
        layer, villages = self.declared(seed=seed), tiny_world.villages()
        assert max(declared_share(layer, villages, "v22").values()) < 1e-9
        assert list(declared_share(layer, villages, "v31").values()) == pytest.approx([0.5] * 3, abs=0.001)
        assert list(declared_share(layer, villages, "v10").values()) == pytest.approx([1.0] * 3)
        assert max(declared_share(layer, villages, "v33").values()) < 1e-9
        assert list(declared_share(layer, villages, "v33", "unknown").values()) == pytest.approx([1.0] * 3)

    def test_weak_spots_have_signal_in_the_same_half(self):
        layer, villages = self.declared(), tiny_world.villages()
        cell = villages.set_index("unit_id").geometry["v31"]
        together = layer.frame.geometry[layer.frame["signal"] == "yes"].union_all().intersection(cell).area / cell.area
        assert together == pytest.approx(0.5, abs=0.001)

    def test_measurements_contradict_where_truth_says_and_leave_the_unknown_alone(self):
        layer, villages = self.measured(), tiny_world.villages()
        assert set(layer.frame["signal"]) <= {"yes", "no"}
        assert list(declared_share(layer, villages, "v10", "no").values()) == pytest.approx([1.0] * 3)
        for unit_id in ("v22", "v31", "v33"):
            touched = layer.frame.geometry.intersection(villages.set_index("unit_id").geometry[unit_id]).area
            assert touched.sum() < 1e-6

    def test_elsewhere_measurements_find_what_is_declared(self):
        world = synthetic.villages(tiny_world.communes(), commune_people(PEOPLE | {"k11": 300_000}), seed=1).frame
        communes = tiny_world.communes()
        declared = synthetic.coverage(world, communes, seed=5)
        measured = synthetic.coverage(world, communes, seed=5, evidence="measured")
        seen = measured.frame[measured.frame["operator"] == "Viettel"]
        cells = world.geometry[[c.intersection(seen.geometry.union_all()).area > c.area / 2 for c in world.geometry]]
        assert len(cells) > 0
        yes = seen.geometry[seen["signal"] == "yes"].union_all()
        theirs = declared.frame.geometry[declared.frame["operator"] == "Viettel"].union_all()
        assert yes.symmetric_difference(theirs.intersection(cells.union_all())).area < 1e-3

    def test_a_commune_in_full_in_is_covered_in_full_by_all(self):
        layer = self.declared(full_in=("k01",))
        commune = tiny_world.communes().geometry[1]
        for operator in OPERATORS:
            of = layer.frame[(layer.frame["operator"] == operator) & (layer.frame["signal"] == "yes")]
            assert of.geometry.union_all().intersection(commune).area == pytest.approx(commune.area)

    def test_the_same_seed_gives_the_same_bytes(self):
        first, second = self.declared(seed=4), self.declared(seed=4)
        assert first.record == second.record
        assert first.frame.to_wkb().equals(second.frame.to_wkb())
        assert self.declared(seed=5).record.sha256 != first.record.sha256

    def test_tiles_of_one_operator_do_not_overlap(self):
        of = self.declared().frame.query("operator == 'Viettel' and signal == 'yes'")
        assert of.geometry.area.sum() == pytest.approx(of.geometry.union_all().area)

    @pytest.mark.parametrize(
        ("truth", "words"),
        [
            ({"white_spot": ["v22"]}, "white_spots"),
            ({"white_spots": ["v99"]}, "v99"),
            ({"white_spots": "v22"}, "list of village ids"),
            ({"white_spots": [1]}, "list of village ids"),
            ({"white_spots": ["v22"], "weak_spots": ["v22"]}, "one thing only"),
            ({"white_spots": ["v02"]}, "full_in"),
        ],
    )
    def test_a_truth_at_fault_is_told(self, truth, words):
        with pytest.raises(LayerError, match=words):
            self.declared(truth=truth, full_in=("k01",))

    def test_unknown_communes_and_evidence_are_told(self):
        with pytest.raises(LayerError, match="k99"):
            self.declared(full_in=("k99",))
        with pytest.raises(LayerError, match="modelled"):
            synthetic.coverage(tiny_world.villages(), tiny_world.communes(), seed=1, evidence="modelled")

    def test_two_systems_are_refused(self):
        with pytest.raises(CrsError):
            synthetic.coverage(tiny_world.villages(), tiny_world.communes().to_crs("EPSG:32648"), seed=1)

    @settings(deadline=None, max_examples=40)
    @given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=3, max_size=8, unique=True))
    def test_the_western_half_is_half(self, points):
        shape = shapely.MultiPoint(points).convex_hull
        if shape.area > 1:
            half = western_half(shape)
            assert half.area / shape.area == pytest.approx(0.5, abs=0.001)
            assert half.bounds[0] == shape.bounds[0]


class TestAdoption:
    def test_adds_to_the_total_exactly_and_stays_within_the_people(self):
        layer = synthetic.adoption(with_eligible(), indicator="vneid_issued", seed=1, total=13_288, truth=NOBODY)
        frame = layer.frame
        assert tuple(frame.columns) == schema.ADOPTION
        assert frame["numerator"].sum() == 13_288
        assert frame["numerator"].between(0, frame["denominator"]).all()
        assert set(frame["denominator"]) == {1_000}
        assert layer.record.layer == "adoption.vneid_issued"
        assert frame["synthetic"].all()

    def test_places_differ(self):
        frame = synthetic.adoption(with_eligible(), indicator="x", seed=1, total=12_600).frame
        assert frame["numerator"].std() > 50

    @settings(deadline=None, max_examples=25)
    @given(st.integers(0, 2**32), st.lists(st.integers(0, 400), min_size=16, max_size=16), st.data())
    def test_fewer_in_all_is_fewer_or_equal_in_every_village(self, seed, people, data):
        villages = tiny_world.villages().assign(eligible_people=people)
        more = data.draw(st.integers(0, sum(people)))
        fewer = data.draw(st.integers(0, more))
        issued = synthetic.adoption(villages, indicator="issued", seed=seed, total=more).frame["numerator"]
        activated = synthetic.adoption(villages, indicator="activated", seed=seed, total=fewer).frame["numerator"]
        assert (issued.sum(), activated.sum()) == (more, fewer)
        assert (activated <= issued).all()
        assert (issued <= people).all()

    def test_suppressed_counts_few_and_unknown_has_no_row(self):
        truth = {"suppressed": ["v00"], "unknown": ["v33"]}
        frame = synthetic.adoption(with_eligible(), indicator="x", seed=1, total=11_000, truth=truth).frame
        by = frame.set_index("unit_id")
        assert by["denominator"]["v00"] == 12
        assert "v33" not in by.index
        assert frame["numerator"].sum() == 11_000

    @pytest.mark.parametrize("total", [None, -1, 16_001])
    def test_a_total_that_cannot_be_is_told(self, total):
        with pytest.raises(LayerError, match="16,000"):
            synthetic.adoption(with_eligible(), indicator="x", seed=1, total=total)

    def test_the_order_of_the_villages_does_not_matter(self):
        one = synthetic.adoption(with_eligible(), indicator="x", seed=1, total=9_999).frame
        two = synthetic.adoption(with_eligible().iloc[::-1], indicator="x", seed=1, total=9_999).frame
        assert one.equals(two)


class TestTeams:
    def test_one_in_each_village_of_the_commune(self):
        layer = synthetic.teams(tiny_world.villages(), seed=1, commune_id="k01")
        assert tuple(layer.frame.columns) == schema.TEAMS_COLUMNS
        assert set(layer.frame["contact"]) == {""}
        assert layer.frame["synthetic"].all()
        fixed = layer.frame[layer.frame["team_type"] == "community"]
        assert list(fixed["unit_id"]) == ["v02", "v03", "v12", "v13"]
        assert list(fixed["site_id"]) == ["team-v02", "team-v03", "team-v12", "team-v13"]
        assert fixed["teams"].sum() == 4
        assert fixed["x_m"].iloc[0] == tiny_world.X0 + 2.5 * tiny_world.SIDE_M

    def test_and_a_rapid_response_team_in_the_village_nearest_the_middle(self):
        villages = tiny_world.villages().assign(commune_id="k01")
        layer = synthetic.teams(villages[villages["unit_id"].isin(["v00", "v01", "v03"])], seed=1, commune_id="k01")
        rapid = layer.frame[layer.frame["team_type"] == "rapid_response"]
        assert rapid[["site_id", "unit_id"]].to_numpy().tolist() == [["rapid-k01", "v01"]]
        assert layer.frame["site_id"].is_monotonic_increasing

    @pytest.mark.parametrize("commune_id", [None, "k99"])
    def test_a_commune_without_villages_is_told(self, commune_id):
        with pytest.raises(LayerError, match="commune that has villages"):
            synthetic.teams(tiny_world.villages(), seed=1, commune_id=commune_id)


class TestBarriers:
    def test_nothing_asked_nothing_made(self):
        frame = synthetic.barriers(tiny_world.villages()).frame
        assert len(frame) == 0
        assert tuple(frame.columns) == schema.BARRIERS
        assert str(frame.crs) == tiny_world.CRS

    @settings(deadline=None, max_examples=40)
    @given(st.floats(0, 250, exclude_max=True), st.floats(0, 250, exclude_max=True))
    def test_no_path_of_eight_neighbours_crosses_however_the_grid_lies(self, east, north):
        """Flood from the village over cells whose centre is not in the ring; it must never get out."""
        layer = synthetic.barriers(tiny_world.villages(), truth={"unreachable": ["v11"]})
        x_m, y_m = tiny_world.X0 + 1.5 * tiny_world.SIDE_M, tiny_world.Y0 + 1.5 * tiny_world.SIDE_M
        size = 14
        at = (np.arange(2 * size) - size + 0.5) * 250
        wall = shapely.contains_xy(layer.frame.geometry[0], *np.meshgrid(x_m + east + at, y_m + north + at))
        start = int((y_m - (y_m + north - size * 250)) // 250), int((x_m - (x_m + east - size * 250)) // 250)
        assert not wall[start]
        seen, todo = {start}, [start]
        while todo:
            r, c = todo.pop()
            around = {(r + i, c + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} - seen
            for cell in around:
                assert min(cell) >= 0
                assert max(cell) < 2 * size
                if not wall[cell]:
                    seen.add(cell)
                    todo.append(cell)
        assert len(seen) < 30

    def test_a_neighbour_that_would_be_cut_off_is_named(self):
        villages = tiny_world.villages()
        villages.loc[1, "x_m"] = villages["x_m"][0] + 600
        with pytest.raises(LayerError, match="v01"):
            synthetic.barriers(villages, truth={"unreachable": ["v00"]})


def test_streams_do_not_depend_on_each_other():
    assert draws.stream(1, "a").random() == draws.stream(1, "a").random()
    assert len({draws.stream(s, n).random() for s in (1, 2) for n in ("a", "b", "ab")}) == 6


@pytest.mark.real
def test_the_real_province_gets_what_its_truth_asks_for(real_data):
    """Every village named in tests/real/truth.json, by plain areas of polygons."""
    villages, communes = _real_villages(real_data)
    assert len(villages) == 1_448
    truth = json.loads((REAL / "truth.json").read_text(encoding="utf-8"))
    declared = synthetic.coverage(villages, communes, seed=1, truth=truth, full_in=("24259",))
    measured = synthetic.coverage(villages, communes, seed=1, truth=truth, full_in=("24259",), evidence="measured")
    for unit_id in truth["white_spots"]:
        assert max(declared_share(declared, villages, unit_id).values()) < 1e-9
    for unit_id in truth["weak_spots"]:
        assert list(declared_share(declared, villages, unit_id).values()) == pytest.approx([0.5] * 3, abs=0.001)
    for unit_id in truth["unknown"]:
        assert list(declared_share(declared, villages, unit_id, "unknown").values()) == pytest.approx([1.0] * 3)
    for unit_id in truth["contradiction"]:
        assert list(declared_share(declared, villages, unit_id).values()) == pytest.approx([1.0] * 3)
        assert list(declared_share(measured, villages, unit_id, "no").values()) == pytest.approx([1.0] * 3)
    rings = synthetic.barriers(villages, truth=truth).frame.geometry
    points = gpd.GeoSeries.from_xy(villages["x_m"], villages["y_m"], crs=villages.crs)
    inside = [villages["unit_id"][points.within(Polygon(ring.exterior))].tolist() for ring in rings]
    assert sorted(inside) == [[unit_id] for unit_id in sorted(truth["unreachable"])]


@pytest.mark.real
@pytest.mark.parametrize("plan", ["plan.toml", "claim.toml"])
def test_the_real_plans_read_and_find_their_files(plan, real_data, monkeypatch):
    monkeypatch.setenv("PLANNER_REAL_DATA", str(real_data))
    file = PlanFile(REAL / plan)
    layers = file.plan.layers
    sections = [layers.communes, layers.villages, layers.population, layers.roads, *layers.coverage.values()]
    sections += [s for s in (layers.outline, layers.places) if s is not None]
    assert all(file.resolve(s.path, key="test").is_file() for s in sections if s.path is not None)
    assert any(s.generate for s in layers.coverage.values()) == (plan == "plan.toml")


def _real_villages(real_data):
    """Return villages and communes of the real province as the plan reads them."""
    communes = boundaries.load_communes(
        Record("communes", "communes", real_data / "boundaries" / "daklak_communes_2025.parquet"),
        columns={"unit_id": "code", "name": "full_name"},
        source_crs=None,
        layer_name=None,
        crs=tiny_world.CRS,
        approximate=False,
    ).frame
    columns = {"unit_id": "usid", "name": "name", "lon": "lon", "lat": "lat", "commune_id": "code_2025"}
    villages = boundaries.load_villages(
        Record("villages", "villages", real_data / "settlements" / "hes_hamlets_1974_daklak.csv"),
        columns=columns,
        source_crs=None,
        layer_name=None,
        crs=tiny_world.CRS,
        communes=communes,
        kind="points",
        same_place="merge",
        commune_without_village="commune",
        coarse_above_km2=100,
    ).frame
    return villages, communes
