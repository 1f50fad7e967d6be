"""The keys that every [layers.*] knows."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.sections.base import Section

Columns = dict[str, str]
Match = Literal["code", "name"]
FormerUnits = Literal["2019", "2025-06"]


class LayerSection(Section):
    """Keys that every layer knows."""

    path: str | None = None
    layer: str | None = None
    crs: str | None = None
    columns: Columns = {}
    title: str = ""
    producer: str = ""
    url: str = ""
    licence: str = ""
    date: dt.date | None = None
    max_age_days: Annotated[int, Field(ge=0)] | None = None


class GeneratedSection(LayerSection):
    """A layer that may come from a file or from the seeded generator."""

    generate: Literal["synthetic"] | None = None
    truth: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> GeneratedSection:
        if (self.path is None) == (self.generate is None):
            message = "give either path or generate, one of them"
            raise ValueError(message)
        return self


class FileSection(LayerSection):
    """A layer that comes from a file."""

    path: str


def require_telling(hit_rate: float, false_alarm_rate: float) -> None:
    """Refuse rates of a source that says yes as often, or more often, where there is no signal."""
    if hit_rate <= false_alarm_rate:
        message = (
            f"hit_rate = {hit_rate:g} must be above false_alarm_rate = {false_alarm_rate:g}: "
            "else what the source says means the opposite"
        )
        raise ValueError(message)


def require_communes(crosswalk: FormerUnits | None, level: str) -> None:
    """Refuse a crosswalk of former communes on figures of another level."""
    if crosswalk is not None and level != "commune":
        message = f'crosswalk = "{crosswalk}" moves figures of former communes: it needs level = "commune"'
        raise ValueError(message)
