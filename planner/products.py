"""Names, columns and readers of what is published: the contract with the api, the maps and the notebooks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, cast

import geopandas as gpd
import pandas as pd
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from planner.errors import PublicationError, UnknownIdError

CURRENT: Final = "current"
MANIFEST: Final = "manifest.json"
CONTEXT: Final = "context.gpkg"
CONTEXT_LAYERS: Final = ("outline", "roads", "places", "islands")

Kind = Literal["text", "number", "whole", "list", "date"]


@dataclass(frozen=True, slots=True)
class Column:
    """One published column.

    Parameters
    ----------
    name : str
        ``*`` stands for an indicator or a pillar.
    kind : {"text", "number", "whole", "list", "date"}
        ``whole`` is a nullable 64-bit integer, ``list`` a list of strings, ``date`` an ISO text.
    unit : str
        ``people``, ``share`` (0 to 1), ``minutes``, ``points`` (0 to 100), ``degrees`` or empty.
    meaning : str
    optional : bool
        Absent from publications that do not compute it; ``not_computed`` of the manifest names it then.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    optional: bool = False


def _c(name: str, kind: Kind, unit: str, meaning: str) -> Column:
    return Column(name, kind, unit, meaning)


def _o(name: str, kind: Kind, unit: str, meaning: str) -> Column:
    return Column(name, kind, unit, meaning, optional=True)


VILLAGES: Final[tuple[Column, ...]] = (
    _c("unit_id", "text", "", "id of the village; text, leading zeros kept"),
    _c("name", "text", "", "name as given; several joined by ' / ' where places were merged"),
    _c("commune_id", "text", "", "GSO code of the commune of 2025"),
    _c("commune_name", "text", "", "its name"),
    _c("lat", "number", "degrees", "latitude of a point inside, WGS 84"),
    _c("lon", "number", "degrees", "longitude of a point inside, WGS 84"),
    _c("data_date", "date", "", "oldest date of the data behind the row"),
    _c("population_people", "whole", "people", "people living here"),
    _c("eligible_people", "whole", "people", "14 and over, or eligible_share of the people"),
    _c("covered_share", "number", "share", "share with usable signal of any operator; empty = unknown"),
    _c("covered_share_low", "number", "share", "lowest reading of the same data"),
    _c("covered_share_high", "number", "share", "highest reading of the same data"),
    _c("coverage_status", "text", "", "covered, partial, not_covered, unknown"),
    _c("coverage_evidence", "text", "", "declared, modelled, measured, mixed, unknown"),
    _c("operators", "list", "", "operators with signal in any part of the village"),
    _o("usable_probability", "number", "share", "chance that usable 4G of any operator is there; empty = no evidence"),
    _o("usable_probability_low", "number", "share", "least, over readings of how far sources hang together"),
    _o("usable_probability_high", "number", "share", "most"),
    _o("negative_reports_per_1000", "number", "", "fresh reports of no or weak signal per 1,000 eligible people"),
    _c("*_rate", "number", "share", "adoption of the indicator among the eligible"),
    _o("*_rate_low", "number", "share", "low end of the rate's interval over the draws"),
    _o("*_rate_high", "number", "share", "high end of it"),
    _c("*_status", "text", "", "observed, smoothed, estimated, suppressed, unknown"),
    _c("adopted_people", "whole", "people", "eligible people who adopted"),
    _c("not_adopted_people", "whole", "people", "eligible, with signal, not adopted"),
    _c("not_adopted_people_low", "whole", "people", "fewest that coverage, rate and their intervals allow"),
    _c("not_adopted_people_high", "whole", "people", "most"),
    _c("no_signal_people", "whole", "people", "eligible, without signal, not adopted"),
    _c("no_signal_people_low", "whole", "people", "fewest that coverage, rate and their intervals allow"),
    _c("no_signal_people_high", "whole", "people", "most"),
    _c("unknown_people", "whole", "people", "eligible people about whom coverage or adoption is unknown"),
    _c("without_signal_people", "whole", "people", "eligible people without signal, adopters included"),
    _c("need_people", "whole", "people", "what siting counts; empty = unknown"),
    _c("support_minutes", "number", "minutes", "to the nearest fixed team that stands today"),
    _c("support_status", "text", "", "reached, unreachable, beyond_cutoff, unknown"),
    _o("support_reason", "text", "", "why not reached; see Reasons; empty where reached"),
    _c("score", "number", "points", "underserved score, 100 worst; empty = cannot be ranked"),
    _c("rank", "whole", "", "1 is worst; ties share the smaller"),
    _o("score_low", "number", "points", "low end of the score's interval over the draws"),
    _o("score_high", "number", "points", "high end of it"),
    _o("rank_low", "whole", "", "smallest rank of the interval over the draws, 1 is worst; empty = cannot be ranked"),
    _o("rank_high", "whole", "", "largest rank of it"),
    _o("rank_band", "text", "", "the interval as text where it is too wide for a rank to mean anything; else empty"),
    _o(
        "rank_method_low", "whole", "", "smallest rank of the interval over other weights, normalisations, aggregations"
    ),
    _o("rank_method_high", "whole", "", "largest rank of it"),
    _o("worst_tenth_probability", "number", "share", "chance of being among the worst tenth; they add to its size"),
    _c("contribution_*", "number", "points", "points of the pillar in the score; they add to it"),
    _c("need_class", "text", "", "white_spot, weak_spot, skills_gap, access_gap, several, served, unknown"),
    _o("need_class_probability", "number", "share", "share of the draws in which the village is of this class"),
    _c("response", "text", "", "operator_request, community_team, rapid_response_visit, survey, none"),
    _c("assigned_site_id", "text", "", "team site that serves the village; empty = none within reach"),
    _c("assigned_minutes", "number", "minutes", "to that site"),
    _c("flags", "list", "", "what to know before using the row"),
)

COMMUNES: Final[tuple[Column, ...]] = (
    _c("unit_id", "text", "", "GSO code of the commune of 2025"),
    _c("name", "text", "", "name as given"),
    _c("lat", "number", "degrees", "latitude of a point inside"),
    _c("lon", "number", "degrees", "longitude of a point inside"),
    _c("data_date", "date", "", "oldest date of the data behind the row"),
    _c("villages", "whole", "", "villages in the commune"),
    _c("population_people", "whole", "people", "sum of its villages; equals the official total"),
    _c("eligible_people", "whole", "people", "sum of its villages"),
    _c("adopted_people", "whole", "people", "sum of its villages"),
    _c("not_adopted_people", "whole", "people", "sum of its villages"),
    _c("no_signal_people", "whole", "people", "sum of its villages"),
    _c("unknown_people", "whole", "people", "sum of its villages"),
    _o("not_adopted_people_low", "whole", "people", "sum over villages of known need"),
    _o("not_adopted_people_high", "whole", "people", "sum over villages of known need"),
    _o("no_signal_people_low", "whole", "people", "sum over villages of known need"),
    _o("no_signal_people_high", "whole", "people", "sum over villages of known need"),
    _c("without_signal_people", "whole", "people", "sum over villages of known coverage"),
    _c("need_people", "whole", "people", "sum over villages of known need"),
    _o("need_class", "text", "", "class of villages in which most of its people in need live; served: no known need"),
    _o("served_people", "whole", "people", "of need_people, those in villages that a team of the plan serves"),
    _o("served_share", "number", "share", "served_people of need_people; empty = no known need"),
    _c("covered_share", "number", "share", "eligible-weighted mean over villages of known coverage"),
    _o("usable_probability", "number", "share", "eligible-weighted mean over villages with evidence"),
    _c("*_rate", "number", "share", "eligible-weighted mean over villages of known rate"),
    _c("score", "number", "points", "need-weighted mean of its villages"),
    _c("rank", "whole", "", "1 is worst; ties share the smaller"),
    _c("flags", "list", "", "what to know before using the row"),
)

SITES: Final[tuple[Column, ...]] = (
    _c("site_id", "text", "", "id of the site"),
    _c("unit_id", "text", "", "village in which it lies"),
    _c("name", "text", "", "name of the team or village"),
    _c("team_type", "text", "", "community, rapid_response"),
    _c("teams", "whole", "", "teams at the site"),
    _c("status", "text", "", "existing, new, upgraded, moved (its teams go elsewhere), closed"),
    _c("people_reached", "whole", "people", "need of the villages assigned to it"),
    _c(
        "loss_if_dropped_people",
        "number",
        "people",
        "need no longer reached without it, the others placed again; empty = not known",
    ),
    _o("loss_alone_people", "number", "people", "need no longer reached without it, nothing else moved"),
    _o("selection_frequency", "number", "share", "share of the draws of need in which it is chosen"),
    _o("site_group", "text", "", "site that stands for the near-equal ones with which it shares most people"),
    _o("group_frequency", "number", "share", "share of the draws in which a site of its group is chosen"),
    _o(
        "certainty",
        "text",
        "",
        "no_regret (nearly always chosen), likely, phone_first (seldom); empty = stands already",
    ),
    _c("order", "whole", "", "1 adds most to what the plan counts; empty for existing ones"),
    _c("capacity_people", "number", "people", "it can serve within the plan's weeks; empty = the plan sets no limit"),
    _c("load_share", "number", "share", "people_reached of capacity_people; empty = the plan sets no limit"),
    _c("cost", "number", "", "of the new team, in the plan's own unit of money; empty = not given"),
    _c("hours", "text", "", "opening hours as given"),
    _c("contact", "text", "", "contact as given"),
    _c("languages", "list", "", "languages as given"),
    _c("lat", "number", "degrees", "latitude"),
    _c("lon", "number", "degrees", "longitude"),
    _c("flags", "list", "", "what to know before using the row"),
)

ASSIGNMENTS: Final[tuple[Column, ...]] = (
    _c("unit_id", "text", "", "village"),
    _c("site_id", "text", "", "site that serves it"),
    _c("minutes", "number", "minutes", "between them"),
    _c("people", "whole", "people", "need served"),
)

COVERAGE: Final[tuple[Column, ...]] = (
    _c("unit_id", "text", "", "village"),
    _c("operator", "text", "", "operator"),
    _c("technology", "text", "", "technology"),
    _c("evidence", "text", "", "declared, modelled, measured"),
    _c("share", "number", "share", "share covered; empty = unknown"),
    _c("share_low", "number", "share", "lowest reading"),
    _c("share_high", "number", "share", "highest reading"),
    _o("usable_probability", "number", "share", "chance of usable signal of the operator, all evidence together"),
    _o("usable_probability_low", "number", "share", "least, over readings of how far sources hang together"),
    _o("usable_probability_high", "number", "share", "most"),
    _c("data_date", "date", "", "date of the evidence"),
    _c("flags", "list", "", "what to know before using the row"),
)

TEAM_MINUTES: Final[tuple[Column, ...]] = (
    _c("unit_id", "text", "", "village"),
    _c("site_id", "text", "", "one of the ten nearest sites, existing or new, or the nearest that stands today"),
    _c("minutes", "number", "minutes", "between them"),
    _c("rank", "whole", "", "1 is nearest"),
)

CROSSWALK: Final[tuple[Column, ...]] = (
    _c("old_id", "text", "", "GSO code of a commune up to 2025-06-30; some codes are in use again"),
    _c("old_name", "text", "", "its name"),
    _c("commune_id", "text", "", "GSO code of a commune of 2025 that it went to"),
    _c("population_share", "number", "share", "share of its people there; 1 = not divided"),
    _c("low", "number", "share", "least of the choices of weights"),
    _c("high", "number", "share", "most of the choices of weights"),
    _c("source", "text", "", "who says so"),
    _c("date", "date", "", "day of the change"),
)

EXPLANATIONS: Final[tuple[Column, ...]] = (
    _c("unit_id", "text", "", "village with a score"),
    _c("better_unit_id", "text", "", "nearest village of a better rank, of the same commune where there is one"),
    _c("better_km", "number", "km", "straight line to it"),
    _c("difference_*", "number", "", "points of the pillar here less those there; empty where either is unknown"),
    _c("way_out", "text", "", "out of the worst tenth: not_needed, one_indicator, none_alone"),
    _c(
        "way_out_indicator",
        "text",
        "",
        "the indicator of which the smallest part of its range would do, all else equal",
    ),
    _c("way_out_unit", "text", "", "its unit"),
    _c("way_out_from", "number", "", "its value now"),
    _c("way_out_to", "number", "", "the value that leads out of the worst tenth"),
)

EVIDENCE: Final[tuple[Column, ...]] = (
    _c("unit_id", "text", "", "village"),
    _c("operator", "text", "", "operator; any: of reports that name none"),
    _c("technology", "text", "", "technology"),
    _c("source", "text", "", "declared, modelled, measured, reports"),
    _c("log_odds", "number", "", "its vote for usable signal; below 0 is against it"),
    _c("counted", "text", "", "'no' where stronger evidence of the operator votes in its place; else 'yes'"),
)

DOUBTFUL: Final[tuple[Column, ...]] = (
    _c("unit_id", "text", "", "village that is declared covered"),
    _c("name", "text", "", "its name"),
    _c("commune_id", "text", "", "GSO code of its commune"),
    _c("commune_name", "text", "", "its name"),
    _c("operator", "text", "", "operator that declares it; any: all of them together"),
    _c("technology", "text", "", "technology"),
    _c("declared_share", "number", "share", "share that is declared"),
    _c("usable_probability", "number", "share", "chance of usable signal, below the plan's threshold"),
    _c("usable_probability_low", "number", "share", "least, over readings of how far sources hang together"),
    _c("usable_probability_high", "number", "share", "most"),
    _c(
        "negative_reports_needed",
        "whole",
        "",
        "fewest further reports of no signal that settle it; 0 = settled; empty = reports alone never do",
    ),
    _c("eligible_people", "whole", "people", "14 and over in the village"),
)

OPERATOR_REQUESTS: Final[tuple[Column, ...]] = (
    _c("unit_id", "text", "", "village whose response is operator_request"),
    _c("name", "text", "", "its name"),
    _c("commune_id", "text", "", "GSO code of its commune"),
    _c("commune_name", "text", "", "its name"),
    _c("operator", "text", "", "operator to be asked"),
    _c("technology", "text", "", "technology"),
    _c("covered_share", "number", "share", "what the operator covers today; empty = unknown"),
    _c("first_signal_people", "whole", "people", "eligible, without signal of anyone: whom it would reach first"),
    _c("own_signal_people", "whole", "people", "eligible, without this operator's signal; empty = unknown"),
)

CURVE: Final[tuple[Column, ...]] = (
    _c("teams_added", "whole", "", "teams added to those that stand; 0 is today"),
    _c("people_reached", "number", "people", "need reached by the best plan found; never falls as teams are added"),
    _c("bound", "number", "people", "no plan with as many teams reaches more"),
    _c("greedy_people", "number", "people", "need reached by choosing sites one by one"),
    _c("knee", "text", "", "'yes' where adding further teams begins to bring clearly less; else empty"),
)

WAVES: Final[tuple[Column, ...]] = (
    _c("wave", "whole", "", "1 opens first"),
    _c("site_id", "text", "", "new site that opens in it"),
    _c("unit_id", "text", "", "village in which it lies"),
    _c(
        "people_reached",
        "number",
        "people",
        "of the wave: need of today in the villages served in it, and what earlier waves have settled in others",
    ),
    _c(
        "bound", "number", "people", "of the wave: no choice of as many sites reaches more; empty where room is limited"
    ),
    _c("need_left_people", "number", "people", "of the wave: need in all villages at its end"),
)

ALTERNATIVES: Final[tuple[Column, ...]] = (
    _c(
        "number",
        "whole",
        "",
        "1 shares fewest sites with the plan that were found; each further one with all before it",
    ),
    _c("site_id", "text", "", "new site of this other plan"),
    _c("unit_id", "text", "", "village in which it lies"),
    _c("shared", "text", "", "'yes' where the plan or an earlier alternative has it too; else empty"),
    _c("people_reached", "number", "people", "need reached by this other plan, in its province"),
    _c("worse_share", "number", "share", "how far it is behind the plan in what the model counts; below 0: better"),
)

FAIRNESS: Final[tuple[Column, ...]] = (
    _c("aversion", "number", "", "turn of the dial: 0 counts every minute alike, more counts long ways more"),
    _c(
        "mean_minutes", "number", "minutes", "way of a person in need, on average; unserved_minutes where nobody serves"
    ),
    _c(
        "fair_minutes",
        "number",
        "minutes",
        "minutes that would be as bad if everybody had them, at this turn (Kolm-Pollak)",
    ),
    _c("longest_minutes", "number", "minutes", "way of the worst off; unserved_minutes where nobody serves"),
    _c("people_reached", "number", "people", "need within reach of a team that serves it"),
    _c("gap", "number", "share", "how far fair_minutes may be from the least that can be"),
    _c("chosen", "text", "", "'yes' for the plan's own turn; else empty"),
)

ROUNDS: Final[tuple[Column, ...]] = (
    _c("site_id", "text", "", "base of the team"),
    _c("team", "whole", "", "which of the base's teams, from 1"),
    _c("week", "whole", "", "week of the horizon, from 1"),
    _c("day", "whole", "", "day of the week's round, from 1; 1 is Monday unless the plan starts on another day"),
    _c("stop", "whole", "", "order within the day, from 1"),
    _c("unit_id", "text", "", "village visited"),
    _c("arrive", "text", "", "HH:MM, local time"),
    _c("leave", "text", "", "HH:MM, local time"),
    _c("people", "whole", "people", "need that the visit's length allows to serve"),
)

UNVISITED: Final[tuple[Column, ...]] = (
    _c("unit_id", "text", "", "village that asked for a visit"),
    _c("site_id", "text", "", "base that would visit it; empty where none would"),
    _c("people", "whole", "people", "need that no visit serves within the horizon"),
    _c("reason", "text", "", "no_time, too_far_for_a_day, outside_the_area, no_way"),
)

TABLES: Final[dict[str, tuple[Column, ...]]] = {
    "villages": VILLAGES,
    "communes": COMMUNES,
    "sites": SITES,
    "assignments": ASSIGNMENTS,
    "coverage": COVERAGE,
    "team_minutes": TEAM_MINUTES,
    "explanations": EXPLANATIONS,
    "curve": CURVE,
    "evidence": EVIDENCE,
    "doubtful": DOUBTFUL,
    "operator_requests": OPERATOR_REQUESTS,
}
"""Published Parquet tables by file name without suffix, in the order in which they are written."""

ACTIONS: Final[tuple[Column, ...]] = (
    _c("step", "whole", "", "1 first: new teams in the order in which they help most, then what else changes"),
    _c("wave", "whole", "", "wave in which it is done; empty = the plan has no waves, or it is no new site"),
    _c("action", "text", "", "open, upgrade, move_away, close"),
    _c("site_id", "text", "", "site at which something is done"),
    _c("unit_id", "text", "", "village in which it lies"),
    _c("name", "text", "", "name of the site"),
    _c("commune_id", "text", "", "GSO code of its commune"),
    _c("commune_name", "text", "", "its commune"),
    _c("team_type", "text", "", "community, rapid_response"),
    _c("teams", "whole", "", "teams that stand there afterwards"),
    _c("people_reached", "whole", "people", "need of the villages it serves"),
    _c("people_new", "whole", "people", "of them, in villages that no team reaches today"),
    _c("villages", "whole", "", "villages it serves"),
    _c("cost", "number", "", "in the plan's own unit of money; empty = not given"),
    _c("loss_if_dropped_people", "number", "people", "as in sites"),
    _c("certainty", "text", "", "as in sites; empty = not computed"),
    _c("why", "text", "", "the reason in a sentence, in the plan's language"),
    _c("asked_by", "text", "", "who locked the site in; empty = the model chose it"),
    _c("asked_reason", "text", "", "their reason"),
)

SCENARIOS: Final[tuple[Column, ...]] = (
    _c("number", "whole", "", "0 is the plan itself, then its scenarios in the order of the file"),
    _c("scenario", "text", "", "name in the plan; empty of the plan itself"),
    _c("refused", "text", "", "why a scenario has no plan, in a sentence; its figures are empty then"),
    _c("model", "text", "", "backup_cover, fair, max_cover, min_teams, p_median, p_center"),
    _c("teams", "whole", "", "new teams, at new sites and beside standing ones"),
    _c("moved", "whole", "", "sites that move away"),
    _c("closed", "whole", "", "sites that close"),
    _c("same_sites", "whole", "", "of the new sites, those that the plan itself opens too"),
    _c("need_people", "number", "people", "need of all villages"),
    _c("unknown_people", "number", "people", "people of whom nothing is known"),
    _c("today_people", "number", "people", "need reached by the teams of today"),
    _c("people_reached", "number", "people", "need reached with the plan"),
    _c("unserved_people", "number", "people", "need within reach of a team that has no room for it, or of none"),
    _c("objective", "number", "", "what the model made as large or as small as it can, in `unit`"),
    _c("unit", "text", "", "of objective and bound; those of different units do not compare"),
    _c("bound", "number", "", "no plan of this scenario has a better objective"),
    _c("gap", "number", "share", "how far objective and bound are apart"),
    _c("cost", "number", "", "of what changes, in the plan's own unit of money; empty = not given"),
)

SENSITIVITY: Final[tuple[Column, ...]] = (
    _c("factor", "text", "", "choice of method: weight_<pillar>, normalisation, aggregation"),
    _c(
        "first",
        "number",
        "",
        "share of the variance of the mean rank shift that it explains alone (Sobol, first order)",
    ),
    _c("first_low", "number", "", "low end of its bootstrap interval"),
    _c("first_high", "number", "", "high end of it"),
    _c("total", "number", "", "share that it explains alone and together with others (Sobol, total)"),
    _c("total_low", "number", "", "low end of its bootstrap interval"),
    _c("total_high", "number", "", "high end of it"),
    _c(
        "alone_low",
        "number",
        "ranks",
        "mean rank shift when it alone is changed: the smallest of its ends or alternatives",
    ),
    _c("alone_high", "number", "ranks", "the largest: the bars of a tornado"),
)

VILLAGE_TYPES: Final[tuple[Column, ...]] = (
    _c("unit_id", "text", "", "village of which every ranking pillar is known; no rows where no grouping is stable"),
    _c("type", "whole", "", "its type; 1 is the worst served on the whole"),
    _c("words", "text", "", "what the type is like, in the plan's language"),
    _c("stability", "number", "share", "agreement of the grouping with those of samples: 1 full, 0 as by chance"),
)

HOT_SPOTS: Final[tuple[Column, ...]] = (
    _c("unit_id", "text", "", "village with a score"),
    _c("g_z", "number", "", "Getis and Ord's local G* of the score, standardised; positive: badly served all round"),
    _c("p", "number", "share", "two-sided, from permutations, before the correction"),
    _c("spot", "text", "", "hot, cold, none; at most 5 % of those named are expected to be wrong"),
)

OPTIONAL_TABLES: Final[dict[str, tuple[Column, ...]]] = {
    "crosswalk": CROSSWALK,
    "rounds": ROUNDS,
    "unvisited": UNVISITED,
    "actions": ACTIONS,
    "scenarios": SCENARIOS,
    "fairness": FAIRNESS,
    "waves": WAVES,
    "alternatives": ALTERNATIVES,
    "sensitivity": SENSITIVITY,
    "village_types": VILLAGE_TYPES,
    "hot_spots": HOT_SPOTS,
}
"""Tables that stand only where they apply: the crosswalk, for a plan whose communes it leads to; rounds and
whom they leave out, for one with rapid-response teams; what a plan asks to be done; its scenarios; what fairness costs,
for the model fair; in which waves sites open; other plans nearly as good; those of ``[analyses]``."""

GEOGRAPHIC_TABLES: Final = ("villages", "communes", "sites", "assignments")
"""Tables with a geometry: polygons, polygons, points, lines from village to site."""

DISPUTES: Final[tuple[Column, ...]] = (
    _c("dispute_id", "text", "", "tracking id"),
    _c("unit_id", "text", "", "village"),
    _c("operator", "text", "", "operator the report is about"),
    _c("technology", "text", "", "technology"),
    _c("seen", "text", "", "no_signal, weak_signal, signal"),
    _c("seen_date", "date", "", "day it was seen"),
    _c("rsrp_dbm", "number", "dBm", "measurement, where one was given"),
    _c("lat", "number", "degrees", "3 decimals; empty once the position was deleted"),
    _c("lon", "number", "degrees", "3 decimals; empty once the position was deleted"),
)
"""Columns of citizens' reports frozen for a run, by `planner disputes export`; the service's ledger has them too."""

DISPUTES_TABLE: Final = "disputes"
"""Name of the table in the service's ledger."""

DISPUTES_DECIMALS: Final = 3
"""Of a report's position: about a hundred metres."""

FOUR: Final = ("adopted_people", "not_adopted_people", "no_signal_people", "unknown_people")
"""The four people columns that add to ``eligible_people``."""


def expand(
    columns: tuple[Column, ...], *, indicators: list[str], pillars: list[str], present: Collection[str] | None = None
) -> list[Column]:
    """Return `columns` with ``*`` replaced: once per indicator (rates), once per pillar (contributions).

    Parameters
    ----------
    columns : tuple of Column
    indicators, pillars : list of str
    present : collection of str, optional
        Names of the columns of one table; optional ones that are not among them are left out. None keeps all.
    """
    found: list[Column] = []
    for column in columns:
        if "*" not in column.name:
            found.append(column)
            continue
        names = pillars if column.name.startswith(("contribution_", "difference_")) else indicators
        found += [replace(column, name=column.name.replace("*", n), meaning=f"{n}: {column.meaning}") for n in names]
    return [c for c in found if present is None or not c.optional or c.name in present]


ARROW: Final[dict[Kind, pa.DataType]] = {
    "text": pa.string(),
    "number": pa.float64(),
    "whole": pa.int64(),
    "list": pa.list_(pa.string()),
    "date": pa.string(),
}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class FileEntry(_Model):
    """One file of a publication: path relative to its folder, with ``/``."""

    path: str
    sha256: str


class InputEntry(_Model):
    """One input of a publication."""

    layer: str
    file: str
    sha256: str
    title: str = ""
    producer: str = ""
    url: str = ""
    licence: str = ""
    data_date: str | None = None
    crs: str = ""
    rows_read: int = 0
    rows_kept: int = 0
    rows_set_aside: int = 0
    synthetic: bool = False
    stale: bool = False  # older than the plan's max_age_days for it


class Solver(_Model):
    """What the siting model proved."""

    model: str
    status: str
    solver: str
    objective_people: float
    bound_people: float
    gap: float
    greedy_people: float
    today_people: float
    unserved_people: float
    new_teams: int
    reach_minutes: float
    objective: float | None = None  # what the model makes best, in `unit`; gap and bound_objective belong to it
    bound_objective: float | None = None
    greedy_objective: float | None = None  # absent where choosing one by one finds no plan
    unit: Literal["people", "weighted_people", "person_minutes", "minutes", "teams"] = "people"


class Changes(_Model):
    """What differs from the publication that was in force before, in words."""

    before: str  # its id
    vi: list[str]
    en: list[str]


class RasterClass(_Model):
    """One class of a picture: values from `low` up to, not including, `high`, or an answer that is no number."""

    colour: str  # #rrggbb
    low: float | None = None  # None: no limit
    high: float | None = None
    code: str = ""  # beyond_cutoff, unreachable, covered, not_covered; empty for a class of values


class RasterEntry(_Model):
    """A palette PNG in EPSG:3857 among the files; what is transparent in it is unknown."""

    name: str
    kind: Literal["support_minutes", "planned_minutes", "signal"]
    path: str
    unit: str = ""  # minutes, dbm; empty where classes have codes alone
    bounds: tuple[float, float, float, float]  # west, south, east, north of its outer edges, degrees
    classes: list[RasterClass]
    operator: str = ""  # of kind signal: whose, which, and what it is evidence of
    technology: str = ""
    evidence: str = ""
    data_date: str | None = None
    flags: list[str] = []


class RateModel(_Model):
    """How villages without a figure of one indicator got their rate; errors are held out, root mean square, shares."""

    model: str  # linear, trees; empty = none was tried
    villages: int
    communes: int
    within_error: float | None = None  # in communes where other villages have a figure
    within_mean_error: float | None = None  # the commune mean's
    within_used: bool = False
    beyond_error: float | None = None  # in communes without any figure
    beyond_mean_error: float | None = None
    beyond_used: bool = False
    estimated_villages: int = 0
    by_model_villages: int = 0
    unknown_villages: int = 0


class Manifest(_Model):
    """manifest.json: what was published, from what, by which code, with which certificate."""

    id: str
    title: str
    language: Literal["vi", "en"]
    now: str
    data_date: str | None = None
    seed: int
    plan: dict[str, Any]
    versions: dict[str, str]
    indicators: list[str]
    pillars: dict[str, float]
    effective_weights: dict[str, float] = {}
    label: list[str] = []
    rate_models: dict[str, RateModel] = {}  # by indicator with villages without a figure
    inputs: list[InputEntry]
    counts: dict[str, float]
    flags: list[str]
    warnings: list[str]
    not_computed: list[str]
    changes: Changes | None = None  # absent from the first publication of a folder
    disputes: list[str] = []  # ids of citizens' reports that this publication took into account
    rasters: list[RasterEntry] = []  # pictures of what varies inside the villages
    solver: Solver | None = None
    files: list[FileEntry] = []


@dataclass(frozen=True)
class Publication:
    """One published folder, read lazily. Tables are EPSG:4326.

    Parameters
    ----------
    path : Path
        The folder with ``manifest.json``.
    """

    path: Path

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest; raises `PublicationError` when it is missing or damaged."""
        return read_manifest(self.path)

    def table(self, name: str) -> pd.DataFrame:
        """Return one Parquet table by its name in `TABLES`; geographic ones as GeoDataFrame."""
        file = self.path / f"{name}.parquet"
        if name not in {**TABLES, **OPTIONAL_TABLES} or not file.is_file():
            message = f"{self.path.name}: no table '{name}' (there are: {', '.join(TABLES)})"
            raise PublicationError(message)
        return gpd.read_parquet(file) if name in GEOGRAPHIC_TABLES else pd.read_parquet(file)

    @cached_property
    def villages(self) -> gpd.GeoDataFrame:
        """One row per village."""
        return cast("gpd.GeoDataFrame", self.table("villages"))

    @cached_property
    def communes(self) -> gpd.GeoDataFrame:
        """One row per commune."""
        return cast("gpd.GeoDataFrame", self.table("communes"))

    @cached_property
    def sites(self) -> gpd.GeoDataFrame:
        """One row per team site, existing and new."""
        return cast("gpd.GeoDataFrame", self.table("sites"))

    @cached_property
    def assignments(self) -> gpd.GeoDataFrame:
        """Which site serves which village."""
        return cast("gpd.GeoDataFrame", self.table("assignments"))

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Shares per village, operator, technology and evidence."""
        return self.table("coverage")

    @cached_property
    def team_minutes(self) -> pd.DataFrame:
        """The ten nearest sites of each village."""
        return self.table("team_minutes")

    def has(self, name: str) -> bool:
        """Whether this publication holds a table: optional ones only where its plan asks, and earlier versions have fewer."""
        return name in {**TABLES, **OPTIONAL_TABLES} and (self.path / f"{name}.parquet").is_file()

    @cached_property
    def explanations(self) -> pd.DataFrame:
        """Why each village with a score stands where it stands."""
        return self.table("explanations")

    @cached_property
    def crosswalk(self) -> pd.DataFrame | None:
        """Where former communes went; None where the publication has no such table."""
        return self.table("crosswalk") if (self.path / "crosswalk.parquet").is_file() else None

    @cached_property
    def curve(self) -> pd.DataFrame:
        """People reached against teams added; without rows where the model counts something else."""
        return self.table("curve")

    def context(self, layer: str) -> gpd.GeoDataFrame:
        """Return what maps draw behind the data: ``outline``, ``roads``, ``places`` or ``islands``; empty if absent."""
        if layer not in CONTEXT_LAYERS:
            message = f"no context layer '{layer}' (there are: {', '.join(CONTEXT_LAYERS)})"
            raise PublicationError(message)
        file = self.path / CONTEXT
        known = set(gpd.list_layers(file)["name"]) if file.is_file() else set()
        if layer not in known:
            return gpd.GeoDataFrame({"name": pd.Series(dtype="str")}, geometry=gpd.GeoSeries([], crs="EPSG:4326"))
        return gpd.read_file(file, layer=layer)

    def village(self, unit_id: str) -> pd.Series[Any]:
        """Return one village's row; raises `UnknownIdError`."""
        rows = self.villages[self.villages["unit_id"] == unit_id]
        if rows.empty:
            message = f"no village '{unit_id}' in {self.manifest.id}"
            raise UnknownIdError(message)
        return cast("pd.Series[Any]", rows.iloc[0])

    def damaged_files(self) -> list[str]:
        """Return the files whose bytes differ from the manifest or are missing; empty when all is well."""
        found = []
        for entry in self.manifest.files:
            file = self.path / entry.path
            if not file.is_file():
                found.append(entry.path)
                continue
            with file.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != entry.sha256:
                    found.append(entry.path)
        return found


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a publication's folder; raises `PublicationError`."""
    file = folder / MANIFEST
    try:
        return Manifest.model_validate(json.loads(file.read_bytes()))
    except FileNotFoundError:
        message = f"{folder}: not a publication (no {MANIFEST})"
        raise PublicationError(message) from None
    except (ValueError, OSError) as error:
        message = f"{file}: damaged manifest ({error})"
        raise PublicationError(message) from None


def current_id(published: Path) -> str:
    """Return the id of the publication in force in a ``published/`` folder; raises `PublicationError`."""
    try:
        name = (published / CURRENT).read_text(encoding="utf-8").strip()
    except OSError:
        inside = published / "published"
        what = f"did you mean {inside}?" if (inside / CURRENT).is_file() else "`planner run` makes one"
        message = f"{published}: nothing is published here (no file '{CURRENT}'); {what}"
        raise PublicationError(message) from None
    if not name or "/" in name or "\\" in name or name.startswith("."):
        message = f"{published / CURRENT}: names no publication ({name!r})"
        raise PublicationError(message)
    return name


def open_publication(path: Path | str) -> Publication:
    """Open a publication's folder, or the one in force of a ``published/`` folder.

    Raises
    ------
    PublicationError
        When there is none or its manifest is damaged.
    """
    folder = Path(path)
    if not (folder / MANIFEST).is_file():
        folder = folder / current_id(folder)
    publication = Publication(folder)
    _ = publication.manifest
    return publication
