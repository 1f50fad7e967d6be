"""Drive tests and tiles as measured evidence: thresholds, places, and what is set aside and counted."""

from __future__ import annotations

import datetime as dt
import math

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import Point

from layers import measurements
from layers.catalog import Layer, Record
from layers.errors import LayerError
from layers.measurements import Thresholds
from layers.schema import COVERAGE
from tests import tiny_world


def degrees(east_m: float, north_m: float) -> str:
    """`lon,lat` of a place so many metres from the south-west corner of the tiny world."""
    at = gpd.GeoSeries([Point(tiny_world.X0 + east_m, tiny_world.Y0 + north_m)], crs=tiny_world.CRS).to_crs(4326)[0]
    return f"{at.x:.8f},{at.y:.8f}"


def load(record: Record, *, columns=None, **more) -> Layer:
    given = {"kind": "drive_tests", "technology": "4G", "operator": None, "dbm": -110.0} | more
    return measurements.load(
        record,
        columns=columns or {},
        source_crs=None,
        layer_name=None,
        crs=tiny_world.CRS,
        communes=tiny_world.communes(),
        thresholds=Thresholds(**given),
    )


def tiles(record: Record, **more) -> Layer:
    return load(record, **({"kind": "tiles", "dbm": None, "kbps": 5000.0} | more))


def reasons(layer: Layer) -> dict[str, int]:
    return layer.set_aside["reason"].value_counts().to_dict() if len(layer.set_aside) else {}


HEADER = "lon,lat,rsrp,operator,technology,date"


def test_drive_tests_keep_operator_date_and_what_they_met(csv):
    here = degrees(1000, 1000)
    layer = load(csv(HEADER, f"{here},-90,A,LTE,2025-05-01", f"{here},-110,A,4G,2025-05-02", f"{here},-110.5,B,4G,"))
    assert list(layer.frame.columns) == [*COVERAGE, "tests", "with_signal"]
    assert layer.frame["with_signal"].tolist() == [1, 1, 0]
    assert layer.frame["operator"].tolist() == ["A", "A", "B"]
    assert layer.frame["data_date"].tolist() == [dt.date(2025, 5, 1), dt.date(2025, 5, 2), None]
    assert set(layer.frame["evidence"]) == {"measured"}
    assert layer.frame.crs == tiny_world.CRS
    told = next(issue for issue in layer.issues if issue.code == "measured")
    assert told.value == "3 of 3 rows lie near the plan's communes, 2025-05-01 to 2025-05-02"
    assert "-110 dBm" in told.rule


@pytest.mark.parametrize(
    ("line", "reason", "ruled"),
    [
        ("{here},95,A,4G,", "no RSRP within -156 and -31 dBm", False),
        ("{here},0,A,4G,", "no RSRP within", False),
        ("{here},,A,4G,", "no RSRP within", False),
        ("0,0,-90,A,4G,", "no place on the earth", False),
        (",,-90,A,4G,", "no place on the earth", False),
        ("12.5,108.2,-90,A,4G,", "no place on the earth", False),
        ("{here},-90,A,GSM,", "another technology than 4G", True),
    ],
)
def test_what_says_nothing_is_set_aside_and_counted(csv, line, reason, ruled):
    here = degrees(1000, 1000)
    layer = load(csv(HEADER, f"{here},-90,A,4G,", line.format(here=here)))
    assert len(layer.frame) == 1
    assert next(iter(reasons(layer))).startswith(reason)
    assert layer.left_out == int(ruled)


def test_tests_elsewhere_are_told_and_say_nothing(csv):
    layer = load(csv(HEADER, "105.8,21.0,-90,A,4G,"))
    assert layer.frame.empty
    assert next(i for i in layer.issues if i.code == "measured").severity == "warning"


def test_a_column_of_yes_and_no_needs_no_threshold(csv):
    layer = load(csv("lon,lat,signal", f"{degrees(1, 1)},yes", f"{degrees(1, 1)},no"), dbm=None)
    assert layer.frame["with_signal"].tolist() == [1, 0]
    assert set(layer.frame["operator"]) == {"unnamed"}


@pytest.mark.parametrize(
    ("lines", "more", "said"),
    [
        (["lon,lat,operator", "108,12,A"], {}, "rsrp_dbm"),
        (["lon,lat,operator", "108,12,A"], {"dbm": None}, "signal"),
        (["quadkey,tests", "1323", "5"], {"kind": "tiles", "kbps": 1.0}, "cells|kbps"),
        (["lon,rsrp", "108,-90"], {}, "lat"),
        (["lon,lat,rsrp", "108,12,strong"], {}, "number"),
        (["lon,lat,rsrp,date", "108,12,-90,31/02/2025"], {}, "date is expected"),
        (["lon,lat,rsrp,operator", "108,12,-90,any"], {}, "no operator's name"),
        (["lon,lat,signal", "108,12,maybe"], {"dbm": None}, "yes, no"),
    ],
)
def test_faults_are_named(csv, lines, more, said):
    with pytest.raises(LayerError, match=said):
        load(csv(*lines), **more)


def test_a_quadkey_is_the_tile_of_the_published_example():
    """Bing Maps Tile System, its own example: tile (3, 5) at level 3 has the quadkey 213."""
    found = measurements.quadkey_boxes(pd.Series(["213", "0", "", "4", None, "21x"]))
    assert shapely.bounds(found[0]).tolist() == pytest.approx([-45.0, -66.51326, 0.0, -40.9799], abs=1e-4)
    assert shapely.bounds(found[1]).tolist() == pytest.approx([-180, 0, 0, 85.05112878], abs=1e-6)
    assert [one is None for one in found] == [False, False, True, True, True, True]


def quadkey(lon: float, lat: float, zoom: int = 16) -> str:
    """The tile of a place, worked out from coordinates instead of digits."""
    x = int((lon + 180) / 360 * 2**zoom)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
    return "".join(str((x >> bit & 1) + 2 * (y >> bit & 1)) for bit in range(zoom - 1, -1, -1))


def test_tiles_by_quadkey_and_by_their_text(csv, tmp_path, record_of):
    lon, lat = (float(part) for part in degrees(4000, 4000).split(","))
    key = quadkey(lon, lat)
    layer = tiles(csv("quadkey,avg_d_kbps,tests,devices", f"{key},9000,7,3", f"{quadkey(lon, lat + 0.01)},4999,2,1"))
    assert layer.frame["with_signal"].tolist() == [1, 0]
    assert layer.frame["tests"].tolist() == [7, 2]
    here = Point(tiny_world.X0 + 4000, tiny_world.Y0 + 4000)
    assert layer.frame.geometry.iloc[0].contains(here)
    assert layer.frame.area.iloc[0] == pytest.approx((40075016.686 / 2**16 * 0.976) ** 2, rel=0.02)
    text = shapely.to_wkt(measurements.quadkey_boxes(pd.Series([key]))[0], rounding_precision=-1)
    path = tmp_path / "tiles.parquet"
    pd.DataFrame({"tile": [text, "POLYGON((", None], "avg_d_kbps": [9000, 1, 1], "tests": [7, 1, 1]}).to_parquet(path)
    written = tiles(record_of(path))
    assert reasons(written) == {"no place on the earth": 2}
    assert written.frame.geometry.iloc[0].equals_exact(layer.frame.geometry.iloc[0], 0.01)


def test_tiles_without_tests_or_with_speeds_that_cannot_be_are_set_aside(csv):
    lon, lat = (float(part) for part in degrees(4000, 4000).split(","))
    key = quadkey(lon, lat)
    lines = [f"{key},9000,0", f"{key},-1,3", f"{key},99999999,3", f"{key},,3"]
    layer = tiles(csv("quadkey,avg_d_kbps,tests", *lines))
    assert reasons(layer) == {"no test in the tile": 1, "no mean download within 0 and 10,000,000 kbit/s": 3}


def test_points_of_a_vector_file_count_and_lines_have_no_place(tmp_path, record_of):
    points = [Point(tiny_world.X0 + 500 * i, tiny_world.Y0 + 500) for i in range(3)]
    frame = gpd.GeoDataFrame({"rsrp": [-90.0, -120.0, -90.0]}, geometry=points, crs=tiny_world.CRS).to_crs("EPSG:9218")
    frame.to_file(tmp_path / "points.gpkg")
    assert load(record_of(tmp_path / "points.gpkg")).frame["with_signal"].tolist() == [1, 0, 1]
    lines = frame.assign(geometry=frame.buffer(10).boundary)
    lines.to_file(tmp_path / "lines.gpkg")
    assert reasons(load(record_of(tmp_path / "lines.gpkg"))) == {"no place on the earth": 3}
