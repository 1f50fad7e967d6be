"""Which unit a row of a table means: by code, else by name within the parent; what is doubtful is set aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd
from rapidfuzz import fuzz

from layers import checks, names
from layers.catalog import Record
from layers.errors import Issue
from layers.names import Key
from layers.schema import NAME, PARENT, PARENT_ID, UNIT_ID

Rule = Literal["code", "name", "name_without_diacritics", "likeness"]

LIKE_AT: Final = 90.0
"""Likeness from which a name that nothing else matches is taken: 100 x (1 - edits / letters of both), folded letters."""
LIKE_AHEAD: Final = 5.0
"""By how much the best likeness is ahead of the second."""
LIKE_LETTERS: Final = 6
"""Shorter names differ by one letter too easily: 'Ea Na', 'Ea Ba'."""
CANDIDATE_AT: Final = 60.0
"""Likeness from which a unit is named as a candidate."""
_CANDIDATES: Final = 3

_Tell = Callable[[Key], Hashable]
_EXACT: Final[tuple[tuple[Rule, _Tell], ...]] = (
    ("name", lambda k: (k.kind, k.exact)),
    ("name", lambda k: k.exact),
    ("name_without_diacritics", lambda k: (k.kind, k.folded)),
    ("name_without_diacritics", lambda k: k.folded),
)
"""From the strictest to the loosest; the kind of unit ('Xã', 'Phường') settles what the name alone leaves open."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Which row means which unit.

    Parameters
    ----------
    unit_ids : Series of str
        Per row, missing where the row is set aside; index of the rows.
    rules : Series of str
        By which `Rule`, missing where the row is set aside.
    reasons : dict
        Why a row is set aside, by its index.
    candidates : dict
        Ids of the units that such a row may mean, most likely first.
    """

    unit_ids: pd.Series[Any]
    rules: pd.Series[Any]
    reasons: Mapping[Any, str]
    candidates: Mapping[Any, tuple[str, ...]]

    def counts(self) -> dict[str, int]:
        """Return how many rows each rule matched, and how many were set aside."""
        found = self.rules.value_counts()
        return {str(rule): int(found[rule]) for rule in sorted(found.index)} | {"set_aside": len(self.reasons)}


def match(rows: pd.DataFrame, units: pd.DataFrame) -> Matches:
    """Find the unit of each row; a unit is given to one row at most.

    By code where the row has one; a code that no unit has is a fault, not a reason to look at the name. Rows without a
    code by name among the units of the row's parent (of all parents where the row names none): exact after
    normalisation, then without diacritics, then by likeness of `LIKE_AT`, `LIKE_AHEAD` of the second, with the same
    numbers. Every rule is asked for all rows before the next, so that a likeness never takes what another row names.

    Parameters
    ----------
    rows : DataFrame
        ``name``, and where known ``unit_id`` and ``parent`` (its id or name).
    units : DataFrame
        ``unit_id``, ``name``, and where known ``parent`` (name) and ``parent_id``.
    """
    search = _Search(rows, units)
    search.by_code()
    for rule, tell in _EXACT:
        search.by_key(rule, tell)
    search.by_likeness()
    return search.result()


def identify(
    frame: pd.DataFrame, units: pd.DataFrame, *, columns: Mapping[str, str], record: Record
) -> tuple[pd.DataFrame, list[Issue], pd.DataFrame]:
    """Return the rows of a checked table whose unit is found, with ``unit_id``; remarks; and the rows set aside.

    How many rows matched by which rule is told; each match by likeness and each row set aside is a warning.
    """
    found = match(frame, units)
    shown = {str(u): f"{n} ({u})" for u, n in zip(units[UNIT_ID], units[NAME], strict=True)}
    column = columns.get(NAME, NAME)
    told = ", ".join(f"{count} by {rule}" for rule, count in found.counts().items() if rule != "set_aside")
    rule = f"rows are matched to units by code or name: {told or 'none'}; {len(found.reasons)} set aside"
    issues = [
        checks.fault(record, rule, column=column, severity="info", code="matched"),
        *_likely(found, frame[NAME], shown, column, record),
        *_doubtful(found, frame[NAME], shown, column, record),
    ]
    aside = frame.index.isin(list(found.reasons))
    kept = frame.loc[~aside].assign(**{UNIT_ID: found.unit_ids[~aside].astype("str")})
    left = frame.loc[aside, [NAME]]
    left.insert(0, "row", left.index)
    return kept, issues, left.assign(reason=[found.reasons[r] for r in left.index]).reset_index(drop=True)


def _likely(
    found: Matches, given: pd.Series[Any], shown: Mapping[str, str], column: str, record: Record
) -> list[Issue]:
    """Return a warning for each row that was matched by likeness: a person should look."""
    rule = "the name is that of a unit"
    issues = []
    for row in found.rules.index[found.rules == "likeness"]:
        done = f"Taken as {shown[str(found.unit_ids[row])]}, which is most like it; give the code if that is wrong."
        more = {"value": str(given[row]), "severity": "warning", "done": done, "code": "matched_by_likeness"}
        issues.append(checks.fault(record, rule, row=row, column=column, **more))
    return checks.capped(issues)


def _doubtful(
    found: Matches, given: pd.Series[Any], shown: Mapping[str, str], column: str, record: Record
) -> list[Issue]:
    """Return a warning for each row that was set aside, with the units that it may mean."""
    issues = []
    for row, reason in found.reasons.items():
        near = ", ".join(shown[unit] for unit in found.candidates[row])
        done = f"Set aside; candidates: {near}." if near else "Set aside; no unit is like it."
        more = {"value": str(given[row]), "severity": "warning", "done": done, "code": "not_matched"}
        issues.append(checks.fault(record, reason, row=row, column=column, **more))
    return checks.capped(issues)


class _Search:
    """One search: what is still open, what is taken, what was doubtful on the way."""

    def __init__(self, rows: pd.DataFrame, units: pd.DataFrame) -> None:
        self.rows = rows
        self.units = {str(u): names.key(str(n)) for u, n in zip(units[UNIT_ID], units[NAME], strict=True)}
        self.parents = _parents(units)
        self.keys = {row: names.key(str(name)) for row, name in rows[NAME].items() if pd.notna(name)}
        self.lies_in = _lies_in(rows)
        self.open = list(rows.index)
        self.free = dict.fromkeys(sorted(self.units))
        self.found: dict[Any, tuple[str, Rule]] = {}
        self.reasons: dict[Any, str] = {}
        self.candidates: dict[Any, tuple[str, ...]] = {}

    def by_code(self) -> None:
        """Give each row with a code the unit of that code; a wrong or repeated one is set aside."""
        if UNIT_ID not in self.rows.columns:
            return
        codes = self.rows[UNIT_ID].dropna().astype("str").str.strip()
        repeated = set(codes[codes.duplicated(keep=False)])
        for row, code in codes.items():
            if code not in self.units:
                self.set_aside(row, f"the code is that of a unit; '{code}' is none", ())
            elif code in repeated:
                self.set_aside(row, f"a unit has one row; code {code} stands in several", (code,))
                self.free.pop(code, None)
            else:
                self.take(row, code, "code")

    def by_key(self, rule: Rule, tell: _Tell) -> None:
        """Match rows and free units whose keys tell the same; what is not one to one is set aside."""
        of_key: dict[Hashable, list[str]] = defaultdict(list)
        for unit in self.free:
            of_key[tell(self.units[unit])].append(unit)
        wanted: dict[str, list[Any]] = defaultdict(list)
        several: dict[Any, tuple[str, ...]] = {}
        for row in self.open:
            if row not in self.keys:
                continue
            near = [unit for unit in of_key.get(tell(self.keys[row]), ()) if self.within(row, unit)]
            if len(near) == 1:
                wanted[near[0]].append(row)
            elif near:
                several[row] = tuple(near)
        for row, near_units in several.items():
            self.set_aside(row, "the name is that of one unit; several have it", near_units)
        for unit, claims in sorted(wanted.items()):
            if len(claims) == 1:
                self.take(claims[0], unit, rule)
                continue
            for row in claims:
                self.set_aside(row, "a unit has one row; several rows have its name", (unit,))
            self.free.pop(unit, None)

    def by_likeness(self) -> None:
        """Match what is left to the free unit most like it, where that is beyond doubt; set the rest aside."""
        claims: dict[str, list[Any]] = defaultdict(list)
        ranked = {row: self.likeness(row) for row in self.open}
        for row, near in ranked.items():
            if near and self.beyond_doubt(row, near):
                claims[near[0][1]].append(row)
        for unit, rows in sorted(claims.items()):
            if len(rows) == 1:
                self.take(rows[0], unit, "likeness")
        for row in list(self.open):
            near_units = tuple(unit for _, unit in ranked[row][:_CANDIDATES])
            self.set_aside(row, "the name is that of one unit of this plan", near_units)

    def likeness(self, row: Any) -> list[tuple[float, str]]:
        """Return the free units within the row's parent that are like it, most like first, ties by id."""
        if row not in self.keys:
            return []
        own = self.keys[row].folded
        near = [(fuzz.ratio(own, self.units[u].folded), u) for u in self.free if self.within(row, u)]
        return sorted(((s, u) for s, u in near if s >= CANDIDATE_AT), key=lambda found: (-found[0], found[1]))

    def beyond_doubt(self, row: Any, near: list[tuple[float, str]]) -> bool:
        """Tell whether the first of the units like a row is meant by it."""
        own, best = self.keys[row], self.units[near[0][1]]
        ahead = near[0][0] - (near[1][0] if len(near) > 1 else 0.0)
        long_enough = min(len(own.folded), len(best.folded)) >= LIKE_LETTERS
        return near[0][0] >= LIKE_AT and ahead >= LIKE_AHEAD and long_enough and own.numbers == best.numbers

    def within(self, row: Any, unit: str) -> bool:
        """Tell whether a unit lies in the row's parent; a row or a unit without one fits everywhere."""
        if unit not in self.parents or row not in self.lies_in:
            return True
        return bool(self.lies_in[row] & self.parents[unit])

    def take(self, row: Any, unit: str, rule: Rule) -> None:
        """Give a unit to a row."""
        self.found[row] = (unit, rule)
        self.open.remove(row)
        self.free.pop(unit, None)

    def set_aside(self, row: Any, reason: str, near: Iterable[str]) -> None:
        """Leave a row without a unit."""
        self.reasons[row] = reason
        self.candidates[row] = tuple(near)
        self.open.remove(row)

    def result(self) -> Matches:
        """Return what was found, in the order of the rows."""
        index = self.rows.index
        units = [self.found[row][0] if row in self.found else None for row in index]
        rules = [self.found[row][1] if row in self.found else None for row in index]
        return Matches(
            unit_ids=pd.Series(units, index=index, dtype="object"),
            rules=pd.Series(rules, index=index, dtype="object"),
            reasons={row: self.reasons[row] for row in index if row in self.reasons},
            candidates={row: self.candidates[row] for row in index if row in self.candidates},
        )


def _lies_in(rows: pd.DataFrame) -> dict[Any, set[str]]:
    """Return what each row says of its parent, as given (an id) and folded (a name); rows that say nothing are left out."""
    if PARENT not in rows.columns:
        return {}
    given = rows[PARENT].dropna().astype("str")
    return {row: {parent.strip(), names.key(parent).folded} for row, parent in given.items()}


def _parents(units: pd.DataFrame) -> dict[str, set[str]]:
    """Return what the parent of each unit may be called: its id, its folded name."""
    found: dict[str, set[str]] = {}
    if PARENT in units.columns:
        for unit, parent in zip(units[UNIT_ID], units[PARENT], strict=True):
            if pd.notna(parent):
                found.setdefault(str(unit), set()).add(names.key(str(parent)).folded)
    if PARENT_ID in units.columns:
        for unit, parent in zip(units[UNIT_ID], units[PARENT_ID], strict=True):
            if pd.notna(parent):
                found.setdefault(str(unit), set()).add(str(parent))
    return found
