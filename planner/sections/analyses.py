"""[analyses]: further tables, made only when asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from planner.sections.base import Section


class Analyses(Section):
    """[analyses]: further tables, made only when asked for."""

    sensitivity_samples: Annotated[int, Field(ge=0, le=4096)] = 0
    village_types: bool = False
    hot_spots: bool = False

    @field_validator("sensitivity_samples")
    @classmethod
    def _power_of_two(cls, value: int) -> int:
        if value & (value - 1):
            message = (
                f"sensitivity_samples = {value}: a power of two (64, 128, 256 …), as Sobol's sequence needs; 0 = none"
            )
            raise ValueError(message)
        return value
