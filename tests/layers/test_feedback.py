"""Reports are read strictly, and nothing personal leaves the loader."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from layers import feedback
from layers.catalog import Record
from layers.errors import LayerError
from layers.schema import FEEDBACK
from planner.products import DISPUTES

TODAY = dt.date(2026, 1, 1)
ROW = {
    "dispute_id": "d1",
    "unit_id": "v00",
    "operator": "any",
    "technology": "4G",
    "seen": "no_signal",
    "seen_date": "2025-12-30",
    "rsrp_dbm": -115.5,
    "lat": 12.615,
    "lon": 108.075,
}


def load(folder, *rows, unit_ids=("v00", "v01")):
    path = folder / "feedback.parquet"
    pd.DataFrame([{**ROW, **row} for row in rows]).to_parquet(path)
    record = Record(layer="feedback", file="feedback.parquet", path=path)
    return feedback.load(record, unit_ids=unit_ids, crs="EPSG:32649", today=TODAY)


def faults(folder, *rows):
    with pytest.raises(LayerError) as caught:
        load(folder, *rows)
    return {(i.row, i.column, i.code) for i in caught.value.issues}


def test_the_columns_are_those_that_the_service_exports():
    assert tuple(column.name for column in DISPUTES) == FEEDBACK


def test_reports_are_placed_and_ordered(tmp_path):
    layer = load(tmp_path, {"dispute_id": "d2", "lat": None, "lon": None, "rsrp_dbm": None}, {})
    frame = layer.frame
    assert frame["dispute_id"].tolist() == ["d1", "d2"]
    assert frame["seen_date"].tolist() == [dt.date(2025, 12, 30)] * 2
    assert frame["x_m"].isna().tolist() == [False, True]
    assert frame["x_m"][0] == pytest.approx(182_300, abs=500)
    assert not {"lat", "lon", "text"} & set(frame.columns)
    assert layer.issues == ()


def test_a_report_of_another_village_or_of_tomorrow_is_set_aside_and_told_without_its_position(tmp_path):
    layer = load(tmp_path, {}, {"dispute_id": "d2", "unit_id": "gone"}, {"dispute_id": "d3", "seen_date": "2026-01-02"})
    assert layer.frame["dispute_id"].tolist() == ["d1"]
    assert layer.rows_read == 3
    assert [(i.row, i.severity, i.value, i.code) for i in layer.issues] == [
        (2, "warning", "gone", "unknown_id"),
        (3, "warning", "2026-01-02", "future_date"),
    ]
    assert layer.set_aside["dispute_id"].tolist() == ["d2", "d3"]
    assert not {"lat", "lon"} & set(layer.set_aside.columns)
    assert all(i.lat is None and "12.6" not in str(i) for i in layer.issues)


@pytest.mark.parametrize(
    ("wrong", "column", "code"),
    [
        ({"seen": "none"}, "seen", "unknown_word"),
        ({"seen_date": None}, "seen_date", "empty"),
        ({"seen_date": "yesterday"}, "seen_date", "not_date"),
        ({"rsrp_dbm": 12.0}, "rsrp_dbm", "out_of_range"),
        ({"lat": 91.0}, "lat", "out_of_range"),
        ({"lat": None}, "lat", "half_position"),
        ({"dispute_id": "<b>"}, "dispute_id", "bad_id"),
        ({"dispute_id": "d1"}, "dispute_id", "repeated_id"),
        ({"unit_id": None}, "unit_id", "empty"),
    ],
)
def test_every_fault_is_told_with_row_and_column(tmp_path, wrong, column, code):
    assert (2, column, code) in faults(tmp_path, {}, {"dispute_id": "d2", **wrong})


def test_a_further_column_is_refused(tmp_path):
    assert faults(tmp_path, {"text": "my neighbour …"}) == {(None, "text", "unknown_column")}


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "feedback.parquet"
    pd.DataFrame([ROW]).drop(columns="lat").to_parquet(path)
    with pytest.raises(LayerError, match="'lat'"):
        feedback.load(Record(layer="feedback", file="f", path=path), unit_ids=["v00"], crs="EPSG:32649", today=TODAY)


def test_an_empty_export_is_no_fault(tmp_path):
    path = tmp_path / "feedback.parquet"
    pd.DataFrame([ROW]).iloc[:0].to_parquet(path)
    record = Record(layer="feedback", file="f", path=path)
    assert feedback.load(record, unit_ids=["v00"], crs="EPSG:32649", today=TODAY).frame.empty
