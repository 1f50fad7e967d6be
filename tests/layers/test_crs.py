from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import Point

from layers.crs import GEOGRAPHIC, require_crs, require_metric, require_same, to_crs
from layers.errors import CrsError

UTM = "EPSG:32649"


def _at(crs):
    return gpd.GeoDataFrame({"a": [1]}, geometry=[Point(108.0, 12.7)], crs=crs)


def test_a_layer_without_a_crs_is_refused_and_told_what_to_do():
    with pytest.raises(CrsError, match=r"roads.*coordinate reference system.*crs = "):
        require_crs(_at(None), name="roads")


@pytest.mark.parametrize("crs", [None, GEOGRAPHIC, "EPSG:2225"])
def test_distances_need_metres(crs):
    with pytest.raises(CrsError, match="projected CRS in metres"):
        require_metric(crs, name="plan")


@pytest.mark.parametrize("crs", [UTM, "EPSG:9218"])
def test_utm_and_vn2000_are_metric(crs):
    assert require_metric(crs, name="plan").to_string() == crs


def test_two_systems_do_not_meet():
    with pytest.raises(CrsError, match="share one CRS"):
        require_same(_at(GEOGRAPHIC), _at(UTM), name="overlay")
    assert require_same(_at(UTM), _at(UTM), name="overlay").to_epsg() == 32649


def test_reprojection_agrees_with_the_known_place():
    # 12.7 N, 108.0 E is 3 degrees west of the central meridian 111: easting 500 km - 0.9996 x about 325.8 km
    point = to_crs(_at(GEOGRAPHIC), UTM, name="p").geometry.iloc[0]
    assert point.x == pytest.approx(174_156, abs=500)
    assert point.y == pytest.approx(1_405_500, abs=500)
    with pytest.raises(CrsError):
        to_crs(_at(None), UTM, name="p")
