"""The action plan as one page for people without a spreadsheet: the whole list, then each commune's part."""

from __future__ import annotations

import html
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final, Literal

import pandas as pd

from planner.written import decimal, number

PAGE: Final = "actions.html"
Language = Literal["vi", "en"]
_WORDS: Final[dict[str, dict[Language, str]]] = {
    "title": {"vi": "Kế hoạch hành động", "en": "Action plan"},
    "whole": {"vi": "Toàn bộ, theo thứ tự nên làm", "en": "All of it, in the order in which to do it"},
    "communes": {"vi": "Theo xã, phường", "en": "Commune by commune"},
    "step": {"vi": "Bước", "en": "Step"},
    "wave": {"vi": "Đợt", "en": "Wave"},
    "action": {"vi": "Việc", "en": "What"},
    "name": {"vi": "Nơi", "en": "Where"},
    "teams": {"vi": "Số tổ", "en": "Teams"},
    "people_reached": {"vi": "Người được phục vụ", "en": "People served"},
    "cost": {"vi": "Chi phí", "en": "Cost"},
    "certainty": {"vi": "Mức chắc chắn", "en": "How sure"},
    "why": {"vi": "Vì sao", "en": "Why"},
    "open": {"vi": "Lập tổ mới", "en": "Open"},
    "upgrade": {"vi": "Thêm tổ", "en": "Add teams"},
    "move_away": {"vi": "Chuyển tổ đi", "en": "Move away"},
    "close": {"vi": "Đóng", "en": "Close"},
    "no_regret": {"vi": "chắc chắn nên làm", "en": "no regret"},
    "likely": {"vi": "khá chắc", "en": "likely"},
    "phone_first": {"vi": "gọi điện hỏi trước", "en": "phone first"},
    "nothing": {"vi": "Kế hoạch không thay đổi gì.", "en": "The plan changes nothing."},
}
_COLUMNS: Final = ("step", "wave", "action", "name", "teams", "people_reached", "cost", "certainty", "why")
_NUMBERS: Final = frozenset({"step", "wave", "teams", "people_reached", "cost"})
_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;font-size:.875rem;width:100%}.wide{overflow-x:auto}h3{margin:1.5rem 0 .25rem}
th,td{border:1px solid #ccc;padding:.25rem .5rem;text-align:left;vertical-align:top}th{background:#f2f2f2}
td.n{text-align:right;white-space:nowrap}.notice{background:#fff3cd;border:1px solid #8a6d00;padding:.5rem;font-weight:600}
h1{font-size:1.5rem;line-height:1.3}@media print{.wide{overflow:visible}tr{break-inside:avoid}h3{break-after:avoid}}
"""


def page(actions: pd.DataFrame, *, title: str, language: Language, notices: Sequence[str] = ()) -> str:
    """Return the action plan as HTML that needs nothing else; every text is escaped.

    Parameters
    ----------
    actions : DataFrame
        `products.ACTIONS`.
    title : str
        Of the plan.
    language : {"vi", "en"}
    notices : sequence of str
        What a reader must know before anything else, such as that the figures are made up.
    """
    heading = html.escape(f"{_WORDS['title'][language]}: {title}")
    columns = [name for name in _COLUMNS if name != "wave" or actions["wave"].notna().any()]
    whole = _table(actions, columns, language) if len(actions) else f"<p>{_WORDS['nothing'][language]}</p>"
    grave = "".join(f'<p class="notice">⚠ {html.escape(text)}</p>' for text in notices)
    parts = "".join(
        f"<h3>{html.escape(str(name))}</h3>{_table(part, columns, language)}"
        for (name, _), part in actions.groupby(["commune_name", "commune_id"], sort=True)
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{heading}</title><style>{_STYLE}</style></head><body><main><h1>{heading}</h1>{grave}"
        f"<h2>{_WORDS['whole'][language]}</h2>{whole}"
        f"<h2>{_WORDS['communes'][language]}</h2>{parts}</main></body></html>\n"
    )


def _table(rows: pd.DataFrame, columns: Sequence[str], language: Language) -> str:
    head = "".join(f'<th scope="col">{_WORDS[name][language]}</th>' for name in columns)
    body = "".join(
        "<tr>" + "".join(_cell(name, row[name], row, language) for name in columns) + "</tr>"
        for row in rows.to_dict("records")
    )
    return f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(name: str, value: object, row: Mapping[Hashable, Any], language: Language) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN alone differs from itself
        text = ""
    elif name in {"action", "certainty"}:
        text = _WORDS[str(value)][language] if value else ""
    elif name == "name":
        text = f"{value} ({row['commune_name']})"
    elif name == "cost":
        text = decimal(float(str(value)), language)
    elif name in _NUMBERS:
        text = number(float(str(value)), language)
    else:
        text = str(value)
    return f'<td class="n">{html.escape(text)}</td>' if name in _NUMBERS else f"<td>{html.escape(text)}</td>"
