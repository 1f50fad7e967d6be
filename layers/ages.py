"""People by age group, per village or commune: how many of them are 14 and over."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from layers import checks, readers
from layers.catalog import Layer, Record
from layers.checks import capped, fault, stop_on_errors
from layers.errors import Issue, LayerError
from layers.schema import AGE, DATA_DATE, ELIGIBLE, PEOPLE, UNIT_ID, Level, age_rules

ELIGIBLE_FROM: Final = 14
"""Age from which a person may hold an account (level 2 of VNeID)."""
INTERPOLATED: Final = "age_interpolated"
_WORDS: Final = re.compile(
    r"\b(tuoi|tu|years?|yrs?|old|ages?|aged|nhom|group|people|population|pop|p|dan so|so nguoi)\b"
)
_RANGE: Final = re.compile(r"(\d{1,3})\s*(?:-|den|to|toi)\s*(?:duoi\s*)?(\d{1,3})")
_UP: Final = re.compile(
    r"(?:>=|tren bang\s*)?(\d{1,3})\s*(?:\+|tro len|and over|and above|or more|plus)|>=\s*(\d{1,3})"
)
_BELOW: Final = re.compile(r"(?:<|duoi|under|below)\s*(\d{1,3})")


@dataclass(frozen=True, order=True, slots=True)
class Group:
    """Ages from `low` up to, not with, `high` (None: and over), whole years."""

    low: int
    high: int | None

    def __str__(self) -> str:
        """Return the group as people write it."""
        return f"{self.low}+" if self.high is None else f"{self.low}-{self.high - 1}"


def group(text: object) -> Group | None:
    """Return the age group that a name means: ``0-4``, ``tuoi_5_9``, ``80+``, ``dưới 15``, ``80 tuổi trở lên``; else None."""
    folded = unicodedata.normalize("NFD", str(text).casefold().replace("đ", "d").replace("≥", ">="))
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    plain = re.sub(r"[_–—−/]", "-", plain)
    plain = " ".join(_WORDS.sub(" ", re.sub(r"(?<=[a-z])-|-(?=[a-z])", " ", plain)).split())
    if match := _RANGE.fullmatch(plain):
        low, high = int(match[1]), int(match[2]) + (0 if "duoi" in plain else 1)
        return Group(low, high) if low < high else None
    if match := _UP.fullmatch(plain):
        return Group(int(match[1] or match[2]), None)
    if match := _BELOW.fullmatch(plain):
        return Group(0, int(match[1])) if int(match[1]) > 0 else None
    return Group(int(plain), int(plain) + 1) if re.fullmatch(r"\d{1,3}", plain) else None


def load(record: Record, *, columns: Mapping[str, str], level: Level, unit_ids: Iterable[str]) -> Layer:
    """Load people by age group: a column per group, or a row per unit and group (columns ``age`` and ``people``).

    Parameters
    ----------
    record : Record
    columns : mapping
        Our column name to the file's: ``unit_id``; of a long table ``age`` and ``people``.
    level : {"village", "commune"}
        What a unit is, for messages.
    unit_ids : iterable of str
        The units that there are: each has every group.

    Returns
    -------
    Layer
        ``unit_id``, ``people`` and ``eligible`` (of them 14 and over; a fraction where a group lies across 14, which is
        told: its people are taken to be spread evenly over its years), ordered by ``unit_id``.

    Raises
    ------
    LayerError
        When groups overlap, leave a gap, do not begin at 0 or have no open end; or as for any table of counts.
    """
    source = readers.read_table(record)
    table, names = _wide(source, columns, record)
    groups = _groups(names, record)
    mapping = {UNIT_ID: columns.get(UNIT_ID, UNIT_ID), **{str(g): name for g, name in groups.items()}}
    taken = checks.take(table, columns=mapping, rules=age_rules([str(g) for g in groups]), record=record)
    known = list(unit_ids)
    column = mapping[UNIT_ID]
    told = checks.unknown_ids(
        taken.frame[UNIT_ID], known=known, column=column, what=f"a {level} of this plan", record=record
    )
    told += _without_row(sorted(set(known) - set(taken.frame[UNIT_ID])), level, column, record)
    issues = stop_on_errors([*taken.issues, *told, *_across(groups, record)])
    counts = taken.frame[[str(g) for g in groups]]
    frame = pd.DataFrame({UNIT_ID: taken.frame[UNIT_ID], PEOPLE: counts.sum(axis="columns")})
    frame[ELIGIBLE] = counts.to_numpy(np.float64) @ np.array([_share(g) for g in groups])
    frame[DATA_DATE] = taken.frame[DATA_DATE]
    frame = frame.sort_values(UNIT_ID).reset_index(drop=True)
    return Layer(record=record, frame=frame, rows_read=len(source), issues=issues)


def eligible_share(frame: pd.DataFrame) -> pd.Series[Any]:
    """Return the share of 14 and over by ``unit_id``, missing where nobody lives."""
    people = frame.set_index(UNIT_ID)[PEOPLE]
    return (frame.set_index(UNIT_ID)[ELIGIBLE] / people.where(people > 0)).astype("float64")


def beside(layer: Layer, people: pd.Series[Any]) -> list[Issue]:
    """Return what is told where the groups of a unit do not add to its people, `people` by ``unit_id``."""
    own = layer.frame.set_index(UNIT_ID)[PEOPLE]
    other = own.index[own != people.reindex(own.index)]
    if not len(other):
        return []
    rule = f"the age groups of a unit add to its people; in {len(other):,} of {len(own):,} units they do not"
    shown = ", ".join(f"{unit}: {own[unit]:,.0f} by age, {people.get(unit, 0):,.0f} people" for unit in other[:5])
    done = "The share of 14 and over was used on the people of the population table."
    return [fault(layer.record, rule, value=shown, severity="warning", done=done, code="ages_differ")]


def _wide(
    source: pd.DataFrame, columns: Mapping[str, str], record: Record
) -> tuple[pd.DataFrame, dict[Group, list[str]]]:
    """Return a table with a column per group, and the columns of each group."""
    age = columns.get(AGE, AGE)
    if age not in source.columns:
        found: dict[Group, list[str]] = {}
        for name in map(str, source.columns):
            one = group(name)
            if one is not None and name != columns.get(UNIT_ID, UNIT_ID):
                found.setdefault(one, []).append(name)
        return source, found
    unit, people = columns.get(UNIT_ID, UNIT_ID), columns.get(PEOPLE, PEOPLE)
    for name in (unit, people):
        if name not in source.columns:
            rule = f"a row per unit and age group has the columns {unit}, {age} and {people}"
            raise LayerError(fault(record, rule, column=name, code="missing_column"))
    _require_groups(source, age, record)
    again = source.duplicated([unit, age], keep=False)
    if again.any():
        rule = "a unit has one row per age group"
        raise LayerError(
            capped(
                [
                    fault(record, rule, row=row, column=age, value=str(text), code="repeated_id")
                    for row, text in source.loc[again, age].items()
                ]
            )
        )
    wide = source.pivot_table(index=unit, columns=age, values=people, aggfunc="first", sort=False, dropna=False)
    wide = wide.reset_index()
    wide.columns = pd.Index([str(name) for name in wide.columns])
    wide.index = pd.RangeIndex(1, len(wide) + 1, name="row")
    named: dict[Group, list[str]] = {}
    for name in wide.columns.drop(unit):
        one = group(name)
        if one is not None:
            named.setdefault(one, []).append(name)
    return wide, named


def _require_groups(source: pd.DataFrame, column: str, record: Record) -> None:
    rule, done = "an age group is written as 0-4, 14-17 or 80+", "Correct it."
    issues = [
        fault(record, rule, row=row, column=column, value=str(text), done=done, code="bad_age_group")
        for row, text in zip(source.index.tolist(), source[column].tolist(), strict=True)
        if group(text) is None
    ]
    if issues:
        raise LayerError(capped(issues))


def _groups(names: Mapping[Group, list[str]], record: Record) -> dict[Group, str]:
    """Return the groups in their order with their columns; they cover every age once."""
    issues = [
        fault(record, "an age group stands once", column=", ".join(several), value=str(one), code="repeated_age_group")
        for one, several in sorted(names.items(), key=lambda item: item[0].low)
        if len(several) > 1
    ]
    ordered = sorted(names, key=lambda one: (one.low, one.high is None, one.high or 0))
    found = ", ".join(map(str, ordered)) or "none"
    rule = f"age groups begin at 0, follow on each other and end with one and over; found: {found}"
    at: int | None = 0
    for one in ordered:
        if at is None or one.low != at:
            issues.append(fault(record, rule, value=str(one), code="age_groups"))
            break
        at = one.high
    else:
        if not ordered or at is not None:
            issues.append(fault(record, rule, code="age_groups"))
    stop_on_errors(issues)
    return {one: names[one][0] for one in ordered}


def _share(one: Group) -> float:
    """Return the share of a group that is 14 and over."""
    if one.low >= ELIGIBLE_FROM:
        return 1.0
    if one.high is not None and one.high <= ELIGIBLE_FROM:
        return 0.0
    return 0.0 if one.high is None else (one.high - ELIGIBLE_FROM) / (one.high - one.low)


def _across(groups: Iterable[Group], record: Record) -> list[Issue]:
    """Return what is told of the group that lies across 14."""
    for one in groups:
        if one.low >= ELIGIBLE_FROM or (one.high is not None and one.high <= ELIGIBLE_FROM):
            continue
        rule = f"the groups split at {ELIGIBLE_FROM}, from which age on people are eligible"
        if one.high is None:
            done = "Give people by narrower groups: nothing says how many of these are 14 and over."
            return [fault(record, rule, value=str(one), done=done, code="age_groups")]
        done = f"{_share(one):.0%} of its people were taken to be {ELIGIBLE_FROM} and over; flag {INTERPOLATED}."
        return [fault(record, rule, value=str(one), severity="warning", done=done, code=INTERPOLATED)]
    return []


def _without_row(missing: list[Any], level: Level, column: str, record: Record) -> list[Issue]:
    rule = f"every {level} has a row with its people by age: unknown is not zero"
    return capped([fault(record, rule, column=column, value=str(unit), code="missing_unit") for unit in missing])
