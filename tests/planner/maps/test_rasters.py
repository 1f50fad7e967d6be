"""Pictures under the borders: shown when asked for, with their own legend; transparent where nothing is known."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from layers import mercator
from planner import maps
from planner.products import Publication, RasterClass, RasterEntry
from tests.browser import PHONE, Seen, opened
from tests.planner.maps.reading import content

COLOURS = ("#112233", "#aabbcc")


@pytest.fixture(scope="module")
def pictured(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Publication:
    return with_raster(publication, tmp_path_factory.mktemp("pictured"))


def with_raster(publication: Publication, parent: Path) -> Publication:
    """West half of the first class, then a strip of nothing known, east of the second."""
    folder = parent / "pictured"
    shutil.copytree(publication.path, folder)
    codes = np.repeat([[1, 1, 1, 1, 0, 0, 2, 2, 2, 2]], 10, axis=0).astype(np.uint8)
    bounds = tuple(float(v) for v in publication.communes.total_bounds)
    (folder / "rasters").mkdir()
    picture = mercator.png(mercator.Placed(codes, bounds, 1.0), COLOURS)
    (folder / "rasters" / "support_minutes.png").write_bytes(picture)
    classes = [RasterClass(colour=COLOURS[0], low=0, high=10), RasterClass(colour=COLOURS[1], code="beyond_cutoff")]
    entry = RasterEntry(
        name="support_minutes",
        kind="support_minutes",
        path="rasters/support_minutes.png",
        unit="minutes",
        bounds=bounds,
        classes=classes,
    )
    copy = Publication(folder)
    vars(copy)["manifest"] = publication.manifest.model_copy(update={"rasters": [entry]})
    return copy


@pytest.fixture(scope="module")
def file(pictured: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("maps") / "deployment.html"
    found.write_text(maps.render("deployment", pictured), encoding="utf-8")
    return found


def drawn(seen: Seen, share: float) -> str:
    """The colour of the canvas at a share of the way from west to east, a tenth below the northern edge."""
    seen.page.wait_for_function("[...images.values()].every((image) => image.complete)")
    return seen.page.evaluate(
        """(share) => {
          const [[south, west], [north, east]] = content.bounds;
          const spot = ground.spot(north - 0.1 * (north - south), west + share * (east - west));
          const { min } = ground.canvas._bounds;
          const dense = Math.min(2, window.devicePixelRatio || 1);
          const sheet = ground.canvas._container;
          // read from a copy: Chromium complains of a canvas that is read again and again
          const copy = Object.assign(document.createElement("canvas"), { width: sheet.width, height: sheet.height });
          const pen = copy.getContext("2d", { willReadFrequently: true });
          pen.drawImage(sheet, 0, 0);
          const [r, g, b, a] = pen.getImageData(Math.round((spot.x - min.x) * dense), Math.round((spot.y - min.y) * dense), 1, 1).data;
          return a ? "#" + [r, g, b].map((v) => v.toString(16).padStart(2, "0")).join("") : "nothing";
        }""",
        share,
    )


def test_the_picture_is_in_the_page_as_it_is_in_the_publication(pictured: Publication, file: Path) -> None:
    (entry,) = content(file.read_text(encoding="utf-8"))["rasters"]
    kind, _, data = entry["image"].partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == (pictured.path / "rasters" / "support_minutes.png").read_bytes()
    assert entry["bounds"] == list(pictured.manifest.rasters[0].bounds)


def test_maps_carry_only_pictures_of_their_own_kind(publication: Publication, pictured: Publication) -> None:
    assert "rasters" not in content(maps.render("coverage", pictured))
    assert "rasters" not in content(maps.render("deployment", publication))


@pytest.mark.browser
def test_it_is_drawn_in_place_of_the_areas_when_asked_for(browser: Browser, file: Path) -> None:
    with opened(browser, file, fragment="#lang=en") as seen:
        for layer in ("sites", "roads", "places"):
            seen.page.uncheck(f"#show-{layer}")
        before = [drawn(seen, share) for share in (0.15, 0.47, 0.85)]
        assert not {*COLOURS, "nothing"} & set(before)
        seen.page.check("#raster-0")
        assert [drawn(seen, share) for share in (0.15, 0.47, 0.85)] == [COLOURS[0], "nothing", COLOURS[1]]
        assert seen.text("#legend h2") == "Minutes to the nearest team today, cell by cell"
        assert [line.strip() for line in seen.page.locator("#legend .entry").all_inner_texts()] == [
            "0 – < 10 minutes",
            "Farther than the cutoff",
            "Unknown (no colour)",
        ]
        assert "raster=support_minutes" in seen.page.url
        seen.page.uncheck("#raster-0")
        assert [drawn(seen, share) for share in (0.15, 0.47, 0.85)] == before


@pytest.mark.browser
def test_a_link_leads_to_it_and_another_view_puts_it_away(browser: Browser, file: Path) -> None:
    with opened(browser, file, size=PHONE, fragment="#raster=support_minutes") as seen:
        assert seen.page.locator("#legend h2").is_visible()
        assert "tổ hiện có gần nhất" in seen.text("#legend h2")
        seen.page.select_option("#view", "service")
        assert seen.page.locator("#legend .entry").count() == 0
        assert "raster=" not in seen.page.url


@pytest.mark.browser
def test_an_unknown_picture_in_a_link_is_none(browser: Browser, file: Path) -> None:
    with opened(browser, file, fragment="#raster=nonsense") as seen:
        assert seen.page.locator("#legend label").count() > 0
