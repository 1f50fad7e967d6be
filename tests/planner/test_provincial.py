"""Provinces are independent: each comes out as if it were alone, and it does not matter where it is worked on."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.boundaries import load_communes
from layers.catalog import Record
from layers.errors import LayerError
from layers.grids import Grid
from planner import lands, overlay, pipeline, products, provincial, workspace
from planner.errors import PlanError
from planner.progress import LogProgress
from planner.sections import Needs, Travel
from tests import tiny_world

NOW = dt.datetime(2026, 1, 31, 8, tzinfo=dt.UTC)


def two_provinces():
    """Return the communes of the tiny world: k00 and k01 lie in the south, k10 and k11 in the north."""
    communes = tiny_world.communes()
    return communes.assign(province_id=["s", "s", "n", "n"])


def covering(villages, communes, *, grid: Grid | None = None):
    return provincial.covering(villages, communes, tiny_world.coverage(), grid=grid, needs=Needs())


def test_a_plan_without_provinces_is_one():
    communes = tiny_world.communes().assign(province_id="")
    assert lands.provinces(communes) == [""]
    assert len(covering(tiny_world.villages(), communes)) == 1


def test_shares_by_province_are_the_shares_of_the_whole():
    villages, coverage = tiny_world.villages(), tiny_world.coverage()
    items = covering(villages, two_provinces())
    assert [len(item.villages) for item in items] == [8, 8]
    apart = pd.concat([provincial.shares_of(item) for item in items])
    order = ["unit_id", "technology", "evidence", "operator"]
    whole = overlay.coverage_shares(villages, coverage, min_tests=Needs().min_tests).sort_values(
        order, ignore_index=True
    )
    pd.testing.assert_frame_equal(apart.sort_values(order, ignore_index=True), whole)


def test_a_large_map_of_coverage_is_cut_to_each_province_and_the_shares_stay():
    villages = tiny_world.villages()
    middle = villages.geometry.union_all().centroid
    ring = middle.buffer(50_000, quad_segs=400).difference(middle.buffer(1_700, quad_segs=400))
    coverage = tiny_world.coverage().iloc[:1].set_geometry([ring], crs=tiny_world.CRS)
    items = provincial.covering(villages, two_provinces(), coverage, grid=None, needs=Needs())
    assert all(shapely.get_num_coordinates(item.coverage.geometry).sum() < 900 for item in items)  # of 3,202
    apart = pd.concat([provincial.shares_of(item) for item in items]).set_index(["unit_id", "operator"])["share"]
    shape = villages.geometry.to_numpy()
    by_hand = pd.Series(
        shapely.area(shapely.intersection(shape, ring)) / shapely.area(shape), index=villages["unit_id"]
    )
    for operator in apart.index.unique("operator"):
        found = apart.xs(operator, level="operator")
        assert found.to_numpy() == pytest.approx(by_hand[found.index].to_numpy(), abs=1e-9)


def test_a_grid_of_people_is_cut_to_the_province_and_weighs_the_same():
    people = np.arange(64.0).reshape(8, 8)  # cells of 1 km over the sixteen villages of 2 km
    top = tiny_world.Y0 + 4 * tiny_world.SIDE_M
    grid = Grid(people, (1000.0, 0.0, tiny_world.X0, 0.0, -1000.0, top), tiny_world.CRS, tiny_world.CRS)
    villages = tiny_world.villages()
    whole = overlay.coverage_shares(villages, tiny_world.coverage(), people=grid.people_in, min_tests=Needs().min_tests)
    items = covering(villages, two_provinces(), grid=grid)
    assert [item.grid.people.shape for item in items] == [(4, 8), (4, 8)]
    apart = pd.concat([provincial.shares_of(item) for item in items])
    order = ["unit_id", "technology", "evidence", "operator"]
    pd.testing.assert_frame_equal(*(t.sort_values(order, ignore_index=True) for t in (apart, whole)))


def test_an_operator_without_signal_in_a_province_still_speaks_of_it():
    """B declares row 0 alone: in the north its share is 0, not unknown, and dated as its layer is."""
    coverage = tiny_world.coverage()
    north = covering(tiny_world.villages(), two_provinces())[0]
    found = provincial.shares_of(north).query("operator == 'B'")
    assert (found["share"] == 0).all()
    assert set(found["data_date"]) == set(coverage["data_date"])


def test_teams_serve_the_province_they_stand_in():
    """The only team stands in v00: nobody in the north has one."""
    communes = two_provinces()
    land = lands.Land(Travel(), None, communes, None, None, {}, None)
    found = pd.concat(
        [provincial.support(i) for i in provincial.supported(land, tiny_world.villages(), tiny_world.teams())]
    )
    status = found.set_index("unit_id")["support_status"]
    assert set(status[[f"v{r}{c}" for r in (0, 1) for c in range(4)]]) == {"reached"}
    assert set(status[[f"v{r}{c}" for r in (2, 3) for c in range(4)]]) == {"unreachable"}


def test_a_raster_of_the_terrain_is_refused_by_name():
    land = lands.Land(Travel(), None, two_provinces(), None, None, {"dem": object(), "landcover": None}, None)
    with pytest.raises(PlanError, match=r"layers\.dem: a plan of several provinces"):
        land.of("n")


def test_some_communes_with_and_some_without_a_province_are_a_fault(tmp_path: Path):
    frame = two_provinces().assign(province_id=["s", "s", None, "n"]).drop(columns=["data_date", "flags"])
    file = tmp_path / "communes.geojson"
    frame.to_crs("EPSG:4326").to_file(file)
    with pytest.raises(LayerError, match="every commune has a province, or none has"):
        load_communes(
            Record("communes", file.name, path=file),
            columns={},
            source_crs=None,
            layer_name=None,
            crs=tiny_world.CRS,
            approximate=False,
        )


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The new workspace, its communes in two provinces."""
    folder = workspace.init(tmp_path_factory.mktemp("divided") / "w")
    file = folder / "inputs" / "communes.geojson"
    content = json.loads(file.read_text(encoding="utf-8"))
    for position, feature in enumerate(content["features"]):
        feature["properties"]["province_id"] = "ab"[position % 2]
    file.write_text(json.dumps(content), encoding="utf-8")
    return folder


def published(folder: Path, out: Path, **where: object) -> dict[str, str]:
    path = pipeline.run(folder / "plan.toml", out=out, now=NOW, seed=None, progress=LogProgress(), **where)
    files = products.open_publication(path).manifest.files
    return {f.path: f.sha256 for f in files if not f.path.endswith(".gpkg")}


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_processes_and_a_cluster_publish_the_same_bytes(divided: Path, tmp_path: Path, scheduler: str):
    here = published(divided, tmp_path / "here")
    assert published(divided, tmp_path / "processes", workers=2) == here
    assert published(divided, tmp_path / "cluster", scheduler=scheduler) == here
    sites = products.open_publication(tmp_path / "here").sites
    solver = products.open_publication(tmp_path / "here").manifest.solver
    assert solver is not None
    assert solver.new_teams == sites.loc[sites["status"] == "new", "teams"].sum()  # of all provinces, not of the first
    communes = products.open_publication(tmp_path / "here").villages.set_index("unit_id")["commune_id"]
    assert communes[sites.loc[sites["status"] == "new", "unit_id"]].nunique() >= 2  # each province adds its own teams


def test_waves_of_provinces_work_side_by_side():
    first = pd.DataFrame(
        {
            "wave": [1, 2],
            "site_id": ["a", "b"],
            "people_reached": [5.0, 8.0],
            "bound": [6.0, 8.0],
            "need_left_people": 1.0,
        }
    )
    second = first.iloc[:1].assign(site_id="c", people_reached=3.0, bound=np.nan)
    together = provincial._waves([first, second])
    assert together["site_id"].tolist() == ["a", "b", "c"]
    assert together["people_reached"].tolist() == [8.0, 11.0, 8.0]
    assert together["bound"].isna().all()
