"""Tasks give the same results in the same order wherever they run, and a lost worker loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from planner import tasks
from planner.errors import LimitError, PlanError

ROOT = Path(__file__).resolve().parents[2]


def square(number: int) -> int:
    return number * number


def end_process(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def killed_once(item: tuple[int, str]) -> int:
    """Kill the worker that gets item 3 for the first time; the file remembers that it happened."""
    number, mark = item
    if number == 3:
        try:
            Path(mark).touch(exist_ok=False)
        except FileExistsError:
            return number * number
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real cluster: a scheduler and two workers, each a process of its own."""
    folder = tmp_path_factory.mktemp("cluster")
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
        from distributed import Client  # noqa: PLC0415 - only these tests need it

        with Client(scheduler_file=str(file), timeout=60, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            yield client.scheduler.address


def test_one_after_the_other():
    with tasks.opened() as here:
        assert here.map(square, [3, 1, 2]) == [9, 1, 4]
        assert here.map(square, []) == []


def test_in_processes():
    with tasks.opened(workers=2) as pool:
        assert pool.map(square, list(range(20))) == [n * n for n in range(20)]


def test_a_killed_process_is_told_in_words():
    with tasks.opened(workers=2) as pool, pytest.raises(LimitError, match=r"killed.*fewer --workers"):
        pool.map(end_process, [1, 2, 3])


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_on_a_cluster_a_lost_worker_loses_nothing(scheduler: str, tmp_path: Path):
    with tasks.opened(scheduler=scheduler) as cluster:
        assert cluster.map(square, [3, 1, 2]) == [9, 1, 4]
        items = [(n, str(tmp_path / "mark")) for n in range(6)]
        assert cluster.map(killed_once, items) == [n * n for n in range(6)]
    assert (tmp_path / "mark").exists()


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "CONNECT_SECONDS", 1)
    with (
        pytest.raises(PlanError, match=r"--scheduler tcp://127\.0\.0\.1:9: no Dask scheduler answers"),
        tasks.opened(scheduler="tcp://127.0.0.1:9"),
    ):
        pass
