"""gzip for answers that are worth it, off the event loop when they are large; pure ASGI."""

from __future__ import annotations

import asyncio
import gzip
from functools import lru_cache
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.language import header

SMALLEST: Final = 1_000
"""Bytes below which compressing saves no packet."""
LARGE: Final = 65_536
"""Bytes from which compressing takes milliseconds and moves to a thread."""
LEVEL: Final = 5
LEVEL_ONCE: Final = 1
"""Of an answer that nobody may store: twice as fast, and a third longer."""
_KINDS: Final = (b"application/", b"text/", b"image/svg")


class Compression:
    """Compresses whole answers for clients that accept gzip.

    Parameters
    ----------
    app : ASGI application
        What answers, each time with one body message, and with ``Vary: Accept-Encoding`` where this may change it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and accepts(header(scope, b"accept-encoding")):
            send = _Compressed(send)
        await self.app(scope, receive, send)


class _Compressed:
    """Holds the head back until the body is known, which comes in one piece."""

    __slots__ = ("head", "send")

    def __init__(self, send: Send) -> None:
        self.send = send
        self.head: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _worth(message):
            self.head = message
            return
        if self.head is not None:
            head, self.head = self.head, None
            head, message = await _compress(head, message)
            await self.send(head)
        await self.send(message)


@lru_cache(maxsize=256)
def accepts(wanted: str) -> bool:
    """Tell whether an ``Accept-Encoding`` value allows gzip (RFC 9110, 12.5.3)."""
    for part in wanted.lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() in {"gzip", "*"}:
            return quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _worth(message: Message) -> bool:
    if message["status"] in {204, 304}:
        return False
    named = dict(message["headers"])
    long = int(named.get(b"content-length", b"0")) >= SMALLEST
    return long and b"content-encoding" not in named and named.get(b"content-type", b"").startswith(_KINDS)


async def _compress(head: Message, body: Message) -> tuple[Message, Message]:
    content: bytes = body.get("body", b"")
    if body.get("more_body", False):
        return head, body
    level = LEVEL_ONCE if (b"cache-control", b"no-store") in head["headers"] else LEVEL
    # mtime 0: the same answer is the same bytes
    if len(content) >= LARGE:
        packed = await asyncio.to_thread(gzip.compress, content, level, mtime=0)
    else:
        packed = gzip.compress(content, level, mtime=0)
    headers = [
        (name, b"W/" + value if name == b"etag" and not value.startswith(b"W/") else value)
        for name, value in head["headers"]
        if name != b"content-length"
    ]
    headers += [(b"content-encoding", b"gzip"), (b"content-length", str(len(packed)).encode())]
    return {**head, "headers": headers}, {**body, "body": packed}
