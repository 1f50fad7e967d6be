"""The real province from outside: the files of PLANNER_REAL_DATA through the command line to a publication."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import MultiPolygon

from planner import products

pytestmark = pytest.mark.real

ROOT = Path(__file__).resolve().parent.parent
PLANS = ROOT / "tests" / "real"
NOW = "2026-11-01T00:00:00Z"


def run(plan: str, folder: Path) -> products.Publication:
    command = [sys.executable, "-m", "planner", "run", str(PLANS / plan), "--out", str(folder), "--now", NOW]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return products.open_publication(Path(ended.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def province(tmp_path_factory) -> products.Publication:
    return run("plan.toml", tmp_path_factory.mktemp("province"))


@pytest.fixture(scope="module")
def claim(tmp_path_factory) -> products.Publication:
    return run("claim.toml", tmp_path_factory.mktemp("claim"))


@pytest.fixture(scope="module")
def truth() -> dict[str, list[str]]:
    return json.loads((PLANS / "truth.json").read_text(encoding="utf-8"))


def test_1715_hamlets_are_1448_villages(province, real_data):
    hamlets = pd.read_csv(
        real_data / "settlements" / "hes_hamlets_1974_daklak.csv", dtype={"usid": str, "code_2025": str}
    )
    assert len(hamlets) == 1_715
    villages = province.villages
    assert len(villages) == 1_448
    own = villages["flags"].map(lambda flags: "commune_as_village" in flags)
    assert own.sum() == 5
    assert set(villages["unit_id"][own]) == set(province.communes["unit_id"]) - set(hamlets["code_2025"])
    merged = villages["flags"].map(lambda flags: "merged_points" in flags)
    at_one_point = hamlets.groupby(["lon", "lat"]).size()
    assert merged.sum() == (at_one_point > 1).sum()


def test_cells_in_pieces_stay_whole_and_wide_ones_are_flagged(province):
    villages = province.villages
    metric = villages.to_crs("EPSG:32649")
    wide = metric.area > 100e6
    assert (villages["flags"].map(lambda flags: "coarse_catchment" in flags) == wide).all()
    assert villages.geometry.map(lambda g: isinstance(g, MultiPolygon) and len(g.geoms) > 1).any()


def test_people_equal_the_official_totals_of_every_commune(province, real_data):
    official = pd.read_csv(real_data / "population" / "daklak_communes_population_2025.csv", dtype={"code": str})
    expected = official.set_index("code")["population_2025"].astype("int64")
    found = province.communes.set_index("unit_id")["population_people"].astype("int64")
    pd.testing.assert_series_equal(found.sort_index(), expected.sort_index(), check_names=False)
    assert found.sum() == 3_346_853
    summed = province.villages.groupby("commune_id")["population_people"].sum().astype("int64")
    pd.testing.assert_series_equal(summed, expected.sort_index(), check_names=False)


def test_people_of_one_commune_are_spread_equally_per_listed_hamlet(province, real_data):
    hamlets = pd.read_csv(
        real_data / "settlements" / "hes_hamlets_1974_daklak.csv", dtype={"usid": str, "code_2025": str}
    )
    listed = hamlets.groupby(["lon", "lat"]).agg(unit_id=("usid", "min"), hamlets=("usid", "size")).set_index("unit_id")
    villages = province.villages.set_index("unit_id")
    inside = villages.loc[listed.index]
    total = inside["population_people"].groupby(inside["commune_id"]).transform("sum")
    count = listed["hamlets"].groupby(inside["commune_id"]).transform("sum")
    # largest remainder: nobody is more than a person off the equal part
    assert ((inside["population_people"] - total * listed["hamlets"] / count).abs() < 1).all()
    assert villages["flags"].map(lambda flags: "population_spread" in flags).all()


def test_laws_hold_in_the_published_tables(province):
    villages, communes = province.villages, province.communes
    four = list(products.FOUR)
    for table in (villages, communes):
        assert (table[four].sum(axis=1) == table["eligible_people"]).all()
    parts = [c for c in villages.columns if c.startswith("contribution_")]
    assert villages[parts].sum(axis=1).to_numpy() == pytest.approx(villages["score"].to_numpy())
    assert villages["score"].between(0, 100).all()
    known = villages.dropna(subset=["covered_share"])
    assert (known["covered_share_low"] <= known["covered_share"]).all()
    assert (known["covered_share"] <= known["covered_share_high"]).all()
    assert villages["flags"].map(lambda flags: "synthetic" in flags).all()


def test_every_class_is_seen_where_the_truth_puts_it(province, truth):
    villages = province.villages.set_index("unit_id")
    assert set(villages.loc[truth["white_spots"], "need_class"]) == {"white_spot"}
    assert set(villages.loc[truth["weak_spots"], "coverage_status"]) == {"partial"}
    assert set(villages.loc[truth["unreachable"], "support_status"]) == {"unreachable"}
    assert set(villages.loc[truth["unknown"], "need_class"]) == {"unknown"}
    assert set(villages.loc[truth["unknown"], "response"]) == {"survey"}
    assert villages.loc[truth["unknown"], "covered_share"].isna().all()
    assert set(villages.loc[truth["suppressed"], "vneid_activated_status"]) == {"suppressed"}
    assert villages.loc[truth["contradiction"], "flags"].map(lambda flags: "contradicted" in flags).all()
    assert set(villages["need_class"]) == {
        "white_spot",
        "weak_spot",
        "skills_gap",
        "access_gap",
        "several",
        "served",
        "unknown",
    }


def test_the_certificate_holds(province):
    solver = province.manifest.solver
    assert solver is not None
    assert solver.today_people <= solver.greedy_people <= solver.objective_people <= solver.bound_people
    assert solver.gap <= 0.005
    assert solver.objective_people == province.assignments["people"].sum()
    assert (province.sites["status"] == "new").sum() == 60


def test_gdal_opens_the_geopackage_and_the_manifest_is_whole(province):
    assert len(gpd.read_file(province.path / "plan.gpkg", layer="villages")) == 1_448
    assert province.damaged_files() == []


def test_the_real_claim_ranks_nobody_and_says_so(claim):
    villages = claim.villages
    assert (villages["coverage_status"] == "covered").all()
    assert villages["score"].isna().all()
    assert villages["rank"].isna().all()
    assert not villages["flags"].map(lambda flags: "synthetic" in flags).any()
    assert set(claim.manifest.pillars.values()) == {0.0}
    said = " ".join(claim.manifest.warnings)
    assert "Tỷ lệ không có sóng" in said
    assert "không xếp hạng được thôn nào" in said
    assert "không có điểm và thứ hạng" in said
