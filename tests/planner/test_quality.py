"""The quality report holds what was found, and what it shows cannot act."""

from __future__ import annotations

import csv
import datetime as dt
import re
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from layers.catalog import Layer, Record
from layers.errors import Issue
from planner import quality
from planner.errors import LimitError

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
HOSTILE = "<script>alert(1)</script>"
VOID = {"meta", "br"}


class Page(HTMLParser):
    """Texts by tag, and whether tags are balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in {"src", "href"}]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "td":
            self.cells[-1] += data


def issue(**given) -> Issue:
    return Issue(**{"layer": "population", "file": "inputs/population.csv", "rule": "a rule", **given})


def layer(**given) -> Layer:
    record = Record(
        layer="villages", file="inputs/villages.csv", title=HOSTILE, licence="CC0-1.0", data_date=dt.date(2025, 7, 1)
    )
    return Layer(**{"record": record, "frame": pd.DataFrame({"unit_id": ["a", "b"]}), "rows_read": 3, **given})


def report(folder: Path, issues=(), layers=()) -> tuple[Page, str]:
    path = quality.write_report(list(issues), list(layers), folder=folder, now=NOW)
    assert path == folder / "report.html"
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    return page, text


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "issues.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_csv_has_the_contract_columns_and_errors_first(tmp_path):
    report(
        tmp_path,
        [
            issue(severity="info", rule="c"),
            issue(severity="warning", rule="b", done="kept"),
            issue(row=7, column="people", value="-5", rule="not negative", done="Mend it."),
        ],
    )
    found = rows(tmp_path)
    assert list(found[0]) == ["file", "layer", "row", "column", "value", "rule", "severity", "done"]
    assert list(found[0].values()) == [
        "inputs/population.csv", "population", "7", "people", "'-5", "not negative", "error", "Mend it."
    ]  # fmt: skip
    assert [r["severity"] for r in found] == ["error", "warning", "info"]
    assert found[1]["row"] == ""


@pytest.mark.parametrize("value", ["=1+1", "+84", "@x", "\tx", "\rx"])
def test_csv_cells_are_no_formulas(tmp_path, value):
    report(tmp_path, [issue(value=value, file=value)])
    assert rows(tmp_path)[0]["value"] == rows(tmp_path)[0]["file"] == f"'{value}"


def test_page_escapes_all_that_comes_from_outside(tmp_path):
    fields = dict.fromkeys(("layer", "file", "rule", "column", "value", "done"), HOSTILE)
    aside = pd.DataFrame({HOSTILE: [HOSTILE], "reason": ["no geometry"]})
    page, text = report(tmp_path, [Issue(**fields)], [layer(set_aside=aside)])
    assert "script" not in page.tags
    assert (
        page.cells.count(HOSTILE) == 6 + 1 + 1 + 2
    )  # the issue, a cell and a name set aside, a layer that is not used
    assert "default-src 'none'" in text


def test_page_counts_each_layer(tmp_path):
    aside = pd.DataFrame({"name": ["Thôn 9"], "reason": ["a point outside every commune"]})
    page, text = report(tmp_path, [], [layer(set_aside=aside)])
    assert page.cells[:9] == [
        "villages", "inputs/villages.csv", HOSTILE, "CC0-1.0", "2025-07-01", "3", "2", "0", "1"
    ]  # fmt: skip
    assert "a point outside every commune" in text
    assert "1 dòng để riêng" in text


def test_page_says_synthetic_and_what_is_not_known(tmp_path):
    record = Record(layer="coverage.x", file="synthetic", synthetic=True)
    page, _ = report(tmp_path, [], [layer(record=record)])
    assert page.cells[3:5] == ["không rõ", "không rõ"]
    assert "synthetic" in page.cells[9]


def test_set_aside_rows_are_shown_without_their_geometry(tmp_path):
    aside = gpd.GeoDataFrame({"name": ["Thôn 9"], "reason": ["r"]}, geometry=[Point(1, 2)], crs=4326)
    page, _ = report(tmp_path, [], [layer(set_aside=aside)])
    assert page.cells[-2:] == ["Thôn 9", "r"]


def test_verdict(tmp_path):
    assert "Dữ liệu dùng được" in report(tmp_path)[1]
    assert "0 lỗi, 1 cảnh báo, 0 ghi chú" in report(tmp_path, [issue(severity="warning")])[1]
    assert "chưa chạy được" in report(tmp_path, [issue()])[1]


def test_a_flood_of_issues_keeps_the_page_small_and_the_csv_whole(tmp_path):
    many = [issue(row=i) for i in range(1, quality.SHOWN_ISSUES + 501)]
    page, text = report(tmp_path, many)
    assert len(page.cells) == 8 * quality.SHOWN_ISSUES + 10  # and the layer that is not used
    assert f"Hiện {quality.SHOWN_ISSUES} trong {len(many)}" in text
    assert len(rows(tmp_path)) == len(many)


def test_a_report_replaces_the_earlier_one_and_is_equal_for_equal_input(tmp_path):
    report(tmp_path, [issue(rule="first")])
    _, one = report(tmp_path, [issue()])
    _, two = report(tmp_path, [issue()])
    assert one == two
    assert "first" not in one
    assert sorted(p.name for p in tmp_path.iterdir()) == ["issues.csv", "report.html"]


def test_page_needs_no_network(tmp_path):
    _, text = report(tmp_path, [issue(value="https://example.test/x.js")])
    assert not re.search(r"<(script|link|img|iframe)\b|url\(|@import", text)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(LimitError, match="quality report could not be written"):
        quality.write_report([], [], folder=tmp_path / "file", now=NOW)
