"""Scenarios of a plan side by side: each is analysed whole, nothing of it is published but one page and one table."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd

from planner import analysis
from planner.analysis import Analysis
from planner.config import PlanFile
from planner.errors import PlanError, PlanningError
from planner.products import SCENARIOS
from planner.progress import Progress
from planner.siting.base import Unit
from planner.store import Store, open_store
from planner.tasks import Tasks
from planner.written import decimal, number, share

PAGE: Final = "scenarios.html"
Language = Literal["vi", "en"]

_WORDS: Final[dict[str, dict[Language, str]]] = {
    "title": {"vi": "So sánh các kịch bản", "en": "Scenarios side by side"},
    "plan": {"vi": "Kế hoạch", "en": "The plan"},
    "scenario": {"vi": "Kịch bản", "en": "Scenario"},
    "model": {"vi": "Mô hình", "en": "Model"},
    "teams": {"vi": "Tổ thêm mới", "en": "New teams"},
    "leaving": {"vi": "Điểm chuyển đi, đóng", "en": "Sites moved, closed"},
    "same": {"vi": "Trùng với kế hoạch", "en": "Of these in the plan"},
    "need": {"vi": "Người cần hỗ trợ", "en": "People in need"},
    "unknown": {"vi": "Người chưa biết", "en": "People unknown"},
    "reached": {"vi": "Tới được", "en": "Reached"},
    "today": {"vi": "Hiện nay tới được", "en": "Reached today"},
    "unserved": {"vi": "Chưa được phục vụ", "en": "Not served"},
    "objective": {"vi": "Mục tiêu", "en": "Objective"},
    "bound": {"vi": "Cận", "en": "Bound"},
    "gap": {"vi": "Khoảng cách", "en": "Gap"},
    "cost": {"vi": "Chi phí", "en": "Cost"},
    "note": {
        "vi": "Mỗi kịch bản được tính trọn vẹn; bản đồ và bảng được công bố chỉ là của kế hoạch. Mục tiêu của hai mô hình khác nhau không so được với nhau.",
        "en": "Each scenario was computed whole; maps and tables are published of the plan alone. Objectives of different models do not compare.",
    },
    "warnings": {"vi": "Cần biết trước khi dùng", "en": "What to know before using it"},
}
_UNITS: Final[dict[Unit, dict[Language, str]]] = {
    "people": {"vi": "người", "en": "people"},
    "weighted_people": {"vi": "người có trọng số", "en": "weighted people"},
    "person_minutes": {"vi": "người-phút", "en": "person-minutes"},
    "minutes": {"vi": "phút", "en": "minutes"},
    "teams": {"vi": "tổ", "en": "teams"},
}
_CHANGED: Final = ("new", "upgraded", "moved", "closed")
_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:80rem;padding:1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;font-size:.875rem}.wide{overflow-x:auto}
th,td{border:1px solid #ccc;padding:.25rem .5rem;text-align:left;vertical-align:top}th{background:#f2f2f2}
td.n{text-align:right;white-space:nowrap}td.refused{border-left:.4rem solid #b00020}
h1{font-size:1.5rem;line-height:1.3}@page{size:A4 landscape}@media print{.wide{overflow:visible}table{font-size:.7rem}}
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario.

    Parameters
    ----------
    name : str
        Empty for the plan itself.
    analysis : Analysis, optional
        None where it has no plan.
    refused : str
        Why it has none.
    """

    name: str
    analysis: Analysis | None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The plan, first, and its scenarios in the order of the file."""

    title: str
    language: Language
    rows: tuple[Row, ...]

    @property
    def refused(self) -> int:
        """How many have no plan."""
        return sum(1 for row in self.rows if row.analysis is None)

    @property
    def header(self) -> list[str]:
        """What each column is called, in the plan's language."""
        return [self.word(key) for key in ("scenario", *_COLUMNS)]

    def word(self, key: str) -> str:
        """Return a word of the page in the plan's language."""
        return _WORDS[key][self.language]

    def name(self, row: Row) -> str:
        """Return what a row is called."""
        return row.name or self.word("plan")

    def cells(self, row: Row) -> list[str]:
        """Return the figures of a row that has a plan."""
        if row.analysis is None:
            return []
        return [cell(row.analysis, self.rows[0].analysis, self.language) for cell in _COLUMNS.values()]

    def as_text(self) -> str:
        """Return the table for a terminal: columns aligned, a sentence where a scenario has no plan."""
        lines = [self.header, *([self.name(r), *self.cells(r)] for r in self.rows if r.analysis is not None)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        shown = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines]
        return "\n".join([*shown, *(f"{self.name(r)}: {r.refused}" for r in self.rows if r.analysis is None)])


def _new_sites(found: Analysis) -> set[str]:
    sites = found.tables["sites"]
    return set(sites.loc[sites["status"] == "new", "site_id"])


def _same(found: Analysis, plan: Analysis | None, language: Language) -> str:
    return "" if plan is None else number(len(_new_sites(found) & _new_sites(plan)), language)


def _objective(found: Analysis, language: Language) -> str:
    return f"{number(found.plan.objective, language)} {_UNITS[found.plan.unit][language]}"


def _cost_of(found: Analysis) -> float | None:
    """Return what the plan changes cost together: new and more teams, moves, less what closing saves; None: not given."""
    sites = found.tables["sites"]
    cost = sites.loc[sites["status"].isin(_CHANGED), "cost"]
    return None if cost.isna().any() else float(cost.sum())


def _cost(found: Analysis, language: Language) -> str:
    cost = _cost_of(found)
    return "" if cost is None else decimal(cost, language)


def _teams(found: Analysis, language: Language) -> str:
    """Return the new teams, at new sites and beside standing ones; a team that moved is none."""
    return number(float(found.plan.placed.sum()), language)


def _leaving(found: Analysis, language: Language) -> str:
    return f"{number(found.plan.moved.size, language)}, {number(found.plan.closed.size, language)}"


def _people(found: Analysis, column: str, language: Language) -> str:
    return number(float(found.tables["villages"][column].sum()), language)


_COLUMNS: Final[dict[str, Callable[[Analysis, Analysis | None, Language], str]]] = {
    "model": lambda found, _, __: found.plan.model,
    "teams": lambda found, _, language: _teams(found, language),
    "leaving": lambda found, _, language: _leaving(found, language),
    "same": _same,
    "need": lambda found, _, language: _people(found, "need_people", language),
    "unknown": lambda found, _, language: _people(found, "unknown_people", language),
    "today": lambda found, _, language: number(found.plan.today_people, language),
    "reached": lambda found, _, language: number(found.plan.objective_people, language),
    "unserved": lambda found, _, language: number(found.plan.unserved_people, language),
    "objective": lambda found, _, language: _objective(found, language),
    "bound": lambda found, _, language: number(found.plan.bound, language),
    "gap": lambda found, _, language: share(found.plan.gap, language),
    "cost": lambda found, _, language: _cost(found, language),
}


def compare(plan: Path, *, now: dt.datetime, progress: Progress) -> Comparison:
    """Analyse a plan and each of its scenarios.

    Parameters
    ----------
    plan : Path
    now : datetime
        UTC; decides what is stale.
    progress : Progress

    Raises
    ------
    PlanError
        When the plan or one of its scenarios cannot be read, or it has none.
    LayerError
        With every fault of the plan's own inputs. A scenario that fails by itself is a row with the reason.
    """
    file = PlanFile(plan)
    if not file.plan.scenario:
        message = f"{file.path.name}: no [scenario.<name>] to compare; a scenario overrides any key of the plan"
        raise PlanError(message)
    seed, store = file.plan.plan.seed, open_store()
    own = analysis.of(file, seed=seed, now=now, progress=progress, store=store)
    return beside(own, file, seed=seed, now=now, progress=progress, store=store)


def beside(
    own: Analysis,
    file: PlanFile,
    *,
    seed: int,
    now: dt.datetime,
    progress: Progress,
    store: Store | None,
    place: Tasks | None = None,
) -> Comparison:
    """Analyse the scenarios of a plan whose own analysis is there already.

    Parameters
    ----------
    own : Analysis
        Of the plan itself.
    file : PlanFile
    seed, now, progress, store, place
        As for `planner.analysis.stages`. A scenario that states a seed of its own keeps it.
    """
    rows = [Row("", own)]
    for name in file.plan.scenario:
        try:
            variant = PlanFile(file.path, scenario=name)
            changed = variant.plan.plan.seed != file.plan.plan.seed
            found = analysis.of(
                variant,
                seed=variant.plan.plan.seed if changed else seed,
                now=now,
                progress=progress,
                store=store,
                place=place,
            )
            rows.append(Row(name, found))
        except PlanningError as error:
            rows.append(Row(name, None, str(error)))
    return Comparison(file.plan.plan.title, file.plan.plan.language, tuple(rows))


def table(found: Comparison) -> pd.DataFrame:
    """Return `planner.products.SCENARIOS`: the plan, then its scenarios in the order of the file."""
    plan = found.rows[0].analysis
    rows = [{"number": place, **_figures(row, plan)} for place, row in enumerate(found.rows)]
    return pd.DataFrame(rows, columns=[c.name for c in SCENARIOS])


def _figures(row: Row, plan: Analysis | None) -> dict[str, Any]:
    found = row.analysis
    if found is None:
        return {"scenario": row.name, "refused": row.refused}
    villages = found.tables["villages"]
    return {
        "scenario": row.name or None,
        "model": found.plan.model,
        "teams": int(found.plan.placed.sum()),
        "moved": int(found.plan.moved.size),
        "closed": int(found.plan.closed.size),
        "same_sites": None if plan is None else len(_new_sites(found) & _new_sites(plan)),
        "need_people": float(villages["need_people"].sum()),
        "unknown_people": float(villages["unknown_people"].sum()),
        "today_people": found.plan.today_people,
        "people_reached": found.plan.objective_people,
        "unserved_people": found.plan.unserved_people,
        "objective": found.plan.objective,
        "unit": found.plan.unit,
        "bound": found.plan.bound,
        "gap": found.plan.gap,
        "cost": _cost_of(found),
    }


def write_page(found: Comparison, *, folder: Path) -> Path:
    """Write the comparison as one page that needs nothing else, `PAGE` in `folder`, and return its path."""
    path = folder / PAGE
    path.write_text(page(found), encoding="utf-8")
    return path


def page(found: Comparison) -> str:
    """Return the comparison as HTML; every text of the plan is escaped."""
    head = "".join(f'<th scope="col">{html.escape(word)}</th>' for word in found.header)
    rows = "".join(f"<tr>{_line(found, row)}</tr>" for row in found.rows)
    title = f"{found.word('title')}: {found.title}"
    return (
        f'<!doctype html><html lang="{found.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body><main><h1>{html.escape(title)}</h1>"
        f'<p>{html.escape(found.word("note"))}</p><div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{_warnings(found)}</main></body></html>\n"
    )


def _line(found: Comparison, row: Row) -> str:
    name = f'<th scope="row">{html.escape(found.name(row))}</th>'
    if row.analysis is None:
        return f'{name}<td class="refused" colspan="{len(_COLUMNS)}">{html.escape(row.refused)}</td>'
    return name + "".join(f'<td class="n">{html.escape(cell)}</td>' for cell in found.cells(row))


def _warnings(found: Comparison) -> str:
    """Return every warning of any scenario once, in the order in which they first appear."""
    texts = dict.fromkeys(text for row in found.rows if row.analysis is not None for text in row.analysis.warnings)
    items = "".join(f"<li>{html.escape(text)}</li>" for text in texts)
    return f"<h2>{html.escape(found.word('warnings'))}</h2><ul>{items}</ul>" if items else ""
