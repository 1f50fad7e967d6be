"""A real server in its own process, on a free port of 127.0.0.1."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """A running service.

    Parameters
    ----------
    process : Popen
        `planner serve`, or uvicorn.
    url : str
        Where it listens.
    log : list of str
        Lines that it wrote until it listened.
    """

    def __init__(self, process: subprocess.Popen[str], url: str, log: list[str]) -> None:
        self.process = process
        self.url = url
        self.log = log

    def kill(self) -> None:
        """End it and its workers at once, as a power cut does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, how: int = signal.SIGTERM) -> str:
        """Stop it and return what else it wrote."""
        self.process.send_signal(how)
        rest, _ = self.process.communicate(timeout=30)
        return rest


PLANNER = (sys.executable, "-m", "planner", "serve")
UVICORN = (
    sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app", "--http", "api.protocol:Guarded", "--no-access-log",
)  # fmt: skip


@contextmanager
def serve(published: Path, *arguments: str, whole: bool = False, **variables: str) -> Iterator[Server]:
    """Start the service for `published`; `variables` are further settings of the environment.

    `whole` starts it as people do, by `planner serve`; else uvicorn is called as that does it, which is there sooner.
    """
    command = [*PLANNER, str(published)] if whole else [*UVICORN]
    command += ["--port", "0"]
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=ROOT,
        env={**os.environ, "PLANNER_PUBLISHED": str(published), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # a group of its own: its workers can be killed with it
    )
    assert process.stdout is not None
    log: list[str] = []
    try:
        for line in process.stdout:
            log.append(line)
            if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
                _connect(found.group(1))
                yield Server(process, found.group(1), log)
                break
        else:
            message = f"the service did not start:\n{''.join(log)}"
            raise AssertionError(message)
    finally:
        process.terminate()  # a parent that is killed leaves its workers behind
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _connect(url: str) -> None:
    """Return when the service listens: with several workers the line comes before the first of them is there."""
    while True:
        try:
            httpx.get(f"{url}/health/live")
        except httpx.ConnectError:
            continue
        return
