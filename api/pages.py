"""Plain pages, and the reference of the API: plain HTML, no script, nothing from elsewhere; every value escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final

from api.language import Language

CSP: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}"
    "code,pre{background:#f1f1ee;border-radius:3px;padding:.1em .3em}pre{padding:.6em;overflow-x:auto}"
    "h1{line-height:1.2}h2{margin-top:2rem}a{color:#0b4f8a}table{border-collapse:collapse}td,th{text-align:left;padding:.2em .8em .2em 0;vertical-align:top}"
)

_TEXTS: Final[dict[str, dict[Language, str]]] = {
    "nothing": {"vi": "Chưa có bản công bố nào.", "en": "Nothing is published yet."},
    "parameter": {"vi": "Tham số", "en": "Parameter"},
    "meaning": {"vi": "Ý nghĩa", "en": "Meaning"},
    "required": {"vi": "bắt buộc", "en": "required"},
}


def page(title: str, body: Iterable[str], language: Language) -> bytes:
    """Return a whole page; `body` is HTML already."""
    head = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
    )
    return (head + "\n".join(body) + "</main></body></html>\n").encode()


def nothing(language: Language) -> bytes:
    """Return the landing page of a service without a publication."""
    text = _TEXTS["nothing"][language]
    return page(text, [f"<h1>{escape(text)}</h1>"], language)


def reference(document: dict[str, Any], language: Language) -> bytes:
    """Return the operations of an OpenAPI document as a page."""
    title = str(document["info"]["title"])
    body = [f"<h1>{escape(title)}</h1><p>{escape(str(document['info'].get('description', '')))}</p>"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            body.append(f"<h2><code>{method.upper()} {escape(path)}</code></h2>")
            body.append(f"<p>{escape(operation.get('description', operation.get('summary', '')))}</p>")
            body.append(_parameters(operation.get("parameters", []), language))
    body.append('<p><a href="openapi.json">openapi.json</a></p>')
    return page(title, body, language)


def _say(key: str, language: Language) -> str:
    return escape(_TEXTS[key][language])


def _parameters(parameters: list[dict[str, Any]], language: Language) -> str:
    if not parameters:
        return ""
    required = _say("required", language)
    rows = "".join(
        f"<tr><td><code>{escape(p['name'])}</code>{f' ({required})' if p.get('required') else ''}</td>"
        f"<td>{escape(str(p.get('description', '')))}</td></tr>"
        for p in parameters
    )
    header = f"<tr><th>{_say('parameter', language)}</th><th>{_say('meaning', language)}</th></tr>"
    return f"<table>{header}{rows}</table>"
