"""Reads one village out of a publication: its numbers, where they come from, who helps next."""

from __future__ import annotations

import difflib
import math
from typing import Any, Final

import pandas as pd

from planner import words
from planner.errors import UnknownIdError
from planner.explanation import Better, Explanation, Operator, Rate, Source, Team, WayOut, clean
from planner.products import Publication
from planner.testimony import testimony
from planner.words import Language

NEAREST_TEAMS: Final = 3


def _number(value: Any) -> float | None:
    return None if value is None or value is pd.NA or math.isnan(value) else float(value)


def _whole(value: Any) -> int | None:
    return None if value is None or value is pd.NA or math.isnan(value) else int(value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _near(publication: Publication, unit_id: str) -> list[str]:
    """Return up to five ids like `unit_id`, or of villages called so."""
    villages = publication.villages
    ids = list(villages["unit_id"])
    folded = unit_id.casefold().strip()
    named = list(villages.loc[villages["name"].str.casefold() == folded, "unit_id"])
    within = [i for i in ids if folded and folded in i.casefold()]
    close = difflib.get_close_matches(unit_id, ids, n=5, cutoff=0.6)
    return list(dict.fromkeys([*named, *within, *close]))[:5]


def _operators(publication: Publication, unit_id: str) -> list[Operator]:
    rows = publication.coverage
    rows = rows[rows["unit_id"] == unit_id].sort_values(["operator", "technology", "evidence"])
    return [
        Operator(
            operator=str(row["operator"]),
            technology=str(row["technology"]),
            evidence=str(row["evidence"]),
            share=_number(row["share"]),
            share_low=_number(row["share_low"]),
            share_high=_number(row["share_high"]),
            data_date=_text(row["data_date"]),
        )
        for row in rows.to_dict("records")
    ]


def _teams(publication: Publication, unit_id: str) -> list[Team]:
    near = publication.team_minutes
    near = near[near["unit_id"] == unit_id].sort_values("rank").head(NEAREST_TEAMS)
    sites = pd.DataFrame(publication.sites).set_index("site_id")
    found = []
    for site_id, minutes in zip(near["site_id"], near["minutes"], strict=True):
        site = sites.loc[site_id]
        found.append(
            Team(
                site_id=site_id,
                name=str(site["name"]),
                team_type=str(site["team_type"]),
                status=str(site["status"]),
                minutes=float(minutes),
                hours=_text(site["hours"]) or "",
                contact=_text(site["contact"]) or "",
            )
        )
    return found


def _why(publication: Publication, unit_id: str) -> tuple[Better | None, WayOut | None]:
    """Return the nearest village that does better and the way out of the worst tenth, None where there is no score."""
    if not publication.has("explanations"):
        return None, None  # an earlier version published it
    rows = publication.explanations
    rows = rows[rows["unit_id"] == unit_id]
    if rows.empty:
        return None, None
    row = rows.iloc[0]
    unit, name = _text(row["way_out_unit"]), _text(row["way_out_indicator"])
    way = WayOut(str(row["way_out"]), name, unit, _number(row["way_out_from"]), _number(row["way_out_to"]))
    there = _text(row["better_unit_id"])
    if there is None:
        return None, way
    village = publication.village(there)
    better = Better(
        unit_id=there,
        name=str(village["name"]),
        commune_name=str(village["commune_name"]),
        km=float(row["better_km"]),
        rank=_whole(village["rank"]),
        differences={p: _number(row[f"difference_{p}"]) for p in publication.manifest.pillars},
    )
    return better, way


def explain(publication: Publication, unit_id: str, *, language: Language | None = None) -> Explanation:
    """Return all that is published about one village.

    Parameters
    ----------
    publication : Publication
    unit_id : str
    language : {"vi", "en"}, optional
        The publication's own when None.

    Raises
    ------
    UnknownIdError
        With the nearest known ids.
    PublicationError
        When the publication is damaged.
    """
    manifest = publication.manifest
    villages = publication.villages
    if unit_id not in set(villages["unit_id"]):
        near = _near(publication, unit_id)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        message = clean(f"no village '{unit_id}' in {manifest.id}{hint}")
        raise UnknownIdError(message)
    row = publication.village(unit_id)
    better, way_out = _why(publication, unit_id)
    return Explanation(
        publication=manifest.id,
        title=manifest.title,
        language=language or manifest.language,
        unit_id=unit_id,
        name=str(row["name"]),
        commune_id=str(row["commune_id"]),
        commune_name=str(row["commune_name"]),
        data_date=_text(row["data_date"]),
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        people={name: _whole(row[name]) for name in words.PEOPLE},
        covered_share=_number(row["covered_share"]),
        covered_share_low=_number(row["covered_share_low"]),
        covered_share_high=_number(row["covered_share_high"]),
        coverage_status=str(row["coverage_status"]),
        coverage_evidence=str(row["coverage_evidence"]),
        operators=_operators(publication, unit_id),
        rates=[Rate(i, _number(row[f"{i}_rate"]), str(row[f"{i}_status"])) for i in manifest.indicators],
        support_minutes=_number(row["support_minutes"]),
        support_status=str(row["support_status"]),
        support_reason=_text(row.get("support_reason")),
        score=_number(row["score"]),
        rank=_whole(row["rank"]),
        ranked=int(villages["rank"].notna().sum()),
        rank_low=_whole(row.get("rank_low")),
        rank_high=_whole(row.get("rank_high")),
        worst_tenth_probability=_number(row.get("worst_tenth_probability")),
        contributions={p: _number(row[f"contribution_{p}"]) for p in manifest.pillars},
        need_class=str(row["need_class"]),
        response=str(row["response"]),
        assigned_site_id=_text(row["assigned_site_id"]),
        assigned_minutes=_number(row["assigned_minutes"]),
        teams=_teams(publication, unit_id),
        flags=[str(flag) for flag in row["flags"]],
        sources=[
            Source(i.layer, i.title or i.file, i.producer, i.licence, i.data_date, i.synthetic) for i in manifest.inputs
        ],
        better=better,
        way_out=way_out,
        testimony=testimony(publication, row),
        rank_method_low=_whole(row.get("rank_method_low")),
        rank_method_high=_whole(row.get("rank_method_high")),
    )
