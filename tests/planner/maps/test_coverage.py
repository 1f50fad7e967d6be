"""The map of coverage: operators beside each other, and claims that are contradicted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser

from planner import maps
from planner.products import Publication
from tests.browser import opened
from tests.planner.maps.reading import changed, column, content, facts_of, follow, shown


@pytest.fixture(scope="module")
def file(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("maps") / "coverage.html"
    found.write_text(maps.render("coverage", publication), encoding="utf-8")
    return found


def test_a_view_for_each_operator_and_kind_of_evidence(publication: Publication, file: Path) -> None:
    found = content(file.read_text(encoding="utf-8"))
    published = publication.coverage.dropna(subset="share")
    kinds = published.loc[published["operator"] != "any", ["operator", "technology", "evidence"]]
    expected = {" ".join(k) for k in kinds.drop_duplicates().itertuples(index=False)}
    assert {v["name"] for v in found["views"]} == {"coverage", "usable", "doubt", *expected}
    assert {c["share"] for c in found["claims"]} == expected


def test_every_share_is_the_published_one(publication: Publication, file: Path) -> None:
    found = content(file.read_text(encoding="utf-8"))
    for claim in found["claims"]:
        rows = publication.coverage
        for key in ("operator", "technology", "evidence"):
            rows = rows[rows[key] == claim[key]]
        share = rows.set_index("unit_id")["share"].reindex(publication.villages["unit_id"])
        expected = [None if pd.isna(v) else pytest.approx(float(v), abs=1e-6) for v in share]
        assert column(found["tables"]["villages"], claim["share"]) == expected


def test_doubt_is_the_flag_and_unknown_is_neither(publication: Publication, file: Path) -> None:
    doubt = column(content(file.read_text(encoding="utf-8"))["tables"]["villages"], "doubt")
    listed = set(publication.table("doubtful")["unit_id"])
    for value, (_, row) in zip(doubt, publication.villages.iterrows(), strict=True):
        if "contradicted" in row["flags"]:
            assert value == "contradicted"
        elif row["unit_id"] in listed:
            assert value == "doubtful"
        else:
            assert value == (None if row["coverage_status"] == "unknown" else "unquestioned")


def test_an_operator_of_whom_nothing_is_known_has_no_view(publication: Publication) -> None:
    table = publication.coverage.copy()
    table.loc[table["operator"] == "B", "share"] = None
    found = content(maps.render("coverage", changed(publication, coverage=table)))
    assert not any(v["name"].startswith("B ") for v in found["views"])


@pytest.mark.browser
def test_a_village_shows_what_each_operator_claims(browser: Browser, file: Path, publication: Publication) -> None:
    share = publication.coverage.set_index(["operator", "unit_id"])["share"]
    with opened(browser, file) as seen:
        follow(seen, "unit=v12&layer=doubt", "v12")
        assert "Số đo trái với công bố" in seen.text("#legend")
        facts = facts_of(seen)
        label = next(k for k in facts if k.startswith("A 4G"))
        assert facts[label].startswith(f"{shown(100 * share[('A', 'v12')], 1)} %")
        for view in seen.page.locator("#view option").all():
            seen.page.select_option("#view", view.get_attribute("value"))
        seen.page.click("#language")
        assert "declared by the operator" in seen.text("#views")


@pytest.mark.browser
def test_doubtful_claims_and_requests_are_those_of_the_tables(
    browser: Browser, publication: Publication, file: Path
) -> None:
    doubtful, requests = publication.table("doubtful"), publication.table("operator_requests")
    with opened(browser, file, fragment="#lang=en") as seen:
        seen.page.click("#doubtful-list summary")
        assert seen.page.locator("#doubtful .unit").count() == len(doubtful) == 3
        said = seen.text("#doubtful ol")
        assert "A 4G: declared 100.0 %, chance of usable signal 40.0 % (30 – 50 %)" in said
        assert "1 more reports of no signal would settle it" in said
        assert "reports alone never settle it" in said
        assert "All operators 4G" in said
        assert "settled: not usable" in said
        assert seen.page.locator("#requests details").count() == requests["operator"].nunique() == 2
        seen.page.click("#requests-0 summary")
        assert "first signal for 800 people; covered today 0.0 %" in seen.text("#requests-0 li >> nth=0")
        assert "covered today 50.0 %" in seen.text("#requests-0 li >> nth=1")
        seen.page.click("#requests-0 .unit >> nth=0")
        assert seen.page.get_attribute("#chosen", "data-unit") == "v13"


def test_doubtful_villages_have_a_class_of_their_own(publication: Publication, file: Path) -> None:
    classes = dict(
        zip(
            publication.villages["unit_id"],
            column(content(file.read_text(encoding="utf-8"))["tables"]["villages"], "doubt"),
            strict=True,
        )
    )
    contradicted = {
        u
        for u, f in zip(publication.villages["unit_id"], publication.villages["flags"], strict=True)
        if "contradicted" in f
    }
    listed = set(publication.table("doubtful")["unit_id"])
    assert {u for u, kind in classes.items() if kind == "contradicted"} == contradicted
    assert {u for u, kind in classes.items() if kind == "doubtful"} == listed - contradicted


@pytest.mark.browser
def test_a_publication_without_these_tables_says_so(browser: Browser, publication: Publication, tmp_path: Path) -> None:
    folder = tmp_path / "before"
    shutil.copytree(publication.path, folder)
    for name in ("doubtful", "operator_requests"):
        (folder / f"{name}.parquet").unlink()
    page = tmp_path / "before.html"
    page.write_text(maps.render("coverage", Publication(folder)), encoding="utf-8")
    with opened(browser, page) as seen:
        assert "không có bảng khai báo đáng ngờ" in seen.text("#doubtful")
        assert seen.page.locator("#requests").count() == 0
