"""Column names and rules of each input table; nothing else names a column of an input."""

from __future__ import annotations

from typing import Final, Literal

UNIT_ID: Final = "unit_id"
NAME: Final = "name"
COMMUNE_ID: Final = "commune_id"
PEOPLE: Final = "people"
GEOMETRY: Final = "geometry"
FLAGS: Final = "flags"
"""Object column of sorted tuples of flag names."""
X_M: Final = "x_m"
Y_M: Final = "y_m"
"""The village's point (inside its polygon), metres in the plan's CRS."""
HAMLETS: Final = "hamlets"
"""How many listed places a village stands for; 1 unless points were merged."""
OPERATOR: Final = "operator"
TECHNOLOGY: Final = "technology"
EVIDENCE: Final = "evidence"
SIGNAL: Final = "signal"
"""``yes``, ``no`` or ``unknown``: what a coverage polygon says of its inside."""
DATA_DATE: Final = "data_date"
INDICATOR: Final = "indicator"
LEVEL: Final = "level"
NUMERATOR: Final = "numerator"
DENOMINATOR: Final = "denominator"
SYNTHETIC: Final = "synthetic"
SITE_ID: Final = "site_id"
TEAM_TYPE: Final = "team_type"
TEAMS: Final = "teams"
HOURS: Final = "hours"
CONTACT: Final = "contact"
LANGUAGES: Final = "languages"
ROAD_CLASS: Final = "road_class"

Evidence = Literal["declared", "modelled", "measured"]
Level = Literal["village", "commune", "province"]
TeamType = Literal["community", "rapid_response"]

EVIDENCE_STRENGTH: Final[tuple[str, ...]] = ("declared", "modelled", "measured")
"""Weakest first: where several kinds speak of one operator and village, the strongest decides."""

COMMUNES: Final = (UNIT_ID, NAME, DATA_DATE, FLAGS, GEOMETRY)
VILLAGES: Final = (UNIT_ID, NAME, COMMUNE_ID, HAMLETS, X_M, Y_M, DATA_DATE, FLAGS, GEOMETRY)
POPULATION: Final = (UNIT_ID, PEOPLE, DATA_DATE)
COVERAGE: Final = (OPERATOR, TECHNOLOGY, EVIDENCE, SIGNAL, DATA_DATE, SYNTHETIC, GEOMETRY)
ADOPTION: Final = (UNIT_ID, LEVEL, INDICATOR, NUMERATOR, DENOMINATOR, DATA_DATE, SYNTHETIC)
TEAMS_COLUMNS: Final = (
    SITE_ID,
    UNIT_ID,
    NAME,
    TEAM_TYPE,
    TEAMS,
    X_M,
    Y_M,
    HOURS,
    CONTACT,
    LANGUAGES,
    SYNTHETIC,
)
SITES: Final = (SITE_ID, UNIT_ID, NAME, X_M, Y_M)
ROADS: Final = (ROAD_CLASS, GEOMETRY)
BARRIERS: Final = (NAME, GEOMETRY)
PLACES: Final = (NAME, GEOMETRY)
