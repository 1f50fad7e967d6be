"""The command `planner site` on the San Francisco instance and on a question a person can answer."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import pandas as pd
import pytest

from planner import cli, question
from planner.siting import p_median
from tests.planner.siting import instances
from tests.planner.siting.worlds import line


@pytest.fixture(scope="module")
def san_francisco(tmp_path_factory):
    """205 tracts and 16 stores of the spopt project, network metres taken as minutes."""
    folder = tmp_path_factory.mktemp("sf")
    data = files("spopt") / "tests" / "test_locate" / "data"
    with (data / "SF_network_distance_candidateStore_16_censusTract_205_new.csv").open() as stream:
        far = pd.read_csv(stream, dtype={"DestinationName": str})
    with (data / "SF_demand_205_centroid_uniform_weight.csv").open() as stream:
        tracts = pd.read_csv(stream, dtype={"NAME": str})
    table = far.pivot_table(values="distance", index="DestinationName", columns="name").rename_axis("unit_id")
    table.to_csv(folder / "m.csv")
    need = tracts.rename(columns={"NAME": "unit_id", "POP2000": "people"})
    need[need["unit_id"].isin(table.index)][["unit_id", "people"]].to_csv(folder / "n.csv", index=False)
    return folder


def ask(folder, capsys, *arguments: str) -> dict:
    status = cli.main(
        ["site", *arguments, "--minutes", str(folder / "m.csv"), "--need", str(folder / "n.csv"), "--json"]
    )
    assert status == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("teams", "people"), [(2, 671_938), (3, 791_499), (4, 875_247), (5, 927_402)])
def test_maximum_cover_at_5000_m(teams, people, san_francisco, capsys):
    found = ask(san_francisco, capsys, "max_cover", "--teams", str(teams), "--reach", "5000", "--gap", "0")
    assert found["objective"] == people
    assert found["bound"] >= people
    assert found["status"] == "optimal"
    assert len(found["sites"]) == teams
    assert sum(a["people"] for a in found["assignments"]) == people
    assert found["greedy_objective"] <= people
    assert {"gap", "seconds"} <= found.keys()


def test_p_median_of_four(san_francisco, capsys):
    found = ask(san_francisco, capsys, "p_median", "--teams", "4", "--gap", "0")
    assert found["objective"] == pytest.approx(2_848_268_129.715, abs=0.01)


def test_large_numbers_are_written_out():
    plan = replace(p_median.solve(line(4)), objective=2_848_268_129.5, greedy=float("nan"))
    text = question.Answer(line(4), plan).as_text()
    assert "p_median: 2,848,268,129.5 person minutes" in text
    assert "one by one: none" in text


def test_text_says_bound_gap_and_sites(san_francisco, capsys):
    arguments = ["--minutes", str(san_francisco / "m.csv"), "--need", str(san_francisco / "n.csv"), "--reach", "5000"]
    assert cli.main(["site", "max_cover", "--teams", "2", *arguments]) == 0
    shown = capsys.readouterr().out
    assert "bound" in shown
    assert "Store_" in shown


def test_a_model_that_needs_a_number_says_so(san_francisco, capsys):
    arguments = ["--minutes", str(san_francisco / "m.csv"), "--need", str(san_francisco / "n.csv")]
    assert cli.main(["site", "max_cover", *arguments]) == 1
    assert "needs --teams" in capsys.readouterr().err


@pytest.mark.parametrize("bad", [["--teams", "x"], ["--reach", "0"], ["--share", "2"], ["--gap", "nan"]])
def test_wrong_usage_is_status_2(bad):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["site", "max_cover", "--minutes", "m", "--need", "n", *bad])
    assert stopped.value.code == 2


@pytest.fixture
def row(tmp_path):
    """Three villages of 10, 20 and 30 people, a site in each, ten minutes from one to the next."""
    (tmp_path / "m.csv").write_text("unit_id,a,b,c\nu,0,10,20\nv,10,0,10\nw,20,10,0\n", encoding="utf-8")
    (tmp_path / "n.csv").write_text("unit_id,people\nu,10\nv,20\nw,30\n", encoding="utf-8")
    return tmp_path


def capacities(folder, text: str) -> str:
    (folder / "c.csv").write_text(text, encoding="utf-8")
    return str(folder / "c.csv")


def test_a_site_takes_no_more_than_its_capacity(row, capsys):
    file = capacities(row, "site_id,capacity\na,60\nb,30\nc,30\n")
    found = ask(row, capsys, "max_cover", "--teams", "1", "--reach", "10", "--gap", "0", "--capacity", file)
    # b has all 60 people within reach and room for 30, a has the 30 of u and v within reach, c takes w: 30 each
    assert (found["objective"], found["bound"], found["unserved_people"]) == (30.0, 30.0, 30.0)
    assert sum(a["people"] for a in found["assignments"]) == 30.0


def test_a_budget_buys_what_it_can(row, capsys):
    file = capacities(row, "site_id,capacity,cost\na,,1\nb,,5\nc,,2\n")
    found = ask(row, capsys, "max_cover", "--budget", "3", "--reach", "5", "--gap", "0", "--capacity", file)
    assert (found["sites"], found["objective"]) == (["a", "c"], 40.0)


@pytest.mark.parametrize("text", [None, "site_id,capacity\na,1\nb,1\nc,1\n"])
def test_a_budget_without_costs_is_told(text, row, capsys):
    more = [] if text is None else ["--capacity", capacities(row, text)]
    files = ["--minutes", str(row / "m.csv"), "--need", str(row / "n.csv")]
    assert cli.main(["site", "max_cover", "--budget", "3", *files, *more]) == 1
    assert "column cost" in capsys.readouterr().err


def test_teams_or_a_budget_not_both(row):
    files = ["--minutes", str(row / "m.csv"), "--need", str(row / "n.csv")]
    with pytest.raises(SystemExit) as stopped:
        cli.main(["site", "max_cover", "--budget", "3", "--teams", "1", *files])
    assert stopped.value.code == 2


@pytest.mark.real
def test_a_published_capacitated_instance(real_data, tmp_path, capsys):
    far, sites, demand, capacity = instances.capacitated_p_median(real_data / "benchmarks" / "cpmp" / "p550-1.txt")
    ids = [f"{i:03}" for i in range(len(demand))]
    # the instance counts distance per node, the product person-minutes: as many minutes as make the two equal
    minutes = pd.DataFrame(far / demand[:, None], index=pd.Index(ids, name="unit_id"), columns=ids)
    minutes.to_csv(tmp_path / "m.csv")
    pd.DataFrame({"unit_id": ids, "people": demand}).to_csv(tmp_path / "n.csv", index=False)
    pd.DataFrame({"site_id": ids, "capacity": capacity}).to_csv(tmp_path / "c.csv", index=False)
    found = ask(
        tmp_path, capsys, "p_median", "--teams", str(sites), "--gap", "0", "--capacity", str(tmp_path / "c.csv")
    )
    assert found["objective"] == pytest.approx(713)
    assert found["bound"] == pytest.approx(713)
    assert (found["status"], found["unserved_people"]) == ("optimal", 0.0)
