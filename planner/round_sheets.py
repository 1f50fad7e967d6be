"""What a rapid-response team takes along: a calendar and a sheet to print, a file each per base."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import re
from collections.abc import Hashable, Iterator
from typing import Any, Final

import pandas as pd
from icalendar import Calendar, Event

ZONE: Final = dt.timezone(dt.timedelta(hours=7))
"""Việt Nam's time, the same all year; calendars carry it as UTC."""
_WEEKDAYS: Final = {
    "vi": ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_WORDS: Final = {
    "vi": {
        "title": "Lịch tuần của tổ phản ứng nhanh",
        "week": "Tuần",
        "team": "Tổ",
        "columns": ("Điểm", "Thôn", "Xã", "Đến", "Đi", "Số người"),
        "visit": "Hỗ trợ số",
        "people": "người",
        "left": "Chưa xếp được lịch (người)",
        "hint": "Giờ đi đường là ước tính; gọi trước cho thôn.",
    },
    "en": {
        "title": "Weekly rounds of the rapid-response team",
        "week": "Week",
        "team": "Team",
        "columns": ("Stop", "Village", "Commune", "Arrive", "Leave", "People"),
        "visit": "Digital support",
        "people": "people",
        "left": "Not on the rounds (people)",
        "hint": "Travel times are estimates; call the village first.",
    },
}
_STYLE: Final = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:1.5rem;max-width:60rem}h1{font-size:1.3rem}h2{font-size:1.05rem;"
    "margin:1.2rem 0 .3rem}table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:.25rem .5rem;"
    "text-align:left}td:nth-child(1),td:nth-child(6){text-align:right}@media print{@page{size:A4;margin:14mm}"
    "section{break-inside:avoid}body{margin:0}}"
)


def pages(
    stops: pd.DataFrame,
    unvisited: pd.DataFrame,
    *,
    bases: pd.DataFrame,
    villages: pd.DataFrame,
    first_day: dt.date,
    now: dt.datetime,
    language: str,
    publication: str,
) -> Iterator[tuple[str, str]]:
    """Yield path and text of each base's calendar and sheet, in the order of the bases' ids.

    Parameters
    ----------
    stops, unvisited : DataFrame
        `products.ROUNDS`, `products.UNVISITED`.
    bases : DataFrame
        ``site_id``, ``name`` of the bases.
    villages : DataFrame
        ``unit_id``, ``name``, ``commune_name``.
    first_day : date
        Day 1 of week 1.
    now : datetime
        UTC, the calendar's stamp.
    language : {"vi", "en"}
    publication : str
        Id, for the calendar's own ids: those of another publication are other events.
    """
    places = villages.set_index("unit_id")[["name", "commune_name"]]
    for site_id, name in sorted(zip(bases["site_id"], bases["name"], strict=True)):
        own = stops[stops["site_id"] == site_id].join(places, on="unit_id")
        own = own.sort_values(["week", "day", "team", "stop"], kind="stable")
        own["date"] = [
            first_day + dt.timedelta(days=7 * (int(w) - 1) + int(d) - 1)
            for w, d in zip(own["week"], own["day"], strict=True)
        ]
        left = int(unvisited.loc[unvisited["site_id"] == site_id, "people"].sum())
        file = file_name(str(site_id))
        yield f"rounds/{file}.ics", _calendar(own, now=now, name=str(name), language=language, publication=publication)
        yield f"rounds/{file}.html", _sheet(own, left=left, name=str(name), language=language)


def file_name(site_id: str) -> str:
    """Return a name for a base's files: its id, or what of it is safe in a file name with a part of its digest."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", site_id)
    return safe if safe == site_id else f"{safe}-{hashlib.sha256(site_id.encode()).hexdigest()[:8]}"


def _at(day: dt.date, clock: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), tzinfo=ZONE).astimezone(dt.UTC)


def _calendar(stops: pd.DataFrame, *, now: dt.datetime, name: str, language: str, publication: str) -> str:
    words = _WORDS[language]
    calendar = Calendar()
    calendar.add("prodid", "-//service-coverage-planner//rounds//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{words['title']}: {name}")
    for row in stops.to_dict("records"):
        event = Event()
        key = " ".join(str(row[k]) for k in ("site_id", "team", "week", "day", "stop"))
        event.add("uid", f"{hashlib.sha256(f'{publication} {key}'.encode()).hexdigest()[:32]}@rounds.invalid")
        event.add("dtstamp", now.astimezone(dt.UTC))
        event.add("dtstart", _at(row["date"], row["arrive"]))
        event.add("dtend", _at(row["date"], row["leave"]))
        event.add("summary", f"{words['visit']}: {row['name']} ({row['people']} {words['people']})")
        event.add("location", f"{row['name']}, {row['commune_name']}")
        event.add("description", f"{words['team']} {row['team']}, {name}. {words['hint']}")
        calendar.add_component(event)
    return str(calendar.to_ical().decode())


def _sheet(stops: pd.DataFrame, *, left: int, name: str, language: str) -> str:
    words = _WORDS[language]
    title = html.escape(f"{words['title']}: {name}")
    opening = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1><p>{html.escape(str(words['hint']))}</p>"
    )
    parts = [opening]
    head = "".join(f"<th>{html.escape(column)}</th>" for column in words["columns"])
    for (week, _, team), rows in stops.groupby(["week", "date", "team"], sort=True):
        date: dt.date = rows["date"].iloc[0]
        day = _WEEKDAYS[language][date.weekday()]
        heading = f"{words['week']} {week} · {day}, {date:%d/%m/%Y} · {words['team']} {team}"
        body = "".join(_row(row) for row in rows.to_dict("records"))
        parts.append(
            f"<section><h2>{html.escape(heading)}</h2><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table></section>"
        )
    parts.append(f"<p>{html.escape(str(words['left']))}: {left}</p></body></html>\n")
    return "\n".join(parts)


def _row(row: dict[Hashable, Any]) -> str:
    cells = (row[name] for name in ("stop", "name", "commune_name", "arrive", "leave", "people"))
    return "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells) + "</tr>"
