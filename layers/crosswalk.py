"""Figures of former communes moved to those of today, by tables with shares, source and date; people are conserved."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import catalog, checks
from layers.apportion import apportion
from layers.catalog import Record
from layers.errors import Issue, LayerError
from layers.schema import DENOMINATOR, NAME, NUMERATOR, PARENT, PEOPLE, UNIT_ID

System = Literal["2019", "2025-06"]
"""A list of units that figures may come by: the 296 of the census of 2019, the 286 up to June 2025."""

SYSTEMS: Final[tuple[System, ...]] = ("2019", "2025-06")
"""Oldest first; each step leads to the next, the last one to the communes of today."""

FILE: Final = "steps.csv"
OLD_ID: Final = "old_id"
NEW_ID: Final = "new_id"
SHARE: Final = "share"
LOW: Final = "low"
HIGH: Final = "high"
STEP_COLUMNS: Final = ("step", OLD_ID, "old_name", PARENT, NEW_ID, SHARE, LOW, HIGH, "source", "date")
UNKNOWN_SOURCE: Final = "unknown"
"""Source of a step of which nobody tells where the unit went; such a row has neither a new unit nor a share."""


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Where the units of one system went.

    Parameters
    ----------
    record : Record
        Of the table of steps.
    system : str
        One of `SYSTEMS`.
    table : DataFrame
        ``old_id``, ``old_name``, ``parent`` (district), ``new_id`` (commune of today), ``share`` of the old unit's
        people with ``low`` and ``high``, ``source``, ``date``; one row per old unit and successor, ordered by both
        ids. The shares of an old unit add to 1; a unit of unknown fate has one row without a successor.
    """

    record: Record
    system: System
    table: pd.DataFrame

    def units(self) -> pd.DataFrame:
        """Return ``unit_id``, ``name``, ``parent`` of the old units, for matching."""
        first = self.table.drop_duplicates(OLD_ID)
        return first[[OLD_ID, "old_name", PARENT]].set_axis([UNIT_ID, NAME, PARENT], axis=1).reset_index(drop=True)

    def successors(self, old_id: str) -> tuple[tuple[str, float, float, float], ...]:
        """Return id, share, low and high of each commune of today that an old unit went to; never one by default.

        Empty where no source says where it went, and for an id that is none of this system.
        """
        rows = self.table[(self.table[OLD_ID] == old_id) & self.table[NEW_ID].notna()]
        return tuple(
            (str(new), float(share), float(low), float(high))
            for new, share, low, high in zip(rows[NEW_ID], rows[SHARE], rows[LOW], rows[HIGH], strict=True)
        )

    def divided(self) -> frozenset[str]:
        """Return the communes of today that hold a part of a divided unit: their figures rest on estimated shares."""
        return frozenset(self.table.loc[self.table[SHARE] < 1, NEW_ID])

    def of(self, commune_ids: set[str]) -> pd.DataFrame:
        """Return the rows of the old units all of whose successors are among `commune_ids`."""
        known = self.table[NEW_ID].isin(commune_ids)
        whole = known.groupby(self.table[OLD_ID]).transform("all")
        return self.table[whole].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class Moved:
    """Figures of the communes of today.

    Parameters
    ----------
    frame : DataFrame
        ``unit_id`` and the figures, ordered by ``unit_id``.
    shared : tuple of str
        Communes whose figure holds a part of a divided unit.
    incomplete : dict
        Communes without a figure, since some of their former units have none; with the names of those.
    """

    frame: pd.DataFrame
    shared: tuple[str, ...]
    incomplete: Mapping[str, tuple[str, ...]]


def load(system: System, *, folder: Path | None = None) -> Crosswalk:
    """Return the steps from a system of units to the communes of today, composed.

    Parameters
    ----------
    system : {"2019", "2025-06"}
    folder : Path, optional
        With ``steps.csv`` and ``catalog.json``; the shipped one when None.

    Raises
    ------
    LayerError
        When the table is not as its record says, or its shares do not add up.
    """
    folder = folder or catalog.crosswalk_folder()
    record = _record(folder)
    steps = _read(folder / FILE, record)
    composed = steps[steps["step"] == SYSTEMS[-1]]
    for step in reversed(SYSTEMS[SYSTEMS.index(system) : -1]):
        composed = compose(steps[steps["step"] == step], composed)
    table = composed.drop(columns="step").sort_values([OLD_ID, NEW_ID], ignore_index=True)
    return Crosswalk(record, system, table)


def compose(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return one step for two: shares (and their bounds) multiplied along each way and added over all ways.

    Parameters
    ----------
    first, second : DataFrame
        `STEP_COLUMNS`; new ids of the first are old ids of the second. Where either end is unknown, the whole is.
    """
    ways = first.merge(second[[OLD_ID, NEW_ID, SHARE, LOW, HIGH, "source", "date"]].rename(
        columns={OLD_ID: NEW_ID, NEW_ID: "_new", SHARE: "_share", LOW: "_low", HIGH: "_high", "source": "_source",
                 "date": "_date"}), on=NEW_ID, how="left")  # fmt: skip
    lost = set(ways.loc[ways["_new"].isna(), OLD_ID])
    for ours, theirs in ((SHARE, "_share"), (LOW, "_low"), (HIGH, "_high")):
        ways[ours] = ways[ours] * ways[theirs]
    ways[NEW_ID], ways["date"] = ways["_new"], ways["_date"]
    ways["source"] = [a if a == b else f"{a}; {b}" for a, b in zip(ways["source"], ways["_source"], strict=True)]
    known = ways[~ways[OLD_ID].isin(lost)]
    ids = ["step", OLD_ID, "old_name", PARENT, NEW_ID]
    added = known.groupby(ids, as_index=False, sort=True, dropna=False).agg(
        {SHARE: "sum", LOW: "sum", HIGH: "sum", "source": "first", "date": "first"}
    )
    added[LOW], added[HIGH] = added[LOW].clip(upper=1.0), added[HIGH].clip(upper=1.0)
    nowhere = first[first[OLD_ID].isin(lost)].drop_duplicates(OLD_ID).copy()
    nowhere[NEW_ID], nowhere[[SHARE, LOW, HIGH]] = None, float("nan")
    nowhere["source"] = UNKNOWN_SOURCE
    return pd.concat([added, nowhere], ignore_index=True) if len(nowhere) else added


def people(figures: pd.DataFrame, crosswalk: Crosswalk) -> Moved:
    """Move whole people of old units to the communes of today; not one is lost or made.

    Parameters
    ----------
    figures : DataFrame
        ``unit_id`` (old), ``people``.
    crosswalk : Crosswalk
    """
    counts = {str(u): int(n) for u, n in zip(figures[UNIT_ID], figures[PEOPLE], strict=True)}

    def parts(old: str, shares: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[Any]]:
        return {PEOPLE: apportion(counts[old], shares)}

    return _move(set(counts), parts, (PEOPLE,), crosswalk)


def adoption(figures: pd.DataFrame, crosswalk: Crosswalk) -> Moved:
    """Move numerators and denominators of old units to the communes of today.

    The people of a divided unit are shared out by the shares, its adopters in proportion to those people: every part
    keeps the unit's rate, and none gets more adopters than people. Where a numerator or denominator is unknown, that
    of the commune is.

    Parameters
    ----------
    figures : DataFrame
        ``unit_id`` (old), ``numerator``, ``denominator``, NaN = unknown.
    crosswalk : Crosswalk
    """
    rows = {
        str(unit): (numerator, denominator)
        for unit, numerator, denominator in zip(figures[UNIT_ID], figures[NUMERATOR], figures[DENOMINATOR], strict=True)
    }

    def parts(old: str, shares: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[Any]]:
        numerator, denominator = rows[old]
        counted = _parts(denominator, shares)
        return {NUMERATOR: _parts(numerator, shares if pd.isna(denominator) else counted), DENOMINATOR: counted}

    return _move(set(rows), parts, (NUMERATOR, DENOMINATOR), crosswalk)


def remarks(moved: Moved, crosswalk: Crosswalk, *, record: Record) -> list[Issue]:
    """Return what a person should know: which figures rest on estimated shares, which communes have none."""
    issues = []
    names = dict(zip(crosswalk.table[OLD_ID], crosswalk.table["old_name"], strict=True))
    divided = crosswalk.table[crosswalk.table[NEW_ID].isin(moved.shared) & (crosswalk.table[SHARE] < 1)]
    for row in divided.itertuples():
        rule = f"a divided unit is shared out by estimated shares: {row.share:.0%} ({row.low:.0%} to {row.high:.0%})"
        done = f"To {row.new_id}: flagged split_share."
        issues.append(
            checks.fault(record, rule, value=names[row.old_id], severity="info", done=done, code="split_share")
        )
    for commune, lacking in sorted(moved.incomplete.items()):
        rule = f"every former unit of a commune has a figure; commune {commune} lacks {', '.join(lacking)}"
        issues.append(checks.fault(record, rule, value=commune, severity="warning", done="Unknown.", code="incomplete"))
    return checks.capped(issues)


def lost(figures: pd.DataFrame, crosswalk: Crosswalk, *, column: str, record: Record) -> list[Issue]:
    """Return a fault for each unit with a figure of which no source says where it went."""
    nowhere = set(crosswalk.table.loc[crosswalk.table[NEW_ID].isna(), OLD_ID])
    rule = "a source says which communes of today a former unit went to; of this one it is unknown"
    found = figures.loc[figures[UNIT_ID].isin(nowhere), UNIT_ID]
    return checks.capped(
        [
            checks.fault(record, rule, row=row, column=column, value=str(u), code="unknown_step")
            for row, u in found.items()
        ]
    )


def foreign(crosswalk: Crosswalk, commune_ids: Iterable[str], *, record: Record) -> list[Issue]:
    """Return a fault when the steps lead to communes that are none of the plan's: figures would be lost."""
    outside = sorted(set(crosswalk.table[NEW_ID].dropna()) - set(commune_ids))
    if not outside:
        return []
    rule = "the communes that former ones went to are communes of this plan"
    shown = ", ".join(outside[:5]) + (", …" if len(outside) > 5 else "")
    done = f"{len(outside)} are not; the shipped crosswalk is that of Đắk Lắk."
    return [checks.fault(record, rule, value=shown, done=done, code="other_province")]


def oldest(dates: pd.Series[Any]) -> dt.date | None:
    """Return the oldest date that is known; a sum is as old as its oldest part."""
    known = [day for day in dates if isinstance(day, dt.date)]
    return min(known) if known else None


def _parts(count: float, weights: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the parts of a count, all unknown where it is."""
    return np.full(len(weights), np.nan) if pd.isna(count) else apportion(int(count), weights)


def _move(
    given: set[str],
    parts: Callable[[str, npt.NDArray[np.float64]], dict[str, npt.NDArray[Any]]],
    names: tuple[str, ...],
    crosswalk: Crosswalk,
) -> Moved:
    """Share the figures of each given unit out over its successors and add up per commune.

    Parameters
    ----------
    given : set of str
        Former units that have figures.
    parts : callable
        Id of a former unit and the shares of its successors to their parts, by name of the figure.
    names : tuple of str
        Of the figures.
    crosswalk : Crosswalk
    """
    known = crosswalk.table[crosswalk.table[NEW_ID].notna()]
    has = known[OLD_ID].isin(given)
    lacking = {str(c): tuple(rows["old_name"]) for c, rows in known[~has].groupby(NEW_ID)}
    sums = {str(c): dict.fromkeys(names, 0.0) for c in sorted(set(known.loc[has, NEW_ID]))}
    for old, rows in known[has].groupby(OLD_ID):
        found = parts(str(old), rows[SHARE].to_numpy())
        for name in names:
            for commune, part in zip(rows[NEW_ID], found[name], strict=True):
                sums[str(commune)][name] += float(part)
    frame = pd.DataFrame([{UNIT_ID: c, **sums[c]} for c in sums if c not in lacking], columns=[UNIT_ID, *names])
    shared = sorted(set(known.loc[has & (known[SHARE] < 1), NEW_ID]) - set(lacking))
    return Moved(frame, tuple(shared), {c: lacking[c] for c in sums if c in lacking})


def _record(folder: Path) -> Record:
    found = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))["records"]
    about = next(r for r in found if r["file"] == FILE)
    sha256 = catalog.sha256_of(folder / FILE)
    record = Record(
        layer="crosswalk",
        file=f"crosswalk/{FILE}",
        path=folder / FILE,
        title=about["title"],
        producer="; ".join(dict.fromkeys(s["producer"] for s in about["sources"])),
        url=about["sources"][0]["url"],
        licence="; ".join(dict.fromkeys(s["licence"] for s in about["sources"])),
        data_date=dt.date.fromisoformat(about["date"]),
        sha256=sha256,
    )
    if sha256 != about["sha256"]:
        rule = "the crosswalk is the one that its record names; its bytes differ"
        raise LayerError(checks.fault(record, rule, done="Install the planner again.", code="sha256"))
    return record


def _read(path: Path, record: Record) -> pd.DataFrame:
    """Return the steps, checked: known columns, shares between their bounds that add to 1 for each old unit."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows: list[dict[str, Any]] = list(csv.DictReader(stream))
    frame = pd.DataFrame(rows, columns=list(STEP_COLUMNS))
    for name in (SHARE, LOW, HIGH):
        frame[name] = pd.to_numeric(frame[name].replace("", None)).astype("float64")
    frame[NEW_ID] = frame[NEW_ID].replace("", None)
    unknown = frame[NEW_ID].isna()
    ordered = (frame[LOW] >= 0) & (frame[LOW] <= frame[SHARE]) & (frame[SHARE] <= frame[HIGH]) & (frame[HIGH] <= 1)
    sums = frame[~unknown].groupby(["step", OLD_ID])[SHARE].sum()
    if (
        not ordered[~unknown].all()
        or ((sums - 1).abs() > 1e-9).any()
        or frame.duplicated(["step", OLD_ID, NEW_ID]).any()
    ):
        rule = "shares lie within their bounds, and those of each old unit add to 1"
        raise LayerError(checks.fault(record, rule, code="shares"))
    return frame
