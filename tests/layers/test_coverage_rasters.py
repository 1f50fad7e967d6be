from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio import shutil as rasterio_shutil
from rasterio.enums import ColorInterp

from layers import coverage_rasters, rasters
from layers.catalog import Record
from layers.errors import LayerError
from layers.limits import Limits
from layers.schema import COVERAGE
from planner import intake, overlay, steps
from planner.config import PlanFile
from tests import tiny_world
from tests.layers.test_rasters import write
from tests.test_flow import write_inputs

CELLS = Affine(1000.0, 0.0, tiny_world.X0, 0.0, -1000.0, tiny_world.Y0 + 3000.0)


def load(tmp_path, cells, *, threshold_dbm=None, transform=CELLS, crs=tiny_world.CRS, **more):
    return coverage_rasters.load(
        write(tmp_path / "c.tif", cells, transform=transform, crs=crs, **more),
        source_crs=None,
        crs=tiny_world.CRS,
        operator="V",
        technology="4G",
        evidence="modelled",
        threshold_dbm=threshold_dbm,
    )


def areas_km2(layer):
    return (layer.frame.area.groupby(layer.frame["signal"]).sum() / 1e6).to_dict()


def test_cells_of_0_and_1(tmp_path):
    layer = load(tmp_path, np.array([[1, 1, 1], [1, 0, 1], [1, 1, 255]], dtype=np.uint8), nodata=255)
    assert list(layer.frame.columns) == list(COVERAGE)
    assert areas_km2(layer) == pytest.approx({"no": 1.0, "yes": 7.0})
    assert layer.frame.is_valid.all()
    assert layer.rows_read == 9
    assert set(layer.frame["evidence"]) == {"modelled"}


def test_strength_with_a_threshold(tmp_path):
    cells = np.array([[-80.0, -110.0, -110.1], [np.nan, -130.0, -9999.0]], dtype=np.float32)
    assert areas_km2(load(tmp_path, cells, threshold_dbm=-110.0, nodata=-9999)) == pytest.approx(
        {"no": 2.0, "yes": 2.0}
    )


def test_degrees_bend_into_the_plans_crs(tmp_path):
    transform = Affine(0.01, 0.0, 108.0, 0.0, -0.01, 13.0)
    layer = load(tmp_path, np.ones((100, 100), dtype=np.uint8), transform=transform, crs="EPSG:4326")
    # 1 degree by 1 degree on a sphere: R² times the angle times the difference of sines; the ellipsoid is 0.6 % off here
    sphere_km2 = 6371.007**2 * np.radians(1) * (np.sin(np.radians(13)) - np.sin(np.radians(12)))
    assert areas_km2(layer)["yes"] == pytest.approx(sphere_km2, rel=6e-3)


@pytest.mark.parametrize(
    ("cells", "threshold_dbm", "words"),
    [
        ([[0.0, 2.0]], None, "hold 0 or 1"),
        ([[-80.0, -9999.0]], -110.0, "-9999 in cell row 1, column 2"),
        ([[23.0, 60.0]], -110.0, "dBm"),
        ([[np.nan, np.nan]], -110.0, "some cell"),
        ([[-80.0, np.inf]], -110.0, "dBm"),
    ],
)
def test_faults(tmp_path, cells, threshold_dbm, words):
    with pytest.raises(LayerError, match=words):
        load(tmp_path, np.array(cells, dtype=np.float32), threshold_dbm=threshold_dbm)


def test_a_fault_in_a_later_block_is_named_by_its_place_in_the_file_and_all_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(rasters, "BLOCK_CELLS", 4)  # one row at a time
    cells = np.zeros((4, 4), dtype="uint8")
    cells[2, 1], cells[3, 0], cells[3, 3] = 7, 8, 9
    with pytest.raises(LayerError, match="7 in cell row 3, column 2; 3 such cells"):
        load(tmp_path, cells)


def test_too_large(tmp_path):
    record = replace(write(tmp_path / "c.tif", np.ones((2, 2), dtype=np.uint8)), limits=Limits(held_pixels=3))
    with (
        rasters.opened(record) as dataset,
        pytest.raises(LayerError, match=r"at most 3 cells \(limits.held_pixels\)"),
    ):
        rasters.require_cells(dataset, "held_pixels", record)
    with pytest.raises(LayerError, match=r"2 x 2 = 4 cells.*limits.held_pixels"):
        coverage_rasters.load(
            record,
            source_crs=None,
            crs=tiny_world.CRS,
            operator="V",
            technology="4G",
            evidence="modelled",
            threshold_dbm=None,
        )


def test_a_plan_with_a_raster_gives_the_shares_of_its_cells(tmp_path):
    """Cells of 1 km on villages of 2 km: v00 has 3 of 4 with signal, v01 1 of 2 known, v02 1 known of 4, too few."""
    write_inputs(tmp_path)
    rsrp = np.full((8, 8), -9999, dtype=np.int16)
    rsrp[6:, 0:2] = [[-90, -100], [-110, -120]]
    rsrp[6:, 2] = [-70, -130]
    rsrp[7, 4] = -70
    transform = Affine(1000.0, 0.0, tiny_world.X0, 0.0, -1000.0, tiny_world.Y0 + 8000.0)
    write(tmp_path / "rsrp.tif", rsrp, transform=transform, nodata=-9999)
    section = 'path = "rsrp.tif"\noperator = "V"\nevidence = "modelled"\nthreshold_dbm = -110.0'
    plan = tmp_path / "plan.toml"
    plan.write_text(f"{plan.read_text()}\n[layers.coverage.model]\n{section}\n")
    inputs = intake.gather(PlanFile(plan), seed=1, now=dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
    shares = overlay.coverage_shares(tiny_world.villages(), inputs.coverage_frame())
    of_v = shares[shares["operator"] == "V"].set_index("unit_id")["share"]
    assert of_v[["v00", "v01"]].tolist() == pytest.approx([0.75, 0.5])
    assert of_v[["v02", "v33"]].isna().all()


def test_tenths_of_dbm_in_a_cog(tmp_path):
    """-1105 stored with scale 0.1 is -110.5 dBm; an overview and tiles change nothing."""
    cells = np.full((600, 600), -900, dtype=np.int16)
    cells[:, 300:] = -1105
    cells[:300, :] = -32768
    side = Affine(10.0, 0.0, tiny_world.X0, 0.0, -10.0, tiny_world.Y0 + 6000.0)
    plain = write(tmp_path / "plain.tif", cells, transform=side, crs=tiny_world.CRS, nodata=-32768)
    with rasterio.open(plain.path, "r+") as dataset:
        dataset.scales = (0.1,)
    with rasterio.open(plain.path) as source:
        rasterio_shutil.copy(source, tmp_path / "c.tif", driver="COG")
    layer = coverage_rasters.load(
        Record("coverage.v", "c.tif", tmp_path / "c.tif"),
        source_crs=None,
        crs=tiny_world.CRS,
        operator="V",
        technology="4G",
        evidence="measured",
        threshold_dbm=-110.0,
    )
    assert areas_km2(layer) == pytest.approx({"no": 9.0, "yes": 9.0})


def test_several_bands_are_refused_by_name_and_transparency_is_no_band(tmp_path):
    path = tmp_path / "c.tif"
    options = {"driver": "GTiff", "width": 3, "height": 3, "count": 2, "dtype": "uint8"}
    with rasterio.open(path, "w", crs=tiny_world.CRS, transform=CELLS, **options) as target:
        target.write(np.ones((2, 3, 3), dtype=np.uint8))
        target.set_band_description(1, "RSRP")
        target.set_band_description(2, "RSRQ")
    given = {"source_crs": None, "crs": tiny_world.CRS, "operator": "V", "technology": "4G", "evidence": "modelled"}
    with pytest.raises(LayerError, match="2 bands: 1 'RSRP', 2 'RSRQ'"):
        coverage_rasters.load(Record("coverage.v", "c.tif", path), threshold_dbm=None, **given)
    with rasterio.open(path, "r+") as target:
        target.colorinterp = (ColorInterp.gray, ColorInterp.alpha)
    assert areas_km2(coverage_rasters.load(Record("coverage.v", "c.tif", path), threshold_dbm=None, **given)) == {
        "yes": pytest.approx(9.0)
    }


def picture(tmp_path, cells, *, threshold_dbm):
    found = write(tmp_path / "p.tif", cells, transform=CELLS, crs=tiny_world.CRS, nodata=-9999)
    return coverage_rasters.picture(
        found, source_crs=None, threshold_dbm=threshold_dbm, area=tiny_world.communes()
    ).codes


def test_a_picture_has_a_class_per_step_round_the_threshold(tmp_path):
    cells = np.array([[-111.0, -110.0, -100.0], [-90.0, -80.0, -9999.0]], dtype=np.float32)
    codes = picture(tmp_path, cells, threshold_dbm=-100.0)
    # the raster holds six square kilometres of the sixty-four: the rest is unknown
    assert sorted(np.unique(codes)) == [0, 1, 2, 3, 4, 5]
    assert (codes == 0).mean() > 0.8


def test_a_picture_of_yes_and_no(tmp_path):
    codes = picture(tmp_path, np.array([[1, 0], [0, 1]], dtype=np.float32), threshold_dbm=None)
    assert sorted(np.unique(codes)) == [0, 1, 2]
    assert (codes == 1).sum() == pytest.approx((codes == 2).sum(), abs=2)


def test_a_plan_with_a_raster_has_its_picture(tmp_path):
    write_inputs(tmp_path)
    transform = Affine(500.0, 0.0, tiny_world.X0, 0.0, -500.0, tiny_world.Y0 + 8000.0)
    write(tmp_path / "rsrp.tif", np.full((16, 16), -95, dtype=np.int16), transform=transform, nodata=-9999)
    section = 'path = "rsrp.tif"\noperator = "V"\nevidence = "modelled"\nthreshold_dbm = -100.0'
    plan = tmp_path / "plan.toml"
    plan.write_text(f"{plan.read_text()}\n[layers.coverage.model]\n{section}\n")
    inputs = intake.gather(PlanFile(plan), seed=1, now=dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
    (name,) = inputs.pictures
    codes = inputs.pictures[name].codes
    assert set(np.unique(codes)) <= {0, 3}
    assert (codes == 3).mean() > 0.8
    assert steps.signal_pictures(inputs, dict(PlanFile(plan).plan.layers.coverage))[0].entry.operator == "V"
