"""[layers.attributes.<name>]: what says how vulnerable people are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from planner.sections.layer import FileSection

AttributeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class AttributeSection(FileSection):
    """[layers.attributes.<name>]: a number per unit that says how vulnerable its people are."""

    value: str
    direction: Literal["higher_is_worse", "lower_is_worse"] = "higher_is_worse"
    level: Literal["village", "commune"] = "village"
    unit: str = ""
