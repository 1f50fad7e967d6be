"""The application: wiring only. ``uvicorn --factory api.main:create_app`` starts it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import time
from collections.abc import AsyncIterator
from typing import Any, Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api import answers, errors
from api.access import Access
from api.compression import Compression
from api.dependencies import takes_reports
from api.errors import LedgerError
from api.ledger import Ledger
from api.limits import RateLimiter
from api.methods import Methods
from api.observed import Observer
from api.routes import communes, coverage, disputes, health, landing, maps, metrics, ogc, publications, teams, villages
from api.schemas import Problem
from api.security import Envelope
from api.settings import Settings, from_environment
from api.shortcut import Shortcut
from api.store import Store

log = logging.getLogger("planner.api")

HOT: Final = ("/v1/coverage",)
"""What the portal asks all the time."""
ALLOWED_HEADERS: Final = (
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "X-Request-ID",
)
FORGET_SECONDS: Final = 3_600.0
DESCRIPTION: Final = (
    "What coverage and support a place has, how sure that is, since when, and what happens next. "
    "Answers come from one publication, named in every answer; texts are Vietnamese or English by Accept-Language. "
    "Errors are application/problem+json."
)
ROUTERS: Final = (
    coverage.router,
    villages.router,
    communes.router,
    teams.router,
    publications.router,
    disputes.router,
    ogc.router,
    health.router,
    metrics.router,
    maps.router,
    landing.router,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application; it has looked at the published folder once and can answer.

    Parameters
    ----------
    settings : Settings, optional
        Read from ``PLANNER_*`` environment variables when not given.

    Raises
    ------
    SettingsError
        When these are missing or at fault.
    """
    chosen = from_environment() if settings is None else settings
    access = Access(chosen.keys_file, monotonic=time.monotonic, clock=_now)
    store = Store(chosen, accepts_reports=access.accepts_reports)
    store.open()
    app = FastAPI(
        title="Service coverage of Đắk Lắk",
        description=DESCRIPTION,
        version=answers.code_version(),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # asked of the environment at every request
        lifespan=_live,
    )
    app.state.settings, app.state.store = chosen, store
    app.state.observer = Observer(store, log_all=chosen.access_log)
    app.state.ledger = Ledger(chosen.disputes_url, keep_days=chosen.keep_positions_days, clock=_now)
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app, Methods(ROUTERS))
    _document(app)
    app.state.access = access
    _wrap(app, chosen)
    return app


def _wrap(app: FastAPI, settings: Settings) -> None:
    """Put the middleware round `app`, the innermost first."""
    app.add_middleware(Shortcut, routers=ROUTERS, paths=HOT)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=ALLOWED_HEADERS,
            expose_headers=["Content-Crs", "ETag", "Location", "Retry-After", "X-Publication", "X-Request-ID"],
        )
    app.add_middleware(Compression)
    limiter = RateLimiter(
        per_second=settings.rate_per_second,
        burst=settings.rate_burst,
        trusted=settings.trusted_networks,
        clock=time.monotonic,
    )
    app.add_middleware(
        Envelope, settings=settings, limiter=limiter, access=app.state.access, observer=app.state.observer
    )


@contextlib.asynccontextmanager
async def _live(app: FastAPI) -> AsyncIterator[None]:
    """Follow ``current`` and forget what is old while the application runs."""
    # does nothing where the command line has set up the log already; a worker of its own has nobody else to do it
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    tasks = [asyncio.create_task(app.state.store.watch())]
    if takes_reports(app.state):
        tasks.append(asyncio.create_task(_forget(app.state.ledger)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        app.state.ledger.close()


async def _forget(ledger: Ledger) -> None:
    """Delete old positions and texts of reports, now and every hour."""
    while True:
        try:
            await asyncio.to_thread(ledger.forget)
        except LedgerError as error:
            log.warning("%s", error)
        await asyncio.sleep(FORGET_SECONDS)


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)


def _document(app: FastAPI) -> None:
    """Let the document say how errors are answered here: problem+json, and 400 where the framework has 422."""
    framework = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        document = framework()
        schemas = document["components"]["schemas"]
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        described = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= described.pop("$defs") | {"Problem": described}
        document["components"]["securitySchemes"] = {"writeKey": {"type": "http", "scheme": "bearer"}}
        return document

    app.openapi = openapi  # type: ignore[method-assign] # the documented way to change the document
