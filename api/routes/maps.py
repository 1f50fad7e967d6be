"""/maps/… and /index.html: the published pages, byte for byte."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path, PurePosixPath
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import answers, asked
from api.asked import documented
from api.dependencies import NOT_MODIFIED, problems, settings_of, snapshot_of
from api.errors import ProblemError
from api.language import header
from api.queries import Read
from api.settings import Settings
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
}
_RESPONSES: Final = {
    200: {"content": {"text/html": {}}, "description": "The page"},
    304: NOT_MODIFIED,
    **problems(404, 503),
}


@router.get("/maps/{path:path}", response_class=Response, responses=_RESPONSES, openapi_extra=documented(Read))
async def published_map(request: Request, path: str) -> Response:
    """Return a map of the publication: one file that needs nothing else."""
    query = asked.query(request, Read)
    return await _serve(request, FOLDER + path, query.publication)


@router.get("/index.html", response_class=Response, responses=_RESPONSES, openapi_extra=documented(Read))
async def index(request: Request) -> Response:
    """Return the publication's own page, where it has one."""
    query = asked.query(request, Read)
    return await _serve(request, INDEX, query.publication)


async def _serve(request: Request, name: str, publication: str | None) -> Response:
    """Answer with a file that the manifest lists; anything else does not exist, whatever lies on the disk."""
    snapshot = await snapshot_of(request, publication)
    entry = snapshot.files.get(name)
    media_type = MEDIA_TYPES.get(PurePosixPath(name).suffix)
    if entry is None or media_type is None:
        raise ProblemError(
            kind="not-found",
            en=f"Publication {snapshot.id} has no such page.",
            vi=f"Bản công bố {snapshot.id} không có trang này.",
        )
    headers = {
        "ETag": f'"{entry.sha256}"',
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        "X-Publication": snapshot.id,
        "Content-Security-Policy": policy(settings_of(request)),
    }
    if answers.matches(header(request.scope, b"if-none-match"), headers["ETag"]):
        return Response(None, 304, headers)
    body = await asyncio.to_thread(read, snapshot.path, entry)
    return Response(body, 200, headers, media_type)


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
