"""Numbers as people read them, in Vietnamese and in English."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from planner.words import Language

_SWAPPED: Final = str.maketrans(",.", ".,")


def number(value: float, language: Language) -> str:
    """Return a whole number with the language's thousands separator."""
    text = f"{value:,.0f}"
    return text.replace(",", ".") if language == "vi" else text


def decimal(value: float, language: Language) -> str:
    """Return a number as short as it is, with the language's decimal mark and thousands separator, never an exponent."""
    text = f"{Decimal(f'{value:.12g}'):,f}"
    return text.translate(_SWAPPED) if language == "vi" else text


def share(value: float, language: Language) -> str:
    """Return a share as a percentage with two decimals."""
    text = f"{100 * value:.2f} %"
    return text.replace(".", ",") if language == "vi" else text
