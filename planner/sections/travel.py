"""[travel]: how people move."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from planner.sections.base import Positive, Section


class Travel(Section):
    """[travel]: how people move."""

    mode: Literal["motorbike"] = "motorbike"
    cutoff_minutes: Positive = 120.0
    cell_m: Positive = 250.0
    offroad_kmh: Positive = 4.0
    speeds_kmh: dict[str, Positive] = {"national": 40.0, "provincial": 30.0, "district": 25.0}
    straight_line_kmh: Positive = 30.0
    detour_factor: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.4
