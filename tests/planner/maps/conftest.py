"""A small publication, its map as a file, and one browser for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from planner import maps
from planner.products import Publication
from tests.browser import launch
from tests.tiny_publication import publish_tiny


@pytest.fixture(scope="session")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """The sixteen villages of `tests.tiny_publication`; tests that change a table copy it (`changed`)."""
    return publish_tiny(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="session")
def need_file(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("maps") / "need.html"
    file.write_text(maps.render("need", publication), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser per module, not per session: its event loop runs in this thread and would stop the API's tests."""
    with sync_playwright() as playwright:
        started = launch(playwright, chromium)
        yield started
        started.close()
