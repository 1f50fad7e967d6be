"""A plan reads its own folder and its data_roots: every way out is refused in words."""

from __future__ import annotations

import os

import pytest

from planner import intake, workspace
from planner.config import PlanFile
from planner.errors import PlanError
from tests.planner.test_intake import NOW


@pytest.fixture
def plan(tmp_path):
    """A workspace with a root beside it, and a secret beside both."""
    made = workspace.init(tmp_path / "w") / "plan.toml"
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "x.csv").write_text("a\n", encoding="utf-8")
    (tmp_path / "secret.csv").write_text("a\n", encoding="utf-8")
    text = made.read_text(encoding="utf-8").replace("#data_roots = {}", 'data_roots = { r = "../root" }')
    made.write_text(text, encoding="utf-8")
    return made


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("../secret.csv", "leads outside"),
        ("inputs/../../secret.csv", "leads outside"),
        ("r:../secret.csv", "leads outside"),
        ("r:/etc/passwd", "leads outside"),
        ("/etc/passwd", "leads outside"),
        ("/vsicurl/http", "leads outside"),
        ("/vsizip/inputs/a.zip", "leads outside"),
        ("//server/share/x.csv", "leads outside"),
        ("file:///etc/passwd", "'file' is not in plan.data_roots"),
        ("http://127.0.0.1:9/x.csv", "'http' is not in plan.data_roots"),
        ("C:\\Windows\\win.ini", "'C' is not in plan.data_roots"),
        ("WFS:http://127.0.0.1:9/", "'WFS' is not in plan.data_roots"),
        ("..\\secret.csv", "write folders with '/'"),
        ("inputs", "no regular file"),
        ("link.csv", "leads outside"),
        ("r:link.csv", "leads outside"),
        ("folder/secret.csv", "leads outside"),
        ("circle.csv", "cannot be followed"),
        ("pipe.csv", "no regular file"),
        ("a\0b.csv", "cannot be followed"),
        ("a" * 5000, "cannot be followed"),
        ("", "no regular file"),
        ("nowhere.csv", "no such file"),
    ],
)
def test_a_way_out_is_refused_in_words(plan, tmp_path, path, words):
    for link in (plan.parent / "link.csv", tmp_path / "root" / "link.csv"):
        link.symlink_to(tmp_path / "secret.csv")
    (plan.parent / "folder").symlink_to(tmp_path)
    (plan.parent / "circle.csv").symlink_to(plan.parent / "circle.csv")
    os.mkfifo(plan.parent / "pipe.csv")
    with pytest.raises(PlanError, match=words):
        PlanFile(plan).resolve(path, key="layers.x.path")


def test_links_that_stay_inside_are_followed(plan, tmp_path):
    (plan.parent / "link.csv").symlink_to(plan.parent / "inputs" / "teams.csv")
    file = PlanFile(plan)
    assert file.resolve("link.csv", key="k") == plan.parent / "inputs" / "teams.csv"
    assert file.resolve("r:x.csv", key="k") == tmp_path / "root" / "x.csv"


def test_a_limit_of_the_plan_is_held_by_its_layers(plan):
    text = plan.read_text(encoding="utf-8").replace("#rows = 2000000", "rows = 1")
    plan.write_text(text, encoding="utf-8")
    told = {
        issue.layer for issue in intake.gather(PlanFile(plan), seed=1, now=NOW).faults if issue.code == "limit_rows"
    }
    assert {"communes", "villages", "population", "roads", "coverage.operators"} <= told
