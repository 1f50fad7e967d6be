"""The map of need: what is in the file, and what a person without a network sees and does with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pandas as pd
import pytest
import shapely
from playwright.sync_api import Browser

from planner import maps, products
from planner.products import Publication
from tests.browser import PHONE, Seen, opened
from tests.planner.maps.reading import HOSTILE, changed, click, column, compare, content, facts_of, follow, hover, shown


class TestFile:
    def test_it_is_a_folium_map(self, publication: Publication) -> None:
        made = maps.MAPS["need"](publication)
        assert isinstance(made, folium.Map)
        assert made.to_dict()["name"] == "Map"

    def test_the_same_publication_gives_the_same_bytes(self, publication: Publication) -> None:
        assert maps.render("need", publication) == maps.render("need", Publication(publication.path))

    def test_every_published_number_is_in_it(self, publication: Publication, need_file: Path) -> None:
        table = content(need_file.read_text(encoding="utf-8"))["tables"]["villages"]
        frame = publication.villages
        assert column(table, "unit_id") == list(frame["unit_id"])
        for name in ("score", "covered_share", "support_minutes", "need_people", "vneid_activated_rate"):
            published = [None if pd.isna(v) else float(v) for v in frame[name]]
            assert [None if v is None else pytest.approx(v, abs=0.006) for v in published] == column(table, name)
        assert column(table, "flags") == [list(f) for f in frame["flags"]]

    def test_communes_are_drawn_from_the_borders_of_their_villages(self, need_file: Path) -> None:
        topo = content(need_file.read_text(encoding="utf-8"))["topology"]

        def used(name: str) -> set[int]:
            shapes = topo["objects"][name]
            return {i if i >= 0 else ~i for shape in shapes for part in shape for ring in part for i in ring}

        assert len(topo["objects"]["communes"]) == 4
        assert used("communes") <= used("villages")

    def test_communes_that_their_villages_do_not_fill_are_drawn_by_themselves(self, publication: Publication) -> None:
        small = publication.villages.copy()
        small["geometry"] = small.geometry.scale(0.5, 0.5)
        topo = content(maps.render("need", changed(publication, villages=small)))["topology"]
        shapes = topo["objects"]["communes"]
        assert all(len(shape) == 1 for shape in shapes)

    def test_hostile_names_are_data(self, publication: Publication) -> None:
        villages = publication.villages.copy()
        villages["name"] = [*HOSTILE, *villages["name"][len(HOSTILE) :]]
        page = maps.render("need", changed(publication, villages=villages))
        assert column(content(page)["tables"]["villages"], "name") == list(villages["name"])
        assert "<img src=x" not in page
        assert "<script>alert" not in page

    def test_the_islands_stand_in_it_as_text(self, need_file: Path) -> None:
        page = need_file.read_text(encoding="utf-8")
        assert "Quần đảo Hoàng Sa (Việt Nam)</span>" in page
        assert "Quần đảo Trường Sa (Việt Nam)</span>" in page

    def test_nothing_known_is_still_a_map(self, publication: Publication) -> None:
        def unknown(frame: Any) -> Any:
            frame = frame.copy()
            for name in ("score", "rank", "need_people", "covered_share", "vneid_activated_rate", "support_minutes"):
                if name in frame:
                    frame[name] = pd.Series([None] * len(frame), dtype="Float64", index=frame.index)
            return frame

        empty = changed(publication, villages=unknown(publication.villages), communes=unknown(publication.communes))
        found = content(maps.render("need", empty))
        assert all(v is None for v in column(found["tables"]["villages"], "score"))
        assert "bounds" not in found["views"][0]["levels"]["communes"]


def uncertain(publication: Publication) -> Publication:
    """The tiny publication with wide intervals for v12, whose class is no more than a guess."""
    villages = publication.villages.copy()
    row = villages.index[villages["unit_id"] == "v12"][0]
    wide = {"rank_low": 2, "rank_high": 14, "score_low": 1.0, "score_high": 99.0, "worst_tenth_probability": 0.25}
    wide |= {"vneid_activated_rate_low": 0.125, "vneid_activated_rate_high": 0.875, "need_class_probability": 0.625}
    wide |= {"not_adopted_people_low": 3, "not_adopted_people_high": 1234}
    for name, value in wide.items():
        villages.loc[row, name] = value
    villages["rank_band"] = pd.Series([None] * len(villages), index=villages.index, dtype="object")
    villages.loc[row, "rank_band"] = "2–14"
    return changed(publication, villages=villages)


def without_draws(publication: Publication) -> Publication:
    """The tiny publication as a plan without draws publishes it."""
    optional = [c.name for c in products.expand(products.VILLAGES, indicators=INDICATORS, pillars=[]) if c.optional]
    return changed(publication, villages=publication.villages.drop(columns=optional, errors="ignore"))


INDICATORS = ["vneid_activated", "vneid_issued"]


class TestUncertainty:
    def test_a_class_below_seven_tenths_of_the_draws_is_uncertain(self, publication: Publication) -> None:
        villages = publication.villages.copy()
        villages["need_class_probability"] = [0.7, 0.69996, None, *[1.0] * 13]
        found = content(maps.render("need", changed(publication, villages=villages)))
        assert column(found["tables"]["villages"], "class_uncertain") == [0, 1, *[0] * 14]
        (levels,) = [view["levels"] for view in found["views"] if view["name"] == "class"]
        assert levels["villages"]["uncertain"] == "class_uncertain"
        assert found["certain_from"] == 0.7

    def test_without_draws_nothing_is_said_of_them(self, publication: Publication) -> None:
        found = content(maps.render("need", without_draws(publication)))
        assert "class_uncertain" not in found["tables"]["villages"]
        assert "certain_from" not in found
        assert all("uncertain" not in level for view in found["views"] for level in view["levels"].values())

    @pytest.mark.browser
    def test_without_draws_the_map_is_whole(self, browser: Browser, publication: Publication, tmp_path: Path) -> None:
        file = tmp_path / "plain.html"
        file.write_text(maps.render("need", without_draws(publication)), encoding="utf-8")
        with opened(browser, file, fragment="#unit=v12&layer=class") as seen:
            assert facts_of(seen)["Hạng (1 là xấu nhất)"] == f"{publication.village('v12')['rank']} / 16"
            assert "Độ chắc của nguyên nhân" not in facts_of(seen)
            assert seen.page.locator("#legend li.uncertain").count() == 0

    @pytest.mark.browser
    def test_intervals_and_chances_are_those_of_the_table(
        self, browser: Browser, publication: Publication, tmp_path: Path
    ) -> None:
        wide = uncertain(publication)
        file = tmp_path / "wide.html"
        file.write_text(maps.render("need", wide), encoding="utf-8")
        village = wide.village("v12")
        with opened(browser, file, fragment="#layer=class&level=villages") as seen:
            assert seen.text("#legend li.uncertain .count") == "1"
            assert "dưới 70 %" in seen.text("#legend li.uncertain")
            assert pixels(seen, village) > 2
            assert pixels(seen, wide.village("v11")) == 1
            hover(seen, village["lat"], village["lon"] + 0.004)
            tooltip = seen.text(".numbers")
            assert "từ 2 đến 14 / 16" in tooltip
            assert "62,5 %" in tooltip
            follow(seen, "unit=v12&layer=class", "v12")
            facts = facts_of(seen)
        assert facts["Hạng (1 là xấu nhất)"] == "từ 2 đến 14 / 16"
        assert facts["Điểm thiếu hụt"] == f"{shown(village['score'], 1)} điểm (1,0 – 99,0)"
        assert facts["Khả năng thuộc một phần mười thiếu hụt nhất"] == "25,0 %"
        assert facts["Độ chắc của nguyên nhân"] == "62,5 %"
        assert "(12,5 – 87,5 %)" in facts["Tỷ lệ VNeID mức 2 đã kích hoạt"]
        assert facts["Có sóng, chưa sử dụng"].endswith("người (3 – 1.234)")

    @pytest.mark.browser
    def test_a_rank_that_still_means_something_stands_with_its_interval(
        self, browser: Browser, publication: Publication, tmp_path: Path
    ) -> None:
        narrow = uncertain(publication)
        narrow.villages["rank_band"] = None
        file = tmp_path / "narrow.html"
        file.write_text(maps.render("need", narrow), encoding="utf-8")
        with opened(browser, file, fragment="#unit=v12&layer=class") as seen:
            assert facts_of(seen)["Hạng (1 là xấu nhất)"] == f"{narrow.village('v12')['rank']} (2 – 14) / 16"


def pixels(seen: Seen, village: pd.Series) -> int:
    """Number of colours in a small square inside a village; hatching has several."""
    script = """([lat, lon]) => {
        const canvas = ground.canvas._container, b = canvas.getBoundingClientRect(), zoom = canvas.width / b.width;
        const p = ground.map.latLngToContainerPoint([lat, lon]), m = ground.map.getContainer().getBoundingClientRect();
        const at = [(p.x + m.left - b.left) * zoom, (p.y + m.top - b.top) * zoom];
        const copy = new OffscreenCanvas(9, 9).getContext("2d", {willReadFrequently: true});
        copy.drawImage(canvas, 4 - Math.round(at[0]), 4 - Math.round(at[1]));
        const d = copy.getImageData(0, 0, 9, 9).data;
        return new Set(Array.from({length: 81}, (_, i) => d.slice(4 * i, 4 * i + 3).join())).size;
    }"""
    found: int = seen.page.evaluate(script, [float(village["lat"]) + 0.004, float(village["lon"]) + 0.004])
    return found


@pytest.mark.browser
class TestPerson:
    def test_first_view_is_communes_by_score(self, browser: Browser, need_file: Path) -> None:
        with opened(browser, need_file) as seen:
            assert seen.page.locator("#level-communes").get_attribute("aria-pressed") == "true"
            assert seen.text("#title") == "Tỉnh thử <b>&"
            assert seen.page.locator("#list .unit b").first.inner_text() == "Xã 11"
            legend = seen.text("#legend")
            assert "Không rõ" in legend
            assert "Tổ đề xuất" in legend
            assert "MÔ PHỎNG" in seen.text("#warning")

    def test_a_tooltip_has_the_numbers_of_the_table(
        self, browser: Browser, need_file: Path, publication: Publication
    ) -> None:
        with opened(browser, need_file, fragment="#layer=class&level=villages") as seen:
            village = publication.village("v12")
            hover(seen, village["lat"], village["lon"] + 0.004)
            text = seen.text(".numbers")
        assert "Thôn 12" in text
        assert "Xã 01" in text
        assert f"{shown(village['score'], 1)} điểm" in text
        assert f"{village['need_people']} người" in text
        assert "50,0 % (40,0 – 60,0 %)" in text
        assert "18 phút" in text
        assert "Lõm sóng" in text

    def test_the_facts_of_every_village_are_those_of_the_table(
        self, browser: Browser, need_file: Path, publication: Publication
    ) -> None:
        with opened(browser, need_file) as seen:
            for _, row in publication.villages.iterrows():
                follow(seen, f"unit={row['unit_id']}&layer=class", row["unit_id"])
                assert seen.text("#chosen h2") == row["name"]
                compare(facts_of(seen), row)

    def test_hostile_names_are_text_wherever_they_are_shown(
        self, browser: Browser, publication: Publication, tmp_path: Path
    ) -> None:
        villages = publication.villages.copy()
        villages["name"] = [*HOSTILE, *villages["name"][len(HOSTILE) :]]
        sites = publication.sites.copy()
        sites["name"] = HOSTILE[: len(sites)]
        file = tmp_path / "hostile.html"
        file.write_text(maps.render("need", changed(publication, villages=villages, sites=sites)), encoding="utf-8")
        with opened(browser, file, fragment="#layer=class") as seen:
            for unit_id, name in zip(villages["unit_id"], HOSTILE, strict=False):
                follow(seen, f"unit={unit_id}&layer=class", unit_id)
                assert seen.page.locator("#chosen h2").text_content() == name
                hover(seen, *villages.loc[villages["unit_id"] == unit_id, ["lat", "lon"]].iloc[0])
                assert seen.page.locator(".numbers strong").last.text_content() in {*HOSTILE}
            assert seen.page.locator("img").count() == 0
            assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    @pytest.mark.parametrize("query", ["ea phe", "Ea Phê", "EA PHÊ", "ea phê".encode().decode()])
    def test_search_with_or_without_diacritics(
        self, browser: Browser, publication: Publication, tmp_path: Path, query: str
    ) -> None:
        with opened(browser, named(publication, tmp_path)) as seen:
            seen.page.fill("#query", query)
            assert seen.names("#results")[0] == "Xã Ea Phê"
            seen.page.press("#query", "Enter")
            assert seen.text("#chosen h2") == "Xã Ea Phê"

    @pytest.mark.parametrize(
        ("query", "first"), [("tuy hoa", "Phường Tuy Hoà"), ("Tuy Hòa", "Phường Tuy Hoà"), ("dak", "Xã Đắk Phơi")]
    )
    def test_search_does_not_mind_where_the_tone_mark_stands(
        self, browser: Browser, publication: Publication, tmp_path: Path, query: str, first: str
    ) -> None:
        with opened(browser, named(publication, tmp_path)) as seen:
            seen.page.fill("#query", query)
            assert seen.names("#results")[0] == first

    def test_exact_spelling_comes_first(self, browser: Browser, publication: Publication, tmp_path: Path) -> None:
        with opened(browser, named(publication, tmp_path)) as seen:
            seen.page.fill("#query", "Buôn Ma")
            assert seen.names("#results")[:2] == ["Buôn Ma", "Buồn Mà"]
            seen.page.fill("#query", "không có ở đây")
            assert seen.text("#results") == "Không tìm thấy"

    def test_language_view_level_and_filter_without_reload(self, browser: Browser, need_file: Path) -> None:
        with opened(browser, need_file) as seen:
            seen.page.click("#language")
            assert "Underserved score" in seen.text("#legend")
            assert seen.page.evaluate("document.documentElement.lang") == "en"
            seen.page.select_option("#view", "access")
            assert seen.page.locator("#level-communes").is_disabled()
            seen.page.select_option("#view", "class")
            assert not seen.page.locator("#level-communes").is_disabled()
            assert "White spot" in seen.text("#legend")
            before = len(seen.names("#list"))
            seen.page.uncheck("#class-served")
            assert "lang=en" in seen.page.url
            assert seen.page.locator("#class-served").is_checked() is False
            assert all(name not in {"Thôn 00", "Thôn 01", "Thôn 10", "Thôn 11"} for name in seen.names("#list"))
            assert len(seen.names("#list")) <= before

    def test_filters_by_commune_and_rank_and_takes_the_rest_along(
        self, browser: Browser, need_file: Path, publication: Publication
    ) -> None:
        villages = publication.villages
        wanted = villages[(villages["commune_id"] == "k10") & (villages["rank"] <= 9)]
        with opened(browser, need_file, fragment="#layer=score&level=villages") as seen:
            seen.page.select_option("#commune", "k10")
            seen.page.fill("#worst", "9")
            seen.page.press("#worst", "Enter")
            assert sorted(seen.names("#list")) == sorted(wanted["name"])
            with seen.page.expect_download() as csv:
                seen.page.click("#take-csv")
            with seen.page.expect_download() as geojson:
                seen.page.click("#take-geojson")
            table = pd.read_csv(csv.value.path(), dtype={"unit_id": str, "commune_id": str}, encoding="utf-8-sig")
            areas = gpd.read_file(geojson.value.path())
        assert sorted(table["unit_id"]) == sorted(wanted["unit_id"])
        assert sorted(areas["unit_id"]) == sorted(wanted["unit_id"])
        merged = table.merge(wanted, on="unit_id", suffixes=("", "_published"))
        assert merged["score"].tolist() == pytest.approx(merged["score_published"].tolist(), abs=0.006)
        shapes = areas.set_index("unit_id").geometry.loc[wanted["unit_id"]].to_numpy()
        exact = wanted.geometry.to_numpy()
        assert shapely.area(shapely.symmetric_difference(shapes, exact)).max() < 0.01 * shapely.area(exact).min()

    def test_a_downloaded_name_is_no_formula(self, browser: Browser, publication: Publication, tmp_path: Path) -> None:
        villages = publication.villages.copy()
        villages["name"] = ["=1+1", "+2", "-3", "@x", "\tx", 'a "b", c', *villages["name"][6:]]
        file = tmp_path / "formulas.html"
        file.write_text(maps.render("need", changed(publication, villages=villages)), encoding="utf-8")
        with opened(browser, file, fragment="#level=villages") as seen:
            with seen.page.expect_download() as csv:
                seen.page.click("#take-csv")
            names = pd.read_csv(csv.value.path(), encoding="utf-8-sig")["name"].tolist()
        assert {"'=1+1", "'+2", "'-3", "'@x", "'\tx", 'a "b", c'} <= set(names)

    def test_a_deep_link_leads_back_to_what_was_seen(self, browser: Browser, need_file: Path) -> None:
        with opened(browser, need_file) as seen:
            seen.page.select_option("#view", "need")
            seen.page.click("#level-villages")
            seen.page.locator("#list .unit").first.click()
            link = "#" + seen.page.url.partition("#")[2]
            chosen = seen.text("#chosen h2")
        assert link.startswith("#unit=")
        assert "layer=need" in link
        with opened(browser, need_file, fragment=link) as seen:
            assert seen.text("#chosen h2") == chosen
            assert seen.page.locator("#view").input_value() == "need"

    @pytest.mark.parametrize(
        "fragment", ["#unit=nobody", "#layer=nothing&level=moon", "#lang=xx", "#%%%", "#unit=<img>"]
    )
    def test_a_wrong_link_is_the_first_view(self, browser: Browser, need_file: Path, fragment: str) -> None:
        with opened(browser, need_file, fragment=fragment) as seen:
            assert seen.page.locator("#chosen").count() == 0
            assert seen.page.locator("#view").input_value() == "score"

    def test_a_click_on_a_team_shows_whom_it_serves(
        self, browser: Browser, need_file: Path, publication: Publication
    ) -> None:
        site = publication.sites[publication.sites["site_id"] == "v20"].iloc[0]
        with opened(browser, need_file) as seen:
            click(seen, site["lat"], site["lon"])
            text = seen.text("#chosen")
        assert "Tổ công nghệ số v20" in text
        assert f"{shown(int(site['people_reached']), 0)} người" in text

    def test_unknown_is_hatched_and_not_the_colour_of_nobody(self, browser: Browser, need_file: Path) -> None:
        with opened(browser, need_file, fragment="#layer=need&level=villages") as seen:
            chips = seen.page.locator("#legend .chip")
            assert "hatched" in (chips.last.get_attribute("class") or "")
            assert seen.page.locator("#legend .chip.hatched").count() == 1

    @pytest.mark.parametrize("size", [PHONE, (1280, 800)])
    def test_nothing_covers_another_thing(self, browser: Browser, need_file: Path, size: tuple[int, int]) -> None:
        with opened(browser, need_file, size=size) as seen:
            boxes = [
                seen.page.locator(s).bounding_box()
                for s in (".islands", ".leaflet-control-zoom", ".leaflet-control-scale", "#panel", ".top")
            ]
            for i, a in enumerate(boxes):
                assert a["x"] >= 0
                assert a["x"] + a["width"] <= size[0] + 0.5
                for b in boxes[i + 1 :]:
                    apart = (
                        a["x"] + a["width"] <= b["x"] + 0.5
                        or b["x"] + b["width"] <= a["x"] + 0.5
                        or a["y"] + a["height"] <= b["y"] + 0.5
                        or b["y"] + b["height"] <= a["y"] + 0.5
                    )
                    assert apart, (a, b)
            assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            for label in ("Quần đảo Hoàng Sa (Việt Nam)", "Quần đảo Trường Sa (Việt Nam)"):
                isle = seen.page.get_by_text(label).bounding_box()
                frame = boxes[0]
                assert frame["x"] <= isle["x"]
                assert isle["x"] + isle["width"] <= frame["x"] + frame["width"]
                assert isle["y"] + isle["height"] <= frame["y"] + frame["height"]

    def test_everything_is_reached_by_keyboard(self, browser: Browser, need_file: Path) -> None:
        with opened(browser, need_file) as seen:
            seen.page.focus("#query")
            seen.page.keyboard.type("xa 11")
            seen.page.keyboard.press("ArrowDown")
            seen.page.keyboard.press("Enter")
            assert seen.text("#chosen h2") == "Xã 11"


def named(publication: Publication, folder: Path) -> Path:
    """A map whose places have names that are hard to type."""
    communes, villages = publication.communes.copy(), publication.villages.copy()
    communes["name"] = ["Xã Ea Phê", "Phường Tuy Hoà", "Xã Đắk Phơi", "Xã Krông Pắc"]
    villages["name"] = ["Buồn Mà", "Buôn Ma", *villages["name"][2:]]
    file = folder / "named.html"
    file.write_text(maps.render("need", changed(publication, communes=communes, villages=villages)), encoding="utf-8")
    return file


@pytest.mark.browser
def test_inside_another_page_it_is_the_drawing_and_its_legend(browser: Browser, need_file: Path) -> None:
    with opened(browser, need_file, size=(640, 420), fragment="#embed=yes&unit=v33&layer=class") as seen:
        assert not seen.page.locator(".top").is_visible()
        assert not seen.page.locator("#search").is_visible()
        assert seen.page.locator("#legend").is_visible()
        assert seen.page.locator("#chosen").is_visible()
        assert seen.page.locator("#islands").is_visible()
        link = seen.page.get_attribute("#whole", "href") or ""
        assert "unit=v33" in link
        assert "layer=class" in link
        assert "embed" not in link
        assert "embed=yes" in seen.page.url
    with opened(browser, need_file) as seen:
        assert seen.page.locator("#whole").count() == 0
        assert seen.page.get_attribute("#others a >> nth=0", "href") == "../index.html"
