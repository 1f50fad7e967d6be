from __future__ import annotations

import re

from layers.catalog import Layer, Record
from layers.errors import Issue
from planner import faults
from tests import tiny_world


def _issue(lon, lat, severity="warning", rule="a rule"):
    return Issue(layer="l", file="f.csv", rule=rule, severity=severity, lon=lon, lat=lat)


def _communes():
    return Layer(record=Record(layer="communes", file="c"), frame=tiny_world.communes(), rows_read=4)


def test_without_a_place_there_is_no_map():
    assert faults.drawing([_issue(None, None), _issue(float("nan"), 12.0)], [_communes()]) == ""


def test_every_place_is_drawn_with_its_sentence_escaped_and_errors_on_top():
    page = faults.drawing([_issue(108.0, 12.7, "error", "<b>"), _issue(108.1, 12.8)], [_communes()])
    assert re.findall(r'class="(\w+)"', page) == ["warning", "error"]
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert page.count("<path") == len(tiny_world.communes())
    assert "http" not in page
    assert "<script" not in page


def test_north_is_up_and_east_is_right():
    page = faults.drawing([_issue(108.0, 12.0), _issue(109.0, 13.0)], [])
    (x1, y1), (x2, y2) = sorted((float(x), float(y)) for x, y in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', page))
    assert x1 < x2
    assert y1 > y2


def test_one_place_alone_is_in_the_middle():
    page = faults.drawing([_issue(108.0, 12.7)], [])
    assert 'cx="400.0"' in page
