"""Coverage from polygons, rasters or the generator."""

from __future__ import annotations

import geopandas as gpd

from layers import cell_sites, coverage, coverage_rasters, measurements, synthetic
from layers.catalog import Layer
from planner.intake.base import Intake
from planner.sections import CoverageSection


def load(
    intake: Intake, name: str, section: CoverageSection, communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame
) -> None:
    """Load or generate one coverage layer."""

    def read() -> Layer:
        if section.generate is not None:
            return synthetic.coverage(
                villages,
                communes,
                name=name,
                seed=intake.seed,
                technology=section.technology,
                evidence=section.evidence,
                truth=intake.truth(section, name),
                full_in=section.full_in,
            )
        if section.kind == "cell_sites":
            return cell_sites.load(
                intake.record(name, section), **intake.common(section), communes=communes, model=_cells(section)
            )
        if section.kind in {"drive_tests", "tiles"}:
            return measurements.load(
                intake.record(name, section),
                **intake.common(section),
                communes=communes,
                thresholds=measurements.Thresholds(
                    kind="tiles" if section.kind == "tiles" else "drive_tests",
                    technology=section.technology,
                    operator=section.operator,
                    dbm=section.threshold_dbm,
                    kbps=section.threshold_kbps,
                ),
            )
        if section.is_raster:
            return coverage_rasters.load(
                intake.record(name, section),
                source_crs=section.crs,
                crs=intake.plan.plan.crs,
                operator=str(section.operator),
                technology=section.technology,
                evidence=section.evidence,
                threshold_dbm=section.threshold_dbm,
            )
        return coverage.load(
            intake.record(name, section),
            **intake.common(section),
            operator=section.operator,
            technology=section.technology,
            evidence=section.evidence,
        )

    layer = intake.take(name, read)
    if layer is not None:
        intake.inputs.coverage.append(layer)
        if section.is_raster:
            intake.inputs.pictures[name.removeprefix("coverage.")] = coverage_rasters.picture(
                intake.record(name, section),
                source_crs=section.crs,
                threshold_dbm=section.threshold_dbm,
                area=communes,
            )


def _cells(section: CoverageSection) -> cell_sites.Model:
    """Return what the plan says of cells."""
    return cell_sites.Model(
        technology=section.technology,
        operator=section.operator,
        networks=section.networks,
        range_from=section.range_from,
        range_km=section.range_km,
        range_error=section.range_error,
        min_samples=section.min_samples,
        complete=section.complete,
    )
