"""[publish]: what is written and how long it is kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from planner.sections.base import Section


class Publish(Section):
    """[publish]: what is written and how long it is kept."""

    keep: Annotated[int, Field(ge=1)] = 10
    pictures: bool = False
    maps: tuple[Literal["need", "coverage", "deployment"], ...] = ("need", "coverage", "deployment")
    scenarios: bool = True
