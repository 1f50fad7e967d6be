from __future__ import annotations

import re

import pytest
from playwright.sync_api import sync_playwright

from planner.products import CURRENT
from tests.api.client import problem
from tests.api.server import serve
from tests.browser import DESKTOP, PHONE, launch


def test_the_landing_page_loads_nothing_and_escapes_everything(client, tiny):
    page = client.get("/")
    assert page.status_code == 200
    assert tiny.manifest.id in page.text
    assert "Tỉnh thử &lt;b&gt;&amp;" in page.text
    assert "thử <b>" not in page.text
    assert "<script" not in page.text
    assert not re.search(r'(?:href|src)="(?!published/)[a-z]*:?//', page.text)
    assert set(re.findall(r"https?://[^/&]+", page.text)) == {"http://test"}  # in what is copied elsewhere
    assert "mô phỏng" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_figures_maps_downloads_and_status_are_told(client):
    page = client.get("/", headers={"Accept-Language": "en"}).text
    assert "<b>15,030</b>people" in page
    assert "new team sites proposed" not in page  # the tiny publication does not count them
    assert page.index("plan.xlsx") < page.index("villages.parquet") < page.index("curve.parquet")
    assert 'src="maps/need.html#layer=need&amp;lang=en&amp;embed=yes"' in page
    assert "A newer publication was refused" not in page
    assert "not accepted" in page


def test_a_refused_publication_is_said(own, published):
    (published / CURRENT).write_text("20300101T000000Z-00000000\n")
    own.refresh()
    assert "A newer publication was refused" in own.get("/", headers={"Accept-Language": "en"}).text


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_browser_shows_it_without_a_complaint_and_nothing_sticks_out(tiny, chromium, size):
    said: list[str] = []
    with serve(tiny.path.parent) as server, sync_playwright() as playwright:
        browser = launch(playwright, chromium)
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(server.url, wait_until="load")
        assert page.locator("h1").inner_text() == tiny.manifest.title
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        browser.close()
    assert said == []


def test_every_link_of_the_landing_page_works(client):
    links = re.findall(r'href="([^"]+)"', client.get("/").text)
    assert len(links) > 8
    for link in links:
        assert client.get("/" + link.replace("&amp;", "&")).status_code == 200, link


def test_it_speaks_english_when_asked(client):
    page = client.get("/", headers={"Accept-Language": "en"})
    assert '<html lang="en">' in page.text
    assert "Ask the API" in page.text


def test_the_reference_names_every_operation(client):
    page = client.get("/docs").text
    for path in client.get("/openapi.json").json()["paths"]:
        assert path in page
    assert "http" not in page.replace("HTTP", "")


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_accept_no_parameter(client, path):
    problem(client.get(f"{path}?x=1"), 400, "bad-parameter")
