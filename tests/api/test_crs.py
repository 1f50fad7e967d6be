from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from api.crs import CRS84, SYSTEMS, project


def geometries():
    return np.array([shapely.Point(108.0378, 12.6667), None, shapely.box(107.5, 12.2, 109.4, 13.6)], dtype=object)


@pytest.mark.parametrize("crs", SYSTEMS.values(), ids=lambda crs: crs.code)
def test_coordinates_are_in_the_axis_order_of_the_authority(crs):
    point, nothing, _ = project(geometries(), crs)
    assert nothing is None
    expected = Transformer.from_crs("OGC:CRS84", crs.code, always_xy=False).transform(108.0378, 12.6667)
    assert (point.x, point.y) == pytest.approx(expected, abs=10**-crs.decimals)
    first = CRS.from_user_input(crs.code).axis_info[0].direction
    assert first == ("north" if crs.code == "EPSG:4326" else "east")


def test_vn_2000_lies_near_its_own_zone():
    point = project(geometries(), SYSTEMS["http://www.opengis.net/def/crs/EPSG/0/9218"])[0]
    assert 440_000 < point.x < 460_000  # half a degree west of the central meridian 108°30'
    assert 1_400_000 < point.y < 1_402_000


def test_what_is_given_out_is_rounded():
    point = project(np.array([shapely.Point(108.03781234567, 12.6)], dtype=object), SYSTEMS[CRS84])[0]
    assert point.x == 108.0378123


def test_every_system_is_one_that_proj_knows():
    for crs in SYSTEMS.values():
        assert crs.uri == CRS84 or crs.uri.endswith("/" + crs.code.removeprefix("EPSG:"))
        assert CRS.from_user_input(crs.code).name
