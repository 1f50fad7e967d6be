"""[layers.coverage.<name>]: where there is a signal."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.sections.layer import GeneratedSection


class CoverageSection(GeneratedSection):
    """[layers.coverage.<name>]: polygons of one operator, or of several with a column for it; or a raster of one."""

    operator: str | None = None
    technology: str = "4G"
    evidence: Literal["declared", "modelled", "measured"] = "declared"
    threshold_dbm: Annotated[float, Field(ge=-200, le=0, allow_inf_nan=False)] | None = None
    full_in: tuple[str, ...] = ()

    @property
    def is_raster(self) -> bool:
        """Whether the file is a GeoTIFF."""
        return self.path is not None and self.path.lower().endswith((".tif", ".tiff"))

    @model_validator(mode="after")
    def _raster_keys(self) -> CoverageSection:
        if self.is_raster and self.operator is None:
            message = "a coverage raster needs operator: whose signal it is"
            raise ValueError(message)
        if self.threshold_dbm is not None and not self.is_raster:
            message = "threshold_dbm is for a raster of signal strength (.tif)"
            raise ValueError(message)
        return self
