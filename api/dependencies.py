"""What routes ask the application for."""

from __future__ import annotations

from typing import Any, Final, cast

from fastapi import Request

from api.language import Language, language_of
from api.ledger import Ledger
from api.observed import Observer
from api.settings import Settings
from api.snapshot import Snapshot
from api.store import Store

PROBLEM: Final[dict[str, Any]] = {
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
NOT_MODIFIED: Final[dict[str, Any]] = {"description": "The client has this answer of this publication already"}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries of errors that a route may answer with, besides those that any may."""
    reasons = {
        400: "A parameter or the body is wrong, unknown or repeated",
        401: "The key is missing, wrong, expired or revoked",
        409: "The request conflicts with what is stored, or with today's date",
        404: "No such id, publication or address",
        413: "The body is too large",
        414: "The address is too long",
        415: "The body is not JSON",
        408: "The body came too slowly",
        429: "Too many requests; Retry-After says when to come back",
        431: "The headers are too large",
        500: "Something failed on our side",
        503: "Nothing is published yet, or the publication asked for is damaged",
    }
    if 413 in statuses:
        statuses = (*statuses, 408)
    wanted = sorted({400, 401, 414, 429, 431, 500, *statuses})
    return {status: {**PROBLEM, "description": reasons[status]} for status in wanted}


def reads(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries of a read of a publication."""
    return {304: NOT_MODIFIED, **problems(404, 503, *statuses)}


def store_of(request: Request) -> Store:
    """Return the application's store."""
    return cast("Store", request.app.state.store)


def ledger_of(request: Request) -> Ledger:
    """Return the application's ledger of reports."""
    return cast("Ledger", request.app.state.ledger)


def observer_of(request: Request) -> Observer:
    """Return the application's observer."""
    return cast("Observer", request.app.state.observer)


def settings_of(request: Request) -> Settings:
    """Return the application's settings."""
    return cast("Settings", request.app.state.settings)


def takes_reports(state: Any) -> bool:
    """Tell whether anybody can send reports to the application whose state this is: by the write key, or a key of theirs."""
    return state.settings.write_key is not None or bool(state.access.accepts_reports())


async def snapshot_of(request: Request, publication: str | None) -> Snapshot:
    """Return the publication that a request asks for: one reference for the whole answer."""
    return await store_of(request).get(publication)


def spoken(request: Request, snapshot: Snapshot) -> Language:
    """Return the language of the answer."""
    return language_of(request.scope, snapshot.language)
