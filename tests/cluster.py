"""A real Dask cluster on this machine: a scheduler and two workers, each a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """Yield the address of a scheduler with two workers; `folder` takes what they write."""
    file = folder / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    run = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    work = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file), "--no-dashboard"]
    with ExitStack() as started:
        commands = [[*run, "--no-dashboard", "--scheduler-file", str(file)], *[[*work, "--nthreads", "1"]] * 2]
        for command in commands:
            process = started.enter_context(subprocess.Popen(command, env=environment, **quiet))
            started.callback(process.terminate)
        from distributed import Client  # noqa: PLC0415 - only tests of the cluster need it

        with Client(scheduler_file=str(file), timeout=60, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            yield client.scheduler.address
