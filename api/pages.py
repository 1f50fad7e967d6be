"""The landing page and the reference page: plain HTML, no script, nothing from elsewhere; every value escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final

from api.language import Language
from api.snapshot import Snapshot

CSP: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}"
    "code,pre{background:#f1f1ee;border-radius:3px;padding:.1em .3em}pre{padding:.6em;overflow-x:auto}"
    "a{color:#0b4f8a}table{border-collapse:collapse}td,th{text-align:left;padding:.2em .8em .2em 0;vertical-align:top}"
)

_TEXTS: Final[dict[str, dict[Language, str]]] = {
    "what": {
        "vi": "Nơi nào còn thiếu sóng, thiếu kỹ năng số, ở xa tổ hỗ trợ, và nên đặt tổ công nghệ số cộng đồng ở đâu.",
        "en": "Where signal, digital skills or a support team are missing, and where community digital teams should work.",
    },
    "maps": {"vi": "Bản đồ", "en": "Maps"},
    "embed": {"vi": "Nhúng vào trang của bạn:", "en": "To embed it in a page of yours:"},
    "no_maps": {"vi": "Bản công bố này không có bản đồ.", "en": "This publication has no maps."},
    "data": {"vi": "Dữ liệu", "en": "Data"},
    "publication": {"vi": "Bản công bố", "en": "Publication"},
    "data_date": {"vi": "Ngày dữ liệu", "en": "Date of the data"},
    "villages": {"vi": "Số thôn", "en": "Villages"},
    "synthetic": {
        "vi": "Có dữ liệu mô phỏng: chỉ để minh hoạ, không dùng để ra quyết định.",
        "en": "Contains synthetic data: an illustration, not a basis for decisions.",
    },
    "ask": {"vi": "Hỏi bằng API", "en": "Ask the API"},
    "reference": {"vi": "Tài liệu API", "en": "Reference of the API"},
    "status": {"vi": "Tình trạng dịch vụ", "en": "Status of the service"},
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


def landing(snapshot: Snapshot, language: Language) -> bytes:
    """Return what a visitor sees at ``/``."""
    manifest = snapshot.manifest
    facts = {
        "publication": manifest.id,
        "data_date": manifest.data_date or "-",
        "villages": str(len(snapshot.villages)),
    }
    rows = (f"<tr><th>{_say(key, language)}</th><td>{escape(value)}</td></tr>" for key, value in facts.items())
    synthetic = f"<p><strong>{_say('synthetic', language)}</strong></p>" if "synthetic" in manifest.flags else ""
    body = [
        f"<h1>{escape(manifest.title)}</h1><p>{_say('what', language)}</p>{synthetic}",
        f"<h2>{_say('maps', language)}</h2>{_maps(snapshot, language)}",
        f"<h2>{_say('data', language)}</h2><table>{''.join(rows)}</table>{_files(snapshot)}",
        f"<h2>{_say('ask', language)}</h2>{_examples(snapshot)}",
        f"<p>{_links(language)}</p>",
    ]
    return page(manifest.title, body, language)


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


def _links(language: Language) -> str:
    texts = {
        "docs": _say("reference", language),
        "openapi.json": "openapi.json",
        "ogc": "OGC API - Features",
        "health/ready": _say("status", language),
    }
    return " · ".join(f'<a href="{address}">{text}</a>' for address, text in texts.items())


def _say(key: str, language: Language) -> str:
    return escape(_TEXTS[key][language])


def _maps(snapshot: Snapshot, language: Language) -> str:
    paths = [path for path in sorted(snapshot.files) if path.startswith("maps/") and path.count("/") == 1]
    if not paths:
        return f"<p>{_say('no_maps', language)}</p>"
    links = "".join(f'<li><a href="{escape(path)}">{escape(path)}</a></li>' for path in paths)
    frame = escape(f'<iframe src="/{paths[0]}" width="100%" height="600"></iframe>')
    return f"<ul>{links}</ul><p>{_say('embed', language)}</p><pre>{frame}</pre>"


def _files(snapshot: Snapshot) -> str:
    folder = f"published/{snapshot.id}"
    paths = [path for path in sorted(snapshot.files) if "/" not in path]
    links = "".join(f'<li><a href="{escape(f"{folder}/{path}")}">{escape(path)}</a></li>' for path in paths)
    return f"<ul>{links}</ul>"


def _examples(snapshot: Snapshot) -> str:
    row = next(iter(snapshot.villages.values()), None)
    if row is None:
        return ""
    point = f"lat={row['lat']:.4f}&lon={row['lon']:.4f}"
    urls = (
        f"v1/coverage?{point}",
        f"v1/teams/nearest?{point}&n=3",
        f"v1/villages/{row['unit_id']}",
        "v1/villages?need_class=white_spot&limit=20",
        f"v1/communes/{row['commune_id']}",
        "ogc/collections/villages/items?limit=10",
        "v1/deployments",
        "v1/publications",
    )
    return "<ul>" + "".join(f'<li><a href="{escape(u)}"><code>/{escape(u)}</code></a></li>' for u in urls) + "</ul>"


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
