"""What a reader has to say about a file travels with the frame it read, and joins the issues of its layer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

import pandas as pd

from layers.errors import Issue

_KEY: Final = "layers.notes"
_Frame = TypeVar("_Frame", bound=pd.DataFrame)


def attach(frame: _Frame, issues: Iterable[Issue]) -> _Frame:
    """Add issues to those that `frame` carries, and return it."""
    told = (*of(frame), *issues)
    if told:
        frame.attrs[_KEY] = told
    return frame


def of(frame: pd.DataFrame) -> tuple[Issue, ...]:
    """Return the issues that a frame carries, in the order in which they were found."""
    found: tuple[Issue, ...] = frame.attrs.get(_KEY, ())
    return found


def without(frame: _Frame) -> _Frame:
    """Drop the issues that `frame` carries, once they have been told, and return it."""
    frame.attrs.pop(_KEY, None)
    return frame
