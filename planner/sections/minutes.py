"""[layers.minutes]: minutes between villages and sites that the user brings."""

from __future__ import annotations

from typing import Literal

from planner.sections.layer import FileSection


class MinutesSection(FileSection):
    """[layers.minutes]: a matrix; what an empty entry means is stated, not guessed."""

    empty: Literal["unreachable", "unknown"] = "unreachable"
