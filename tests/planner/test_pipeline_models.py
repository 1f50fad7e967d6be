"""Every siting model of a plan runs to a publication with its own certificate, or is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import cli, products
from tests.test_flow import NOW, write_inputs


def run(folder: Path, deploy: str) -> int:
    write_inputs(folder)
    path = folder / "plan.toml"
    text = path.read_text(encoding="utf-8").replace("teams = 1\nreach_minutes = 7", deploy)
    path.write_text(text + '\n[publish]\nmaps = ["deployment"]\n', encoding="utf-8")
    return cli.main(["run", str(path), "--now", NOW])


def test_a_p_median_plan_within_capacity_shows_person_minutes(tmp_path, capsys):
    limits = 'model = "p_median"\nteams = 3\nreach_minutes = 7\ncandidate_min_people = 0\nmin_per_commune = 1'
    money = "budget = 45\ncost_per_team = 15\npeople_per_team_week = 10\nhorizon_weeks = 20"
    assert run(tmp_path, f"{limits}\n{money}") == 0, capsys.readouterr().err
    publication = products.open_publication(tmp_path / "published")
    solver, sites = publication.manifest.solver, publication.sites
    assert solver is not None
    assert (solver.model, solver.unit) == ("p_median", "person_minutes")
    assert solver.objective is not None
    assert solver.bound_objective is not None
    assert solver.bound_objective <= solver.objective
    assert solver.objective_people == publication.assignments["people"].sum()
    assert list(sites["capacity_people"]) == [200.0 * teams for teams in sites["teams"]]
    assert (sites["load_share"] <= 1).all()
    new = sites[sites["status"] == "new"]
    assert list(new["cost"]) == [15.0] * len(new)
    communes = publication.villages.set_index("unit_id")["commune_id"]
    assert set(sites["unit_id"].map(communes)) == set(communes)
    assert publication.curve.empty
    assert not any("people_per_team_week" in text for text in publication.manifest.warnings)


def test_the_longest_way_is_shortest_with_a_site_in_every_commune_and_room(tmp_path, capsys):
    limits = 'model = "p_center"\nteams = 4\nreach_minutes = 30\ncandidate_min_people = 0\nmin_per_commune = 1'
    assert run(tmp_path, f"{limits}\npeople_per_team_week = 100\nhorizon_weeks = 20") == 0, capsys.readouterr().err
    publication = products.open_publication(tmp_path / "published")
    solver, sites = publication.manifest.solver, publication.sites
    assert solver is not None
    assert (solver.model, solver.unit, solver.unserved_people) == ("p_center", "minutes", 0)
    assert solver.objective == solver.bound_objective == publication.assignments["minutes"].max()
    communes = publication.villages.set_index("unit_id")["commune_id"]
    assert set(sites["unit_id"].map(communes)) == set(communes)
    assert (sites["load_share"] <= 1).all()


def test_fewest_teams_for_a_share_of_the_people(tmp_path, capsys):
    deploy = 'model = "min_teams"\nteams = 16\nshare = 0.5\nreach_minutes = 7\ncandidate_min_people = 0'
    assert run(tmp_path, deploy) == 0, capsys.readouterr().err
    publication = products.open_publication(tmp_path / "published")
    solver = publication.manifest.solver
    assert solver is not None
    assert (solver.unit, solver.objective) == ("teams", solver.new_teams)
    assert solver.objective_people >= 0.5 * (solver.objective_people + solver.unserved_people)
    assert publication.sites["capacity_people"].isna().all()
    assert any("people_per_team_week" in text for text in publication.manifest.warnings)


def test_fair_ways_publish_what_fairness_costs(tmp_path, capsys):
    deploy = (
        'model = "fair"\nteams = 2\nreach_minutes = 7\ncandidate_min_people = 0\naversion = 2\nunserved_minutes = 30'
    )
    assert run(tmp_path, deploy) == 0, capsys.readouterr().err
    publication = products.open_publication(tmp_path / "published")
    solver, price = publication.manifest.solver, publication.table("fairness")
    assert solver is not None
    assert (solver.model, solver.unit) == ("fair", "minutes")
    own = price[price["chosen"] == "yes"]
    assert own["aversion"].tolist() == [2.0]
    assert own["fair_minutes"].tolist() == [solver.objective]
    assert price["aversion"].is_monotonic_increasing
    assert price["fair_minutes"].is_monotonic_increasing  # the same ways are worse to those who mind more
    assert (price["fair_minutes"] >= price["mean_minutes"] - 1e-9).all()
    assert (publication.path / "maps" / "deployment.html").is_file()


def test_a_second_team_is_told_in_words(tmp_path, capsys):
    deploy = 'model = "backup_cover"\nteams = 3\nreach_minutes = 7\ncandidate_min_people = 0'
    assert run(tmp_path, deploy) == 0, capsys.readouterr().err
    publication = products.open_publication(tmp_path / "published")
    solver = publication.manifest.solver
    assert solver is not None
    assert (solver.model, solver.unit) == ("backup_cover", "weighted_people")
    assert any("reach a second one too" in text for text in publication.manifest.warnings)


def test_people_who_count_more_make_weighted_people(tmp_path, capsys):
    deploy = "teams = 2\nreach_minutes = 7\ncandidate_min_people = 0\nfull_minutes = 2"
    assert run(tmp_path, deploy) == 0, capsys.readouterr().err
    solver = products.open_publication(tmp_path / "published").manifest.solver
    assert solver is not None
    assert (solver.model, solver.unit) == ("max_cover", "weighted_people")


def test_waves_and_other_plans_stand_beside_the_plan(tmp_path, capsys):
    deploy = "teams = 3\nreach_minutes = 7\ncandidate_min_people = 0\nalternatives = 1\nalternatives_within = 0.5"
    assert run(tmp_path, f"{deploy}\n[deploy.phased]\nteams_per_wave = [1, 2]\nfalls = 0.5") == 0, (
        capsys.readouterr().err
    )
    publication = products.open_publication(tmp_path / "published")
    new = publication.sites[publication.sites["status"] == "new"]
    waves, others, solver = publication.table("waves"), publication.table("alternatives"), publication.manifest.solver
    assert solver is not None
    assert set(waves["site_id"]) == set(new["site_id"])
    assert waves.loc[waves["wave"].idxmax(), "people_reached"] == solver.objective_people
    assert (waves["people_reached"] <= waves["bound"]).all()
    assert set(others.loc[others["shared"] == "yes", "site_id"]) <= set(new["site_id"])
    assert (others["worse_share"] <= 0.5).all()


@pytest.mark.parametrize(
    ("deploy", "said"),
    [
        ('model = "p_center"\nfull_minutes = 3\nreach_minutes = 7', "means nothing to deploy.model = 'p_center'"),
        ("teams = 1\nbudget = 10", "limits nothing without cost_per_team"),
        ("teams = 1\nmin_per_commune = 9\ncandidate_min_people = 0", "Least change"),
        ('model = "p_median"\nreach_minutes = 7\nunserved_minutes = 0.5', "unserved_minutes"),
    ],
)
def test_what_a_model_cannot_answer_is_a_sentence(deploy, said, tmp_path, capsys):
    assert run(tmp_path, deploy) == 1
    assert said in capsys.readouterr().err
