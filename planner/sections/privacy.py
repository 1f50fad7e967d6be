"""[privacy]: what is too small to publish."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from planner.sections.base import Section


class Privacy(Section):
    """[privacy]: what is too small to publish."""

    min_people: Annotated[int, Field(ge=1)] = 20
    min_reports: Annotated[int, Field(ge=1)] = 3
