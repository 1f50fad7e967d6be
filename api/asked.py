"""The parameters and the body of a request, checked by their models.

The framework would do this too, at a third of the cost of a whole answer, letting repeated and unknown names pass;
here the models check the query as it came, and the same models describe it in /openapi.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from api import faults
from api.errors import ProblemError, bad_parameter
from api.language import header

Model = TypeVar("Model", bound=BaseModel)

MAX_PARAMETERS: Final = 50


def query(request: Request, model: type[Model]) -> Model:
    """Return the query of a request as `model`.

    Raises
    ------
    ProblemError
        400, naming the parameters that are missing, wrong, unknown or repeated.
    """
    given = _given(request.scope["query_string"])
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise faults.problem(error, model, "query", given) from None


async def body(request: Request, model: type[Model]) -> Model:
    """Return the JSON body of a request as `model`; numbers are numbers there, not texts.

    Raises
    ------
    ProblemError
        400 as for `query`, 413 when it is too large, 415 when it is not declared to be JSON.
    """
    media_type = header(request.scope, b"content-type").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ProblemError(
            kind="wrong-media-type",
            en="Send the body as 'Content-Type: application/json'.",
            vi="Hãy gửi nội dung với 'Content-Type: application/json'.",
        )
    raw = await request.body()
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise faults.problem(error, model, "body", _object(raw)) from None


def documented(query: type[BaseModel], body: type[BaseModel] | None = None) -> dict[str, Any]:
    """Return what /openapi.json says of an operation's parameters and body, for ``openapi_extra``."""
    schema = query.model_json_schema()
    required = schema.get("required", [])
    parameters = [_parameter(name, field, name in required) for name, field in schema.get("properties", {}).items()]
    extra: dict[str, Any] = {"parameters": parameters} if parameters else {}
    if body is not None:
        extra["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body.model_json_schema()}},
        }
    return extra


def _parameter(name: str, schema: Mapping[str, Any], required: bool) -> dict[str, Any]:  # noqa: FBT001 - private
    inner = {key: value for key, value in schema.items() if key not in {"description", "title"}}
    if inner.get("default", ...) is None:
        del inner["default"]
    described = {"description": schema["description"]} if "description" in schema else {}
    return {"name": name, "in": "query", "required": required, **described, "schema": inner}


def _given(raw: bytes) -> dict[str, str]:
    if not raw:
        return {}
    try:
        pairs = _pairs(raw.decode())
    except ValueError:
        raise ProblemError(
            kind="bad-request",
            en="The query is not UTF-8 text, or has too many parameters.",
            vi="Truy vấn không phải UTF-8, hoặc có quá nhiều tham số.",
        ) from None
    given = dict(pairs)
    if len(given) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)[:100]
        raise bad_parameter(name=repeated, en="is given more than once", vi="được đưa ra nhiều lần")
    return given


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return names and values; a query without escapes, as most are, needs no unquoting."""
    if "%" in text or "+" in text or text.count("&") >= MAX_PARAMETERS:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    parts = [part.partition("=") for part in text.split("&") if part]
    return [(name, value) for name, _, value in parts]


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
