"""/maps/… and /published/…: what was published, byte for byte."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path, PurePosixPath
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api import answers, asked
from api.asked import documented
from api.dependencies import NOT_MODIFIED, problems, settings_of, snapshot_of
from api.errors import ProblemError
from api.language import header
from api.queries import NoQuery, Read
from api.settings import Settings
from api.snapshot import Snapshot
from planner.errors import PublicationError
from planner.products import FileEntry

router = APIRouter(tags=["maps"])

INDEX: Final = "index.html"
FOLDER: Final = "maps/"
MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".csv": "text/csv; charset=utf-8",
    ".gpkg": "application/geopackage+sqlite3",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DAY: Final = "public, max-age=86400, immutable"
_PAGE: Final = {
    200: {"content": {"text/html": {}}, "description": "The page"},
    304: NOT_MODIFIED,
    **problems(404, 503),
}
_FILE: Final = {
    200: {"content": {kind.partition(";")[0]: {} for kind in MEDIA_TYPES.values()}, "description": "The file"},
    304: NOT_MODIFIED,
    **problems(404, 503),
}


@router.get("/maps/{path:path}", response_class=Response, responses=_PAGE, openapi_extra=documented(Read))
async def published_map(request: Request, path: str) -> Response:
    """Return a map of the publication: one file that needs nothing else."""
    query = asked.query(request, Read)
    snapshot = await snapshot_of(request, query.publication)
    return await _serve(request, snapshot, FOLDER + path, caching="no-cache")


@router.get(
    "/index.html",
    status_code=307,
    response_class=RedirectResponse,
    responses=problems(404, 503),
    openapi_extra=documented(Read),
)
async def index(request: Request) -> Response:
    """Lead to the publication's own page, from which its maps and files can be reached."""
    query = asked.query(request, Read)
    snapshot = await snapshot_of(request, query.publication)
    if INDEX not in snapshot.files:
        raise _nothing(snapshot)
    # relative: it holds behind a proxy too
    return RedirectResponse(f"published/{snapshot.id}/{INDEX}", 307, {"Cache-Control": "no-cache"})


@router.get(
    "/published/{publication_id}/{path:path}",
    response_class=Response,
    responses=_FILE,
    openapi_extra=documented(NoQuery),
)
async def published_file(request: Request, publication_id: str, path: str) -> Response:
    """Return a file of a publication: a table, an export, a page; its relative links work."""
    asked.query(request, NoQuery)
    snapshot = await snapshot_of(request, publication_id)
    return await _serve(request, snapshot, path, caching=DAY)


async def _serve(request: Request, snapshot: Snapshot, name: str, *, caching: str) -> Response:
    """Answer with a file that the manifest lists; anything else does not exist, whatever lies on the disk."""
    entry = snapshot.files.get(name)
    media_type = MEDIA_TYPES.get(PurePosixPath(name).suffix)
    if entry is None or media_type is None:
        raise _nothing(snapshot)
    headers = {
        "ETag": f'"{entry.sha256}"',
        "Cache-Control": caching,
        "Vary": "Accept-Encoding",
        "X-Publication": snapshot.id,
        "Content-Security-Policy": policy(settings_of(request)),
    }
    if answers.matches(header(request.scope, b"if-none-match"), headers["ETag"]):
        return Response(None, 304, headers)
    body = await asyncio.to_thread(read, snapshot.path, entry)
    return Response(body, 200, headers, media_type)


def _nothing(snapshot: Snapshot) -> ProblemError:
    return ProblemError(
        kind="not-found",
        en=f"Publication {snapshot.id} has no such file.",
        vi=f"Bản công bố {snapshot.id} không có tệp này.",
    )


def policy(settings: Settings) -> str:
    """Return the content security policy of a self-contained map: its own inline code, no connection at all."""
    embedding = " ".join(settings.frame_ancestors) or "'none'"
    return (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
        "font-src data:; worker-src blob:; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {embedding}"
    )


def read(folder: Path, entry: FileEntry) -> bytes:
    """Return the bytes of a listed file; raises `PublicationError` when they are not those that were published."""
    try:
        body = (folder / entry.path).read_bytes()
    except OSError as error:
        message = f"{folder.name}: {entry.path} cannot be read ({error.strerror})"
        raise PublicationError(message) from None
    if hashlib.sha256(body).hexdigest() != entry.sha256:
        message = f"{folder.name}: {entry.path} differs from what was published"
        raise PublicationError(message)
    return body
