"""The map of the deployment: who serves whom, in which order teams are set up, and the proof of the plan."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser

from planner import maps
from planner.products import Publication
from tests.browser import opened
from tests.planner.maps.reading import changed, column, content, shown


@pytest.fixture(scope="module")
def file(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("maps") / "deployment.html"
    found.write_text(maps.render("deployment", publication), encoding="utf-8")
    return found


def test_who_serves_each_village(publication: Publication, file: Path) -> None:
    service = column(content(file.read_text(encoding="utf-8"))["tables"]["villages"], "service")
    status = publication.sites.set_index("site_id")["status"]
    for value, (_, row) in zip(service, publication.villages.iterrows(), strict=True):
        if isinstance(row["assigned_site_id"], str):
            assert value == status[row["assigned_site_id"]]
        else:
            assert value == (None if pd.isna(row["need_people"]) else "none")


def test_a_plan_without_a_deployment_is_still_a_map(publication: Publication) -> None:
    villages = publication.villages.copy()
    villages["assigned_site_id"] = pd.Series([None] * len(villages), dtype="str", index=villages.index)
    villages["assigned_minutes"] = float("nan")
    nothing = changed(publication, villages=villages, sites=publication.sites.iloc[:0])
    assert "none" in column(content(maps.render("deployment", nothing))["tables"]["villages"], "service")


@pytest.mark.browser
def test_teams_stand_in_their_order_with_the_certificate(
    browser: Browser, file: Path, publication: Publication
) -> None:
    with opened(browser, file) as seen:
        seen.page.click("#teams-list summary")
        assert seen.names("#teams") == ["Tổ công nghệ số v20", "Tổ công nghệ số v13", "Tổ công nghệ số v00"]
        certificate = seen.text("#teams .facts")
        assert f"{shown(publication.manifest.solver.objective_people, 0)} người" in certificate
        assert "0,00 %" in certificate
        first = seen.text("#teams .unit >> nth=0")
        assert "1.120 người" in first
        seen.page.click("#teams .unit >> nth=0")
        assert seen.text("#chosen h2") == "Tổ công nghệ số v20"
        assert "site=v20" in seen.page.url


def test_pages_share_their_geometry_and_are_the_same_as_alone(publication: Publication) -> None:
    together = dict(maps.pages(publication, list(maps.MAPS)))
    for name in maps.MAPS:
        assert together[f"maps/{name}.html"] == maps.render(name, publication)
