"""The quality report: what was read, what was set aside, every issue; one page to read offline and one CSV."""

from __future__ import annotations

import csv
import datetime as dt
import html
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from layers.catalog import Layer
from layers.errors import Issue
from planner import faults
from planner.errors import LimitError
from planner.exports import csv_text

REPORT: Final = "report.html"
ISSUES: Final = "issues.csv"
COLUMNS: Final = ("file", "layer", "row", "column", "value", "rule", "severity", "done")
SHOWN_ISSUES: Final = 1000
"""Issues that the page shows; the CSV has all."""
SHOWN_ROWS: Final = 50
"""Rows set aside that the page shows per layer."""

_SEVERITIES: Final = ("error", "warning", "info")
_WORDS: Final = {"error": "lỗi", "warning": "cảnh báo", "info": "ghi chú"}

_MENDED: Final = frozenset({"repaired_geometry", "mojibake"})
"""Codes of issues that stand for one row which was repaired."""

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;color:#1b1b1b;background:#fff}
h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.15rem;margin:1.5rem 0 .5rem}
table{border-collapse:collapse;width:100%;font-size:.875rem}caption{text-align:left;color:#555;padding:.25rem 0}
th,td{border:1px solid #ccc;padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:break-word;max-width:24rem}
th{background:#f2f2f2}td.n{text-align:right;white-space:nowrap}.wide{overflow-x:auto}
.error{border-left:.4rem solid #b00020}.warning{border-left:.4rem solid #b26a00}.info{border-left:.4rem solid #5a6b7b}
svg{width:100%;max-height:80vh;background:#f7f7f7}path{fill:#fff;stroke:#888;stroke-width:.6}
circle{fill-opacity:.7;stroke:#fff;stroke-width:.5}
circle.error{fill:#b00020}circle.warning{fill:#b26a00}circle.info{fill:#5a6b7b}
.verdict{padding:.5rem 1rem;background:#f7f7f7}
@media(max-width:40rem){.cards thead{display:none}.cards,.cards tbody,.cards tr,.cards td,.cards caption{display:block}
.cards tr{margin:0 0 .75rem;border:1px solid #ccc;padding:.25rem 0}.cards td,.cards td.n{border:0;max-width:none;text-align:left}
.cards td:empty{display:none}.cards td::before{color:#555}}
"""
_LAYERS: Final = ("Lớp", "Tệp", "Nguồn", "Giấy phép", "Ngày dữ liệu", "Đọc", "Dùng", "Đã sửa", "Để riêng", "Lưu ý")
_FOUND: Final = ("Mức", "Tệp", "Lớp", "Dòng", "Cột", "Giá trị", "Quy tắc", "Đã làm hoặc cần làm")


def _cell(value: object, *, number: bool = False) -> str:
    text = "" if value is None or value is pd.NA else str(value)
    return f'<td class="n">{html.escape(text)}</td>' if number else f"<td>{html.escape(text)}</td>"


def _labels(name: str, header: Sequence[str]) -> str:
    """Return the rules by which each cell of a table says its column on a phone, where a row is a card."""
    cells = (f'.{name} td:nth-child({i})::before{{content:"{label}: "}}' for i, label in enumerate(header, start=1))
    return f"@media(max-width:40rem){{{''.join(cells)}}}"


def _table(caption: str, header: Sequence[str], rows: Iterable[str], *, cards: str = "") -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in header)
    kind = f' class="cards {cards}"' if cards else ""
    return (
        f'<div class="wide"><table{kind}><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _count(issues: Sequence[Issue], severity: str) -> int:
    return sum(1 for issue in issues if issue.severity == severity)


def _verdict(issues: Sequence[Issue]) -> str:
    errors, warnings = _count(issues, "error"), _count(issues, "warning")
    found = f"{errors} lỗi, {warnings} cảnh báo, {_count(issues, 'info')} ghi chú"
    said = "Kế hoạch chưa chạy được: hãy sửa các lỗi dưới đây." if errors else "Dữ liệu dùng được."
    said_en = "Errors must be mended before a run." if errors else "The inputs can be used."
    kind = "error" if errors else "warning" if warnings else "info"
    return f'<p class="verdict {kind}"><strong>{said}</strong> {found}.<br><span lang="en">{said_en}</span></p>'


def _layer_rows(layers: Sequence[Layer]) -> Iterable[str]:
    for layer in layers:
        record = layer.record
        source = " · ".join(text for text in (record.title, record.producer, record.url) if text)
        date = record.data_date.isoformat() if record.data_date else "không rõ"
        cells = [
            _cell(record.layer),
            _cell(record.file),
            _cell(source),
            _cell(record.licence or "không rõ"),
            _cell(date),
        ]
        mended = sum(issue.code in _MENDED for issue in layer.issues)
        counts = (layer.rows_read, len(layer.frame), mended, len(layer.set_aside))
        cells += [_cell(n, number=True) for n in counts]
        cells.append(_cell("synthetic: số liệu mô phỏng" if record.synthetic else ""))
        yield f"<tr>{''.join(cells)}</tr>"


def _unused_rows(issues: Sequence[Issue], layers: Sequence[Layer]) -> Iterable[str]:
    """Return a row for each layer of which faults are told and that is not among those in use."""
    used = {layer.record.layer for layer in layers}
    told = {issue.layer: issue.file for issue in reversed(issues) if issue.layer not in used}
    for name, file in sorted(told.items()):
        errors = sum(issue.layer == name and issue.severity == "error" for issue in issues)
        said = f"{errors} lỗi: chưa dùng (at fault, not used)" if errors else "chưa so sánh được (not compared)"
        cells = [_cell(name), _cell(file), *[_cell("")] * 3, *[_cell("", number=True)] * 4, _cell(said)]
        yield f"<tr>{''.join(cells)}</tr>"


def _issue_rows(issues: Sequence[Issue]) -> Iterable[str]:
    for issue in issues[:SHOWN_ISSUES]:
        cells = [
            _cell(_WORDS[issue.severity]),
            _cell(issue.file),
            _cell(issue.layer),
            _cell(issue.row, number=True),
            _cell(issue.column),
            _cell(issue.value),
            _cell(issue.rule),
            _cell(issue.done),
        ]
        yield f'<tr class="{issue.severity}">{"".join(cells)}</tr>'


def _set_aside(layer: Layer) -> str:
    frame = pd.DataFrame(layer.set_aside)
    frame = frame.drop(columns=[c for c in frame.columns if frame[c].dtype.name == "geometry"])
    shown = frame.head(SHOWN_ROWS)
    rows = (f"<tr>{''.join(_cell(v) for v in row)}</tr>" for row in shown.itertuples(index=False, name=None))
    caption = f"{layer.record.layer}: {len(frame)} dòng để riêng (set aside), hiện {len(shown)} dòng"
    return _table(caption, [str(c) for c in frame.columns], rows)


def _page(issues: Sequence[Issue], layers: Sequence[Layer], *, now: dt.datetime) -> str:
    read = _table(
        "Mỗi lớp: đọc, dùng, đã sửa, để riêng (rows read, kept, repaired, set aside)",
        _LAYERS,
        [*_layer_rows(layers), *_unused_rows(issues, layers)],
        cards="layers",
    )
    shown = min(len(issues), SHOWN_ISSUES)
    listed = _table(
        f"Hiện {shown} trong {len(issues)}; tất cả ở tệp {ISSUES}",
        _FOUND,
        _issue_rows(issues),
        cards="issues",
    )
    aside = "".join(_set_aside(layer) for layer in layers if len(layer.set_aside))
    time = now.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return (
        '<!doctype html>\n<html lang="vi"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Báo cáo chất lượng dữ liệu</title><style>{_STYLE}{_labels('layers', _LAYERS)}{_labels('issues', _FOUND)}</style></head><body>"
        f'<h1>Báo cáo chất lượng dữ liệu <span lang="en">(data quality)</span></h1><p>{time}</p>'
        f"{_verdict(issues)}<h2>Các lớp dữ liệu</h2>{read}{faults.drawing(issues, layers)}<h2>Vấn đề</h2>{listed}"
        f"{'<h2>Dòng để riêng</h2>' + aside if aside else ''}</body></html>\n"
    )


def _text(value: object) -> str:
    """Return a cell of the CSV; rows are numbers, all else is text that no spreadsheet may take for a formula."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else csv_text(str(value))


def _write_beside(path: Path, text: str, *, encoding: str) -> None:
    """Replace a file in one step, so that a reader sees the old report or the new one."""
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        beside.write_text(text, encoding=encoding, newline="")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


class _Lines(list[str]):
    """What `csv.writer` writes to: a list of lines."""

    def write(self, line: str) -> None:
        self.append(line)


def _csv(issues: Sequence[Issue]) -> str:
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_text(getattr(issue, column)) for column in COLUMNS] for issue in issues)
    return "".join(lines)


def write_report(issues: Sequence[Issue], layers: Sequence[Layer], *, folder: Path, now: dt.datetime) -> Path:
    """Write ``report.html`` and ``issues.csv`` into `folder`, replacing earlier ones.

    Parameters
    ----------
    issues : sequence of Issue
        Shown errors first, else in the order in which they were found.
    layers : sequence of Layer
        In the order in which they were read.
    folder : Path
        Made where it does not exist.
    now : datetime
        Time of the check, with an offset; the only thing in the page that is no result.

    Returns
    -------
    Path
        The page: self-contained, without scripts, all foreign text escaped.

    Raises
    ------
    LimitError
        When the disk does not take it.
    """
    ordered = sorted(issues, key=lambda issue: _SEVERITIES.index(issue.severity))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_beside(folder / ISSUES, _csv(ordered), encoding="utf-8-sig")
        _write_beside(folder / REPORT, _page(ordered, layers, now=now), encoding="utf-8")
    except OSError as error:
        message = f"{folder}: the quality report could not be written ({error.strerror or error})"
        raise LimitError(message) from error
    return folder / REPORT
