"""Errors of the conclusions: the same base as the inputs', one exit status each."""

from __future__ import annotations

from typing import ClassVar

from layers.errors import Issue, LayerError, PlanningError

__all__ = [
    "BusyError",
    "InfeasibleError",
    "Issue",
    "LayerError",
    "LimitError",
    "PlanError",
    "PlanningError",
    "PublicationError",
    "UnknownIdError",
]


class PlanError(PlanningError):
    """The plan file is at fault: unknown key, wrong type, a path that leads outside."""


class UnknownIdError(PlanningError):
    """An id was asked for that the publication does not hold."""


class PublicationError(PlanningError):
    """A published folder is missing, damaged or of another version."""


class BusyError(PlanningError):
    """Another run works in this workspace."""


class InfeasibleError(PlanningError):
    """No deployment can satisfy the plan; the message says which constraint and the least change that helps."""


class LimitError(PlanningError):
    """No plan or no bound within time, memory or disk."""

    status: ClassVar[int] = 3
