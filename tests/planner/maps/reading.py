"""What tests read from a map: its data, what is shown, and where things lie on the screen."""

from __future__ import annotations

import json
import re
import string
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from planner.products import Publication
from tests.browser import Seen
from tests.tiny_publication import HOSTILE_NAME

HOSTILE = (
    HOSTILE_NAME,
    "{{ 7 * 7 }}{% raw %}{{ this }}",
    "</script><script>alert(1)</script>",
    "\u202egnort\u202c a\u2028b\u2029c",
    "x" * 300,
    "<!--<script>",
    "\\1 ${alert(1)} `",
)


def changed(publication: Publication, **tables: Any) -> Publication:
    """Return the publication with tables replaced in memory."""
    copy = Publication(publication.path)
    vars(copy).update(tables)
    return copy


def content(page: str) -> dict[str, Any]:
    """Return what the page's script reads; the villages' table and shapes stand beside the others."""
    first, villages = (
        json.loads(re.search(f'id="planner-{name}">(.*?)</script>', page, re.DOTALL).group(1))
        for name in ("data", "villages")
    )
    first["tables"]["villages"] = villages["table"]
    shapes = first["shapes"]
    ways = [*arcs_of(shapes["arcs"]), *arcs_of(villages["arcs"])]
    objects = {name: shapes_of(shapes[name]) for name in ("communes", "roads", "outline")}
    objects["villages"] = shapes_of(villages["shapes"])
    first["topology"] = {"step": shapes["step"], "origin": shapes["origin"], "arcs": ways, "objects": objects}
    return first


LETTERS = {
    letter: worth for worth, letter in enumerate(string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_")
}


def unpacked(text: str) -> list[int]:
    """Whole numbers from their text, written from the description alone."""
    found, value, place = [], 0, 1
    for letter in text:
        worth = LETTERS[letter]
        value += worth % 32 * place
        place *= 32
        if worth < 32:
            found.append(value)
            value, place = 0, 1
    return found


def unfolded(number: int) -> int:
    return -(number + 1) // 2 if number % 2 else number // 2


def arcs_of(text: str) -> list[list[int]]:
    """Per arc x and y of its points, each from the one before."""
    numbers = iter(unpacked(text))
    return [[unfolded(next(numbers)) for _ in range(2 * count)] for count in numbers]


def shapes_of(text: str) -> list[list[list[list[int]]]]:
    """Per row its parts, per part its rings, per ring arc numbers."""
    numbers, before = iter(unpacked(text)), 0

    def arc() -> int:
        nonlocal before
        coded = next(numbers)
        before += unfolded(coded // 2)
        return ~before if coded % 2 else before

    return [
        [[[arc() for _ in range(next(numbers))] for _ in range(next(numbers))] for _ in range(parts)]
        for parts in numbers
    ]


def column(table: dict[str, Any], name: str) -> list[Any]:
    found = table[name]
    if isinstance(found, list):
        return found
    if "codes" in found:
        return [found["values"][i] for i in unpacked(found["codes"])]
    values = [None if n == 0 else unfolded(n - 1) / 10 ** found["digits"] for n in unpacked(found["packed"])]
    for row, value in found.get("exact", {}).items():
        values[int(row)] = value
    return values


def shown(value: float, digits: int) -> str:
    """A number as Vietnamese readers write it."""
    text = f"{Decimal(str(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):,}"
    return text.translate(str.maketrans(",.", ".,"))


PEOPLE = {
    "Dân số": "population_people",
    "Đã sử dụng": "adopted_people",
    "Có sóng, chưa sử dụng": "not_adopted_people",
    "Không có sóng, chưa sử dụng": "no_signal_people",
    "Chưa biết": "unknown_people",
    "Số người cần hỗ trợ": "need_people",
}


def follow(seen: Seen, link: str, unit_id: str) -> None:
    """Follow a link inside the page and wait for its unit."""
    seen.page.evaluate("link => { location.hash = link; }", link)
    seen.page.wait_for_function("id => document.querySelector('#chosen')?.dataset.unit === id", arg=unit_id)


def facts_of(seen: Seen) -> dict[str, str]:
    script = "() => [...document.querySelectorAll('#chosen tr')].map(r => [...r.children].map(c => c.innerText))"
    return dict(seen.page.evaluate(script))


def compare(facts: dict[str, str], row: pd.Series) -> None:
    """Compare what is shown of a village with its row."""
    assert facts["Mã"] == row["unit_id"]
    for label, name in PEOPLE.items():
        expected = "không rõ" if pd.isna(row[name]) else f"{shown(int(row[name]), 0)} người"
        assert facts[label] == expected
    assert facts["Điểm thiếu hụt"] == f"{shown(row['score'], 1)} điểm"
    covered, rate = facts["Phủ sóng (mọi nhà mạng)"], facts["Tỷ lệ VNeID mức 2 đã kích hoạt"]
    assert covered.startswith(
        "không rõ" if pd.isna(row["covered_share"]) else f"{shown(100 * row['covered_share'], 1)} %"
    )
    assert rate.startswith(
        "không rõ" if pd.isna(row["vneid_activated_rate"]) else f"{shown(100 * row['vneid_activated_rate'], 1)} %"
    )
    assert ("quá ít người để công bố" in rate) == (row["vneid_activated_status"] == "suppressed")
    minutes = facts["Tới tổ cố định gần nhất"]
    reached = row["support_status"] == "reached"
    assert minutes == f"{shown(row['support_minutes'], 0)} phút" if reached else not re.search(r"\d", minutes)
    for pillar, label in {
        "connectivity": "kết nối",
        "adoption": "sử dụng dịch vụ số",
        "access": "tiếp cận hỗ trợ",
    }.items():
        points = row[f"contribution_{pillar}"]
        assert facts[label].strip() == ("không rõ" if pd.isna(points) else f"{shown(points, 1)} điểm")


def point(seen: Seen, lat: float, lon: float) -> tuple[float, float]:
    """Where a position is on the screen."""
    script = "([lat, lon]) => { const p = ground.map.latLngToContainerPoint([lat, lon]); const b = ground.map.getContainer().getBoundingClientRect(); return [p.x + b.left, p.y + b.top]; }"
    x, y = seen.page.evaluate(script, [float(lat), float(lon)])
    return x, y


def hover(seen: Seen, lat: float, lon: float) -> None:
    x, y = point(seen, lat, lon)
    seen.page.mouse.move(x - 3, y - 3)
    seen.page.mouse.move(x, y, steps=3)
    seen.page.wait_for_selector(".numbers")


def click(seen: Seen, lat: float, lon: float) -> None:
    x, y = point(seen, lat, lon)
    seen.page.mouse.move(x, y, steps=2)
    seen.page.mouse.click(x, y)
    seen.page.wait_for_selector("#chosen")
