"""What the command line takes and how it says what is wrong."""

from __future__ import annotations

import datetime as dt
import errno
import json
import subprocess
import sys

import pytest

from planner import cli, keys, postgis
from planner.errors import BusyError, LimitError
from planner.siting import MODELS


def status(*arguments: str) -> int:
    return cli.main(list(arguments))


def test_time_is_the_argument_else_the_epoch_else_the_clock(monkeypatch):
    assert cli.now_utc("2026-01-02T03:04:05") == dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    assert cli.now_utc("2026-01-02T10:04:05+07:00") == dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert cli.now_utc() == dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    before = dt.datetime.now(tz=dt.UTC).replace(microsecond=0)
    assert before <= cli.now_utc() <= dt.datetime.now(tz=dt.UTC)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-command"],
        ["run"],
        ["run", "plan.toml", "--now", "yesterday"],
        ["run", "plan.toml", "--seed", "-1"],
        ["run", "plan.toml", "--no-such-option"],
        ["serve", ".", "--port", "70000"],
        ["explain", "published"],
    ],
)
def test_wrong_usage_is_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    assert stopped.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_help_names_every_command_and_nothing_else(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--help"])
    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    for name in (
        "init",
        "check",
        "run",
        "scenarios",
        "explain",
        "compare",
        "site",
        "serve",
        "disputes",
        "fetch",
        "demo",
        "info",
    ):
        assert f"    {name}" in [line[: 4 + len(name)] for line in shown.splitlines()]


def test_a_missing_plan_is_a_sentence_and_status_1(tmp_path, capsys):
    assert status("run", str(tmp_path / "plan.toml")) == 1
    assert "no such plan file" in capsys.readouterr().err


def test_a_folder_without_publications_is_a_sentence_and_status_1(tmp_path, capsys):
    assert status("explain", str(tmp_path), "v00") == 1
    assert "nothing is published here" in capsys.readouterr().err
    assert status("serve", str(tmp_path)) == 1


def test_info_prints_versions(capsys):
    assert status("info") == 0
    assert "gdal" in capsys.readouterr().out
    assert status("info", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {"planner", "python", "gdal", "proj", "geos", "highs"} <= set(found)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BusyError("busy"), 1),
        (LimitError("full"), 3),
        (OSError(errno.ENOSPC, "No space left on device", "x"), 3),
        (OSError(errno.EACCES, "Permission denied", "x"), 1),
        (MemoryError(), 3),
        (KeyboardInterrupt(), 130),
    ],
)
def test_every_kind_of_error_has_its_status_and_one_sentence(error, expected, monkeypatch, capsys):
    def fail(*_arguments, **_options):
        raise error

    monkeypatch.setattr(cli.information, "versions", fail)
    assert status("info") == expected
    shown = capsys.readouterr().err
    assert shown.startswith("planner: ")
    assert "Traceback" not in shown


def test_a_fault_of_ours_is_not_hidden(monkeypatch):
    def fail():
        raise ZeroDivisionError

    monkeypatch.setattr(cli.information, "versions", fail)
    with pytest.raises(ZeroDivisionError):
        status("info")


def test_the_usage_names_what_the_modules_do():
    assert tuple(MODELS) == cli.MODELS
    assert keys.SCOPES == cli.SCOPES
    assert postgis.SCHEMA == cli.SCHEMA


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["run", "--help"]])
def test_help_waits_for_no_library_of_a_run(arguments):
    script = (
        "import sys; from planner import cli\n"
        f"try: cli.main({arguments})\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'geopandas', 'pydantic', 'numba', 'sklearn', 'fastapi'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def _arguments(found):
    for action in found._actions:
        yield action
        if isinstance(action.choices, dict):
            for inner in action.choices.values():
                yield from _arguments(inner)


def test_every_argument_says_what_it_is():
    silent = [a.dest for a in _arguments(cli.parser()) if not a.help and not isinstance(a.choices, dict)]
    assert silent == []


def test_a_folder_instead_of_a_plan_is_told_with_the_plan_in_it(tmp_path, capsys):
    assert status("run", str(tmp_path)) == 1
    assert str(tmp_path / "plan.toml") in capsys.readouterr().err
