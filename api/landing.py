"""The landing page: what this is, key figures, maps, downloads, examples to copy, the state of the service.

Plain HTML without a script; its one frame is a map of this very service. Every value is escaped.
"""

from __future__ import annotations

from html import escape
from typing import Final

from api.language import Language
from api.pages import page
from api.sentences import number
from api.snapshot import Snapshot

Words = dict[Language, str]

CSP: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)

_TEXTS: Final[dict[str, Words]] = {
    "what": {
        "vi": "Nơi nào còn thiếu sóng, thiếu kỹ năng số, ở xa tổ hỗ trợ, và nên đặt tổ công nghệ số cộng đồng ở đâu.",
        "en": "Where signal, digital skills or a support team are missing, and where community digital teams should work.",
    },
    "synthetic": {
        "vi": "Có dữ liệu mô phỏng: chỉ để minh hoạ, không dùng để ra quyết định.",
        "en": "Contains synthetic data: an illustration, not a basis for decisions.",
    },
    "maps": {"vi": "Bản đồ", "en": "Maps"},
    "no_maps": {"vi": "Bản công bố này không có bản đồ.", "en": "This publication has no maps."},
    "overview": {"vi": "Mở trang của bản công bố", "en": "Open the publication's own page"},
    "embed": {"vi": "Nhúng bản đồ vào trang của bạn", "en": "Embed the map in a page of yours"},
    "embed_how": {
        "vi": "Quản trị dịch vụ cho phép trang của bạn bằng PLANNER_FRAME_ANCESTORS. Thêm unit=MÃ để mở tại một thôn hoặc xã.",
        "en": "The operator allows your page by PLANNER_FRAME_ANCESTORS. Add unit=ID to open it at a village or commune.",
    },
    "data": {"vi": "Tải dữ liệu", "en": "Downloads"},
    "ask": {"vi": "Hỏi bằng API", "en": "Ask the API"},
    "ask_how": {
        "vi": "Bấm để xem câu trả lời, hoặc chép dòng lệnh. Toạ độ của một người thì gửi trong nội dung POST, không để trong địa chỉ.",
        "en": "Follow a link to see the answer, or copy the command. A person's position goes into the body of a POST, not into an address.",
    },
    "status": {"vi": "Tình trạng", "en": "Status"},
    "publication": {"vi": "Đang phục vụ bản công bố", "en": "Publication served"},
    "data_date": {"vi": "Dữ liệu cũ nhất ngày", "en": "Oldest data from"},
    "refused": {
        "vi": "Bản công bố mới hơn bị từ chối vì hỏng; bản này vẫn được phục vụ.",
        "en": "A newer publication was refused as damaged; this one goes on being served.",
    },
    "reports": {"vi": "Phản ánh của người dân", "en": "Citizens' reports"},
    "accepted": {"vi": "có nhận", "en": "accepted"},
    "not_accepted": {"vi": "không nhận", "en": "not accepted"},
    "reference": {"vi": "Tài liệu API", "en": "Reference of the API"},
    "health": {"vi": "tình trạng cho máy đọc", "en": "status for machines"},
}

_FIGURES: Final[dict[str, Words]] = {
    "communes": {"vi": "xã, phường", "en": "communes"},
    "villages": {"vi": "thôn, buôn, tổ dân phố", "en": "villages"},
    "population_people": {"vi": "người dân", "en": "people"},
    "need_people": {"vi": "người cần hỗ trợ", "en": "people in need of support"},
    "without_signal_people": {"vi": "người ở nơi không có sóng", "en": "people without signal"},
    "sites_new": {"vi": "nơi đề xuất đặt tổ mới", "en": "new team sites proposed"},
}

_MAPS: Final[dict[str, tuple[Words, Words]]] = {
    "maps/need.html": (
        {"vi": "Nhu cầu hỗ trợ", "en": "Need"},
        {"vi": "Ai thiếu gì, ở đâu, chắc đến mức nào", "en": "Who lacks what, where, and how sure that is"},
    ),
    "maps/coverage.html": (
        {"vi": "Vùng phủ sóng", "en": "Coverage"},
        {"vi": "Theo nhà mạng, và nơi bằng chứng trái ngược", "en": "By operator, and where evidence contradicts"},
    ),
    "maps/deployment.html": (
        {"vi": "Bố trí tổ công nghệ số", "en": "Deployment of teams"},
        {"vi": "Tổ đang có, nơi đề xuất, ai được phục vụ", "en": "Standing teams, proposed sites, whom they serve"},
    ),
}

_FILES: Final[dict[str, Words]] = {
    "plan.xlsx": {"vi": "bảng tính, mọi bảng", "en": "spreadsheet, all tables"},
    "plan.gpkg": {"vi": "GeoPackage cho QGIS", "en": "GeoPackage for QGIS"},
    "villages.csv": {"vi": "các thôn, CSV", "en": "villages, CSV"},
    "villages.parquet": {"vi": "các thôn, GeoParquet", "en": "villages, GeoParquet"},
    "communes.parquet": {"vi": "các xã, phường, GeoParquet", "en": "communes, GeoParquet"},
    "sites.parquet": {"vi": "nơi đặt tổ, GeoParquet", "en": "team sites, GeoParquet"},
    "assignments.parquet": {"vi": "thôn nào do nơi nào phục vụ", "en": "which site serves which village"},
    "coverage.parquet": {"vi": "độ phủ theo nhà mạng", "en": "coverage by operator"},
    "explanations.parquet": {
        "vi": "vì sao mỗi thôn đứng ở hạng của mình",
        "en": "why each village stands where it stands",
    },
    "team_minutes.parquet": {"vi": "phút đi tới các tổ gần nhất", "en": "minutes to the nearest teams"},
    "curve.parquet": {"vi": "thêm tổ thì thêm được bao nhiêu người", "en": "what more teams bring"},
    "crosswalk.parquet": {"vi": "xã cũ thành xã nào", "en": "where former communes went"},
    "context.gpkg": {"vi": "nền bản đồ: ranh giới, đường, đảo", "en": "behind the maps: outline, roads, islands"},
    "manifest.json": {"vi": "nguồn, phiên bản, mã kiểm tra", "en": "sources, versions, checksums"},
}
"""Files in the order in which people want them; others follow by name."""

_STYLE: Final = (
    ".lead{font-size:1.15rem;margin:.3rem 0 1rem}.warn{background:#fff3d6;border-left:4px solid #b06f00;padding:.5rem .8rem}"
    ".figures,.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.4rem,1fr));gap:.6rem;padding:0;list-style:none;margin:1rem 0}"
    ".figures li{background:#f4f6f8;border-radius:6px;padding:.6rem .8rem}.figures b{display:block;font-size:1.35rem}"
    ".cards{grid-template-columns:repeat(auto-fit,minmax(13rem,1fr))}"
    ".cards a{display:block;height:100%;box-sizing:border-box;border:1px solid #c9d3dc;border-radius:6px;padding:.7rem .9rem;text-decoration:none}"
    ".cards a:hover,.cards a:focus{border-color:#0b4f8a;background:#f4f8fc}.cards b{display:block;font-size:1.05rem}.cards span{color:#444}"
    "iframe{width:100%;height:24rem;border:1px solid #c9d3dc;border-radius:6px}"
    "code,pre,td{overflow-wrap:anywhere}pre{white-space:pre-wrap;user-select:all}ul{padding-left:1.2rem}"
    ".files td:last-child{text-align:right;white-space:nowrap;color:#555}.files{width:100%}"
    "@media(max-width:40rem){h1{font-size:1.45rem}iframe,.files td:nth-child(2){display:none}.figures b{font-size:1.15rem}}"
)


def landing(snapshot: Snapshot, language: Language, *, base: str, refused: bool) -> bytes:
    """Return what a visitor sees at ``/``.

    Parameters
    ----------
    snapshot : Snapshot
    language : {"vi", "en"}
    base : str
        Whole address of the service, for what is copied elsewhere.
    refused : bool
        Whether a newer publication could not be taken over.
    """
    manifest = snapshot.manifest
    warn = [
        f'<p class="warn">{_say(key, language)}</p>'
        for key, shown in (("synthetic", "synthetic" in manifest.flags), ("refused", refused))
        if shown
    ]
    body = [
        f"<style>{_STYLE}</style>",
        f'<h1>{escape(manifest.title)}</h1><p class="lead">{_say("what", language)}</p>{"".join(warn)}',
        _figures(snapshot, language),
        f"<h2>{_say('maps', language)}</h2>{_maps(snapshot, language, base)}",
        f"<h2>{_say('data', language)}</h2>{_files(snapshot, language)}",
        f"<h2>{_say('ask', language)}</h2><p>{_say('ask_how', language)}</p>{_examples(snapshot, base)}",
        f"<h2>{_say('status', language)}</h2>{_status(snapshot, language)}",
    ]
    return page(manifest.title, body, language)


def _say(key: str, language: Language) -> str:
    return escape(_TEXTS[key][language])


def _figures(snapshot: Snapshot, language: Language) -> str:
    counts = snapshot.manifest.counts
    items = (
        f"<li><b>{number(counts[name], language)}</b>{escape(words[language])}</li>"
        for name, words in _FIGURES.items()
        if name in counts
    )
    return f'<ul class="figures">{"".join(items)}</ul>'


def _maps(snapshot: Snapshot, language: Language, base: str) -> str:
    known = [path for path in _MAPS if path in snapshot.files]
    if not known:
        return f"<p>{_say('no_maps', language)}</p>"
    cards = "".join(
        f'<li><a href="{path}"><b>{escape(_MAPS[path][0][language])}</b><span>{escape(_MAPS[path][1][language])}</span></a></li>'
        for path in known
    )
    view = f"{known[0]}#layer=need&lang={language}&embed=yes"
    frame = f'<iframe src="{escape(view)}" loading="lazy" title="{escape(_MAPS[known[0]][0][language])}"></iframe>'
    return (
        f'<ul class="cards">{cards}</ul>{frame}{_overview(snapshot, language)}{_embedding(f"{base}/{view}", language)}'
    )


def _overview(snapshot: Snapshot, language: Language) -> str:
    return f'<p><a href="index.html">{_say("overview", language)}</a></p>' if "index.html" in snapshot.files else ""


def _embedding(address: str, language: Language) -> str:
    code = f'<iframe src="{address}" width="100%" height="600" title="Map"></iframe>'
    return f"<h3>{_say('embed', language)}</h3><pre>{escape(code)}</pre><p>{_say('embed_how', language)}</p>"


def _files(snapshot: Snapshot, language: Language) -> str:
    folder = f"published/{snapshot.id}"
    present = [path for path in sorted(snapshot.files) if "/" not in path and path != "index.html"]
    ordered = [path for path in _FILES if path in present] + [path for path in present if path not in _FILES]
    rows = "".join(
        f'<tr><td><a href="{escape(f"{folder}/{path}")}">{escape(path)}</a></td>'
        f"<td>{escape(_FILES.get(path, {}).get(language, ''))}</td><td>{_size(snapshot, path)}</td></tr>"
        for path in ordered
    )
    return f'<table class="files">{rows}</table>'


def _size(snapshot: Snapshot, path: str) -> str:
    file = snapshot.path / path
    size = file.stat().st_size if file.is_file() else 0
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{max(1, round(size / 1e3))} kB"


def _examples(snapshot: Snapshot, base: str) -> str:
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
        "v1/deployments",
        "v1/publications",
        "ogc/collections/villages/items?limit=10",
    )
    links = "".join(f'<li><a href="{escape(u)}"><code>/{escape(u)}</code></a></li>' for u in urls)
    body = f'{{"lat": {row["lat"]:.4f}, "lon": {row["lon"]:.4f}}}'
    command = f"curl -H 'Content-Type: application/json' -d '{body}' {base}/v1/coverage"
    return f"<ul>{links}</ul><pre>{escape(command)}</pre>"


def _status(snapshot: Snapshot, language: Language) -> str:
    reports = "accepted" if snapshot.service.accepts_reports else "not_accepted"
    facts = {
        "publication": escape(snapshot.id),
        "data_date": escape(snapshot.manifest.data_date or "-"),
        "reports": _say(reports, language),
    }
    rows = "".join(f"<tr><th>{_say(key, language)}</th><td>{value}</td></tr>" for key, value in facts.items())
    links = {
        "docs": _say("reference", language),
        "openapi.json": "OpenAPI",
        "ogc": "OGC API - Features",
        "health/ready": _say("health", language),
    }
    line = " · ".join(f'<a href="{address}">{text}</a>' for address, text in links.items())
    return f"<table>{rows}</table><p>{line}</p>"
