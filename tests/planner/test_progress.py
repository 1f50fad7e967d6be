"""Log lines where no terminal is, a live line where one is."""

from __future__ import annotations

import io
import logging

from rich.console import Console

from planner import progress


def test_log_lines_say_what_begins_and_what_was_found(caplog):
    with caplog.at_level(logging.INFO, logger="planner"):
        shown = progress.LogProgress()
        shown.start("scoring")
        shown.done("scoring", "three pillars")
    assert [r.getMessage() for r in caplog.records] == ["scoring …", "scoring: three pillars"]


def test_a_terminal_sees_the_stage_and_its_result_as_text():
    out = io.StringIO()
    shown = progress.TerminalProgress(Console(file=out, force_terminal=True, width=100))
    shown.start("scoring")
    shown.done("scoring", "[bold]3[/bold] pillars")
    shown.close()
    assert "scoring" in out.getvalue()
    assert "[bold]3[/bold] pillars" in out.getvalue()


def test_a_pipe_gets_log_lines(monkeypatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with progress.progress() as shown:
        assert isinstance(shown, progress.LogProgress)
