"""HTTP/1.1 on a socket, with an end to every patience: uvicorn's own protocol waits for a request's head for ever.

``planner serve`` names this class to uvicorn. What the application says in problem+json is said so here too, for requests
that never become one: no HTTP, a head that is too large, a head that does not arrive.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Final, NamedTuple

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.errors import KINDS, MEDIA_TYPE, ProblemError, described
from api.settings import from_environment

_LANGUAGE: Final = "vi"
"""Of an answer to what named no language yet."""


class Limits(NamedTuple):
    """How much of a head is read, in bytes, and for how long it is waited for, in seconds."""

    head_bytes: int
    head_seconds: float


@cache
def limits() -> Limits:
    """Return the limits that the environment sets: a head is an address and headers."""
    settings = from_environment()
    return Limits(settings.max_query_bytes + settings.max_header_bytes, settings.head_seconds)


class Guarded(HttpToolsProtocol):
    """uvicorn's protocol, with limits for a request's head."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        """Begin to wait for a first request."""
        super().connection_made(transport)
        self._limits = limits()
        self._head_bytes = 0
        self._in_head = True
        self._patience: asyncio.TimerHandle | None = None
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; what is no head yet counts against its limits."""
        super().data_received(data)
        if not self._in_head:
            self._stop_waiting()
        elif not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > self._limits.head_bytes:
                self._refuse("headers-too-large", en="Send fewer or shorter headers.", vi="Hãy gửi ít phần đầu hơn.")
            elif self._patience is None:
                self._wait()

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        """Note that a head is whole."""
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP; `msg`, which is uvicorn's, says no more than that."""
        self._refuse("bad-request", en=msg, vi="Yêu cầu không phải HTTP hợp lệ.")

    def _wait(self) -> None:
        self._patience = self.loop.call_later(self._limits.head_seconds, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _too_slow(self) -> None:
        self._patience = None
        if self._in_head and not self.transport.is_closing():
            self._refuse("too-slow", en="The request did not arrive in time.", vi="Yêu cầu không đến kịp.")

    def _refuse(self, kind: str, *, en: str, vi: str) -> None:
        """Answer and hang up; an answer under way is not interrupted by another one."""
        self._stop_waiting()
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_answer(kind, en, vi))
        self.transport.close()


def _answer(kind: str, en: str, vi: str) -> bytes:
    body = orjson.dumps({**described(ProblemError(kind=kind, en=en, vi=vi), _LANGUAGE), "instance": ""})
    headers = {
        "content-type": MEDIA_TYPE,
        "content-length": str(len(body)),
        "content-language": _LANGUAGE,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "connection": "close",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[KINDS[kind].status] + lines.encode() + b"\r\n" + body
