from __future__ import annotations

import pytest

from api.crs import CRS84, SYSTEMS
from api.features import boxes, within

METRIC = SYSTEMS["http://www.opengis.net/def/crs/EPSG/0/9218"]


def test_boxes():
    assert boxes("1,2,3,4", SYSTEMS[CRS84]) == [(1, 2, 3, 4)]
    assert boxes("1,2,0,3,4,9", SYSTEMS[CRS84]) == [(1, 2, 3, 4)]  # heights are passed over
    assert boxes("1,4,3,2", SYSTEMS[CRS84]) == [(1, 2, 3, 4)]
    assert boxes("170,2,-170,4", SYSTEMS[CRS84]) == [(170, 2, 180, 4), (-180, 2, -170, 4)]
    assert boxes("30,2,10,4", METRIC) == [(10, 2, 30, 4)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("2025-07-01", True),
        ("2025-07-01T12:00:00Z", True),
        ("2025-07-02", False),
        ("2025-01-01/2025-12-31", True),
        ("2025-01-01T00:00:00Z/..", True),
        ("../2025-06-30", False),
        ("../2025-07-01", True),
        ("/2025-07-01", True),
        ("2025-07-02/", False),
        ("../..", True),
    ],
)
def test_dates(wanted, found):
    assert within({"data_date": "2025-07-01"}, wanted) is found
    assert within({"data_date": None}, wanted)
    assert within({}, wanted)
