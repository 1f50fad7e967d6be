"""Every error as problem+json (RFC 9457): one table from our errors to status, type and title."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from api.language import Language, header, language_of
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
    "unknown-id": Kind(404, "There is no such id", "Không có mã này"),
    "not-found": Kind(404, "There is nothing at this address", "Không có gì ở địa chỉ này"),
    "wrong-method": Kind(405, "This address does not answer this method", "Địa chỉ này không nhận phương thức này"),
    "too-large": Kind(413, "The body is too large", "Nội dung gửi lên quá lớn"),
    "too-long": Kind(414, "The address is too long", "Địa chỉ quá dài"),
    "wrong-media-type": Kind(415, "The body must be JSON", "Nội dung gửi lên phải là JSON"),
    "headers-too-large": Kind(431, "The headers are too large", "Phần đầu của yêu cầu quá lớn"),
    "internal": Kind(500, "Something failed on our side", "Máy chủ gặp lỗi"),
    "not-ready": Kind(503, "Nothing is published yet", "Chưa có bản công bố nào"),
    "damaged-publication": Kind(503, "This publication is damaged", "Bản công bố này bị hỏng"),
}
"""Problem types by the last part of their URN."""

DOMAIN: Final[dict[type[PlanningError], str]] = {
    UnknownIdError: "unknown-id",
    PublicationError: "damaged-publication",
    PlanningError: "internal",
}
"""Which kind each domain error is, the most special first."""

OF_STATUS: Final[dict[int, str]] = {404: "not-found", 405: "wrong-method", 415: "wrong-media-type"}

RULES: Final[dict[str, tuple[str, str]]] = {
    "missing": ("is required", "là bắt buộc"),
    "float_parsing": ("must be a number", "phải là một số"),
    "float_type": ("must be a number", "phải là một số"),
    "finite_number": ("must be a finite number", "phải là một số hữu hạn"),
    "int_parsing": ("must be a whole number", "phải là số nguyên"),
    "greater_than_equal": ("must be at least {ge}", "phải từ {ge} trở lên"),
    "less_than_equal": ("must be at most {le}", "không được quá {le}"),
    "string_pattern_mismatch": ("does not have the documented form", "không đúng dạng đã mô tả"),
    "string_too_long": ("must have at most {max_length} characters", "không được quá {max_length} ký tự"),
    "string_too_short": ("must have at least {min_length} characters", "phải có ít nhất {min_length} ký tự"),
    "literal_error": ("must be one of {expected}", "phải là một trong {expected}"),
    "extra_forbidden": ("is not known here", "không được biết ở đây"),
    "json_invalid": ("is not valid JSON", "không phải JSON hợp lệ"),
    "model_attributes_type": ("must be a JSON object", "phải là một đối tượng JSON"),
}
"""What a rule of the request models says, English and Vietnamese, by pydantic's name for it."""


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


def bad_parameter(*, name: str, value: object, en: str, vi: str) -> ProblemError:
    """Return the 400 for one parameter of the query."""
    fault = {"parameter": name, "value": _shown(value), "rule": en}
    return ProblemError(kind="bad-parameter", en=f"'{name}' {en}.", vi=f"'{name}' {vi}.", faults=[fault])


def response(problem: ProblemError, scope: Scope) -> Response:
    """Return `problem` as problem+json in the request's language; ``instance`` is the path, never the query."""
    language: Language = language_of(scope, "vi")
    kind = KINDS[problem.kind]
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + problem.kind,
        "title": kind.en if language == "en" else kind.vi,
        "status": kind.status,
        "detail": problem.en if language == "en" else problem.vi,
        "instance": scope["path"],
    }
    if request_id := scope.get("state", {}).get("request_id"):
        body["request_id"] = request_id
    if problem.faults:
        body["errors"] = problem.faults
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store", **problem.headers}
    return Response(orjson.dumps(body), kind.status, headers, MEDIA_TYPE)


def install(app: FastAPI, methods: Methods) -> None:
    """Let `app` answer every error with `response`, and OPTIONS with what `methods` allows."""

    async def on_problem(request: Request, error: ProblemError) -> Response:
        return response(error, request.scope)

    async def on_domain(request: Request, error: PlanningError) -> Response:
        return response(from_domain(error), request.scope)

    async def on_validation(request: Request, error: RequestValidationError) -> Response:
        return response(from_validation(error, request), request.scope)

    async def on_http(request: Request, error: HTTPException) -> Response:
        if isinstance(error.__cause__, ProblemError):  # the body was refused while the framework was reading it
            return response(error.__cause__, request.scope)
        if error.status_code != 405:
            return response(from_http(error, request), request.scope)
        allow = {"Allow": methods.allowed(request.scope["path"].removeprefix(request.scope.get("root_path", "")))}
        if request.method == "OPTIONS":
            return Response(None, 204, allow)
        return response(from_http(HTTPException(405, headers=allow), request), request.scope)

    handlers: dict[type[Exception], Any] = {
        ProblemError: on_problem,
        PlanningError: on_domain,
        RequestValidationError: on_validation,
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


def from_validation(error: RequestValidationError, request: Request) -> ProblemError:
    """Return the problem of parameters or a body that break their model: each with value, rule and nearest name."""
    # an optional parameter that is given breaks two rules, its own and "is absent": the second says nothing
    found = [e for e in error.errors() if e["type"] != "none_required"]
    if _not_json(found, request):
        return ProblemError(
            kind="wrong-media-type",
            en="Send the body as 'Content-Type: application/json'.",
            vi="Hãy gửi nội dung với 'Content-Type: application/json'.",
        )
    if _swapped(found, error.body if isinstance(error.body, dict) else request.query_params):
        return swapped()
    faults = [_fault(e, request) for e in found]
    kind = "bad-body" if found[0]["loc"][0] == "body" else "bad-parameter"
    sentences = [_sentences(e, f) for e, f in zip(found, faults, strict=True)]
    return ProblemError(
        kind=kind, en=" ".join(s[0] for s in sentences), vi=" ".join(s[1] for s in sentences), faults=faults
    )


def swapped() -> ProblemError:
    """Return the 400 for a latitude given as longitude and the other way round."""
    return ProblemError(
        kind="swapped-coordinates",
        en="'lat' is the latitude (north) and 'lon' the longitude (east): the two look swapped.",
        vi="'lat' là vĩ độ (bắc), 'lon' là kinh độ (đông): có vẻ hai số bị đảo.",
        faults=[{"parameter": "lat", "rule": "swapped with 'lon'"}, {"parameter": "lon", "rule": "swapped with 'lat'"}],
    )


def _swapped(found: Sequence[Any], given: Mapping[str, Any]) -> bool:
    """Only the latitude is out of its range, and exchanged the two would be right."""
    too_far = {"less_than_equal", "greater_than_equal"}
    if len(found) != 1 or found[0]["loc"][-1] != "lat" or found[0]["type"] not in too_far:
        return False
    try:
        return abs(float(given["lat"])) <= 180 and abs(float(given["lon"])) <= 90
    except (KeyError, TypeError, ValueError):
        return False


def _not_json(found: Sequence[Any], request: Request) -> bool:
    media_type = header(request.scope, b"content-type").partition(";")[0].strip().lower()
    json = media_type == "application/json" or media_type.endswith("+json")
    return found[0]["loc"] == ("body",) and isinstance(found[0].get("input"), bytes) and not json


def _known(request: Request, where: str) -> list[str]:
    """Return the names that the operation documents for its query or its body; none for an undocumented page."""
    document = request.app.openapi()
    operations = document["paths"].get(request.scope["route"].path_format, {})
    operation = operations.get(request.method.lower(), {})
    if where == "query":
        return sorted(p["name"] for p in operation.get("parameters", []) if p["in"] == "query")
    reference: str = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return sorted(document["components"]["schemas"][reference.rsplit("/", 1)[-1]]["properties"])


def _fault(error: Any, request: Request) -> dict[str, Any]:
    name = _name(error["loc"])
    fault: dict[str, Any] = {"parameter": name, "rule": _rule(error, 0)}
    if error["type"] != "missing":
        fault["value"] = _shown(error.get("input"))
    if error["type"] == "extra_forbidden":
        known = _known(request, error["loc"][0])
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        fault |= {"nearest": near[0]} if near else {"known": known}
    return fault


def _name(location: tuple[int | str, ...]) -> str:
    """Return the parameter's name, or the path of a body's field; behind a parameter's name stand pydantic's own."""
    where, *inner = location
    parts = inner[:1] if where == "query" else inner
    return ".".join(str(part) for part in parts or [where])[:LONGEST_VALUE]


def _rule(error: Any, language: int) -> str:
    texts = RULES.get(error["type"])
    return texts[language].format(**error.get("ctx", {})) if texts else str(error["msg"])


def _sentences(error: Any, fault: dict[str, Any]) -> tuple[str, str]:
    name = fault["parameter"]
    en, vi = f"'{name}' {_rule(error, 0)}", f"'{name}' {_rule(error, 1)}"
    if "nearest" in fault:
        return f"{en}; did you mean '{fault['nearest']}'?", f"{vi}; có phải ý bạn là '{fault['nearest']}'?"
    if "known" in fault:
        names = ", ".join(fault["known"]) or "-"
        return f"{en}; known here: {names}.", f"{vi}; ở đây có: {names}."
    return f"{en}.", f"{vi}."


def _shown(value: object) -> str | int | float | bool | None:
    """Return a short scalar to show back; bodies and nested values are not echoed."""
    if isinstance(value, str):
        return value[:LONGEST_VALUE]
    return value if isinstance(value, int | float) and abs(value) < 2**53 else None
