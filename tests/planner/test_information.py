"""Versions that a manifest records."""

from __future__ import annotations

import re

from planner import information


def test_the_code_version_follows_the_code():
    assert re.fullmatch(r"\d+\.\d+\.\d+\+[0-9a-f]{8}", information.code_version())
    assert information.code_version() == information.code_version()


def test_versions_name_what_numbers_depend_on():
    found = information.versions()
    assert {"planner", "python", "geopandas", "shapely", "gdal", "proj", "geos", "highs"} <= found.keys()
    assert all(found.values())
