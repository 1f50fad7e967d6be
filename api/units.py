"""What is known about one village or commune, ready to be encoded."""

from __future__ import annotations

from typing import Any, cast

from api import answers, sentences, texts
from api.language import Language
from api.records import Row
from api.snapshot import Snapshot


def village(snapshot: Snapshot, unit_id: str, language: Language) -> dict[str, Any]:
    """Return the whole answer about one village that the publication holds."""
    return {**answers.shared(snapshot), **of_village(snapshot, unit_id, language)}


def of_village(snapshot: Snapshot, unit_id: str, language: Language) -> dict[str, Any]:
    """Return what is known about one village, without what all answers share."""
    row = snapshot.villages[unit_id]
    near = answers.nearest_team(snapshot, unit_id)
    coverage = snapshot.coverage.get(unit_id, [])
    return {
        **answers.about_row(row, language),
        **row,
        "coverage": [{**one, "text": sentences.operator(one, language)} for one in coverage],
        "nearest_team": near,
        "assigned_site": _assigned(snapshot, row),
        "status_text": texts.STATUS[str(row["coverage_status"])][language],
        "need_text": sentences.need(row, language),
        "rank_text": sentences.rank(row, language, ranked=snapshot.ranked),
        "next_step": sentences.next_step(
            str(row["response"]), language, team=near, support=row.get("support_status"), why=row.get("support_reason")
        ),
        "map": answers.map_address(snapshot, language, unit_id=unit_id),
        **answers.contradicting(snapshot, language, village=True),
    }


def commune(snapshot: Snapshot, commune_id: str, language: Language) -> dict[str, Any]:
    """Return the whole answer about one commune that the publication holds."""
    row = snapshot.communes[commune_id]
    return {
        **answers.of_row(snapshot, row, language),
        **row,
        "map": answers.map_address(snapshot, language, unit_id=commune_id),
    }


def merged(snapshot: Snapshot, old_id: str, language: Language) -> dict[str, Any]:
    """Return the whole answer about a former commune: all that it went to, none by default."""
    rows = snapshot.former[old_id]
    first = rows[0]
    flags = [] if len(rows) == 1 else ["split_share"]
    return {
        **answers.envelope(snapshot, data_date=first["date"], flags=flags, language=language),
        "status": "merged",
        "unit_id": old_id,
        "name": first["old_name"],
        "successors": [
            {
                "commune_id": row["commune_id"],
                "commune_name": snapshot.communes[cast("str", row["commune_id"])]["name"],
                **{name: row[name] for name in ("population_share", "low", "high")},
            }
            for row in sorted(rows, key=lambda row: (-cast("float", row["population_share"]), str(row["commune_id"])))
        ],
        "source": first["source"],
    }


def _assigned(snapshot: Snapshot, row: Row) -> dict[str, Any] | None:
    site = snapshot.sites.get(cast("str", row.get("assigned_site_id")))
    return None if site is None else {**site, "minutes": row["assigned_minutes"]}
