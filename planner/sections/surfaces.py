"""[layers.friction]: a ready raster of what it takes to cross each cell."""

from __future__ import annotations

from typing import Literal

from planner.sections.layer import FileSection


class FrictionSection(FileSection):
    """[layers.friction]: a GeoTIFF instead of speeds by road, land cover and slope."""

    unit: Literal["minutes_per_m", "minutes_per_km", "kmh"] = "minutes_per_m"
