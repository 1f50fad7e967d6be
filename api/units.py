"""What is known about one village or commune, ready to be encoded."""

from __future__ import annotations

from typing import Any, cast

from api import answers, texts
from api.language import Language
from api.records import Row
from api.snapshot import Snapshot


def village(snapshot: Snapshot, unit_id: str, language: Language) -> dict[str, Any]:
    """Return the whole answer about one village that the publication holds."""
    row = snapshot.villages[unit_id]
    near = answers.nearest_team(snapshot, unit_id)
    team, minutes = (near["name"], near["minutes"]) if near else (None, None)
    return {
        **answers.of_row(snapshot, row, language),
        **row,
        "coverage": snapshot.coverage.get(unit_id, []),
        "nearest_team": near,
        "assigned_site": _assigned(snapshot, row),
        "status_text": texts.STATUS[str(row["coverage_status"])][language],
        "next_step": texts.next_step(str(row["response"]), language, team=team, minutes=minutes),
        "map": answers.map_address(snapshot),
    }


def commune(snapshot: Snapshot, commune_id: str, language: Language) -> dict[str, Any]:
    """Return the whole answer about one commune that the publication holds."""
    row = snapshot.communes[commune_id]
    return {**answers.of_row(snapshot, row, language), **row, "map": answers.map_address(snapshot)}


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
