from __future__ import annotations

import pyproj
import pytest

from layers import coordinates


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("108°14'30\"E", 108.2416667),
        ("12° 42′ N", 12.7),
        ("12°42,5'", 12.7083333),
        ("N 12°30'00\"", 12.5),
        ("108.5°", 108.5),
        ("-5°30'", -5.5),
        ("5°30'S", -5.5),
        ("108d30'", 108.5),
        ("108°30'Đ", 108.5),
    ],
)
def test_degrees_minutes_and_seconds(cell, value):
    assert coordinates.degrees(cell) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("cell", ["108.5", "108°75'", "12°10'99\"", "12.5°30'", "E108°E", "north", "", None, 5.0])
def test_what_is_no_such_text(cell):
    assert coordinates.degrees(cell) is None


@pytest.mark.parametrize("code", [4326, 32649, 3406, 9218, 9214, 5899])
def test_the_right_system_is_among_the_candidates(code):
    lon, lat = [108.0, 108.4, 108.9, 107.9], [12.7, 13.1, 13.2, 12.9]
    x, y = pyproj.Transformer.from_crs(4326, code, always_xy=True).transform(lon, lat)
    found = coordinates.candidates(x, y)
    assert found[0].share == 1.0
    assert f"EPSG:{code}" in {one.code for one in coordinates.candidates(x, y)}


def test_positions_elsewhere_have_no_candidate():
    assert coordinates.candidates([2.35, 2.4], [48.8, 48.9]) == []
    assert coordinates.candidates([], []) == []


def test_a_transformation_is_named_with_its_accuracy():
    assert "VN-2000 to WGS 84" in coordinates.transformation(pyproj.CRS("EPSG:9218"), "EPSG:32649")
