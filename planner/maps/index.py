"""The publication's own page: key figures, what to beware of, maps, sheets, downloads and sources, in both languages."""

from __future__ import annotations

import html
from collections.abc import Hashable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote

import pandas as pd

from planner.maps import offline, style
from planner.products import Publication

DOWNLOADS: Final = (
    "villages.csv",
    "plan.xlsx",
    "plan.gpkg",
    "villages.parquet",
    "communes.parquet",
    "sites.parquet",
    "assignments.parquet",
    "coverage.parquet",
    "team_minutes.parquet",
    "curve.parquet",
    "context.gpkg",
    "manifest.json",
)
"""Files of every publication, those for people first."""
OPTIONAL_DOWNLOADS: Final = (
    "actions.html",
    "scenarios.html",
    "waves.parquet",
    "alternatives.parquet",
    "fairness.parquet",
)
"""Files of publications that asked for them."""
LABEL: Final = 4
"""Sentences of the warning label that speak of the whole; those on single villages follow, folded."""
ROUNDS: Final = "rounds"
"""Folder of the rounds' sheets and calendars."""
WORST: Final = 10
"""Communes that are named."""
WORST_TENTH: Final = ("worst_tenth_villages", "worst_tenth_people")
"""Counts of the manifest that a plan without draws does not have."""


def index(publication: Publication, *, maps: Sequence[str], sheets: bool) -> str:
    """Return ``index.html`` of a publication.

    Parameters
    ----------
    publication : Publication
    maps : sequence of str
        Names of the maps that stand beside it.
    sheets : bool
        Whether there is a page to print for each commune.
    """
    manifest = publication.manifest
    body = "".join(
        [
            f'<header><h1>{_safe(manifest.title)}</h1><button type="button" id="language">{_say("language.other")}</button></header>',
            _warnings(publication),
            _label(publication),
            f"<section><h2>{_say('index.maps')}</h2>{_maps(maps)}</section>",
            f"<section><h2>{_say('index.figures')}</h2>{_figures(publication)}</section>",
            _changes(publication),
            _rounds(publication),
            f"<section><h2>{_say('index.communes')}</h2>{_communes(publication, sheets=sheets)}</section>",
            f"<section><h2>{_say('index.downloads')}</h2>{_downloads(publication)}</section>",
            f"<section><h2>{_say('sources')}</h2>{_sources(publication)}</section>",
            f"<footer>{_safe(manifest.id)} · {_safe(manifest.now)}</footer>",
        ]
    )
    folder = files("planner.maps") / "page"
    css, code = (folder / "index.css").read_text(encoding="utf-8"), (folder / "index.js").read_text(encoding="utf-8")
    return offline.document(body, title=manifest.title, css=css, code=code, language=manifest.language)


def _safe(text: object) -> str:
    return html.escape(str(text))


def _say(key: str) -> str:
    """Return words in both languages; the style shows one of them."""
    return _both({name: style.capital(words[key]) for name, words in style.words().items()})


def _both(texts: dict[str, str]) -> str:
    return "".join(f'<span lang="{name}">{_safe(text)}</span>' for name, text in texts.items())


def _number(value: float | None, *, digits: int = 0) -> str:
    if value is None or pd.isna(value):
        return _say("unknown")
    return _both({name: style.number(float(value), name, digits=digits) for name in style.LANGUAGES})


def _warnings(publication: Publication) -> str:
    manifest = publication.manifest
    known = (style.notices(manifest.flags, language) for language in style.LANGUAGES)
    notices = [
        f"<strong>{_both(dict(zip(style.LANGUAGES, both, strict=True)))}</strong>" for both in zip(*known, strict=True)
    ]
    items = [f"<li>{text}</li>" for text in notices]
    items += [f'<li lang="{_safe(manifest.language)}">{_safe(w)}</li>' for w in manifest.warnings]
    if not items:
        return ""
    shown = _folded(items, first=max(1, len(notices)))
    return f'<section class="warning"><h2>⚠ {_say("warnings")}</h2>{shown}</section>'


def _folded(items: Sequence[str], *, first: int) -> str:
    """Return a list of which only the first entries are open to the eye."""
    rest = items[first:]
    more = f"<details><summary>{_say('index.more')} ({len(rest)})</summary><ul>{''.join(rest)}</ul></details>"
    return f"<ul>{''.join(items[:first])}</ul>" + (more if rest else "")


def _label(publication: Publication) -> str:
    """Return what to know before reading a rank; the sentences name villages, so each of them is outside text."""
    manifest = publication.manifest
    if not manifest.label:
        return ""
    items = [f'<li lang="{_safe(manifest.language)}">{_safe(sentence)}</li>' for sentence in manifest.label]
    shown = _folded(items, first=LABEL)
    return f'<section class="warning" id="label"><h2>⚠ {_say("index.label")}</h2>{shown}</section>'


def _changes(publication: Publication) -> str:
    """Return what differs from the publication before; its sentences name villages, so each of them is outside text."""
    found = publication.manifest.changes
    if found is None:
        return ""
    lists = "".join(
        f'<ul lang="{language}">{"".join(f"<li>{_safe(line)}</li>" for line in lines)}</ul>'
        for language, lines in (("vi", found.vi), ("en", found.en))
    )
    return (
        f'<section id="changes"><h2>{_say("index.changes")}</h2><p>{_say("index.before")}: {_safe(found.before)}</p>'
        f"{lists}</section>"
    )


def _figures(publication: Publication) -> str:
    villages, solver = publication.villages, publication.manifest.solver
    rows: list[tuple[str, Any]] = [("column.population_people", villages["population_people"].sum(min_count=1))]
    rows += [
        (f"column.{c}", villages[c].sum(min_count=1)) for c in ("eligible_people", "need_people", "no_signal_people")
    ]
    rows += [("column.unknown_people", villages["unknown_people"].sum(min_count=1))]
    rows += [(f"need_class.{code}", int((villages["need_class"] == code).sum())) for code in style.CLASSES]
    if solver is not None:
        rows += [("about.new_teams", solver.new_teams), ("about.today", solver.today_people)]
        rows += [("about.objective", solver.objective_people), ("about.unserved", solver.unserved_people)]
    counts = publication.manifest.counts
    rows += [(f"index.{name}", counts[name]) for name in WORST_TENTH if name in counts]
    cells = []
    for key, value in rows:
        unit = (
            f" {_both({n: w['index.villages'] for n, w in style.words().items()})}"
            if key.startswith("need_class.")
            else ""
        )
        cells.append(f"<tr><th scope='row'>{_say(key)}</th><td>{_number(value)}{unit}</td></tr>")
    return f"<table>{''.join(cells)}</table>"


def _maps(names: Sequence[str]) -> str:
    items = [f'<li><a href="maps/{_safe(name)}.html">{_say(f"map.{name}")}</a></li>' for name in names]
    return f"<ul>{''.join(items)}</ul>"


def _communes(publication: Publication, *, sheets: bool) -> str:
    """Return the communes that need attention first, and a link to the sheet of each."""
    frame = pd.DataFrame(publication.communes.drop(columns="geometry"))
    frame = frame.sort_values(["rank", "unit_id"], na_position="last", kind="stable")
    head = "".join(
        f"<th scope='col'>{_say(k)}</th>"
        for k in ("column.rank", "index.commune", "column.score", "column.need_people")
    )

    def line(row: Mapping[Hashable, Any]) -> str:
        name = _safe(row["name"])
        linked = f'<a href="maps/print/{_safe(row["unit_id"])}.html">{name}</a>' if sheets else name
        cells = (_number(row["rank"]), linked, _number(row["score"], digits=1), _number(row["need_people"]))
        return "<tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>"

    lines = [line(row) for row in frame.to_dict("records")]
    first = f"<table><tr>{head}</tr>{''.join(lines[:WORST])}</table>"
    rest = f"<details><summary>{_say('index.all')}</summary><table><tr>{head}</tr>{''.join(lines[WORST:])}</table></details>"
    return first + (rest if len(lines) > WORST else "")


def _rounds(publication: Publication) -> str:
    """Return the way to the sheet and the calendar of each base; nothing where no team goes round."""
    sites = publication.sites
    named = {str(i): str(name) for i, name in zip(sites["site_id"], sites["name"], strict=True)}
    items = []
    for sheet in sorted((publication.path / ROUNDS).glob("*.html")):
        links = [f'<a href="{ROUNDS}/{_safe(quote(sheet.name))}">{_say("index.sheet")}</a>']
        calendar = sheet.with_suffix(".ics")
        if calendar.is_file():
            links.append(f'<a href="{ROUNDS}/{_safe(quote(calendar.name))}" download>{_say("index.calendar")}</a>')
        items.append(f"<li>{_safe(named.get(sheet.stem, sheet.stem))}: {' · '.join(links)}</li>")
    return f'<section id="rounds"><h2>{_say("index.rounds")}</h2><ul>{"".join(items)}</ul></section>' if items else ""


def _downloads(publication: Publication) -> str:
    """Return the files that every publication holds, then the tables that only some hold."""
    more = sorted(file.name for file in publication.path.glob("*.parquet") if file.name not in DOWNLOADS)
    more = [*(name for name in OPTIONAL_DOWNLOADS if (publication.path / name).is_file()), *more]
    items = (f'<li><a href="{_safe(name)}" download>{_safe(name)}</a></li>' for name in (*DOWNLOADS, *more))
    return f"<ul>{''.join(items)}</ul>"


def _sources(publication: Publication) -> str:
    keys = ("index.layer", "index.title", "index.producer", "index.licence", "about.data_date", "index.set_aside")
    head = "".join(f"<th scope='col'>{_say(k)}</th>" for k in keys)
    lines = []
    for entry in publication.manifest.inputs:
        made_up = f" <em>{_say('flag.synthetic')}</em>" if entry.synthetic else ""
        late = f" <em>{_say('flag.stale')}</em>" if entry.stale else ""
        cells = (
            _safe(entry.layer),
            _safe(entry.title) + made_up + late,
            _safe(entry.producer),
            _safe(entry.licence),
            _safe(entry.data_date) if entry.data_date else _say("unknown"),
            _number(entry.rows_set_aside),
        )
        lines.append("<tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>")
    return f'<div class="wide"><table><tr>{head}</tr>{"".join(lines)}</table></div>'
