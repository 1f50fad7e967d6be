"""Minutes between villages and sites, people in need and capacities that a user brings for one siting question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from layers.errors import Issue, LayerError
from layers.schema import PEOPLE, SITE_ID, UNIT_ID

MINUTES: Final = "minutes"
CAPACITY: Final = "capacity"
COST: Final = "cost"
MAX_BYTES: Final = 2 << 30
_SHOWN: Final = 20
"""A table that is wrong all over is told in this many lines."""

Text = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Minutes from villages to sites.

    Parameters
    ----------
    unit_ids, site_ids : ndarray of str, shapes (n,), (m,)
        In text order.
    minutes : csr_array, shape (n, m)
        Explicit entries are ways; a stored 0 is 0 minutes, no entry is unreachable.
    """

    unit_ids: Text
    site_ids: Text
    minutes: sparse.csr_array


def _issue(path: Path, rule: str, **more: Any) -> Issue:
    return Issue(layer=path.stem, file=path.name, rule=rule, **more)


def _stop(issues: list[Issue]) -> None:
    if issues:
        raise LayerError(issues[:_SHOWN])


def _text_table(path: Path) -> pd.DataFrame:
    """Read a CSV as text, ids and all, so that no leading zero is lost."""
    if not path.is_file():
        raise LayerError(_issue(path, "no such file", done=str(path)))
    if path.stat().st_size > MAX_BYTES:
        raise LayerError(_issue(path, f"a file has at most {MAX_BYTES:,} bytes"))
    try:
        return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise LayerError(_issue(path, f"a CSV in UTF-8 with a header is expected ({error})")) from None


def _require(frame: pd.DataFrame, columns: tuple[str, ...], path: Path) -> None:
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        found = ", ".join(map(str, frame.columns))
        _stop([_issue(path, "a column is missing", column=c, done=f"The file has: {found}.") for c in missing])


def _once(ids: pd.Series[Any], column: str, path: Path) -> list[Issue]:
    """Return a fault per id that is empty or stands twice; rows count from 1."""
    wrong = np.flatnonzero(ids.duplicated().to_numpy() | (ids == "").to_numpy())
    rule = "an id is given once"
    return [_issue(path, rule, row=int(i) + 1, column=column, value=str(ids.iloc[i])) for i in wrong[:_SHOWN]]


def _numbers(
    text: pd.Series[Any], column: str, path: Path, *, rule: str, holds: Callable[[Any], Any]
) -> tuple[npt.NDArray[np.float64], list[Issue]]:
    """Return the numbers of a text column, NaN for empty cells, and a fault per cell that is none or breaks the rule."""
    stripped = text.str.strip()
    values = pd.to_numeric(stripped, errors="coerce").to_numpy(dtype=np.float64)
    empty = (stripped == "").to_numpy()
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero(~empty & ~(np.isfinite(values) & holds(values)))
    faults = [_issue(path, rule, row=int(i) + 1, column=column, value=str(text.iloc[i])) for i in wrong[:_SHOWN]]
    return values, faults


_NOT_NEGATIVE: Final = "a number from 0 upwards is expected"


def load_minutes(path: Path) -> Matrix:
    """Read a matrix of minutes.

    Parameters
    ----------
    path : Path
        CSV: first column ``unit_id``, then a column per site, an empty cell is unreachable. Or Parquet: ``unit_id``,
        ``site_id``, ``minutes``, one row per way.

    Raises
    ------
    LayerError
        Naming file, row, column and value: no file, an id twice, a cell that is no number from 0 upwards.
    """
    long = _long(path) if path.suffix.lower() in {".parquet", ".geoparquet"} else _wide(path)
    unit_ids, rows = np.unique(long[0], return_inverse=True)
    site_ids, columns = np.unique(long[1], return_inverse=True)
    known = ~np.isnan(long[2])
    entries = (long[2][known], (rows[known], columns[known]))
    minutes = sparse.coo_array(entries, shape=(unit_ids.size, site_ids.size)).tocsr()
    minutes.sort_indices()
    return Matrix(unit_ids, site_ids, minutes)


def _wide(path: Path) -> tuple[Text, Text, npt.NDArray[np.float64]]:
    frame = _text_table(path)
    if frame.columns.empty or frame.columns[0] != UNIT_ID:
        raise LayerError(_issue(path, f"the first column is {UNIT_ID}, the others are site ids"))
    # pandas renames the second of two equal headers to 'a.1', so the header is read once more as it stands
    header = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig", header=None, nrows=1)
    issues = _once(frame[UNIT_ID], UNIT_ID, path) + _once(header.iloc[0, 1:], SITE_ID, path)
    _stop(issues)
    sites = [str(c) for c in frame.columns[1:]]
    values = np.full((len(frame), len(sites)), np.nan)
    for j, site in enumerate(sites):
        values[:, j], faults = _numbers(frame[site], site, path, rule=_NOT_NEGATIVE, holds=lambda v: v >= 0)
        issues += faults
    _stop(issues)
    units = frame[UNIT_ID].to_numpy(dtype=np.str_)
    return np.repeat(units, len(sites)), np.tile(np.array(sites, dtype=np.str_), len(units)), values.ravel()


def _long(path: Path) -> tuple[Text, Text, npt.NDArray[np.float64]]:
    if not path.is_file():
        raise LayerError(_issue(path, "no such file", done=str(path)))
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise LayerError(_issue(path, f"a Parquet file is expected ({error})")) from None
    _require(frame, (UNIT_ID, SITE_ID, MINUTES), path)
    values = pd.to_numeric(frame[MINUTES], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    twice = np.flatnonzero(frame.duplicated([UNIT_ID, SITE_ID]).to_numpy())
    issues = [
        _issue(path, _NOT_NEGATIVE, row=int(i) + 1, column=MINUTES, value=str(frame[MINUTES].iloc[i]))
        for i in wrong[:_SHOWN]
    ]
    issues += [
        _issue(path, "a pair of village and site is given once", row=int(i) + 1, value=str(frame[UNIT_ID].iloc[i]))
        for i in twice[:_SHOWN]
    ]
    _stop(issues)
    return frame[UNIT_ID].astype(str).to_numpy(np.str_), frame[SITE_ID].astype(str).to_numpy(np.str_), values


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """What each site can take and costs.

    Parameters
    ----------
    capacity_people : ndarray of float64, shape (m,)
        Infinite where the cell is empty.
    cost : ndarray of float64, shape (m,), optional
        None where the file has no such column.
    """

    capacity_people: npt.NDArray[np.float64]
    cost: npt.NDArray[np.float64] | None


def load_capacity(path: Path, *, site_ids: Text) -> Limits:
    """Read capacities (CSV ``site_id``, ``capacity`` and, if wanted, ``cost``) in the order of `site_ids`.

    An empty capacity is no limit; an empty cost is a fault, for a site does not come free because nobody said so.

    Raises
    ------
    LayerError
        When a site of the matrix is missing or unknown here, or a figure is no number from 0 upwards.
    """
    frame = _text_table(path)
    _require(frame, (SITE_ID, CAPACITY), path)
    issues = _once(frame[SITE_ID], SITE_ID, path)
    capacity, faults = _numbers(frame[CAPACITY], CAPACITY, path, rule=_NOT_NEGATIVE, holds=lambda v: v >= 0)
    issues += faults + _same_ids(frame[SITE_ID], site_ids, SITE_ID, path, what="site")
    cost: npt.NDArray[np.float64] | None = None
    if COST in frame.columns:
        cost, faults = _numbers(frame[COST], COST, path, rule=_NOT_NEGATIVE, holds=lambda v: v >= 0)
        rule = "a cost is given for every site; unknown is not 0"
        empty = np.flatnonzero((frame[COST].str.strip() == "").to_numpy())[:_SHOWN]
        issues += faults + [_issue(path, rule, row=int(i) + 1, column=COST, value="") for i in empty]
    _stop(issues)
    order = pd.Index(frame[SITE_ID]).get_indexer(site_ids.tolist())
    unlimited = np.where(np.isnan(capacity), np.inf, capacity)
    return Limits(unlimited[order], None if cost is None else cost[order])


def _same_ids(given: pd.Series[Any], wanted: Text, column: str, path: Path, *, what: str) -> list[Issue]:
    """Return a fault per id of the matrix without a row, and per row of no id of the matrix."""
    here, there = set(given), set(wanted.tolist())
    missing = [
        _issue(path, f"every {what} of the matrix needs a row here", column=column, value=i)
        for i in sorted(there - here)[:_SHOWN]
    ]
    unknown = [
        _issue(path, f"no such {what} in the matrix", column=column, value=i) for i in sorted(here - there)[:_SHOWN]
    ]
    return missing + unknown


def load_need(path: Path, *, unit_ids: Text) -> npt.NDArray[np.float64]:
    """Read people in need per village (CSV ``unit_id``, ``people``) in the order of `unit_ids`.

    Raises
    ------
    LayerError
        When a village of the matrix is missing or unknown here, or people are no number from 0 upwards.
    """
    frame = _text_table(path)
    _require(frame, (UNIT_ID, PEOPLE), path)
    issues = _once(frame[UNIT_ID], UNIT_ID, path)
    values, faults = _numbers(frame[PEOPLE], PEOPLE, path, rule=_NOT_NEGATIVE, holds=lambda v: v >= 0)
    issues += faults
    issues += [
        _issue(path, "people are given for every village; unknown is not 0", row=int(i) + 1, column=PEOPLE, value="")
        for i in np.flatnonzero((frame[PEOPLE].str.strip() == "").to_numpy())[:_SHOWN]
    ]
    known = pd.Series(values, index=frame[UNIT_ID])
    issues += _same_ids(frame[UNIT_ID], unit_ids, UNIT_ID, path, what="village")
    _stop(issues)
    return np.asarray(known.loc[unit_ids.tolist()], dtype=np.float64)
