"""[limits]: how large an input may be before it is refused unread."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from layers.limits import DEFAULT
from planner.sections.base import Section

Limit = Annotated[int, Field(ge=1, le=2**40)]


class LimitsSection(Section):
    """[limits]: bounds of every file that a plan reads; the meaning of each stands in `layers.limits`."""

    file_mb: Limit = DEFAULT.file_mb
    rows: Limit = DEFAULT.rows
    columns: Limit = DEFAULT.columns
    vertices: Limit = DEFAULT.vertices
    pixels: Limit = DEFAULT.pixels
    held_pixels: Limit = DEFAULT.held_pixels
    unpacked_mb: Limit = DEFAULT.unpacked_mb
    zip_entries: Limit = DEFAULT.zip_entries
    zip_ratio: Limit = DEFAULT.zip_ratio
    xml_depth: Limit = DEFAULT.xml_depth
    xml_entities: Annotated[int, Field(ge=0, le=10_000)] = DEFAULT.xml_entities
