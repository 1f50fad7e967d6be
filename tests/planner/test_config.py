"""A plan is read strictly: what is unknown, of the wrong type or outside its folder is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.config import Plan, PlanFile, expand, load
from planner.errors import PlanError

SMALL = """
[plan]
title = "T"
[layers.communes]
path = "communes.geojson"
[layers.villages]
path = "villages.csv"
[layers.population]
path = "population.csv"
"""


def write(folder: Path, text: str = SMALL) -> Path:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> str:
    with pytest.raises(PlanError) as caught:
        load(write(folder, text))
    return str(caught.value)


def test_a_small_plan_has_the_contract_defaults(tmp_path):
    plan = load(write(tmp_path))
    assert (plan.plan.crs, plan.plan.seed, plan.plan.language, plan.plan.max_set_aside_share) == (
        "EPSG:32649", 1, "vi", 0.02
    )  # fmt: skip
    assert (plan.needs.eligible_share, plan.needs.covered_at, plan.needs.not_covered_at) == (0.7761, 0.95, 0.05)
    assert (plan.deploy.teams, plan.deploy.reach_minutes, plan.deploy.gap) == (60, 30.0, 0.005)
    assert (plan.travel.cutoff_minutes, plan.travel.offroad_kmh) == (120.0, 4.0)
    assert plan.privacy.min_people == 20


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load(path).plan.title == "T"


def test_a_plan_is_frozen(tmp_path):
    plan = load(write(tmp_path))
    with pytest.raises(ValueError, match="frozen"):
        plan.plan.seed = 2  # type: ignore[misc] # the fault under test


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[deploy]\ntems = 3", "unknown key 'deploy.tems'; did you mean 'teams'?"),
        ("[deplyo]\nteams = 3", "unknown key 'deplyo'; did you mean 'deploy'?"),
        ("[layers.comunes]\npath = 'x'", "did you mean 'communes'?"),
        ("[layers.coverage.a]\npath = 'x'\ntechnolgy = '5G'", "did you mean 'technology'?"),
        (
            "[deploy]\nzzzz = 3",
            "unknown key 'deploy.zzzz'; known here: alternatives, alternatives_within, aversion, backup_weight, budget, candidate_min_people",
        ),
        ("[deploy]\nlocked_in = [{ site_id = 'a', reason = 'b', byy = 'c' }]", "did you mean 'by'?"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest(tmp_path, text, said):
    assert said in refused(tmp_path, f"{SMALL}{text}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[deploy]\nteams = -1", "deploy.teams = -1"),
        ("[deploy]\nteams = 2.5", "deploy.teams = 2.5"),
        ("[deploy]\ngap = 1.5", "deploy.gap = 1.5"),
        ("[deploy]\nreach_minutes = inf", "deploy.reach_minutes = inf"),
        ("[deploy]\nmodel = 'best'", "deploy.model = 'best'"),
        ("[needs]\ncovered_at = 0.1\nnot_covered_at = 0.2", "not_covered_at must be below covered_at"),
        ("[score]\npillars = { connectivity = 0.0, adoption = 0.0, access = 0.0 }", "a weight above 0"),
        ("[score]\npillars = { conectivity = 1.0 }", "conectivity"),
        ("[layers.coverage.a]\ntechnology = '4G'", "either path or generate"),
        ("[layers.coverage.a]\npath = 'x'\ngenerate = 'synthetic'", "either path or generate"),
        ("[layers.adoption.cashless]\npath = 'x'", "needs.adoption = 'vneid_activated' is not one of"),
        ("[privacy]\nmin_people = 0", "privacy.min_people = 0"),
        ("[travel]\nspeeds_kmh = { national = 0.0 }", "travel.speeds_kmh.national = 0.0"),
    ],
)
def test_a_value_that_cannot_be_is_named(tmp_path, text, said):
    assert said in refused(tmp_path, f"{SMALL}{text}\n")


def test_every_fault_is_told_at_once(tmp_path):
    lines = refused(tmp_path, f"{SMALL}[deploy]\nteams = -1\ntems = 3\n[privacy]\nmin_people = 0\n").splitlines()
    assert len(lines) == 3
    assert all(line.startswith("plan.toml: ") for line in lines)


def test_what_is_no_plan_at_all_is_a_sentence(tmp_path):
    assert "not valid TOML" in refused(tmp_path, "[plan\n")
    assert "layers" in refused(tmp_path, "[plan]\ntitle = 'T'\n")
    with pytest.raises(PlanError, match="no such plan file; `planner init DIR` makes one"):
        load(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlanError, match="cannot be read as UTF-8 text"):
        load(tmp_path / "bytes.toml")
    with pytest.raises(PlanError, match="is a folder; name the plan in it"):
        load(tmp_path)


def with_roots(folder: Path, roots: str) -> PlanFile:
    inside = folder / "inside"
    inside.mkdir()
    (inside / "a.csv").write_text("x")
    (folder / "secret.csv").write_text("x")
    (folder / "data").mkdir()
    (folder / "data" / "b.csv").write_text("x")
    return PlanFile(write(inside, SMALL.replace('title = "T"', f'title = "T"\ndata_roots = {roots}')))


def test_paths_stay_in_the_folder_and_the_roots(tmp_path):
    file = with_roots(tmp_path, '{ real = "../data" }')
    assert file.resolve("a.csv", key="k") == tmp_path / "inside" / "a.csv"
    assert file.resolve("real:b.csv", key="k") == tmp_path / "data" / "b.csv"
    for text, said in (
        ("../secret.csv", "leads outside"),
        ("real:../secret.csv", "leads outside"),
        (str(tmp_path / "secret.csv"), "leads outside"),
        ("other:b.csv", "'other' is not in plan.data_roots .known: real."),
        ("none.csv", "no such file"),
    ):
        with pytest.raises(PlanError, match=said):
            file.resolve(text, key="layers.x.path")


def test_a_link_that_leads_outside_is_refused(tmp_path):
    file = with_roots(tmp_path, "{}")
    (tmp_path / "inside" / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(PlanError, match="leads outside"):
        file.resolve("link.csv", key="k")


def test_the_environment_fills_roots(tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_ROOT", "../data")
    file = with_roots(tmp_path, '{ real = "${TEST_ROOT:-nowhere}" }')
    assert file.resolve("real:b.csv", key="k").is_file()


def test_expand(monkeypatch):
    monkeypatch.delenv("TEST_NONE", raising=False)
    assert expand("${TEST_NONE:-a/b}/c") == "a/b/c"
    assert expand("${TEST_NONE:-}") == ""
    assert expand("$TEST ${lower}") == "$TEST ${lower}"
    with pytest.raises(PlanError, match="TEST_NONE is not set"):
        expand("${TEST_NONE}")


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60))
def test_any_text_is_a_plan_or_a_plan_error(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("plan") / "plan.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(PlanError):
        load(path)


def test_a_plan_survives_json(tmp_path):
    plan = load(write(tmp_path))
    assert Plan.model_validate(plan.model_dump(mode="json")) == plan


def test_a_budget_without_a_cost_is_refused(tmp_path):
    said = refused(tmp_path, f"{SMALL}[deploy]\nbudget = 30.0\n")
    assert "budget = 30 limits nothing without cost_per_team" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("teams = 5\n[deploy.phased]\nteams_per_wave = [2, 2]", "place 4 of teams = 5: give the waves 1 more"),
        (
            'model = "p_median"\n[deploy.phased]\nteams_per_wave = [90]',
            "phased means nothing to deploy.model = 'p_median'",
        ),
        ('movable = ["all"]\n[deploy.phased]\nteams_per_wave = [90]', "leave out movable, closable"),
        ("[deploy.phased]\nteams_per_wave = []", "teams_per_wave"),
    ],
)
def test_waves_that_do_not_fit_the_plan_are_refused(tmp_path, text, said):
    assert said in refused(tmp_path, f"{SMALL}[deploy]\n{text}\n")


def test_a_mode_of_rapid_teams_beside_minutes_of_the_plan_is_refused(tmp_path):
    given = f'{SMALL}[layers.minutes]\npath = "inputs/minutes.csv"\n[deploy.rapid_response]\nmode = "walking"\n'
    assert "rapid_response.mode changes nothing where layers.minutes gives the minutes" in refused(tmp_path, given)


def test_what_a_team_can_serve_is_people_a_week_times_weeks(tmp_path):
    plan = load(write(tmp_path, f"{SMALL}[deploy]\npeople_per_team_week = 8.75\n"))
    assert plan.deploy.people_per_team == 105.0
    assert load(write(tmp_path)).deploy.people_per_team is None


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('path = "a.tif"', "a coverage raster needs operator"),
        ('path = "a.geojson"\noperator = "V"\nthreshold_dbm = -110.0', "threshold_dbm is for a raster"),
        ('path = "a.tif"\noperator = "V"\nthreshold_dbm = 110.0', "threshold_dbm"),
    ],
)
def test_keys_of_a_coverage_raster(tmp_path, keys, said):
    assert said in refused(tmp_path, f"{SMALL}\n[layers.coverage.v]\n{keys}\n")


def test_a_friction_raster_stands_alone(tmp_path):
    said = refused(tmp_path, SMALL + '[layers.friction]\npath = "f.tif"\n[layers.dem]\npath = "d.tif"\n')
    assert "leave out layers.dem" in said


def test_the_wet_season_needs_a_share_for_every_road_class(tmp_path):
    speeds = "[travel]\nspeeds_kmh = { track = 12.0 }\n"
    assert load(write(tmp_path, SMALL + speeds)).travel.season == "dry"
    assert "wet_share needs track" in refused(tmp_path, SMALL + speeds + 'season = "wet"\n')


@pytest.mark.parametrize("table", ["[[0.1, 1.0], [0.0, 1.0]]", "[[0.0, 0.0]]", "[[2.0, 1.0]]"])
def test_a_slope_table_ascends_and_has_speeds_above_zero(tmp_path, table):
    assert "walking_slope" in refused(tmp_path, SMALL + f"[travel]\nwalking_slope = {table}\n")


def test_classes_of_land_cover_are_numbers(tmp_path):
    assert "landcover_kmh" in refused(tmp_path, SMALL + "[travel]\nlandcover_kmh = { forest = 1.0 }\n")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('path = "a.csv"\nkind = "cell_sites"\nevidence = "declared"', 'cell_sites" is modelled evidence'),
        ('path = "a.geojson"\ncomplete = true', 'complete is a key of kind = "cell_sites"'),
        ('path = "a.tif"\noperator = "V"\nkind = "cell_sites"', "read from a table or a vector file"),
        (
            'path = "a.csv"\nkind = "cell_sites"\ntechnology = "LTE"',
            "technology of cells and tests is one of 2G, 3G, 4G, 5G",
        ),
        ('path = "a.csv"\nkind = "cell_sites"\nrange_km = { LTE = 3.0 }', "range_km.LTE"),
        ('path = "a.csv"\nkind = "cells"', "cell_sites"),
    ],
)
def test_keys_of_cell_sites(tmp_path, keys, said):
    assert said in refused(tmp_path, f"{SMALL}\n[layers.coverage.v]\n{keys}\n")


def test_cells_are_modelled_evidence(tmp_path):
    plan = load(write(tmp_path, f'{SMALL}\n[layers.coverage.v]\npath = "a.csv"\nkind = "cell_sites"\n'))
    assert plan.layers.coverage["v"].evidence == "modelled"
