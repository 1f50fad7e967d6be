"""[layers.villages]: polygons, or points with the land around them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from planner.sections.base import Positive
from planner.sections.layer import GeneratedSection


class VillagesSection(GeneratedSection):
    """[layers.villages]: polygons, or points whose catchment is their Voronoi cell inside the commune."""

    kind: Literal["polygons", "points"] = "polygons"
    same_place: Literal["merge", "error"] = "error"
    commune_without_village: Literal["commune", "error"] = "error"
    coarse_above_km2: Positive = 100.0
    people_per_village: Positive = 1650.0
    minimum_per_commune: Annotated[int, Field(ge=1, le=999)] = 3
