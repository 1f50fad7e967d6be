"""Where independent tasks run: here one after the other, in worker processes, or on a Dask cluster that stands already.

The results are the same wherever they are computed: a task is a pure function of its item, and results come back in
the order of the items.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, Final, Protocol, TypeVar

from planner import information
from planner.errors import LimitError, PlanError

Item = TypeVar("Item")
Result = TypeVar("Result")

CONNECT_SECONDS: Final = 10
"""How long a scheduler may take to answer."""
RETRIES: Final = 2
"""How often a task is tried again on a cluster when the worker that had it is gone."""


class Tasks(Protocol):
    """A place where tasks run."""

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return ``function(item)`` of every item, in their order.

        Parameters
        ----------
        function : callable
            Pure, and importable by its name wherever it runs.
        items : sequence

        Raises
        ------
        LimitError
            When a worker was killed, most likely for want of memory.
        """


class Serial:
    """One task after the other, in this process."""

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return ``function(item)`` of every item, in their order."""
        return [function(item) for item in items]


class Processes:
    """Tasks in worker processes of this machine.

    Parameters
    ----------
    pool : ProcessPoolExecutor
    """

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return ``function(item)`` of every item, in their order."""
        try:
            return list(self._pool.map(function, items))
        except BrokenProcessPool:
            message = (
                "a worker process was killed, most likely because memory ran out; nothing was published. Finished "
                "stages are kept: run again with fewer --workers"
            )
            raise LimitError(message) from None


class Cluster:
    """Tasks on a Dask cluster.

    Parameters
    ----------
    client : distributed.Client
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return ``function(item)`` of every item, in their order; what a lost worker had is done by another."""
        from distributed import KilledWorker  # noqa: PLC0415 - takes a second, and only clusters need it

        futures = self._client.map(function, list(items), pure=False, retries=RETRIES)
        try:
            found: list[Result] = self._client.gather(futures)
        except KilledWorker as error:
            message = f"the cluster's workers were killed one after the other ({error}); nothing was published"
            raise LimitError(message) from None
        finally:
            self._client.cancel(futures)
        return found


@contextmanager
def opened(*, workers: int = 1, scheduler: str | None = None) -> Iterator[Tasks]:
    """Yield the place where the tasks of a run are done.

    Parameters
    ----------
    workers : int
        Processes of this machine; 1 starts none.
    scheduler : str, optional
        Address of a Dask scheduler, for example ``tcp://10.0.0.5:8786``; `workers` does not matter then.

    Raises
    ------
    PlanError
        When no scheduler answers, it has no workers, or they run other code than this.
    """
    if scheduler is not None:
        with _cluster(scheduler) as tasks:
            yield tasks
    elif workers > 1:
        # spawned, not forked: GDAL, Arrow and OpenMP keep threads that a fork would cut in the middle
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            yield Processes(pool)
    else:
        yield Serial()


@contextmanager
def _cluster(address: str) -> Iterator[Tasks]:
    from distributed import Client  # noqa: PLC0415 - as above

    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call] # their stubs miss it
    except (OSError, ValueError) as error:
        message = f"--scheduler {address}: no Dask scheduler answers there ({error})"
        raise PlanError(message) from None
    with client:
        found = client.run(information.code_version)
        if not found:
            message = f"--scheduler {address}: the cluster has no workers"
            raise PlanError(message)
        others = sorted({version for version in found.values() if version != information.code_version()})
        if others:
            message = (
                f"--scheduler {address}: a worker runs other code than this ({', '.join(others)} instead of "
                f"{information.code_version()}); install the same version there"
            )
            raise PlanError(message)
        yield Cluster(client)
