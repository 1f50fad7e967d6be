"""Which of the two languages an answer speaks, by ``Accept-Language`` (RFC 9110, 12.5.4)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal, cast

from starlette.types import Scope

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")
VARY: Final = "Accept-Language, Accept-Encoding"
"""``Vary`` of every answer in words."""
_LONGEST: Final = 200


def header(scope: Scope, name: bytes) -> str:
    """Return the first header called `name` (lower case) of a request, empty when absent."""
    for key, value in scope["headers"]:
        if key == name:
            return cast("bytes", value).decode("latin-1")
    return ""


def language_of(scope: Scope, default: Language) -> Language:
    """Return the language that a request prefers, `default` when it names neither."""
    wanted = header(scope, b"accept-language")
    return preferred(wanted, default) if wanted else default


@lru_cache(maxsize=256)
def preferred(wanted: str, default: Language) -> Language:
    """Return the best of `LANGUAGES` for the value of an ``Accept-Language`` header.

    Parameters
    ----------
    wanted : str
        For example ``en-GB,en;q=0.8,vi;q=0.5``; what cannot be read is passed over.
    default : {"vi", "en"}
        Wins ties, ``*`` and requests that name neither.
    """
    weights: dict[str, float] = {}
    for part in wanted[:_LONGEST].split(","):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        weights[primary] = max(weights.get(primary, 0.0), weight)
    star = weights.get("*", 0.0)
    order = (default, *(language for language in LANGUAGES if language != default))
    best = max(order, key=lambda language: weights.get(language, star))
    return best if weights.get(best, star) > 0 else default


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
