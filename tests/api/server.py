"""A real server in its own process, on a free port of 127.0.0.1."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """A running service.

    What it writes is read while it runs: a pipe that nobody empties is full after some thousand lines, and the service
    would stand still at its next one.

    Parameters
    ----------
    process : Popen
        `planner serve`, or uvicorn.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._log: list[str] = []
        self._urls: SimpleQueue[str | None] = SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        url = self._urls.get()
        if url is None:
            message = f"the service did not start:\n{''.join(self._log)}"
            raise AssertionError(message)
        self.url = url

    def kill(self) -> None:
        """End it and its workers at once, as a power cut does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, how: int = signal.SIGTERM) -> str:
        """Stop it and return all that it wrote."""
        self.process.send_signal(how)
        self.process.wait(timeout=30)
        self._reader.join(timeout=30)
        return "".join(self._log)

    def wait_for(self, text: str) -> None:
        """Return once it has written `text`; bounded by the time-out of the test."""
        while not any(text in line for line in list(self._log)):
            assert self._reader.is_alive(), f"the service never wrote {text!r}"
            self._reader.join(0.01)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._log.append(line)
            if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
                self._urls.put(found.group(1))
        self._urls.put(None)
        self.process.stdout.close()


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
    try:
        server = Server(process)
        _connect(server.url)
        yield server
    finally:
        process.terminate()  # a parent that is killed leaves its workers behind
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _connect(url: str) -> None:
    """Return when the service listens: with several workers the line comes before the first of them is there."""
    address = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
    while True:
        try:
            socket.create_connection(address, timeout=60).close()
        except ConnectionError:
            threading.Event().wait(0.02)  # leaves the processor to what is starting
            continue
        return
