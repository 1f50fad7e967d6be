"""The shipped province as a workspace, and the command that fetches what may not be shipped."""

from __future__ import annotations

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from layers import catalog
from planner import cli, demonstration
from planner.config import PlanFile
from planner.errors import PlanError


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, format, *args):  # noqa: A002 - the base class's name
        """Keep stderr clean."""


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "www"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}/"
        running.shutdown()
        thread.join()


def test_the_shipped_province_becomes_a_workspace_that_its_plan_can_read(tmp_path):
    plan = demonstration.prepare(tmp_path / "demo")
    file = PlanFile(plan)
    assert file.resolve(file.plan.layers.communes.path, key="layers.communes.path").parent == tmp_path / "demo"
    shipped = {p.name for p in catalog.boundaries_folder().iterdir() if p.is_file()}
    assert {p.name for p in (tmp_path / "demo").iterdir()} == shipped


def test_what_a_person_changed_is_kept(tmp_path):
    plan = demonstration.prepare(tmp_path)
    plan.write_text("mine", encoding="utf-8")
    assert demonstration.prepare(tmp_path).read_text(encoding="utf-8") == "mine"


def test_a_file_in_the_way_is_a_sentence(tmp_path):
    (tmp_path / "demo").write_text("", encoding="utf-8")
    with pytest.raises(PlanError, match="is not a folder"):
        demonstration.prepare(tmp_path / "demo")


def test_fetch_from_a_server_without_the_files_is_status_1_and_leaves_nothing(server, tmp_path, capsys):
    target = tmp_path / "official"
    assert cli.main(["fetch", "boundaries", "--to", str(target), "--base-url", server]) == 1
    shown = capsys.readouterr().err
    assert "the server must answer 200" in shown
    assert "404" in shown
    assert not target.exists() or not any(target.iterdir())


def test_the_printed_command_can_be_pasted(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.argv", [str(tmp_path / "bin" / "planner"), "demo"])
    assert demonstration.command() == str(tmp_path / "bin" / "planner")
    monkeypatch.setattr("sys.argv", ["/x/planner/__main__.py", "demo"])
    assert demonstration.command().endswith("-m planner")
