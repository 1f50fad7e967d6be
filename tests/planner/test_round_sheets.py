"""Calendars and sheets: times are local, the same inputs give the same bytes, names are text."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from icalendar import Calendar

from planner import round_sheets
from planner.sections.rounds import Rounds

NOW = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)
HOSTILE = "<img src=x onerror=alert(1)>"
STOPS = pd.DataFrame(
    {
        "site_id": "r1",
        "team": [1, 1, 1],
        "week": [1, 1, 2],
        "day": [1, 1, 3],
        "stop": [1, 2, 1],
        "unit_id": ["v1", "v2", "v1"],
        "arrive": ["08:05", "10:00", "07:59"],
        "leave": ["09:05", "11:00", "09:00"],
        "people": [12, 7, 3],
    }
)
UNVISITED = pd.DataFrame({"unit_id": ["v1"], "site_id": ["r1"], "people": [9], "reason": ["no_time"]})
VILLAGES = pd.DataFrame({"unit_id": ["v1", "v2"], "name": ["Buôn A", HOSTILE], "commune_name": "Xã K"})


def pages(language: str = "en", *, site_id: str = "r1") -> dict[str, str]:
    return dict(
        round_sheets.pages(
            STOPS.assign(site_id=site_id),
            UNVISITED.assign(site_id=site_id),
            bases=pd.DataFrame({"site_id": [site_id], "name": ["Rapid team; K, 1"]}),
            villages=VILLAGES,
            first_day=dt.date(2026, 11, 30),
            now=NOW,
            language=language,
            publication="p1",
        )
    )


def test_a_calendar_reads_back_with_local_times_as_utc():
    calendar = Calendar.from_ical(pages()["rounds/r1.ics"])
    events = calendar.walk("VEVENT")
    assert [e["dtstart"].dt for e in events] == [
        dt.datetime(2026, 11, 30, 1, 5, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 30, 3, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 12, 9, 0, 59, tzinfo=dt.UTC),
    ]
    assert {e["dtstamp"].dt for e in events} == {NOW}
    assert len({str(e["uid"]) for e in events}) == 3
    assert str(events[0]["location"]) == "Buôn A, Xã K"
    assert str(calendar["x-wr-calname"]).endswith("Rapid team; K, 1")


def test_the_same_inputs_give_the_same_bytes_and_another_publication_other_ids():
    assert pages() == pages()
    assert "\r\n" in pages()["rounds/r1.ics"]


@pytest.mark.parametrize(("language", "said"), [("vi", "Thứ Hai, 30/11/2026"), ("en", "Wednesday, 09/12/2026")])
def test_a_sheet_tells_the_days_and_whom_it_leaves_out(language, said):
    sheet = pages(language)["rounds/r1.html"]
    assert said in sheet
    assert "<td>08:05</td>" in sheet
    assert sheet.count("<section>") == 2
    assert ": 9</p>" in sheet


def test_names_are_text_and_no_address_is_called():
    sheet = pages()["rounds/r1.html"]
    assert HOSTILE not in sheet
    assert "&lt;img" in sheet
    assert "http" not in sheet
    assert "<script" not in sheet


def test_a_file_name_holds_nothing_unsafe_and_two_ids_are_two_files():
    names = [round_sheets.file_name(site) for site in ("team-1", "a b", "a:b", "tổ 1")]
    assert names[0] == "team-1"
    assert len(set(names)) == 4
    assert all(name.isascii() and not set(name) & set("/\\: ") for name in names)
    assert set(pages(site_id="a b")) == {f"rounds/{names[1]}.ics", f"rounds/{names[1]}.html"}


def test_the_first_week_begins_on_the_monday_after_unless_the_plan_says_otherwise():
    assert Rounds().first_day(dt.date(2026, 11, 25)) == dt.date(2026, 11, 30)
    assert Rounds().first_day(dt.date(2026, 11, 30)) == dt.date(2026, 12, 7)
    assert Rounds(start=dt.date(2026, 12, 1)).first_day(dt.date(2026, 11, 25)) == dt.date(2026, 12, 1)
