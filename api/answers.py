"""What every answer shares: the four fields, the teams, the bytes, the ETag."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, cast
from urllib.parse import quote

import orjson
from fastapi import Request
from starlette.responses import Response

from api import texts
from api.language import VARY, Language, header, language_of
from api.records import Row
from api.snapshot import STANDING, Snapshot

JSON: Final = "application/json"


Headers = tuple[tuple[bytes, bytes], ...]
NEED_MAP: Final = "maps/need.html"


@cache
def code_version() -> str:
    """Return the product's version; part of every ETag, since new code may say the same publication in other words."""
    try:
        return version("service-coverage-planner")
    except PackageNotFoundError:
        return "0"


def shared(snapshot: Snapshot) -> dict[str, Any]:
    """Return what every answer of a publication says alike; a batch says it once for all its points."""
    return {"publication": snapshot.id, "sources": snapshot.sources}


def about(*, data_date: object, flags: object, language: Language) -> dict[str, Any]:
    """Return the date of what an answer is about, its flags, and what these mean."""
    known = cast("list[str]", flags)
    return {"data_date": data_date, "flags": known, "notes": texts.notes(known, language)}


def envelope(snapshot: Snapshot, *, data_date: object, flags: object, language: Language) -> dict[str, Any]:
    """Return what every ``/v1`` answer carries: publication, data_date, sources, flags and what the flags mean."""
    return {**shared(snapshot), **about(data_date=data_date, flags=flags, language=language)}


def of_publication(snapshot: Snapshot, language: Language) -> dict[str, Any]:
    """Return the envelope of an answer about the whole publication."""
    return {**shared(snapshot), **about_publication(snapshot, language)}


def about_publication(snapshot: Snapshot, language: Language) -> dict[str, Any]:
    """Return date and flags of the whole publication."""
    manifest = snapshot.manifest
    return about(data_date=manifest.data_date, flags=manifest.flags, language=language)


def of_row(snapshot: Snapshot, row: Row, language: Language) -> dict[str, Any]:
    """Return the envelope of an answer about one village or commune: its own date and flags."""
    return {**shared(snapshot), **about_row(row, language)}


def about_row(row: Row, language: Language) -> dict[str, Any]:
    """Return date and flags of one village or commune."""
    return about(data_date=row.get("data_date"), flags=row.get("flags") or [], language=language)


def teams(snapshot: Snapshot, unit_id: str, *, standing: bool | None) -> Iterator[dict[str, Any]]:
    """Yield the sites near a village with the minutes to each, nearest first.

    Parameters
    ----------
    unit_id : str
        The village.
    standing : bool or None
        True for teams that can be met today, False for planned ones, None for both.
    """
    for near in snapshot.team_minutes.get(unit_id, []):
        site = snapshot.sites.get(cast("str", near["site_id"]))
        if site is not None and (standing is None or (site["status"] in STANDING) == standing):
            yield {**site, "minutes": near["minutes"]}


def nearest_team(snapshot: Snapshot, unit_id: str) -> dict[str, Any] | None:
    """Return the nearest fixed team that stands today, of the ten nearest sites; None when none of them does."""
    return next((t for t in teams(snapshot, unit_id, standing=True) if t["team_type"] == "community"), None)


def map_address(snapshot: Snapshot, language: Language, *, unit_id: str | None = None) -> str | None:
    """Return the address of the map of this very publication, opened at a village or commune; None when it has none."""
    if NEED_MAP not in snapshot.files:
        return None
    chosen = "" if unit_id is None else f"unit={quote(unit_id, safe='')}&"
    return snapshot.service.address(f"/{NEED_MAP}?publication={snapshot.id}#{chosen}layer=need&lang={language}")


def contradicting(snapshot: Snapshot, language: Language, *, village: bool) -> dict[str, Any]:
    """Return how somebody who sees something else says so; reports need a village.

    Parameters
    ----------
    village : bool
        Whether the answer is about a village.
    """
    possible = village and snapshot.service.accepts_reports
    address = snapshot.service.address("/v1/disputes") if possible else None
    return {"how_to_dispute": texts.HOW_TO_DISPUTE[possible][language], "dispute_address": address}


def respond(
    request: Request, snapshot: Snapshot, body: bytes, *, media_type: str = JSON, content_crs: str | None = None
) -> Response:
    """Return `body` with the ETag of its publication, or 304 when the client has it already.

    What was asked in a body is private: it is not stored and has no ETag. `content_crs` is the URI of the system of
    the coordinates, for OGC answers.
    """
    language = language_of(request.scope, snapshot.language)
    shared = _head(snapshot.id, language, media_type, content_crs)
    if request.method != "GET":
        return Encoded(200, shared, [(b"cache-control", b"no-store")], body)
    etag = f'W/"{snapshot.id}.{language}.{code_version()}"'
    pinned = b"publication=" in request.scope["query_string"]
    cached = (b"cache-control", b"public, max-age=3600" if pinned else b"no-cache")
    own = [(b"etag", etag.encode()), cached]
    if matches(header(request.scope, b"if-none-match"), etag):
        return Encoded(304, shared, own, None)
    return Encoded(200, shared, own, body)


class Encoded(Response):
    """An answer that is bytes already, its head too: this takes half the time of encoding the head again.

    Parameters
    ----------
    status : int
    shared, own : sequences of pairs of bytes
        Headers, names in lower case.
    body : bytes, optional
        None for 304, which has neither a length nor a type.
    """

    def __init__(self, status: int, shared: Headers, own: list[tuple[bytes, bytes]], body: bytes | None) -> None:
        self.status_code = status
        self.background = None
        self.body = body or b""
        self.raw_headers = [*shared, *own]
        if body is not None:
            self.raw_headers.append((b"content-length", str(len(body)).encode()))


@lru_cache(maxsize=256)
def _head(publication: str, language: Language, media_type: str, content_crs: str | None) -> Headers:
    named = {"Content-Type": media_type, "Content-Language": language, "Vary": VARY, "X-Publication": publication}
    if content_crs is not None:
        named["Content-Crs"] = f"<{content_crs}>"
    return tuple((name.lower().encode(), value.encode("latin-1")) for name, value in named.items())


def matches(condition: str, etag: str) -> bool:
    """Tell whether an ``If-None-Match`` value holds `etag`, by weak comparison (RFC 9110, 13.1.2)."""
    if not condition:
        return False
    known = {part.strip().removeprefix("W/") for part in condition.split(",")}
    return "*" in known or etag.removeprefix("W/") in known


def encode(content: object) -> bytes:
    """Return `content` as JSON; NaN and infinities become null."""
    return orjson.dumps(content)
