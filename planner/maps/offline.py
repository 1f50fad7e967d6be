"""One HTML file that asks nobody: scripts, styles and pictures inside, no host allowed, the same bytes every time."""

from __future__ import annotations

import base64
import copy
import hashlib
import html
import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any, Final

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink

from planner.errors import PlanningError

LEAFLET: Final = "leaflet-1.9.3"
_ADDRESSES: Final = {"leaflet.js": f"{LEAFLET}/leaflet.js", "leaflet.css": f"{LEAFLET}/leaflet.css"}
"""What an address that folium links may be replaced with, by the last part of its path."""
_UNUSED: Final = (
    "jquery-3.7.1.min.js",
    "bootstrap.bundle.min.js",
    "bootstrap.min.css",
    "bootstrap-glyphicons.css",
    "all.min.css",
    "leaflet.awesome-markers.js",
    "leaflet.awesome-markers.css",
    "leaflet.awesome.rotate.min.css",
)
"""Stock links of every folium map that our maps use nothing of: they are left out."""
_TYPES: Final = {".png": "image/png", ".svg": "image/svg+xml"}
_VIEWPORT: Final = '<meta name="viewport" content="width=device-width, initial-scale=1" />'


class OfflineError(PlanningError):
    """A map wants something from a host, or an asset that is not packaged."""


@cache
def asset(path: str) -> bytes:
    """Return a packaged asset.

    Parameters
    ----------
    path : str
        Below ``planner/maps/assets``, for example ``leaflet-1.9.3/leaflet.js``.

    Raises
    ------
    OfflineError
        When it is not packaged or its bytes are not those of ``assets.json``.
    """
    folder = files("planner.maps") / "assets"
    packages = json.loads((folder / "assets.json").read_bytes())["packages"]
    expected = {name: digest for package in packages for name, digest in package["files"].items()}
    if path not in expected:
        message = f"asset '{path}' is not packaged; add it to tools/make_assets.py and run `make assets`"
        raise OfflineError(message)
    content = folder.joinpath(*PurePosixPath(path).parts).read_bytes()
    if hashlib.sha256(content).hexdigest() != expected[path]:
        message = f"asset '{path}' is damaged: run `make assets`"
        raise OfflineError(message)
    return content


def licences() -> list[dict[str, str]]:
    """Return name, version, licence and licence text of every packaged library, for the page that carries it."""
    packages = json.loads((files("planner.maps") / "assets" / "assets.json").read_bytes())["packages"]
    return [
        {
            "name": package["name"],
            "version": package["version"],
            "licence": package["licence"],
            "text": asset(f"{package['name']}-{package['version']}/LICENSE").decode(),
        }
        for package in packages
    ]


def script(path: str) -> str:
    """Return a packaged script without its source map; it never ends the element that holds it."""
    text = re.sub(r"(?m)^//# sourceMappingURL=.*$", "", asset(path).decode())
    if "</script" in text.lower() or "<!--" in text:
        message = f"asset '{path}' holds text that ends a script element"
        raise OfflineError(message)
    return text


def style(path: str) -> str:
    """Return a packaged style sheet with its pictures as data URIs."""
    folder = PurePosixPath(path).parent

    def inline(match: re.Match[str]) -> str:
        target = match.group(1).strip("'\"")
        if target.startswith(("data:", "#")):
            return match.group(0)
        picture = base64.b64encode(asset(str(folder / target))).decode()
        return f"url(data:{_TYPES[PurePosixPath(target).suffix]};base64,{picture})"

    return re.sub(r"url\(([^)]*)\)", inline, asset(path).decode())


def data(value: Any) -> str:
    """Return `value` as JSON that may stand in a script element: no ``<``, ``>``, ``&``, U+2028 or U+2029 in it.

    Raises
    ------
    ValueError
        On NaN and infinity, which JSON has no word for; write None.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def page(map_: folium.Map, *, language: str = "vi") -> str:
    """Return a folium map as one self-contained HTML page.

    The map is not changed. A Content-Security-Policy allows no host, and only the scripts of this page by their
    hashes: an event handler that slipped into a text would not run.

    Parameters
    ----------
    map_ : folium.Map
        Made with ``tiles=None``.
    language : str
        Of the page's text, for screen readers.

    Raises
    ------
    OfflineError
        When it links an address for which no asset is packaged, or any address of a host is left.
    """
    figure = _figure(copy.deepcopy(map_))
    for child in list(_children(figure).values()):
        child.render()
    _embed(figure)
    text = figure._template.render(this=figure, kwargs={"embedded": True})  # noqa: SLF001  branca's own hook
    text = _renumbered(text, figure)
    text = text.replace("<html>", f'<html lang="{html.escape(language)}">', 1)
    text = re.sub(r'<meta name="viewport"[^>]*>', _VIEWPORT, text, count=1)
    return _sealed(text)


def document(body: str, *, title: str, css: str, code: str = "", language: str = "vi") -> str:
    """Return a self-contained HTML page that is no map.

    Parameters
    ----------
    body : str
        Markup; whoever makes it escapes what it is given.
    title : str
        Plain text.
    css, code : str
        Style and script of the page.
    language : str

    Raises
    ------
    OfflineError
        When anything of a host would be loaded.
    """
    script_ = f"<script>{code}</script>\n" if code else ""
    return _sealed(
        f'<!DOCTYPE html>\n<html lang="{html.escape(language)}">\n<head>\n<meta charset="utf-8" />\n{_VIEWPORT}\n'
        f"<title>{html.escape(title)}</title>\n<style>{css}</style>\n</head>\n<body>\n{body}\n{script_}</body>\n</html>\n"
    )


def _sealed(text: str) -> str:
    """Return a page with its policy; refuse what would be loaded from anywhere."""
    links = _Links()
    links.feed(text)
    links.close()
    _refuse_hosts(links)
    return text.replace("<head>", f"<head>\n{_policy(links)}", 1)


def _figure(element: Element) -> Figure:
    figure = element.get_root()
    if not isinstance(figure, Figure):
        message = "the map has no page around it; give a folium.Map"
        raise OfflineError(message)
    return figure


def _children(element: Element) -> dict[str, Element]:
    children: dict[str, Element] = element._children  # noqa: SLF001  branca has no public name for it
    return children


def _embed(figure: Figure) -> None:
    """Give every link in the page's head the text of its packaged asset; leave out what is not used."""
    header = _children(figure.header)
    for name, link in list(header.items()):
        if not isinstance(link, JavascriptLink | CssLink):
            continue
        last = PurePosixPath(link.url).name
        if last in _ADDRESSES:
            packaged = _ADDRESSES[last]
            text = script(packaged) if isinstance(link, JavascriptLink) else style(packaged)
            vars(link)["code"] = text  # branca means bytes, but writes what it is given: bytes would read b'…'
        elif last in _UNUSED:
            del header[name]
        else:
            message = f"the map links {link.url}, for which no asset is packaged"
            raise OfflineError(message)


def _elements(element: Element) -> Iterator[Element]:
    yield element
    for child in _children(element).values():
        yield from _elements(child)
    if isinstance(element, Figure):
        for part in (element.header, element.html, element.script):
            yield from _elements(part)


def _renumbered(text: str, figure: Figure) -> str:
    """Replace branca's random ids by their order of appearance."""
    known = {str(e._id) for e in _elements(figure)}  # noqa: SLF001  branca has no public name for it
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        found = match.group(0)
        return numbers.setdefault(found, str(len(numbers) + 1)) if found in known else found

    return re.sub(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", number, text)


class _Links(HTMLParser):
    """Collects what a browser would load, the text of styles, and the text of scripts that run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.loads: list[str] = []
        self.styles: list[str] = []
        self.scripts: list[str] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        for name in ("src", "srcset", "data", "poster", "action", "formaction", "background", "xlink:href"):
            self.loads.append(found.get(name) or "")
        if tag != "a":
            self.loads.append(found.get("href") or "")
        if tag == "style":
            self._into = self.styles
        elif tag == "script" and (found.get("type") or "text/javascript") == "text/javascript":
            self._into = self.scripts
        if self._into is not None:
            self._into.append("")
        self.styles.append(found.get("style") or "")

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data

    def handle_endtag(self, _tag: str) -> None:
        self._into = None


def _policy(links: _Links) -> str:
    """Return the meta element that allows this page's own scripts and nothing of any host."""
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in links.scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in sorted(set(digests))) or "'none'"
    rules = (
        "default-src 'none'",
        f"script-src {allowed}",
        "style-src 'unsafe-inline'",
        "img-src data: blob:",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}" />'


def _refuse_hosts(links: _Links) -> None:
    outside = [v for v in links.loads if v and not v.startswith(("data:", "#", "blob:"))]
    for sheet in links.styles:
        outside += [u for u in re.findall(r"url\(\s*['\"]?([^'\")]*)", sheet) if not u.startswith(("data:", "#"))]
        outside += re.findall(r"@import[^;]*", sheet)
    if outside:
        message = f"the page would load {outside[0][:200]!r}; a map asks no host"
        raise OfflineError(message)
