"""[travel]: how people move."""

from __future__ import annotations

import itertools
from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.sections.base import NotNegative, Positive, Section, Share

LandCover = Annotated[str, Field(pattern=r"^[0-9]{1,5}$")]
SlopeTable = tuple[tuple[Annotated[float, Field(ge=-1, le=1)], Positive], ...]

OFFROAD = "offroad"
"""The key of `wet_share` for open country and for classes of land cover that it does not name."""


class Travel(Section):
    """[travel]: how people move."""

    mode: Literal["motorbike", "walking"] = "motorbike"
    season: Literal["dry", "wet"] = "dry"
    cutoff_minutes: Positive = 120.0
    cell_m: Positive = 250.0
    offroad_kmh: Positive = 4.0
    speeds_kmh: dict[str, Positive] = {"national": 40.0, "provincial": 30.0, "district": 25.0}
    walking_kmh: Positive = 5.0
    landcover_kmh: dict[LandCover, NotNegative] = {}
    wet_share: dict[str, Share] = {"national": 0.9, "provincial": 0.8, "district": 0.6, "offroad": 0.5}
    walking_slope: SlopeTable = ()
    motorbike_slope: SlopeTable = (
        (-0.3, 0.4),
        (-0.2, 0.6),
        (-0.1, 0.85),
        (-0.05, 1.0),
        (0.05, 1.0),
        (0.1, 0.8),
        (0.2, 0.5),
        (0.3, 0.3),
    )
    straight_line_kmh: Positive = 30.0
    detour_factor: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.4

    @model_validator(mode="after")
    def _ascending(self) -> Travel:
        for name, table in (("walking_slope", self.walking_slope), ("motorbike_slope", self.motorbike_slope)):
            slopes = [slope for slope, _ in table]
            if any(b <= a for a, b in itertools.pairwise(slopes)):
                message = f"{name}: pairs of slope and share of the speed, slopes ascending"
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _every_class_in_the_wet(self) -> Travel:
        missing = sorted({*self.speeds_kmh, OFFROAD} - set(self.wet_share))
        if self.season == "wet" and missing:
            message = f"wet_share needs {missing[0]}: the share of its dry speed that is left in the wet season"
            raise ValueError(message)
        return self
