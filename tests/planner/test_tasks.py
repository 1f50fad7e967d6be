"""Tasks give the same results in the same order wherever they run, and a lost worker loses nothing."""

from __future__ import annotations

import os
import signal
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
