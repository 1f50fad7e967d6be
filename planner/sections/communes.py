"""[layers.communes]: the polygons that everything lies in."""

from __future__ import annotations

from planner.sections.layer import FileSection


class CommunesSection(FileSection):
    """[layers.communes]: the 102 polygons."""

    approximate: bool = False
