"""[layers.ages]: people by age group."""

from __future__ import annotations

from typing import Literal

from planner.sections.layer import FileSection


class AgesSection(FileSection):
    """[layers.ages]: how many people of each unit are 14 and over."""

    level: Literal["village", "commune"] = "village"
