"""What the service tells about itself: metrics for Prometheus and one line of JSON per request."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Final

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import Scope

from api.store import Store

log = logging.getLogger("planner.api.requests")

METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
SLOW_S: Final = 1.0
MEDIA_TYPE: Final = CONTENT_TYPE_LATEST
MULTIPROCESS: Final = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client's own variable: a folder that several workers share."""


class Observer:
    """Counts requests and writes their lines.

    Parameters
    ----------
    store : Store
        Whose publication is told.
    log_all : bool
        Write a line for every request; else only for failures and slow ones.
    """

    def __init__(self, store: Store, *, log_all: bool) -> None:
        self._log_all = log_all
        self.registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self._requests = Counter("planner_requests", "Requests answered", labels, registry=self.registry)
        self._seconds = Histogram(
            "planner_request_seconds", "Time to the last byte", ("route",), buckets=BUCKETS_S, registry=self.registry
        )
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._published = _Published(store)
        self.registry.register(self._published)

    def seen(self, scope: Scope, *, method: str, status: int, seconds: float, request_id: str) -> None:
        """Count one answered request; the line names the route, never the address with its query."""
        route = route_of(scope)
        known = method if method in METHODS else "other"
        counter, timer = self._of(route, known, status)
        counter.inc()
        timer.observe(seconds)
        if self._log_all or status >= 500 or seconds >= SLOW_S:
            line = {
                "event": "request",
                "request_id": request_id,
                "method": known,
                "route": route,
                "status": status,
                "ms": round(seconds * 1e3, 2),
            }
            log.log(logging.WARNING if status >= 500 else logging.INFO, "%s", orjson.dumps(line).decode())

    def _of(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        """Return the counters of a kind of request; looking them up by their labels costs more than counting."""
        key = (route, method, status)
        found = self._known.get(key)
        if found is None:
            found = self._requests.labels(route, method, str(status)), self._seconds.labels(route)
            self._known[key] = found
        return found

    def metrics(self) -> bytes:
        """Return all metrics as Prometheus reads them, of all workers where they share a folder."""
        if MULTIPROCESS not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call] # prometheus_client types half of itself
        together.register(self._published)
        return generate_latest(together)


class _Published(Collector):
    """Which publication is served, and whether another one was refused."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        served = GaugeMetricFamily("planner_publication_info", "Publication that is served", labels=["publication"])
        if (snapshot := self._store.served) is not None:
            served.add_metric([snapshot.id], 1)
        yield served
        refused = 0 if self._store.refusal is None else 1
        yield GaugeMetricFamily("planner_publication_refused", "1 while the current publication is refused", refused)


def route_of(scope: Scope) -> str:
    """Return the template of the route that answered, ``-`` when none did: a bounded number of names."""
    route = scope.get("route")
    return str(getattr(route, "path_format", "-"))
