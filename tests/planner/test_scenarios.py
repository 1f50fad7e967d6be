"""Scenarios of a plan side by side: the same world, other keys; what fails is a row, not the end."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from planner import cli, config, pipeline, products, scenarios
from planner.config import PlanFile
from planner.errors import PlanError
from planner.progress import LogProgress
from tests.test_flow import NOW, write_inputs

SCENARIOS = """
[scenario."<b>none"]
deploy = { teams = 0 }
[scenario.far.deploy]
teams = 2
reach_minutes = 60
cost_per_team = 15
[scenario.median]
deploy = { model = "p_median", teams = 2 }
[scenario.everyone]
needs = { eligible_share = 1.0 }
[scenario.too_many]
deploy = { min_per_commune = 9 }
"""


STATUSES = ("new", "upgraded", "moved", "closed")


def plan_with(folder, text: str):
    write_inputs(folder)
    path = folder / "plan.toml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """The tiny world and five scenarios of it, through the command line's own steps."""
    path = plan_with(tmp_path_factory.mktemp("scenarios"), SCENARIOS)
    with cli.progress() as shown:
        return scenarios.compare(path, now=cli.now_utc(NOW), progress=shown)


def test_each_scenario_is_a_row_in_the_order_of_the_file(compared):
    assert [row.name for row in compared.rows] == ["", "<b>none", "far", "median", "everyone", "too_many"]
    plan, none, far, median, everyone, too_many = (row.analysis for row in compared.rows)
    assert none.plan.objective_people == none.plan.today_people == plan.plan.today_people
    assert far.plan.objective_people > plan.plan.objective_people
    assert median.plan.unit == "person_minutes"
    assert everyone.tables["villages"]["eligible_people"].sum() > plan.tables["villages"]["eligible_people"].sum()
    assert too_many is None
    assert (compared.refused, "Least change" in compared.rows[-1].refused) == (1, True)


def test_the_cells_are_the_figures_of_the_plans(compared):
    plan, _, far, *_ = compared.rows
    cells = dict(zip(compared.header[1:], compared.cells(far), strict=True))
    assert cells["New teams"] == str(len(far.analysis.plan.new_sites))
    assert cells["Reached"] == f"{far.analysis.plan.objective_people:,.0f}"
    assert cells["Cost"] == str(15 * len(far.analysis.plan.new_sites))
    assert cells["Sites moved, closed"] == "0, 0"
    both = dict(zip(compared.header[1:], compared.cells(plan), strict=True))
    assert both["Of these in the plan"] == both["New teams"]
    assert both["Cost"] == ""


def test_cost_and_teams_count_what_is_enlarged_moved_and_closed(compared):
    analysis = compared.rows[2].analysis
    one = analysis.tables["sites"].head(1)
    sites = pd.concat([one.assign(status=s, cost=c) for s, c in zip(STATUSES, (15.0, 30.0, 4.0, -9.0), strict=True)])
    done = {
        "placed": np.array([1, 2, 0]), "new_sites": np.array([0]), "moved": np.array([7]), "closed": np.array([8])
    }  # fmt: skip
    changed = replace(
        analysis, tables=analysis.tables | {"sites": sites}, plan=replace(analysis.plan, **done)
    )  # fmt: skip
    row = scenarios.Row("changed", changed)
    cells = dict(zip(compared.header[1:], compared.cells(row), strict=True))
    assert (cells["New teams"], cells["Sites moved, closed"], cells["Cost"]) == ("3", "1, 1", "40")


class _Tags(HTMLParser):
    """Counts what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = 0
        self.names: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.rows += tag == "tr"
        self.names.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_the_table_has_the_figures_of_each_plan_and_the_reason_where_there_is_none(compared):
    table = scenarios.table(compared)
    assert table["number"].tolist() == list(range(6))
    assert [None if pd.isna(v) else v for v in table["scenario"]] == [
        None,
        "<b>none",
        "far",
        "median",
        "everyone",
        "too_many",
    ]
    for (_, row), found in zip(table.iterrows(), compared.rows, strict=True):
        if found.analysis is None:
            assert "Least change" in row["refused"]
            assert row[["teams", "people_reached", "bound"]].isna().all()
            continue
        plan = found.analysis.plan
        assert (row["people_reached"], row["bound"], row["gap"]) == (plan.objective_people, plan.bound, plan.gap)
        assert row["need_people"] == found.analysis.tables["villages"]["need_people"].sum()
    assert table["same_sites"].iloc[0] == len(scenarios._new_sites(compared.rows[0].analysis))


def test_a_run_publishes_them_beside_the_plan_unless_it_is_told_not_to(tmp_path):
    path = plan_with(tmp_path, "\n[scenario.none]\ndeploy = { teams = 0 }\n")
    options = {"out": None, "now": cli.now_utc(NOW), "seed": None, "progress": LogProgress()}
    published = pipeline.run(path, **options)
    found = products.open_publication(published)
    table, villages = found.table("scenarios"), found.villages
    assert table["people_reached"].iloc[1] == table["today_people"].iloc[1]  # no team is added
    assert table["need_people"].iloc[0] == villages["need_people"].sum()
    assert "none" in (published / "scenarios.html").read_text(encoding="utf-8")
    assert {"scenarios.parquet", "scenarios.html"} <= {f.path for f in found.manifest.files}
    path.write_text(path.read_text(encoding="utf-8") + "\n[publish]\nscenarios = false\n", encoding="utf-8")
    without = pipeline.run(path, **options)
    assert not (without / "scenarios.html").exists()
    assert not products.open_publication(without).has("scenarios")


def test_the_page_stands_alone_and_escapes_names(compared):
    text = scenarios.page(compared)
    tags = _Tags()
    tags.feed(text)
    assert tags.rows == 1 + len(compared.rows)
    assert not tags.links
    assert not tags.names & {"b", "script", "img"}
    assert "&lt;b&gt;none" in text
    assert "default-src 'none'" in text


def test_the_table_is_aligned_and_says_why_a_scenario_has_no_plan(compared):
    lines = compared.as_text().splitlines()
    assert len(lines) == 1 + len(compared.rows)
    assert lines[-1].startswith("too_many: ")
    at = lines[0].index("Model")
    assert [line[at:].split()[0] for line in lines[1:-1]] == ["max_cover"] * 3 + ["p_median", "max_cover"]


def test_the_command_writes_the_page_and_publishes_nothing(tmp_path, capsys):
    path = plan_with(tmp_path, "[scenario.none]\ndeploy = { teams = 0 }\n")
    assert cli.main(["scenarios", str(path), "--now", NOW]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(tmp_path / "scenarios.html")
    assert (tmp_path / "scenarios.html").is_file()
    assert not (tmp_path / "published").exists()


def test_a_refused_scenario_ends_with_status_1(tmp_path, capsys):
    path = plan_with(tmp_path, '[scenario.lost]\nlayers = { teams = { path = "none.csv" } }\n')
    assert cli.main(["scenarios", str(path), "--now", NOW]) == 1
    assert "lost: " in capsys.readouterr().out
    assert "none.csv" in (tmp_path / "scenarios.html").read_text(encoding="utf-8")


def test_a_plan_without_scenarios_says_so(tmp_path, capsys):
    assert cli.main(["scenarios", str(plan_with(tmp_path, "")), "--now", NOW]) == 1
    assert "no [scenario.<name>] to compare" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[scenario.a.deploy]\ntems = 3", "scenario.a: unknown key 'deploy.tems'; did you mean 'teams'?"),
        ("[scenario.a.deploy]\nbudget = 3", "limits nothing without cost_per_team"),
        ("[scenario.a.scenario.b]", "a scenario holds no scenarios"),
    ],
)
def test_a_fault_of_a_scenario_is_told_when_the_plan_is_read(text, said, tmp_path):
    with pytest.raises(PlanError) as stopped:
        config.load(plan_with(tmp_path, text))
    assert said in str(stopped.value)


def test_tables_are_merged_and_an_unknown_scenario_is_refused(tmp_path):
    path = plan_with(tmp_path, "[scenario.a.deploy]\nteams = 3\n")
    found = PlanFile(path, scenario="a").plan
    assert (found.deploy.teams, found.deploy.reach_minutes, found.scenario) == (3, 7.0, {})
    with pytest.raises(PlanError, match=r"no scenario 'b' \(there are: a\)"):
        PlanFile(path, scenario="b")
