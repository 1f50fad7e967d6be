"""One page of paper per commune: numbers of the tables, nothing lost in silence, one page whatever comes."""

from __future__ import annotations

import html
import re
import shutil
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser
from shapely import box

from planner import maps
from planner.maps.sheets import ROWS, STEPS, Frame, sheets
from planner.products import Publication
from tests.browser import PHONE
from tests.planner.maps.reading import HOSTILE, changed

PAGE = re.compile(rb"/Type\s*/Page\b")


@pytest.fixture(scope="module")
def pages(publication: Publication) -> dict[str, str]:
    return dict(sheets(publication))


def rows_of(text: str) -> list[list[str]]:
    table = text[text.index('<div class="villages">') :]
    return [re.findall(r"<td>(.*?)</td>", line) for line in re.findall(r"<tr><td>.*?</tr>", table)]


def test_a_sheet_for_each_commune(publication: Publication, pages: dict[str, str]) -> None:
    assert list(pages) == [f"maps/print/{unit_id}.html" for unit_id in publication.communes["unit_id"]]


def test_villages_stand_by_rank_with_their_need(publication: Publication, pages: dict[str, str]) -> None:
    inside = publication.villages[publication.villages["commune_id"] == "k01"].sort_values(["rank", "unit_id"])
    rows = rows_of(pages["maps/print/k01.html"])
    assert [r[1] for r in rows] == list(inside["name"])
    assert [r[2] for r in rows] == [str(v) for v in inside["need_people"]]


def test_villages_without_a_rank_stand_last_by_id_also_where_nobody_has_one(publication: Publication) -> None:
    villages = publication.villages.copy()
    villages.loc[villages["unit_id"] == villages.loc[villages["rank"].idxmin(), "unit_id"], "rank"] = None
    for found in (villages, villages.assign(rank=pd.array([None] * len(villages), dtype="Int64"))):
        for path, text in sheets(changed(publication, villages=found)):
            inside = found[found["commune_id"] == Path(path).stem].sort_values(["rank", "unit_id"], na_position="last")
            assert [html.unescape(r[1]) for r in rows_of(text)] == list(inside["name"])


def test_unknown_need_and_unreachable_are_words(pages: dict[str, str]) -> None:
    rows = {r[1]: r for r in rows_of(pages["maps/print/k11.html"])}
    assert rows["Thôn 22"][2] == "không rõ"
    assert not re.search(r"\d", rows["Thôn 23"][4])


def test_people_of_unknown_need_are_not_zero_people(pages: dict[str, str]) -> None:
    assert "(1 thôn; số người cần hỗ trợ: không rõ): số" in pages["maps/print/k11.html"]


def test_every_village_is_drawn_and_unknown_is_hatched(pages: dict[str, str]) -> None:
    text = pages["maps/print/k11.html"]
    inside = text[text.index('<g class="inside">') : text.index('<path class="border"')]
    assert inside.count("<path") == 4
    assert inside.count('fill="url(#unknown)"') == 1


def test_the_list_of_actions_names_every_village_that_needs_one(
    publication: Publication, pages: dict[str, str]
) -> None:
    for commune in publication.communes["unit_id"]:
        text = pages[f"maps/print/{commune}.html"]
        inside = publication.villages[publication.villages["commune_id"] == commune]
        named = re.findall(r"số ([\d, ]+)</li>", text)
        assert sum(len(n.split(",")) for n in named) == (inside["response"] != "none").sum()


def test_the_steps_of_the_plan_stand_on_the_sheet_of_their_commune(
    publication: Publication, pages: dict[str, str]
) -> None:
    steps = publication.table("actions")
    for commune in publication.communes["unit_id"]:
        lines = re.findall(r"<li><b>Lập tổ mới: (.*?)\.</b> (.*?)</li>", pages[f"maps/print/{commune}.html"])
        own = steps[steps["commune_id"] == commune].sort_values("step")
        assert lines == list(zip(own["name"], own["why"], strict=True))
    assert not steps.empty


def with_steps(publication: Publication, tmp_path: Path) -> Publication:
    """The crowded publication, with nine endless steps in its first commune."""
    steps = publication.table("actions")
    many = pd.concat([steps.iloc[[0]]] * 9).assign(step=range(1, 10), commune_id="k00", name=HOSTILE[0], why="x " * 250)
    folder = tmp_path / "many"
    shutil.copytree(publication.path, folder)
    many.to_parquet(folder / "actions.parquet")
    return crowded(Publication(folder))


def test_steps_take_the_room_of_villages_and_the_rest_are_counted(publication: Publication, tmp_path: Path) -> None:
    text = dict(sheets(with_steps(publication, tmp_path)))["maps/print/k00.html"]
    assert text.count("<b>Lập tổ mới: ") == STEPS
    assert f"Còn {9 - STEPS} việc nữa trong actions.html." in text
    assert len(rows_of(text)) == ROWS - 4 * STEPS - 2
    assert "<img" not in text


def test_without_a_table_of_actions_the_sheet_is_as_before(publication: Publication, tmp_path: Path) -> None:
    folder = tmp_path / "before"
    shutil.copytree(publication.path, folder)
    (folder / "actions.parquet").unlink()
    assert all('class="steps"' not in text for text in dict(sheets(Publication(folder))).values())


def test_the_islands_stand_on_every_sheet(pages: dict[str, str]) -> None:
    for text in pages.values():
        assert "Quần đảo Hoàng Sa (Việt Nam)" in text
        assert "Quần đảo Trường Sa (Việt Nam)" in text


def test_the_drawing_is_not_stretched() -> None:
    corner = np.array([108.0, 60.0])
    square = np.array([[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01], [0, 0]]) + corner
    frame = Frame.around([*square.min(axis=0), *square.max(axis=0)])
    assert frame.scale_x / frame.scale_y == pytest.approx(0.5, rel=1e-3)
    x, y = frame.place(square).T
    assert x.min() >= 0
    assert y.min() >= 0
    assert x.max() <= 1000
    assert y.max() <= 760


def crowded(publication: Publication) -> Publication:
    """The tiny publication with ninety villages of hostile and endless names in its first commune."""
    base = publication.villages[publication.villages["commune_id"] == "k00"].iloc[[0] * 90]
    west, south, east, north = publication.communes.geometry.iloc[0].bounds
    edges = np.linspace(west, east, 91)
    strips = [box(a, south, b, north) for a, b in pairwise(edges)]
    frame = gpd.GeoDataFrame(base.drop(columns="geometry").reset_index(drop=True), geometry=strips, crs="EPSG:4326")
    frame["unit_id"] = [f"k00-{i:03d}" for i in range(90)]
    frame["name"] = [HOSTILE[i % len(HOSTILE)] for i in range(90)]
    frame["response"] = "community_team"
    rest = publication.villages[publication.villages["commune_id"] != "k00"]
    return changed(publication, villages=pd.concat([frame, rest], ignore_index=True))


def test_what_does_not_fit_is_counted(publication: Publication) -> None:
    text = dict(sheets(crowded(publication)))["maps/print/k00.html"]
    assert len(rows_of(text)) == ROWS
    assert f"Còn {90 - ROWS} thôn nữa" in text
    assert f"{ROWS}, …</li>" in text
    assert "<img" not in text
    assert "<script" not in text


@pytest.mark.browser
def test_one_page_of_a4(browser: Browser, publication: Publication, tmp_path: Path) -> None:
    tab = browser.new_page()
    endless = dict(sheets(with_steps(publication, tmp_path)))["maps/print/k00.html"]
    for name, text in [*sheets(crowded(publication)), ("steps.html", endless)]:
        file = tmp_path / Path(name).name
        file.write_text(text, encoding="utf-8")
        tab.goto(file.as_uri())
        assert len(PAGE.findall(tab.pdf(prefer_css_page_size=True))) == 1
    tab.close()


def test_the_same_bytes_again(publication: Publication, pages: dict[str, str]) -> None:
    assert dict(sheets(Publication(publication.path))) == pages


def test_pages_of_a_publication(publication: Publication) -> None:
    names = [name for name, _ in maps.pages(publication, ["need"])]
    assert names == ["maps/need.html", *(f"maps/print/k{r}{c}.html" for r in (0, 1) for c in (0, 1)), "index.html"]


@pytest.mark.browser
def test_on_a_phone_nothing_of_the_head_is_cut(browser: Browser, publication: Publication, tmp_path: Path) -> None:
    file = tmp_path / "k00.html"
    file.write_text(dict(sheets(publication))["maps/print/k00.html"], encoding="utf-8")
    with browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, offline=True) as context:
        tab = context.new_page()
        tab.goto(file.as_uri())
        tab.evaluate("text => { document.querySelector('header p').textContent = text }", "tổ công nghệ số " * 20)
        assert tab.evaluate(
            "[...document.querySelectorAll('header, h1, header p')].every((n) => n.scrollHeight <= n.clientHeight + 1)"
        )
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
