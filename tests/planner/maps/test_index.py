"""The publication's own page: numbers of the tables, both languages, hostile texts as text."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from planner.maps.index import DOWNLOADS, index
from planner.products import Changes, Publication
from tests.planner.maps.reading import HOSTILE, changed, shown


def page(publication: Publication) -> str:
    return index(publication, maps=["need", "coverage"], sheets=True)


def cells(text: str, language: str) -> str:
    """The page as one language reads it."""
    other = "en" if language == "vi" else "vi"
    return re.sub(rf'<span lang="{other}">.*?</span>', "", text, flags=re.DOTALL)


def test_key_figures_are_sums_of_the_table(publication: Publication) -> None:
    text = cells(page(publication), "vi")
    for name in ("population_people", "eligible_people", "need_people", "unknown_people"):
        assert f">{shown(int(publication.villages[name].sum()), 0)}</span>" in text
    assert f">{shown(publication.manifest.solver.objective_people, 0)}</span>" in text


def test_what_to_beware_of_stands_first(publication: Publication) -> None:
    text = page(publication)
    assert text.index("SỐ LIỆU MÔ PHỎNG") < text.index("Con số chính")
    assert all(warning in text for warning in publication.manifest.warnings)


def test_every_link_leads_to_a_file_of_the_publication(publication: Publication) -> None:
    links = set(re.findall(r'href="([^"]*)"', page(publication)))
    sheets = {f"maps/print/{unit_id}.html" for unit_id in publication.communes["unit_id"]}
    tables = {file.name for file in publication.path.glob("*.parquet")}
    assert links == {"maps/need.html", "maps/coverage.html", *sheets, *DOWNLOADS, *tables}
    assert all((publication.path / name).is_file() for name in DOWNLOADS)


def test_without_sheets_no_link_leads_to_one(publication: Publication) -> None:
    assert "maps/print" not in index(publication, maps=[], sheets=False)


def test_worst_commune_first(publication: Publication) -> None:
    order = re.findall(r"maps/print/(\w+)\.html", page(publication))
    assert order == list(publication.communes.sort_values("rank")["unit_id"])


def test_hostile_texts_are_text(publication: Publication) -> None:
    communes = publication.communes.copy()
    communes["name"] = HOSTILE[:4]
    text = page(changed(publication, communes=communes))
    assert "<img" not in text
    assert "<script>alert" not in text
    assert "&lt;img src=x" in text
    assert "{{ 7 * 7 }}" in text


def with_manifest(publication: Publication, **fields: Any) -> Publication:
    return changed(publication, manifest=publication.manifest.model_copy(update=fields))


def test_the_label_stands_before_the_figures_and_its_names_are_text(publication: Publication) -> None:
    label = [f"{name}: hạng 1" for name in HOSTILE]
    text = page(with_manifest(publication, label=label))
    section = re.search(r'<section class="warning" id="label">(.*?)</section>', text, re.DOTALL)
    assert section is not None
    assert [html.unescape(item) for item in re.findall(r'<li lang="vi">(.*?)</li>', section[1], re.DOTALL)] == label
    assert section.end() < text.index("Con số chính")
    assert "<img" not in text
    assert "<script>alert" not in text


def test_an_earlier_publication_has_neither_label_nor_worst_tenth(publication: Publication) -> None:
    text = page(with_manifest(publication, label=[], counts={}))
    assert 'id="label"' not in text
    assert "một phần mười" not in text


def test_people_of_the_worst_tenth_are_those_of_the_manifest(publication: Publication) -> None:
    counts = {"worst_tenth_villages": 2.0, "worst_tenth_people": 335497.0}
    text = page(with_manifest(publication, counts=counts))
    for language, people in (("vi", "335.497"), ("en", "335,497")):
        rows = re.findall(r"<tr>.*?</tr>", cells(text, language))
        names = ("một phần mười", "lần rút") if language == "vi" else ("worst tenth", "over the draws")
        for name, value in zip(names, ("2", people), strict=True):
            (row,) = [r for r in rows if name in r]
            assert f'<span lang="{language}">{value}</span>' in row


def test_the_same_bytes_again(publication: Publication) -> None:
    assert page(publication) == page(Publication(publication.path))


@pytest.mark.browser
def test_the_language_changes_without_a_reload(browser: Browser, publication: Publication, tmp_path: Path) -> None:
    file = tmp_path / "index.html"
    file.write_text(page(publication), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 360, "height": 740})
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(file.as_uri())
    assert "Con số chính" in tab.inner_text("body")
    tab.click("#language")
    assert "Key figures" in tab.inner_text("body")
    assert "Con số chính" not in tab.inner_text("body")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.close()
    assert said == []


def test_what_changed_stands_in_both_languages_and_is_text(publication: Publication) -> None:
    assert 'id="changes"' not in page(publication)
    said = Changes(before="20250101T000000Z-00000000", vi=["hạng 3 → 1 <b>"], en=["rank 3 → 1 <b>"])
    text = page(changed(publication, manifest=publication.manifest.model_copy(update={"changes": said})))
    assert '<ul lang="vi"><li>hạng 3 → 1 &lt;b&gt;</li></ul><ul lang="en">' in text
    assert said.before in text


def test_tables_that_only_some_publications_hold_can_be_downloaded(publication: Publication, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    shutil.copytree(publication.path, folder)
    (folder / "rounds.parquet").write_bytes(b"")
    assert 'href="rounds.parquet"' in page(Publication(folder))


def test_rounds_are_linked_where_there_are_any(publication: Publication, tmp_path: Path) -> None:
    assert 'id="rounds"' not in index(publication, maps=[], sheets=False)
    folder = tmp_path / "rounds"
    shutil.copytree(publication.path, folder)
    site = publication.sites["site_id"].iloc[0]
    (folder / "rounds").mkdir()
    for name in (f"{site}.html", f"{site}.ics", "a'<b>.html"):
        (folder / "rounds" / name).write_text("", encoding="utf-8")
    page = index(Publication(folder), maps=[], sheets=False)
    found = page[page.index('id="rounds"') :].partition("</section>")[0]
    assert html.escape(publication.sites["name"].iloc[0]) in found
    assert f'href="rounds/{site}.html"' in found
    assert f'href="rounds/{site}.ics"' in found
    assert "<b>" not in found


def test_a_layer_that_is_too_old_says_so(publication: Publication) -> None:
    entries = publication.manifest.inputs
    before = index(publication, maps=[], sheets=False)
    old = publication.manifest.model_copy(update={"inputs": [e.model_copy(update={"stale": True}) for e in entries]})
    after = index(changed(publication, manifest=old), maps=[], sheets=False)
    words = "data older than the plan allows"
    assert after.lower().count(words) - before.lower().count(words) == len(entries)
