"""Every command that the documents show is run, in the order in which it stands, as a newcomer would."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from planner import cli, keys
from tests.api.server import Server, serve
from tests.test_docs import DOCUMENTS, ROOT, name_of

WRITE_KEY = "a-key-of-twenty-letters"
OTHERS = ("publication", "next_cursor", "map", "how_to_dispute", "dispute_address")
"""What differs from the document here: the publication's id, and that this service accepts reports."""
SCENARIO = "\n[scenario.more.deploy]\nteams = 4\n"


def shown(document: Path) -> list[str]:
    """Return the lines behind ``$`` of a document's console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def run(arguments: list[str], folder: Path, cache: Path) -> None:
    """Run one command of ours in a folder; it must succeed. In this process: libraries are loaded once for all of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("PLANNER_CACHE", str(cache))
        assert cli.main(arguments) == 0, arguments


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the shipped province was run, with a province of one's own, run twice, beside it."""
    folder = tmp_path_factory.mktemp("home")
    cache = folder / ".cache"
    run(["demo", "workspace", "--now", "2026-01-01T00:00:00Z"], folder, cache)
    run(["init", "ready"], folder, cache)
    plan = folder / "ready" / "plan.toml"
    plan.write_text(plan.read_text(encoding="utf-8") + SCENARIO, encoding="utf-8")
    for day in (1, 2):
        run(["run", "ready/plan.toml", "--now", f"2026-01-0{day}T00:00:00Z"], folder, cache)
    return folder


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    reports = f"sqlite:///{home / 'workspace' / 'disputes.db'}"
    with serve(home / "workspace" / "published", PLANNER_WRITE_KEY=WRITE_KEY, PLANNER_DISPUTES=reports) as running:
        yield running


def ask(arguments: list[str], server: Server) -> httpx.Response:
    """Do what curl would with ``-H``, ``-d`` and an address."""
    headers = dict(re.split(r":\s*", arguments[i + 1], maxsplit=1) for i, a in enumerate(arguments) if a == "-H")
    body = next((arguments[i + 1] for i, a in enumerate(arguments) if a == "-d"), None)
    address = next(a for a in arguments if a.startswith("http://")).replace("http://127.0.0.1:8000", server.url)
    return httpx.request("GET" if body is None else "POST", address, headers=headers, content=body, timeout=30)


def here(line: str, folder: Path, home: Path) -> list[str]:
    """Return a line's arguments with what a reader fills in."""
    ids = sorted(p.name for p in (home / "ready" / "published").iterdir() if p.is_dir())
    line = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{8}", ids[0], line)
    line = line.replace("/srv/planner", str(folder / "srv")).replace("$PLANNER_WRITE_KEY", WRITE_KEY)
    line = line.replace("$PLANNER_POSTGIS", os.environ.get("PLANNER_POSTGRES_URL", ""))
    line = line.replace("compare A B", f"compare {home}/ready/published/{ids[0]} {home}/ready/published/{ids[1]}")
    if " explain my-province" in line:
        line = f"planner explain {home}/workspace/published 24259-030"
    return shlex.split(line, comments=True)


@pytest.fixture
def folder(tmp_path: Path, home: Path, server: Server) -> Path:
    """A place like the one that the documents describe: ``workspace``, and ``srv`` for ``/srv/planner``."""
    assert server.process.poll() is None
    (tmp_path / "workspace").symlink_to(home / "workspace")
    shutil.copytree(home / "ready", tmp_path / "srv")
    report = {"lat": 12.79, "lon": 108.07, "operator": "Viettel", "seen": "no_signal", "seen_date": "2026-11-20"}
    headers = {"Authorization": f"Bearer {WRITE_KEY}"}
    assert httpx.post(f"{server.url}/v1/disputes", json=report, headers=headers, timeout=30).is_success
    # as docs/operations.md says: not a plain copy, which lacks what SQLite still keeps beside the file
    with (
        closing(sqlite3.connect(home / "workspace" / "disputes.db")) as stood,
        closing(sqlite3.connect(tmp_path / "srv" / "disputes.db")) as copy,
    ):
        stood.backup(copy)
    return tmp_path


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_shown_works(document: Path, folder: Path, home: Path, server: Server):
    for line in shown(document):
        arguments = here(line, folder, home)
        if arguments[0] == "make":
            targets = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert re.search(rf"^{arguments[1]}:", targets, flags=re.MULTILINE), line
        elif arguments[0] == "curl":
            assert ask(arguments, server).is_success, line
        elif arguments[:2] == ["planner", "serve"]:
            stands(arguments[2:], folder)
        elif "--postgis" in arguments and not os.environ.get("PLANNER_POSTGRES_URL"):
            continue  # said below, in a test of its own
        else:
            assert arguments[0] == "planner", line
            run(filled_in(arguments[1:], folder), folder, home / ".cache")


def answers(document: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return every curl line whose answer is shown below it, with that answer."""
    text = document.read_text(encoding="utf-8")
    found = re.findall(r"\$ (curl [^\n]+)\n```\n\s*```json\n(.*?)```", text, flags=re.DOTALL)
    return [(line, json.loads(block)) for line, block in found]


def shown_of(answer: Any, shown: Any) -> Any:
    """Return the part of an answer that a document shows."""
    if isinstance(shown, dict) and isinstance(answer, dict):
        return {name: shown_of(answer[name], value) for name, value in shown.items()}
    if isinstance(shown, list) and shown and isinstance(shown[0], dict):
        return [shown_of(a, s) for a, s in zip(answer, shown, strict=False)]
    return answer


@pytest.mark.parametrize("document", [ROOT / "README.md", ROOT / "docs" / "api.md"], ids=name_of)
def test_the_answers_shown_are_those_of_the_service(document: Path, server: Server):
    found = answers(document)
    assert found
    for line, expected in found:
        answer = ask(shlex.split(line), server).json()
        same = expected | {name: answer[name] for name in OTHERS if name in expected}
        assert shown_of(answer, same) == same


def filled_in(arguments: list[str], folder: Path) -> list[str]:
    """Give a plan that a reader has just made the scenario that `planner scenarios` needs, and name a key that there is."""
    if arguments[0] == "scenarios":
        plan = folder / arguments[1]
        plan.write_text(plan.read_text(encoding="utf-8") + SCENARIO, encoding="utf-8")
    if arguments[:2] == ["keys", "revoke"]:
        return [*arguments[:-1], keys.read(Path(arguments[2])).keys[0].key_id]
    return arguments


def stands(arguments: list[str], folder: Path) -> None:
    """Start the service as the document does, on a free port, until it says where it listens."""
    given = [a for i, a in enumerate(arguments) if a != "--port" and arguments[i - 1] != "--port"]
    command = [sys.executable, "-m", "planner", "serve", *given, "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = any("running on" in line for line in process.stderr)
        process.terminate()
        process.communicate(timeout=30)
    assert found, command


@pytest.mark.postgres
def test_the_database_of_the_documents_takes_a_publication(folder: Path, home: Path, postgres_url: str):
    line = next(line for document in DOCUMENTS for line in shown(document) if "--postgis" in line)
    arguments = here(line, folder, home)
    assert postgres_url in arguments
    run(arguments[1:], folder, home / ".cache")
