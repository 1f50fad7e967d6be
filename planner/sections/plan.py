"""[plan]: what a plan is called and what holds for all of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from planner.sections.base import Section, Share


class PlanSection(Section):
    """[plan]: what this plan is called and what holds for all of it."""

    title: str
    crs: str = "EPSG:32649"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    language: Literal["vi", "en"] = "vi"
    max_set_aside_share: Share = 0.02
    data_roots: dict[str, str] = {}
