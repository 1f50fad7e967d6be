"""The command `planner site` on the San Francisco instance and on a question a person can answer."""

from __future__ import annotations

import json
from importlib.resources import files

import pandas as pd
import pytest

from planner import cli


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
