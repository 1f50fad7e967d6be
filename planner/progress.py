"""What a person sees while a run works: a live line on a terminal, log lines elsewhere. Imports nothing of ours."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console

LOG = logging.getLogger("planner")


class Progress(Protocol):
    """Told the name of each stage as it starts and what it found as it ends."""

    def start(self, stage: str) -> None:
        """Say that `stage` begins."""

    def done(self, stage: str, result: str) -> None:
        """Say that `stage` ended, and its result in a few words."""


class LogProgress:
    """Log lines to stderr, for CI, cron and pipes."""

    def start(self, stage: str) -> None:
        """Log the beginning at level info."""
        LOG.info("%s …", stage)

    def done(self, stage: str, result: str) -> None:
        """Log the result at level info."""
        LOG.info("%s: %s", stage, result)


class TerminalProgress:
    """A spinner per stage on stderr, replaced by a line with the result."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("", spinner="dots")

    def start(self, stage: str) -> None:
        """Show the spinner with the stage's name."""
        self._status.update(stage)
        self._status.start()

    def done(self, stage: str, result: str) -> None:
        """Print the stage and its result."""
        self._console.print(f"[green]✓[/green] {stage}", highlight=False, end="")
        self._console.print(f"  {result}", markup=False, highlight=False, style="dim")

    def close(self) -> None:
        """Give the terminal back."""
        self._status.stop()


@contextmanager
def progress() -> Iterator[Progress]:
    """Yield the progress that fits where stderr goes."""
    if not sys.stderr.isatty():
        yield LogProgress()
        return
    shown = TerminalProgress(Console(stderr=True))
    try:
        yield shown
    finally:
        shown.close()
