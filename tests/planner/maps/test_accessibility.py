"""What screen readers and keyboards need, checked by axe-core in every state that a person reaches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from planner import maps
from planner.products import Publication
from tests.browser import DESKTOP, PHONE
from tests.planner.maps.test_deployment import with_scenarios
from tests.planner.maps.test_rasters import with_raster

ASSETS = Path(__file__).parent / "assets"
GRAVE = {"serious", "critical"}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("pages")
    for name, text in maps.pages(publication, list(maps.MAPS)):
        file = found / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return found


@pytest.fixture
def tab(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = getattr(request, "param", DESKTOP)
    # the page's own policy refuses any script but its own, so the checker has to step round it
    with browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True, offline=True) as context:
        yield context.new_page()


def axe() -> str:
    (package,) = json.loads((ASSETS / "assets.json").read_text())["packages"]
    name = next(n for n in package["files"] if n.endswith("axe.min.js"))
    content = (ASSETS / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == package["files"][name]
    return content.decode()


def grave_faults(page: Page) -> list[str]:
    page.evaluate(axe())
    found = page.evaluate("axe.run()")["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in GRAVE]


@pytest.mark.parametrize("tab", [DESKTOP, PHONE], indirect=True)
@pytest.mark.parametrize("name", list(maps.MAPS))
def test_maps_have_no_grave_fault(tab: Page, folder: Path, name: str) -> None:
    tab.goto((folder / "maps" / f"{name}.html").as_uri())
    tab.wait_for_selector("body[data-ready]", state="attached")
    assert grave_faults(tab) == []
    tab.evaluate("location.hash = 'unit=v33&lang=en'")
    tab.wait_for_selector("#chosen")
    for summary in tab.locator("summary").all():
        if summary.is_visible():
            summary.click()
    assert grave_faults(tab) == []


@pytest.mark.parametrize("tab", [DESKTOP, PHONE], indirect=True)
def test_a_raster_and_scenarios_add_no_grave_fault(tab: Page, publication: Publication, tmp_path: Path) -> None:
    file = tmp_path / "deployment.html"
    compared = with_scenarios(publication, tmp_path)
    file.write_text(maps.render("deployment", with_raster(compared, tmp_path)), encoding="utf-8")
    tab.goto(file.as_uri() + "#raster=support_minutes")
    tab.wait_for_selector("body[data-ready]", state="attached")
    tab.wait_for_selector("#raster-0:checked", state="attached")
    assert tab.locator("#scenarios").count() == 1
    assert grave_faults(tab) == []


@pytest.mark.parametrize("name", ["index.html", "maps/print/k11.html"])
def test_pages_have_no_grave_fault(tab: Page, folder: Path, name: str) -> None:
    tab.goto((folder / name).as_uri())
    assert grave_faults(tab) == []


@pytest.mark.parametrize("tab", [PHONE], indirect=True)
@pytest.mark.parametrize("name", ["index.html", *(f"maps/{name}.html" for name in maps.MAPS)])
def test_what_a_finger_meets_is_24_px_high(tab: Page, folder: Path, name: str) -> None:
    tab.goto((folder / name).as_uri())
    if name.startswith("maps/"):
        tab.wait_for_selector("body[data-ready]", state="attached")
    found = tab.evaluate(
        """() => [...document.querySelectorAll("a, button, select, summary, label, input:not(label input)")]
          .map((node) => [node.textContent.slice(0, 40), node.getBoundingClientRect().height])
          .filter(([, height]) => height > 0)"""
    )
    assert found
    assert [text for text, height in found if height < 24] == []
