"""Column names and rules of each input table; nothing else names a column of an input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, Literal

import pandas as pd
import pandera.pandas as pa

UNIT_ID: Final = "unit_id"
NAME: Final = "name"
COMMUNE_ID: Final = "commune_id"
PARENT: Final = "parent"
"""Name (or id) of the unit in which a unit lies: a village's commune, an old commune's district."""
PARENT_ID: Final = "parent_id"
PROVINCE_ID: Final = "province_id"
"""Which province a commune belongs to; empty in a plan of one."""
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
BOUND: Final = "bound"
"""Column of a coverage layer whose extent is a model, drawn three times: ``low``, ``mid``, ``high``."""
DATA_DATE: Final = "data_date"
INDICATOR: Final = "indicator"
LEVEL: Final = "level"
NUMERATOR: Final = "numerator"
DENOMINATOR: Final = "denominator"
VALUE: Final = "value"
STANDARD_ERROR: Final = "standard_error"
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

COMMUNES: Final = (UNIT_ID, NAME, PROVINCE_ID, DATA_DATE, FLAGS, GEOMETRY)
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
ROADS_CROSS: Final = "roads_cross"
SEASON: Final = "season"
BARRIERS: Final = (NAME, ROADS_CROSS, SEASON, GEOMETRY)
PLACES: Final = (NAME, GEOMETRY)
OUTLINE: Final = (NAME, GEOMETRY)
DISPUTE_ID: Final = "dispute_id"
SEEN: Final = "seen"
"""``no_signal``, ``weak_signal`` or ``signal``: what a citizen reports."""
SEEN_DATE: Final = "seen_date"
RSRP_DBM: Final = "rsrp_dbm"

LON: Final = "lon"
LAT: Final = "lat"
"""Columns of a table of points, WGS 84 degrees; read, not kept."""
FEEDBACK: Final = (DISPUTE_ID, UNIT_ID, OPERATOR, TECHNOLOGY, SEEN, SEEN_DATE, RSRP_DBM, LAT, LON)
"""Columns of citizens' reports, no others; a test keeps them equal to `planner.products.DISPUTES`."""

MAX_PEOPLE: Final = 1_000_000_000
"""More people than any unit has: above it a figure is a slip, not a count."""
AGE: Final = "age"
"""Column of a table with a row per unit and age group; read, not kept."""
ELIGIBLE: Final = "eligible"
"""People of a unit who are 14 and over."""
WEIGHT: Final = "weight"
"""Of a village, by which its commune's people are spread."""
AREA_KM2: Final = "area_km2"
"""Stated area of a row of people, compared with the polygon's; read, not kept."""
MAX_AREA_KM2: Final = 20_000.0
"""No unit is larger than the province: 114.389 has a decimal point."""
MAX_DEGREES: Final = 360.0
"""No longitude or latitude is larger: 108.251 has a decimal point, whatever its column."""
DEFAULT_TEAM_TYPE: Final = "community"
ANY_OPERATOR: Final = "any"
"""Stands for the union of all operators, so that no operator may be called so."""
UNNAMED_OPERATOR: Final = "unnamed"
"""Stands for at least one operator, nobody knows which: whose measurements do not say it."""


def _rule(holds: Callable[[pd.Series[Any]], pd.Series[bool]], *, code: str, rule: str, done: str = "") -> pa.Check:
    """Return a rule of a column: `holds` per cell, in a person's words, with what to do when it does not."""
    return pa.Check(holds, name=code, error=rule, description=done)


def _id(*, once: bool = True) -> pa.Column:
    """Return the rules of an id: a short text that is safe in a file name, a list and a spreadsheet cell."""
    rules = [
        _rule(
            lambda s: s.str.fullmatch(r"\w[\w.: \-]{0,63}"),
            code="bad_id",
            rule="an id has 1 to 64 letters, digits, spaces or . _ : - and begins with a letter or digit",
        )
    ]
    if once:
        rules.append(
            _rule(
                lambda s: ~s.duplicated(keep=False),
                code="repeated_id",
                rule="an id is used once",
                done="Give every row its own id, or remove the repeated row.",
            )
        )
    return pa.Column(str, rules)


def _text(*, required: bool = True, longest: int = 200) -> pa.Column:
    """Return the rules of a free text."""
    rule = _rule(lambda s: s.str.len() <= longest, code="long_text", rule=f"a text has at most {longest} characters")
    return pa.Column(str, rule, required=required, nullable=not required)


def _one_of(*values: str) -> pa.Column:
    """Return the rules of an optional column with a fixed vocabulary."""
    rule = _rule(lambda s: s.isin(values), code="unknown_word", rule=f"one of {', '.join(values)} is expected")
    return pa.Column(str, rule, required=False, nullable=True)


def _count(*, nullable: bool = False, required: bool = True, least: int = 0) -> pa.Column:
    """Return the rules of a number of people or teams."""
    return pa.Column(
        float,
        [
            _rule(lambda s: s >= least, code="negative", rule=f"a count is not below {least}"),
            _rule(lambda s: s % 1 == 0, code="not_whole", rule="a count is a whole number"),
            _rule(lambda s: s <= MAX_PEOPLE, code="too_many", rule=f"a count is at most {MAX_PEOPLE:,}"),
        ],
        required=required,
        nullable=nullable,
    )


def _rules(columns: dict[str, pa.Column]) -> pa.DataFrameSchema:
    """Return rules that keep their own columns and no others."""
    return pa.DataFrameSchema(columns, strict="filter")


NAMED_RULES: Final = {
    UNIT_ID: pa.Column(str, required=False, nullable=True),
    NAME: _text(),
    PARENT: _text(required=False),
}
"""Of a table whose rows are known by name, instead of its rule of ids; a code, where there is one, goes first."""

COMMUNE_RULES: Final = _rules(
    {
        UNIT_ID: _id(),
        NAME: _text(),
        PROVINCE_ID: pa.Column(
            str,
            _rule(
                lambda s: s.str.fullmatch(r"\w{1,20}"),
                code="bad_id",
                rule="a province's id has 1 to 20 letters or digits",
            ),
            required=False,
            nullable=True,
        ),
    }
)
VILLAGE_RULES: Final = _rules(
    {UNIT_ID: _id(), NAME: _text(), COMMUNE_ID: pa.Column(str, required=False, nullable=True)}
)
POPULATION_RULES: Final = _rules(
    {
        UNIT_ID: _id(),
        PEOPLE: _count(),
        AREA_KM2: pa.Column(float, required=False, nullable=True, metadata={"most": MAX_AREA_KM2}),
    }
)
ADOPTION_RULES: Final = _rules({UNIT_ID: _id(), NUMERATOR: _count(nullable=True), DENOMINATOR: _count(nullable=True)})
PROVINCE_ADOPTION_RULES: Final = _rules({NUMERATOR: _count(nullable=True), DENOMINATOR: _count(nullable=True)})
ATTRIBUTE_RULES: Final = _rules(
    {
        UNIT_ID: _id(),
        VALUE: pa.Column(
            float,
            _rule(
                lambda s: s.abs() <= MAX_PEOPLE,
                code="too_large",
                rule=f"a value is at most {MAX_PEOPLE:,}, either sign",
            ),
            nullable=True,
        ),
        STANDARD_ERROR: pa.Column(
            float,
            _rule(lambda s: s >= 0, code="negative", rule="a standard error is not negative"),
            nullable=True,
            required=False,
        ),
    }
)


def _operator(*, required: bool = True) -> pa.Column:
    """Return the rules of an operator's name."""
    rules = [
        _rule(lambda s: s.str.len() <= 100, code="long_text", rule="an operator's name has at most 100 characters"),
        _rule(
            lambda s: s.str.casefold() != ANY_OPERATOR,
            code="reserved_operator",
            rule=f"'{ANY_OPERATOR}' stands for all operators together and is no operator's name",
        ),
    ]
    return pa.Column(str, rules, required=required, nullable=not required)


COVERAGE_RULES: Final = _rules(
    {
        OPERATOR: _operator(),
        SIGNAL: _one_of("yes", "no", "unknown"),
    }
)
TEAM_RULES: Final = _rules(
    {
        SITE_ID: _id(),
        UNIT_ID: pa.Column(str, required=False, nullable=True),
        NAME: _text(),
        TEAM_TYPE: _one_of("community", "rapid_response"),
        TEAMS: _count(nullable=True, required=False, least=1),
        HOURS: _text(required=False),
        CONTACT: _text(required=False),
        LANGUAGES: _text(required=False),
    }
)
SITE_RULES: Final = _rules({SITE_ID: _id(), UNIT_ID: pa.Column(str, required=False, nullable=True), NAME: _text()})


def _between(lowest: float, highest: float, *, what: str) -> pa.Column:
    """Return the rules of an optional measurement."""
    rule = _rule(
        lambda s: s.between(lowest, highest),
        code="out_of_range",
        rule=f"{what} lies between {lowest:g} and {highest:g}",
    )
    return pa.Column(float, rule, nullable=True, metadata={"most": MAX_DEGREES})


FEEDBACK_RULES: Final = _rules(
    {
        DISPUTE_ID: _id(),
        UNIT_ID: _text(),
        OPERATOR: _text(longest=100),
        TECHNOLOGY: _text(longest=20),
        SEEN: pa.Column(
            str,
            _rule(
                lambda s: s.isin(["no_signal", "weak_signal", "signal"]),
                code="unknown_word",
                rule="one of no_signal, weak_signal, signal is expected",
            ),
        ),
        RSRP_DBM: _between(-160.0, -20.0, what="a received power in dBm"),
        LAT: _between(-90.0, 90.0, what="a latitude"),
        LON: _between(-180.0, 180.0, what="a longitude"),
    }
)
MCC: Final = "mcc"
MNC: Final = "mnc"
AREA: Final = "area"
CELL: Final = "cell"
RANGE_M: Final = "range_m"
SAMPLES: Final = "samples"
BAND_MHZ: Final = "band_mhz"
"""Columns of a table of cells; read, not kept."""


def _number() -> pa.Column:
    """Return the rules of an optional number that the loader judges row by row."""
    return pa.Column(float, required=False, nullable=True)


KBPS: Final = "kbps"
QUADKEY: Final = "quadkey"
TILE: Final = "tile"
"""Columns of measurements; read, not kept."""
TESTS: Final = "tests"
WITH_SIGNAL: Final = "with_signal"
"""Columns of a coverage layer of measurements: how many a row stands for, and which share of them had signal."""
CELL_RULES: Final = _rules(
    {
        OPERATOR: _operator(required=False),
        **{name: pa.Column(str, required=False, nullable=True) for name in (TECHNOLOGY, AREA, CELL)},
        **{name: _number() for name in (MCC, MNC, RANGE_M, SAMPLES, BAND_MHZ)},
    }
)
MEASUREMENT_RULES: Final = _rules(
    {
        OPERATOR: _operator(required=False),
        **{name: pa.Column(str, required=False, nullable=True) for name in (TECHNOLOGY, QUADKEY, TILE)},
        SIGNAL: _one_of("yes", "no"),
        **{name: _number() for name in (RSRP_DBM, KBPS, TESTS)},
    }
)


def age_rules(groups: Iterable[str]) -> pa.DataFrameSchema:
    """Return the rules of a table of people by age, a column per group."""
    return _rules({UNIT_ID: _id(), **{group: _count() for group in groups}})


def weighted(rules: pa.DataFrameSchema) -> pa.DataFrameSchema:
    """Return rules with a column of weights, 0 or more, empty where unknown."""
    least = _rule(lambda s: s >= 0, code="negative", rule="a weight is 0 or more")
    return rules.add_columns({WEIGHT: pa.Column(float, least, nullable=True)})


PLACE_RULES: Final = _rules({NAME: _text()})
OUTLINE_RULES: Final = _rules({NAME: _text(required=False)})
ROAD_RULES: Final = _rules({ROAD_CLASS: _text(longest=60)})
BARRIER_RULES: Final = _rules(
    {NAME: _text(required=False), ROADS_CROSS: _one_of("yes", "no"), SEASON: _one_of("all", "dry", "wet")}
)
POINT_RULES: Final = _rules(
    {name: pa.Column(float, nullable=True, metadata={"most": MAX_DEGREES}) for name in (LON, LAT)}
)
