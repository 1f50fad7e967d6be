"""Numbers as people read them, in Vietnamese and in English."""

from __future__ import annotations

from planner.words import Language


def number(value: float, language: Language) -> str:
    """Return a whole number with the language's thousands separator."""
    text = f"{value:,.0f}"
    return text.replace(",", ".") if language == "vi" else text


def decimal(value: float, language: Language) -> str:
    """Return a number as short as it is, with the language's decimal mark."""
    text = f"{value:g}"
    return text.replace(".", ",") if language == "vi" else text


def share(value: float, language: Language) -> str:
    """Return a share as a percentage with two decimals."""
    text = f"{100 * value:.2f} %"
    return text.replace(".", ",") if language == "vi" else text
