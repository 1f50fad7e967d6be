"""Pure ASGI middleware: request ids, limits, HEAD, security headers, and an answer to whatever fails."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import secrets
import time
from itertools import chain
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import Access
from api.errors import ProblemError, response
from api.language import header
from api.limits import RateLimiter
from api.observed import Observer
from api.settings import Settings

log = logging.getLogger("planner.api")

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECURITY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_CLOSED: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


class Envelope:
    """What goes round every answer.

    Parameters
    ----------
    app : ASGI application
        What answers.
    settings : Settings
        Limits of the request.
    limiter : RateLimiter
        How many requests a client may send.
    access : Access
        The clients' keys.
    observer : Observer
        Who is told of every answer.
    """

    def __init__(
        self, app: ASGIApp, *, settings: Settings, limiter: RateLimiter, access: Access, observer: Observer
    ) -> None:
        self.app = app
        self.settings = settings
        self.limiter = limiter
        self.access = access
        self.observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; other kinds of connection pass by."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()
        method = scope["method"]
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        out = _Out(send, request_id=request_id, head=method == "HEAD")
        if method == "HEAD":
            scope["method"] = "GET"
        try:
            await self._answer(scope, receive, out)
        finally:
            seconds = time.perf_counter() - start
            self.observer.seen(scope, method=method, status=out.status, seconds=seconds, request_id=request_id)

    async def _answer(self, scope: Scope, receive: Receive, out: _Out) -> None:
        """Answer, or say in our own words why not."""
        try:
            if (problem := self._refused(scope)) is not None:
                raise problem  # noqa: TRY301 - one way to answer, below
            if scope["method"] not in _BODILESS:
                receive = _Body(receive, max_bytes=self.settings.max_body_bytes, seconds=self.settings.body_seconds)
            await self.app(scope, receive, out)
        except ProblemError as error:
            if out.status:
                raise
            await response(error, scope)(scope, receive, out)
        except ClientDisconnect:
            log.info("request %s: the client went away", out.request_id)
        except Exception:
            # path only: the query may hold a person's position
            log.exception("request %s: %s %s failed", out.request_id, scope["method"], scope["path"])
            if out.status:
                raise
            failed = ProblemError(kind="internal", en="The failure has been logged.", vi="Lỗi đã được ghi lại.")
            await response(failed, scope)(scope, receive, out)

    def _refused(self, scope: Scope) -> ProblemError | None:
        """Return why a request is not even routed; None when it may be."""
        wait_s = 0.0 if scope["path"].startswith("/health/") else self._wait_s(scope)
        return too_many(wait_s) if wait_s > 0 else refused(scope, self.settings)

    def _wait_s(self, scope: Scope) -> float:
        """Count a request: against its key where that has the scope for it, else against its address."""
        key = self.access.of(scope)
        scope["state"]["key"] = key
        needed = "read" if scope["method"] in _BODILESS or not scope["path"].startswith("/v1/disputes") else "reports"
        if key is None or needed not in key.scopes:
            return self.limiter.wait_s(scope)
        return self.access.wait_s(key, self.limiter)


_BODILESS: Final = ("GET", "OPTIONS")


class _Out:
    """Sends an answer with its headers added, and without its body when only the head was asked for."""

    __slots__ = ("head", "request_id", "send", "status")

    def __init__(self, send: Send, *, request_id: str, head: bool) -> None:
        self.send = send
        self.request_id = request_id
        self.head = head
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
            headers.append((b"x-request-id", self.request_id.encode()))
            headers.extend(_SECURITY)
            if b"content-security-policy" not in dict(headers):
                headers.append(_CLOSED)
            message = {**message, "headers": headers}
        elif self.head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self.send(message)


class _Body:
    """Receives a request's body and stops reading when it grows too large or comes too slowly."""

    __slots__ = ("left", "receive", "until")

    def __init__(self, receive: Receive, *, max_bytes: int, seconds: float) -> None:
        self.receive = receive
        self.left = max_bytes
        self.until = asyncio.get_running_loop().time() + seconds

    async def __call__(self) -> Message:
        try:
            async with asyncio.timeout_at(self.until):
                message = await self.receive()
        except TimeoutError:
            raise ProblemError(
                kind="too-slow",
                en="The body did not arrive in time.",
                vi="Nội dung gửi lên không đến kịp.",
                headers={"Connection": "close"},
            ) from None
        if message["type"] == "http.request":
            self.left -= len(message.get("body", b""))
            if self.left < 0:
                raise too_large()
        return message


def too_many(wait_s: float) -> ProblemError:
    """Return the 429 with the seconds to wait."""
    seconds = math.ceil(wait_s)
    return ProblemError(
        kind="too-many",
        en=f"Too many requests; try again in {seconds} s.",
        vi=f"Quá nhiều yêu cầu; hãy thử lại sau {seconds} giây.",
        headers={"Retry-After": str(seconds)},
    )


def too_large() -> ProblemError:
    """Return the 413."""
    return ProblemError(
        kind="too-large",
        en="The body is longer than this service reads.",
        vi="Nội dung gửi lên dài quá mức cho phép.",
        headers={"Connection": "close"},
    )


def refused(scope: Scope, settings: Settings) -> ProblemError | None:
    """Return why a request is not even routed; None when it may be."""
    if sum(map(len, chain.from_iterable(scope["headers"]))) > settings.max_header_bytes:
        return ProblemError(
            kind="headers-too-large", en="Send fewer or shorter headers.", vi="Hãy gửi ít phần đầu hơn."
        )
    if len(scope["query_string"]) > settings.max_query_bytes or len(scope["path"]) > settings.max_query_bytes:
        return ProblemError(kind="too-long", en="Shorten the address.", vi="Hãy rút ngắn địa chỉ.")
    length = header(scope, b"content-length")
    if length.isdecimal() and int(length[:20]) > settings.max_body_bytes:
        return too_large()
    return None


def _request_id(scope: Scope) -> str:
    """Return the caller's request id when it is a plain one, else a new one."""
    given = header(scope, b"x-request-id")
    return given if given and _REQUEST_ID.fullmatch(given) else secrets.token_hex(12)
