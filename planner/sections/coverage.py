"""[layers.coverage.<name>]: where there is a signal."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from planner.sections.base import Positive, Rate
from planner.sections.layer import GeneratedSection, require_telling

Kind = Literal["polygons", "cell_sites", "drive_tests", "tiles"]
_EVIDENCE = {"cell_sites": "modelled", "drive_tests": "measured", "tiles": "measured"}
"""What a kind of file is evidence of, whoever gives it."""
_TECHNOLOGIES = ("2G", "3G", "4G", "5G")
_KEYS_OF = {
    "networks": "cell_sites",
    "range_from": "cell_sites",
    "range_km": "cell_sites",
    "range_error": "cell_sites",
    "min_samples": "cell_sites",
    "complete": "cell_sites",
    "threshold_kbps": "tiles",
}
"""Keys that one kind of file knows."""


class CoverageSection(GeneratedSection):
    """[layers.coverage.<name>]: polygons or a raster of signal, cell sites, or measurements."""

    kind: Kind = "polygons"
    operator: str | None = None
    technology: str = "4G"
    evidence: Literal["declared", "modelled", "measured"] = "declared"
    threshold_dbm: Annotated[float, Field(ge=-200, le=0, allow_inf_nan=False)] | None = None
    threshold_kbps: Positive | None = None
    networks: dict[str, str] = {}
    range_from: Literal["table", "file"] = "table"
    range_km: dict[str, Positive] = {}
    range_error: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.4
    min_samples: Annotated[int, Field(ge=0)] = 2
    complete: bool = False
    full_in: tuple[str, ...] = ()
    hit_rate: Rate | None = None
    false_alarm_rate: Rate | None = None
    half_life_days: Positive | None = None

    @model_validator(mode="before")
    @classmethod
    def _evidence_of_kind(cls, given: Any) -> Any:
        """Cells are a model and tests are measured: their evidence is not for the plan to choose."""
        if not isinstance(given, dict) or given.get("kind") not in _EVIDENCE:
            return given
        evidence = _EVIDENCE[given["kind"]]
        if given.get("evidence", evidence) != evidence:
            message = f'kind = "{given["kind"]}" is {evidence} evidence: remove evidence = "{given["evidence"]}"'
            raise ValueError(message)
        return {**given, "evidence": evidence}

    @model_validator(mode="after")
    def _keys_of_kind(self) -> CoverageSection:
        for key, kind in _KEYS_OF.items():
            if key in self.model_fields_set and self.kind != kind:
                message = f'{key} is a key of kind = "{kind}"'
                raise ValueError(message)
        if self.kind != "polygons" and (self.is_raster or self.generate is not None):
            message = f'kind = "{self.kind}" is read from a table or a vector file'
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _cell_keys(self) -> CoverageSection:
        if self.kind != "polygons" and self.technology not in _TECHNOLOGIES:
            message = f"technology of cells and tests is one of {', '.join(_TECHNOLOGIES)}; a section each"
            raise ValueError(message)
        for key in self.range_km:
            technology, _, band = key.partition("-")
            if technology not in _TECHNOLOGIES or (band and not band.isdigit()):
                message = f'range_km.{key}: a technology ("4G") or one with its band in MHz ("4G-900")'
                raise ValueError(message)
        return self

    @property
    def is_raster(self) -> bool:
        """Whether the file is a GeoTIFF."""
        return self.path is not None and self.path.lower().endswith((".tif", ".tiff"))

    @model_validator(mode="after")
    def _telling(self) -> CoverageSection:
        if (self.hit_rate is None) != (self.false_alarm_rate is None):
            message = "hit_rate and false_alarm_rate belong together: give both, or neither"
            raise ValueError(message)
        if self.hit_rate is not None and self.false_alarm_rate is not None:
            require_telling(self.hit_rate, self.false_alarm_rate)
        return self

    @model_validator(mode="after")
    def _raster_keys(self) -> CoverageSection:
        if self.kind == "tiles" and self.threshold_kbps is None:
            message = "tiles need threshold_kbps: the mean download from which on they have signal"
            raise ValueError(message)
        if self.is_raster and self.operator is None:
            message = "a coverage raster needs operator: whose signal it is"
            raise ValueError(message)
        if self.threshold_dbm is not None and not self.is_raster and self.kind != "drive_tests":
            message = "threshold_dbm is for a raster of signal strength (.tif) and for drive tests"
            raise ValueError(message)
        return self
