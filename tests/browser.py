"""Chromium with the network cut: whoever opens a page learns what it asked for and what it complained about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = (1280, 800)
PHONE = (360, 740)


@dataclass
class Seen:
    """A page, every address it asked for, and everything it said on the console."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def names(self, selector: str) -> list[str]:
        return self.page.locator(f"{selector} .unit b").all_inner_texts()


def launch(playwright: Playwright, chromium: str) -> Browser:
    """Start Chromium; the caller closes it."""
    return playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))


@contextmanager
def opened(
    browser: Browser, file: Path, *, size: tuple[int, int] = DESKTOP, fragment: str = "", checked: bool = True
) -> Iterator[Seen]:
    """Open a file as a person does who has no network.

    With `checked`, leaving fails when the page asked for anything but the file, or said anything on the console.
    """
    phone = size == PHONE
    with browser.new_context(
        viewport={"width": size[0], "height": size[1]}, has_touch=phone, is_mobile=phone, offline=True
    ) as context:
        page = context.new_page()
        seen = Seen(page)
        page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
        page.on("request", lambda request: seen.asked.append(request.url.partition("#")[0]))
        page.on("console", lambda message: seen.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (seen.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(file.resolve().as_uri() + fragment)
        page.wait_for_selector("body[data-ready]", state="attached")
        yield seen
        if checked:
            assert set(seen.asked) == {file.resolve().as_uri()}
            assert seen.complaints == []
