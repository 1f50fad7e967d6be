"""What a request's models refuse, said to a person: parameter, value, rule, nearest known name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, ValidationError

from api.errors import LONGEST_VALUE, ProblemError

Where = Literal["query", "body"]

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
    "model_type": ("must be a JSON object", "phải là một đối tượng JSON"),
}
"""What a rule of the request models says, English and Vietnamese, by pydantic's name for it."""


def problem(error: ValidationError, model: type[BaseModel], where: Where, given: Mapping[str, Any]) -> ProblemError:
    """Return the 400 for a query or body that breaks its model.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    model : type of BaseModel
        The model, for the names that are known.
    where : {"query", "body"}
        What was checked.
    given : mapping
        What was given, for a look at both coordinates.
    """
    # an optional parameter that is given breaks two rules, its own and "is absent": the second says nothing
    found = [e for e in error.errors(include_url=False) if e["type"] != "none_required"]
    if _swapped(found, given):
        return swapped()
    known = sorted(field.alias or name for name, field in model.model_fields.items())
    faults = [_fault(e, where, known) for e in found]
    sentences = [_sentences(e, f) for e, f in zip(found, faults, strict=True)]
    return ProblemError(
        kind="bad-body" if where == "body" else "bad-parameter",
        en=" ".join(s[0] for s in sentences),
        vi=" ".join(s[1] for s in sentences),
        faults=faults,
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
    if len(found) != 1 or found[0]["loc"] != ("lat",) or found[0]["type"] not in too_far:
        return False
    try:
        return abs(float(given["lat"])) <= 180 and abs(float(given["lon"])) <= 90
    except (KeyError, TypeError, ValueError):
        return False


def _fault(error: Any, where: Where, known: list[str]) -> dict[str, Any]:
    name = _name(error["loc"], where)
    fault: dict[str, Any] = {"parameter": name, "rule": _rule(error, 0)}
    if error["type"] not in {"missing", "json_invalid"}:
        fault["value"] = _shown(error.get("input"))
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        fault |= {"nearest": near[0]} if near else {"known": known}
    return fault


def _name(location: tuple[int | str, ...], where: Where) -> str:
    """Return the parameter's name, or the path of a body's field; behind a parameter's name stand pydantic's own."""
    parts = location[:1] if where == "query" else location
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
