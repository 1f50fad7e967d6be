"""Every error as problem+json (RFC 9457): one table from our errors to status, type and title."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from api.language import VARY, Language, language_of
from api.methods import Methods
from planner.errors import PlanningError, PublicationError, UnknownIdError

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:service-coverage-planner:problem:"
LONGEST_VALUE: Final = 100

log = logging.getLogger("planner.api")


class Kind(NamedTuple):
    """One kind of problem: its HTTP status and its title in both languages."""

    status: int
    en: str
    vi: str


KINDS: Final[dict[str, Kind]] = {
    "bad-parameter": Kind(400, "A parameter is missing or wrong", "Tham số thiếu hoặc sai"),
    "bad-body": Kind(400, "The body cannot be used", "Nội dung gửi lên không dùng được"),
    "swapped-coordinates": Kind(400, "Latitude and longitude are swapped", "Vĩ độ và kinh độ bị đảo ngược"),
    "bad-request": Kind(400, "The request cannot be read", "Không đọc được yêu cầu"),
    "no-key": Kind(401, "A key is needed", "Cần có khoá truy cập"),
    "unknown-place": Kind(404, "No village is known at this place", "Không biết thôn nào ở nơi này"),
    "unknown-id": Kind(404, "There is no such id", "Không có mã này"),
    "not-found": Kind(404, "There is nothing at this address", "Không có gì ở địa chỉ này"),
    "wrong-method": Kind(405, "This address does not answer this method", "Địa chỉ này không nhận phương thức này"),
    "key-reused": Kind(
        409, "This idempotency key was used for another report", "Khoá chống lặp đã dùng cho phản ánh khác"
    ),
    "in-the-future": Kind(409, "This day has not come yet", "Ngày này chưa đến"),
    "too-large": Kind(413, "The body is too large", "Nội dung gửi lên quá lớn"),
    "too-long": Kind(414, "The address is too long", "Địa chỉ quá dài"),
    "wrong-media-type": Kind(415, "The body must be JSON", "Nội dung gửi lên phải là JSON"),
    "too-slow": Kind(408, "The body came too slowly", "Nội dung gửi lên quá chậm"),
    "too-many": Kind(429, "Too many requests", "Quá nhiều yêu cầu"),
    "headers-too-large": Kind(431, "The headers are too large", "Phần đầu của yêu cầu quá lớn"),
    "internal": Kind(500, "Something failed on our side", "Máy chủ gặp lỗi"),
    "not-ready": Kind(503, "Nothing is published yet", "Chưa có bản công bố nào"),
    "ledger-unavailable": Kind(503, "Reports cannot be stored now", "Hiện chưa lưu được phản ánh"),
    "damaged-publication": Kind(503, "This publication is damaged", "Bản công bố này bị hỏng"),
}
"""Problem types by the last part of their URN."""


class LedgerError(PlanningError):
    """Citizens' reports cannot be read or written now."""


DOMAIN: Final[dict[type[PlanningError], str]] = {
    UnknownIdError: "unknown-id",
    PublicationError: "damaged-publication",
    LedgerError: "ledger-unavailable",
    PlanningError: "internal",
}
"""Which kind each domain error is, the most special first."""

OF_STATUS: Final[dict[int, str]] = {404: "not-found", 405: "wrong-method", 415: "wrong-media-type"}


class ProblemError(Exception):
    """A request that cannot be answered.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    en, vi : str
        What happened, for a person.
    faults : sequence of dict, optional
        One per parameter at fault: ``parameter``, ``value``, ``rule`` and, for an unknown name, ``nearest``.
    headers : dict, optional
        Further response headers.
    """

    def __init__(
        self,
        *,
        kind: str,
        en: str,
        vi: str,
        faults: Sequence[dict[str, Any]] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(en)
        self.kind = kind
        self.en = en
        self.vi = vi
        self.faults = tuple(faults)
        self.headers = headers or {}


def unknown_id(value: str, *, en: str, vi: str) -> ProblemError:
    """Return the 404 for an id that the publication does not hold; `en` and `vi` say of what."""
    shown = value[:LONGEST_VALUE]
    return ProblemError(
        kind="unknown-id",
        en=f"There is no {en} '{shown}' in this publication.",
        vi=f"Bản công bố này không có {vi} '{shown}'.",
    )


def not_ready() -> ProblemError:
    """Return the 503 of a service that has no publication."""
    return ProblemError(
        kind="not-ready",
        en="There is no publication to answer from. Try again in a moment.",
        vi="Chưa có bản công bố để trả lời. Xin thử lại sau ít phút.",
        headers={"Retry-After": "5"},
    )


def bad_parameter(*, name: str, en: str, vi: str) -> ProblemError:
    """Return the 400 for one parameter of the query; `en` and `vi` go on after its name."""
    faults = [{"parameter": name, "rule": en}]
    return ProblemError(kind="bad-parameter", en=f"'{name}' {en}.", vi=f"'{name}' {vi}.", faults=faults)


def bad_header(*, name: str, en: str, vi: str) -> ProblemError:
    """Return the 400 for one header; `en` and `vi` go on after its name."""
    faults = [{"parameter": name, "rule": en}]
    return ProblemError(kind="bad-request", en=f"'{name}' {en}.", vi=f"'{name}' {vi}.", faults=faults)


def described(problem: ProblemError, language: Language) -> dict[str, Any]:
    """Return what a problem says of itself, wherever it happened."""
    kind = KINDS[problem.kind]
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + problem.kind,
        "title": kind.en if language == "en" else kind.vi,
        "status": kind.status,
        "detail": problem.en if language == "en" else problem.vi,
    }
    return {**body, "errors": problem.faults} if problem.faults else body


def response(problem: ProblemError, scope: Scope) -> Response:
    """Return `problem` as problem+json in the request's language; ``instance`` is the path, never the query."""
    language: Language = language_of(scope, "vi")
    body = {**described(problem, language), "instance": scope["path"]}
    if request_id := scope.get("state", {}).get("request_id"):
        body["request_id"] = request_id
    headers = {"Content-Language": language, "Vary": VARY, "Cache-Control": "no-store", **problem.headers}
    return Response(orjson.dumps(body), KINDS[problem.kind].status, headers, MEDIA_TYPE)


def install(app: FastAPI, methods: Methods) -> None:
    """Let `app` answer every error with `response`, and OPTIONS with what `methods` allows."""

    async def on_problem(request: Request, error: ProblemError) -> Response:
        return response(error, request.scope)

    async def on_domain(request: Request, error: PlanningError) -> Response:
        return response(from_domain(error), request.scope)

    async def on_http(request: Request, error: HTTPException) -> Response:
        if error.status_code != 405:
            return response(from_http(error, request), request.scope)
        allow = {"Allow": methods.allowed(request.scope["path"].removeprefix(request.scope.get("root_path", "")))}
        if request.method == "OPTIONS":
            return Response(None, 204, allow)
        return response(from_http(HTTPException(405, headers=allow), request), request.scope)

    handlers: dict[type[Exception], Any] = {
        ProblemError: on_problem,
        PlanningError: on_domain,
        HTTPException: on_http,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def from_domain(error: PlanningError) -> ProblemError:
    """Return the problem of one of our own errors; what a server fault says goes to the log, not to the client."""
    kind = next(name for cls, name in DOMAIN.items() if isinstance(error, cls))
    if KINDS[kind].status < 500:
        return ProblemError(kind=kind, en=str(error), vi=str(error))
    log.error("%s: %s", kind, error)
    return ProblemError(kind=kind, en=f"{KINDS[kind].en}.", vi=f"{KINDS[kind].vi}.", headers={"Retry-After": "30"})


def from_http(error: HTTPException, request: Request) -> ProblemError:
    """Return the problem of what the framework refuses: no such path, method, body."""
    kind = OF_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "internal")
    detail = {
        "not-found": (f"There is nothing at '{request.scope['path'][:LONGEST_VALUE]}'.", "Không có gì ở địa chỉ này."),
        "wrong-method": (
            f"'{request.scope['method']}' is not answered here.",
            "Phương thức này không dùng được ở đây.",
        ),
    }.get(kind, (f"{KINDS[kind].en}.", f"{KINDS[kind].vi}."))
    return ProblemError(kind=kind, en=detail[0], vi=detail[1], headers=dict(error.headers or {}))
