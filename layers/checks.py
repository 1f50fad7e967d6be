"""A table as read against its rules: renamed, typed, and every fault told with file, row, column, value and rule."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from layers import cells, dates, notes, numerals
from layers.catalog import Record
from layers.errors import Issue, LayerError, UnsafeFileError
from layers.schema import DATA_DATE, UNIT_ID

MAX_ISSUES_PER_RULE: Final = 1_000
"""Beyond it the rest is counted in one issue: a million equal sentences help nobody."""
_NAMED_NEAREST: Final = 20
"""How many unknown ids of one column get the nearest known id; comparing is slow."""

_UNITS: Final[Mapping[str, str]] = {
    "file_mb": "MB",
    "unpacked_mb": "MB",
    "pixels": "cells",
    "held_pixels": "cells",
    "zip_entries": "files",
    "xml_depth": "elements deep",
    "xml_entities": "entities",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """The columns that were asked for, and what is wrong with them.

    Parameters
    ----------
    frame : DataFrame
        Only the columns of the rules and ``data_date``, under our names; index = row of the file. A cell at fault is
        missing.
    issues : tuple of Issue
    """

    frame: pd.DataFrame
    issues: tuple[Issue, ...]


def take(
    source: pd.DataFrame,
    *,
    columns: Mapping[str, str],
    rules: pa.DataFrameSchema,
    record: Record,
    also: Sequence[str] = (),
    told: Iterable[Issue] = (),
) -> Taken:
    """Rename, type and check the columns of a table.

    Parameters
    ----------
    source : DataFrame
        As read, index = row of the file.
    columns : mapping
        Our name to the file's name; a name that is missing here is the same in the file.
    rules : pandera.DataFrameSchema
        Of `layers.schema`; ``str`` columns become text, ``float`` columns numbers.
    record : Record
        Names the file and gives the date where no column does.
    also : sequence of str
        Further names that `columns` may hold, read by the caller.
    told : iterable of Issue
        What the caller has found already; told along where a column is missing.

    Returns
    -------
    Taken

    Raises
    ------
    LayerError
        When a column is missing or `columns` names one that this layer does not know; with the faults of the others.
    """
    if missing := _column_faults(source, columns, rules, record, also):
        raise LayerError([*missing, *_of_the_others(source, columns, rules, record), *told])
    typed: dict[str, pd.Series[Any]] = {}
    issues: list[Issue] = list(notes.of(source))
    for name, rule in rules.columns.items():
        found = source.get(columns.get(name, name))
        if found is None:
            typed[name] = pd.Series(None, index=source.index, dtype="str" if _is_text(rule) else "float64")
            continue
        typed[name], told = _typed(found, rule, column=columns.get(name, name), record=record)
        issues += told
    frame = pd.DataFrame(typed, index=source.index)
    issues += _short_ids(frame, columns, record)
    issues += _broken(frame, rules, columns, record, known={(i.row, i.column) for i in issues})
    frame[DATA_DATE] = _dates(source, columns, record, issues)
    return Taken(frame, tuple(issues))


def stop_on_errors(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Return the issues when none is an error.

    Raises
    ------
    LayerError
        With all issues, when one is.
    """
    found = tuple(issues)
    if any(issue.severity == "error" for issue in found):
        raise LayerError(found)
    return found


def require_rows(frame: pd.DataFrame, *, record: Record) -> None:
    """Refuse a layer without any row.

    Raises
    ------
    LayerError
    """
    if frame.empty:
        raise LayerError(fault(record, "the layer has at least one row that can be used", code="no_rows"))


def require_size(rows: int, columns: int, *, record: Record) -> None:
    """Refuse a table or layer with more rows or columns than the plan allows.

    Raises
    ------
    UnsafeFileError
    """
    if rows > record.limits.rows:
        raise UnsafeFileError(beyond(record, "rows", f"{rows:,} rows", "a layer has"))
    if columns > record.limits.columns:
        raise UnsafeFileError(beyond(record, "columns", f"{columns:,} columns", "a layer has"))


def unknown_ids(found: pd.Series[Any], *, known: Iterable[str], column: str, what: str, record: Record) -> list[Issue]:
    """Return an issue for every id that is not among the known ones, with the nearest one; missing ids are not asked.

    Parameters
    ----------
    found : Series of str
        Index = row of the file.
    known : iterable of str
    column : str
        Name of the column in the file.
    what : str
        What the id should be, for example ``a commune``.
    """
    names = sorted(set(known))
    wrong = found[found.notna() & ~found.isin(names)]
    issues = []
    for position, (row, value) in enumerate(wrong.items()):
        near = difflib.get_close_matches(str(value), names, n=1) if position < _NAMED_NEAREST else []
        done = f"Did you mean '{near[0]}'?" if near else ""
        rule = f"the id is that of {what}"
        issues.append(fault(record, rule, row=row, column=column, value=str(value), done=done, code="unknown_id"))
    return capped(issues)


def fault(record: Record, rule: str, **more: Any) -> Issue:
    """Return an issue of the record's layer and file; `more` are fields of `Issue`, a row of any kind of integer."""
    if more.get("row") is not None:
        more["row"] = int(more["row"])
    return Issue(layer=record.layer, file=record.file, rule=rule, **more)


def beyond(record: Record, key: str, value: str, what: str, *, unit: str | None = None) -> Issue:
    """Return the issue of an input that is larger than a limit allows: the limit, the value and the key to change.

    Parameters
    ----------
    record : Record
        With the limits.
    key : str
        Of `layers.limits.Limits`, and of ``[limits]`` in a plan.
    value : str
        What was found, with its unit.
    what : str
        Begins the rule, for example ``a file has``.
    unit : str, optional
        Of the limit, where the key does not say it.
    """
    limit = getattr(record.limits, key)
    rule = f"{what} at most {limit:,} {unit or _UNITS.get(key, key)} (limits.{key})"
    done = f"Make it smaller; or, if you trust the file, raise {key} in [limits] of the plan."
    return fault(record, rule, value=value, done=done, code=f"limit_{key}")


def capped(issues: Sequence[Issue]) -> list[Issue]:
    """Return the issues of one rule, the ones beyond `MAX_ISSUES_PER_RULE` counted in a last one."""
    if len(issues) <= MAX_ISSUES_PER_RULE:
        return list(issues)
    last, more = issues[MAX_ISSUES_PER_RULE - 1], len(issues) - MAX_ISSUES_PER_RULE
    rest = replace(last, row=None, value=None, rule=f"{more:,} more rows break this rule: {last.rule}")
    return [*issues[:MAX_ISSUES_PER_RULE], rest]


def set_aside(source: pd.DataFrame, rows: pd.Series[bool], *, reason: str) -> pd.DataFrame:
    """Return the rows that are not used, as found (without geometry), with ``row`` and ``reason``."""
    kept = pd.DataFrame(source.loc[rows].drop(columns="geometry", errors="ignore"))
    kept.insert(0, "row", kept.index)
    return kept.assign(reason=reason).reset_index(drop=True)


def _is_text(rule: pa.Column) -> bool:
    return str(rule.dtype) != "float64"


def _of_the_others(
    source: pd.DataFrame, columns: Mapping[str, str], rules: pa.DataFrameSchema, record: Record
) -> tuple[Issue, ...]:
    """Return what is told of the columns that are there, where others are missing."""
    there = {name for name in rules.columns if columns.get(name, name) in source.columns}
    if not there:
        return notes.of(source)
    known = {ours: theirs for ours, theirs in columns.items() if ours in there}
    rest = rules.remove_columns(sorted(set(rules.columns) - there))
    return take(source, columns=known, rules=rest, record=record).issues


def _column_faults(
    source: pd.DataFrame, columns: Mapping[str, str], rules: pa.DataFrameSchema, record: Record, also: Sequence[str]
) -> list[Issue]:
    """Return a fault for each column that is missing or not known."""
    known = [*rules.columns, DATA_DATE, *also]
    issues = []
    for ours in sorted(columns.keys() - set(known)):
        rule = f"columns maps names of this layer: {', '.join(known)}"
        issues.append(fault(record, rule, value=ours, done=_near(ours, known), code="unknown_column"))
    wanted = [name for name, rule in rules.columns.items() if rule.required or name in columns]
    if DATA_DATE in columns:
        wanted.append(DATA_DATE)
    there = [str(name) for name in source.columns]
    for ours in wanted:
        theirs = columns.get(ours, ours)
        if theirs not in there:
            rule = f"the file has this column, from which '{ours}' is read; it has: {', '.join(there)}"
            issues.append(fault(record, rule, column=theirs, done=_near(theirs, there), code="missing_column"))
    return issues


def _near(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"Did you mean '{near[0]}'?" if near else "Name it in columns = { … } of the layer in the plan."


def _short_ids(frame: pd.DataFrame, columns: Mapping[str, str], record: Record) -> list[Issue]:
    """Return a warning for each id of digits that is shorter than the others, some of which begin with 0."""
    if UNIT_ID not in frame or not (ids := frame[UNIT_ID].dropna().astype("str")).str.fullmatch(r"[0-9]+").any():
        return []
    digits = ids[ids.str.fullmatch(r"[0-9]+")]
    width = int(digits.str.len().mode().max())
    short = digits[digits.str.len() < width]
    if not digits[digits.str.len() == width].str.startswith("0").any():
        return []
    rule = f"ids of this column have {width} digits, and some begin with 0; this one may have lost its zeros"
    done = "Kept as it is; format the column as text before saving."
    column = columns.get(UNIT_ID, UNIT_ID)
    return capped(
        [
            fault(record, rule, row=row, column=column, value=text, severity="warning", done=done, code="short_id")
            for row, text in short.items()
        ]
    )


def _shown(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)[:80]


def _typed(
    found: pd.Series[Any], rule: pa.Column, *, column: str, record: Record
) -> tuple[pd.Series[Any], list[Issue]]:
    """Return a column as text or numbers, and what is told of it."""
    if _is_text(rule):
        words = cells.text(found)
        expected = "text without control characters, or a whole number, is expected"
        return words.typed, _unread(words.faulty, found, expected, "", "not_text", column=column, record=record)
    whole = any(check.name == "not_whole" for check in rule.checks)
    read = numerals.read(found, whole=whole, most=(rule.metadata or {}).get("most"))
    told = _notation(read, column=column, record=record)
    done = "Write digits with a point, for example 1234.5, without separators of thousands."
    expected, code = "a number is expected", "not_number"
    if read.doubt == "mixed":
        expected, code = "a number in the notation of the rest of its column is expected", "mixed_notation"
    elif read.doubt == "lost_zeros":
        expected, code = (
            "a count has three digits after each point of thousands; this one lost its last zeros",
            "lost_zeros",
        )
        done = "Write it out: 1.29 may stand for 1290."
    return read.typed, told + _unread(read.faulty, found, expected, done, code, column=column, record=record)


def _notation(read: numerals.Numerals, *, column: str, record: Record) -> list[Issue]:
    """Return what was decided about points and commas, where a cell rests on it."""
    if not read.example:
        return []
    signs = "a point before decimals, a comma before thousands"
    if read.notation == "comma":
        signs = "a comma before decimals, a point before thousands"
    doubtful = read.doubt == "ambiguous"
    rule = f"the numbers of this column have {signs}" + ("; no cell decides it" if doubtful else "")
    return [
        fault(
            record,
            rule,
            column=column,
            value=read.example,
            severity="warning" if doubtful else "info",
            done="The whole column was read so.",
            code="number_notation",
        )
    ]


def _unread(
    faulty: pd.Series[bool],
    found: pd.Series[Any],
    rule: str,
    done: str,
    code: str,
    *,
    column: str,
    record: Record,
) -> list[Issue]:
    """Return an issue for every cell that is there and cannot be read."""
    return capped(
        [
            fault(record, rule, row=row, column=column, value=_shown(value), done=done, code=code)
            for row, value in found[faulty].items()
        ]
    )


def _broken(
    frame: pd.DataFrame,
    rules: pa.DataFrameSchema,
    columns: Mapping[str, str],
    record: Record,
    *,
    known: set[tuple[int | None, str | None]],
) -> list[Issue]:
    """Return an issue for every cell that breaks a rule and is not known to be unreadable."""
    try:
        rules.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        if cases["index"].isna().any():  # a rule that cannot be asked is a fault of ours, not of the file
            raise
    else:
        return []
    checks = {(name, str(c.error)): c for name, column in rules.columns.items() for c in column.checks}
    issues: dict[tuple[str, str], list[Issue]] = {}
    for name, rule, value, row in zip(
        cases["column"], cases["check"], cases["failure_case"], cases["index"], strict=True
    ):
        theirs = columns.get(name, name)
        if (row, theirs) in known:
            continue
        check = checks.get((name, rule))
        issue = fault(
            record,
            "a value is needed here" if check is None else rule,
            row=row,
            column=theirs,
            value=_number_text(value),
            done="" if check is None else str(check.description or ""),
            code="empty" if check is None else str(check.name),
        )
        issues.setdefault((name, rule), []).append(issue)
    return [issue for group in issues.values() for issue in capped(group)]


def _number_text(value: Any) -> str | None:
    """Return a value as a person typed it: 3, not 3.0."""
    return f"{value:.15g}" if isinstance(value, float) and not pd.isna(value) else _shown(value)


def _dates(source: pd.DataFrame, columns: Mapping[str, str], record: Record, issues: list[Issue]) -> pd.Series[Any]:
    """Return the date of each row: its own where `columns` maps one, else the record's."""
    if DATA_DATE not in columns:
        return pd.Series([record.data_date] * len(source), index=source.index, dtype="object")
    found = source[columns[DATA_DATE]]
    read = dates.read(found)
    issues += _order(read, column=columns[DATA_DATE], record=record)
    rule, done = (
        "a date is expected, day and month in one order in the whole column",
        "Write year, month, day: 2025-07-01.",
    )
    issues += [
        fault(record, rule, row=row, column=columns[DATA_DATE], value=_shown(value), done=done, code="not_date")
        for row, value in found[read.faulty].items()
    ]
    return read.typed


def _order(read: dates.Dates, *, column: str, record: Record) -> list[Issue]:
    """Return what was decided about days and months, where a cell rests on it."""
    if not read.example:
        return []
    rule = f"the dates of this column have the {read.order} first" + ("" if read.decided else "; no cell decides it")
    severity = "info" if read.decided else "warning"
    done = "The whole column was read so. Write year, month, day (2025-07-01) to leave no doubt."
    return [fault(record, rule, column=column, value=read.example, severity=severity, done=done, code="date_order")]
