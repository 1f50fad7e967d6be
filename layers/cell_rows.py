"""The rows of a table of cells: usual names of columns, whose they are, and which of them say nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd

from layers import checks, points, readers
from layers.catalog import Record
from layers.checks import fault, set_aside
from layers.crs import GEOGRAPHIC, to_crs
from layers.errors import Issue, LayerError
from layers.schema import (
    AREA,
    BAND_MHZ,
    CELL,
    CELL_RULES,
    LAT,
    LON,
    MCC,
    MNC,
    OPERATOR,
    RANGE_M,
    SAMPLES,
    TECHNOLOGY,
)

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    LON: ("longitude", "long", "lng", "x", "kinh_do"),
    LAT: ("latitude", "y", "vi_do"),
    MCC: (),
    MNC: ("net",),
    AREA: ("lac", "tac", "location_area"),
    CELL: ("cid", "cellid", "cell_id", "ci", "eci"),
    OPERATOR: ("operator_name", "nha_mang"),
    TECHNOLOGY: ("radio", "radio_type", "rat", "network_type"),
    RANGE_M: ("range", "accuracy"),
    SAMPLES: ("sample",),
    BAND_MHZ: ("downlink_frequency_mhz", "frequency_mhz", "band"),
}
"""What such files call our columns: OpenCelliD, its extracts, Mozilla's list, the ITU's model of cell sites."""
TECHNOLOGIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("2G", "GSM", "GPRS", "EDGE"), "2G"),
    **dict.fromkeys(("3G", "UMTS", "WCDMA", "CDMA", "HSPA", "HSDPA"), "3G"),
    **dict.fromkeys(("4G", "LTE", "LTEA", "LTECA", "LTEADVANCED"), "4G"),
    **dict.fromkeys(("5G", "NR", "5GNR", "5GSA", "5GNSA", "NRSA", "NRNSA"), "5G"),
}
"""Names of technologies, without blanks and dashes, in capitals."""
FAR_KM: Final = 1_500.0
"""No cell of a country of this region lies so far from the middle of its country's others."""
MAX_RANGE_M: Final = 35_000.0
"""What timing advance allows GSM (3GPP TS 45.010); a cell with more is a place that nobody knows."""
MHZ: Final = (400.0, 6_000.0)
_OPENCELLID: Final = ("radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples")
_EARTH_KM: Final = 6_371.0
_SHOWN: Final = 12
"""Networks that a message names."""


class Rules(Protocol):
    """What the plan says of cells: `layers.cell_sites.Model`."""

    @property
    def technology(self) -> str:
        """Which cells count."""

    @property
    def operator(self) -> str | None:
        """Whose they all are."""

    @property
    def networks(self) -> Mapping[str, str]:
        """Network code to operator."""

    @property
    def range_from(self) -> str:
        """Whose radius."""

    @property
    def min_samples(self) -> int:
        """How often a cell was seen at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A table of cells as read.

    Parameters
    ----------
    source : DataFrame
        As found, index = row of the file.
    rows : DataFrame
        Columns of `layers.schema.CELL_RULES`, ``lon`` and ``lat`` in degrees (EPSG:4326, NaN without a place).
    geometry : GeoSeries
        Points in the file's CRS.
    present : frozenset of str
        Our columns that the file has.
    issues : tuple of Issue
    """

    source: pd.DataFrame
    rows: pd.DataFrame
    geometry: gpd.GeoSeries
    present: frozenset[str]
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The cells that count, with ``operator``, and those that do not.

    `left_out` of the rows `set_aside` are left out by the plan's own rules.
    """

    rows: pd.DataFrame
    set_aside: pd.DataFrame
    left_out: int
    issues: tuple[Issue, ...]


def read(record: Record, *, columns: Mapping[str, str], source_crs: str | None, layer_name: str | None) -> Cells:
    """Read a table or vector file of cells.

    Parameters
    ----------
    record : Record
    columns : mapping
        Our name to the file's; what it does not name is looked for under `ALIASES`.
    source_crs, layer_name
        As for `layers.points.read`.

    Raises
    ------
    LayerError
        When the file has no header, lacks a column of the place, or a cell of it cannot be read.
    """
    table = _table(record)
    if table is None:
        found = readers.read_vector(record, layer_name=layer_name, source_crs=source_crs)
        names = _named(found, columns)
    else:
        names = _named(table, columns)
        place: dict[str, str] = {name: names[name] for name in (LON, LAT) if name in names}
        found = points.locate(table, columns=place, source_crs=source_crs, record=record)
    ours = {name: theirs for name, theirs in names.items() if name not in {LON, LAT}}
    taken = checks.take(found, columns=ours, rules=CELL_RULES, record=record)
    _require_points(found, record)
    where = to_crs(gpd.GeoDataFrame(geometry=found.geometry), GEOGRAPHIC, name=record.layer).geometry
    rows = taken.frame.assign(**{LON: where.x, LAT: where.y})
    issues = (*checks.stop_on_errors(taken.issues), *_aliases(names, columns, record))
    source = pd.DataFrame(found.drop(columns=found.geometry.name))
    return Cells(source, rows, found.geometry, frozenset(ours), issues)


def with_crs(record: Record, cells: Cells) -> Record:
    """Return the record with the CRS of its file."""
    return replace(record, crs=cells.geometry.crs.to_string())


def judge(cells: Cells, *, model_of: Rules, record: Record) -> Judged:
    """Say which cells count and whose they are.

    Parameters
    ----------
    cells : Cells
    model_of : Rules
        What the plan says.
    record : Record

    Raises
    ------
    LayerError
        When nothing says whose the cells are, or the radius is to come from a column that is not there.
    """
    rows = cells.rows
    _require_range(cells, model_of, record)
    _require_order(rows, record)
    faulty = _reasons(rows, file_range=model_of.range_from == "file")
    sound = rows[faulty == ""]
    faulty = faulty.mask(rows.index.isin(_listed_again(sound)), "listed twice")
    owner, technology = _operators(rows, model_of, record), _technologies(rows, model_of)
    ruled = pd.Series("", index=rows.index, dtype="object")
    ruled = ruled.mask(rows[SAMPLES] < model_of.min_samples, f"fewer than min_samples = {model_of.min_samples} samples")
    ruled = ruled.mask(owner.isna(), "a network that networks does not name")
    ruled = ruled.mask(technology != model_of.technology, f"another technology than {model_of.technology}")
    ruled = ruled.where(faulty == "", "")
    out = (faulty != "") | (ruled != "")
    reasons = faulty.where(faulty != "", ruled)
    aside = set_aside(cells.source, out, reason="").assign(reason=reasons[out].tolist())
    issues = [*_counted(faulty, "warning", record), *_counted(ruled, "info", record)]
    issues += _unnamed(rows[(ruled != "") & owner.isna()], record) + _no_radio(cells, model_of, record)
    kept = rows[~out].assign(**{OPERATOR: owner[~out]})
    return Judged(kept, aside, int((ruled != "").sum()), tuple(issues))


def _table(record: Record) -> pd.DataFrame | None:
    """Return a table of text or Parquet without geometry; None for a vector file."""
    if not points.is_table(record):
        return None
    _require_header(record)
    return readers.read_table(record)


def _require_points(found: gpd.GeoDataFrame, record: Record) -> None:
    """Refuse a layer of other shapes: where in them the mast stands, nobody says."""
    kinds = found.geometry.geom_type
    other = kinds[kinds.notna() & (kinds != "Point")]
    if len(other):
        value = f"{len(other):,} of {len(found):,} rows"
        done = 'Areas of signal are kind = "polygons".'
        more = {"row": other.index[0], "value": value, "done": done, "code": "geometry_type"}
        raise LayerError(fault(record, f"a cell is a point; this one is a {other.iloc[0]}", **more))


def _require_header(record: Record) -> None:
    """Refuse the files that OpenCelliD gives out without a header, with the header to add."""
    if record.path is None or record.path.suffix.lower() not in {".csv", ".tsv"} or not record.path.is_file():
        return
    with record.path.open("rb") as stream:
        first = stream.readline(500).decode("latin-1").lstrip("ï»¿").split(",")
    if len(first) > 1 and plain(first[0]) in TECHNOLOGIES and re.fullmatch(r"\d{3}", first[1].strip()):
        rule = "a table of cells has a header; this one begins with a cell"
        done = f"Add as first line: {','.join(_OPENCELLID)},changeable,created,updated,averageSignal"
        raise LayerError(fault(record, rule, value=",".join(first[:4]), done=done, code="no_header"))


def _named(found: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, str]:
    """Return our names with the file's: those of the plan, else the same, else an alias (capitals do not count)."""
    there = {str(name).strip().casefold(): str(name) for name in reversed(list(found.columns))}
    named = dict(columns)
    for ours, others in ALIASES.items():
        hit = next((there[name] for name in (ours, *others) if name in there), None)
        if ours not in named and hit is not None and hit not in named.values():
            named[ours] = hit
    return named


def _aliases(names: Mapping[str, str], columns: Mapping[str, str], record: Record) -> list[Issue]:
    guessed = [f"{theirs} as {ours}" for ours, theirs in names.items() if ours not in columns and ours != theirs]
    if not guessed:
        return []
    rule, done = "columns under their usual names were taken for ours", "Name others in columns = { … }."
    return [fault(record, rule, value=", ".join(guessed), severity="info", done=done, code="column_alias")]


def _require_range(cells: Cells, model: Rules, record: Record) -> None:
    if model.range_from == "file" and RANGE_M not in cells.present:
        rule = 'range_from = "file" needs the radius of each cell in metres, a column range_m (or range)'
        done = 'Name it in columns, or take range_from = "table".'
        raise LayerError(fault(record, rule, column=RANGE_M, done=done, code="missing_column"))


def _require_order(rows: pd.DataFrame, record: Record) -> None:
    """Refuse a table whose longitudes stand under lat and latitudes under lon."""
    turned = int((rows[LAT].abs().gt(90) & rows[LAT].abs().le(180) & rows[LON].abs().le(90)).sum())
    if turned * 2 > len(rows):
        rule = "lat is at most 90 degrees; lon and lat look swapped"
        done = "Swap the two names in columns = { lon = …, lat = … }."
        raise LayerError(
            fault(record, rule, column=LAT, value=f"{turned:,} of {len(rows):,} rows", done=done, code="swapped_axes")
        )


def _reasons(rows: pd.DataFrame, *, file_range: bool) -> pd.Series[Any]:
    """Return why a cell cannot be used, empty where it can."""
    found = pd.Series("", index=rows.index, dtype="object")
    if file_range:
        found = found.mask(~(rows[RANGE_M] > 0), "no range")
    mhz = rows[BAND_MHZ]
    found = found.mask(mhz.notna() & ~mhz.between(*MHZ), f"a band that is not within {MHZ[0]:g} and {MHZ[1]:g} MHz")
    found = found.mask(rows[RANGE_M] > MAX_RANGE_M, f"a range above {MAX_RANGE_M / 1000:g} km")
    found = found.mask(_far(rows), f"more than {FAR_KM:,.0f} km from the middle of its country's cells")
    off = ~(rows[LON].abs() <= 180) | ~(rows[LAT].abs() <= 90) | (rows[LON].eq(0) & rows[LAT].eq(0))
    return found.mask(off, "no place on the earth")


def _far(rows: pd.DataFrame) -> pd.Series[bool]:
    """Return which cells lie far from the median place of all with their country code."""
    place = rows[[LON, LAT]].where(rows[LAT].abs() <= 90)
    group = rows[MCC].fillna(-1)
    middle = place.groupby(group).transform("median")
    lon, lat, lon0, lat0 = (np.radians(c) for c in (place[LON], place[LAT], middle[LON], middle[LAT]))
    half = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    km = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return pd.Series(km > FAR_KM, index=rows.index, dtype="bool")


def _listed_again(rows: pd.DataFrame) -> pd.Index[Any]:
    """Return the cells that are listed again: of one identity the most seen stays, else the first."""
    identity = [MCC, MNC, AREA, CELL, TECHNOLOGY]
    whole = rows[rows[[MCC, MNC, CELL]].notna().all(axis="columns")]
    first = whole.assign(seen=-whole[SAMPLES].fillna(0)).sort_values("seen", kind="stable")
    again: pd.Index[Any] = first.index[first.duplicated(identity, keep="first")]
    return again


def _code(value: object) -> str:
    """Return a network code as three digits of country and two of network: 452-04."""
    parts = re.fullmatch(r"\s*(\d{3})\s*[-/ ._]?\s*(\d{1,3})\s*", str(value))
    return "" if parts is None else f"{parts[1]}-{int(parts[2]):02d}"


def _codes(rows: pd.DataFrame) -> pd.Series[Any]:
    known = rows[[MCC, MNC]].notna().all(axis="columns")
    pairs = zip(rows[MCC].fillna(0), rows[MNC].fillna(0), known, strict=True)
    return pd.Series([f"{mcc:.0f}-{mnc:02.0f}" if k else "" for mcc, mnc, k in pairs], index=rows.index, dtype="object")


def _operators(rows: pd.DataFrame, model: Rules, record: Record) -> pd.Series[Any]:
    """Return whose each cell is; missing where its network has no name."""
    if model.operator is not None:
        return pd.Series(model.operator, index=rows.index, dtype="object")
    own = rows[OPERATOR].astype("object").where(rows[OPERATOR].notna(), None)
    networks = {_code(code): name for code, name in model.networks.items()}
    wrong = [code for code in model.networks if not _code(code)]
    if wrong:
        rule = "networks names mobile country and network codes, such as 452-04"
        raise LayerError(fault(record, rule, value=wrong[0], code="bad_network"))
    codes = _codes(rows)
    if own.isna().all() and not networks:
        rule = "a table of cells says whose they are: by operator or networks in the plan, or a column operator"
        found = _networks(codes[codes != ""])
        done = f'Its networks: {found}. Name them: networks = {{ "452-04" = "…" }}.' if found else ""
        raise LayerError(fault(record, rule, done=done, code="no_operator"))
    if own.isna().all() and (codes == "").all():
        rule = "networks names operators by the columns mcc and mnc (or net), which no cell has"
        done = "Name the columns in columns = { mcc = …, mnc = … }, or whose the cells are: operator."
        raise LayerError(fault(record, rule, column=f"{MCC}, {MNC}", done=done, code="missing_column"))
    return own.where(own.notna(), codes.map(networks))


def _networks(codes: pd.Series[Any]) -> str:
    counts = codes.value_counts()
    named = [f"{code} ({count:,} cells)" for code, count in counts.head(_SHOWN).items()]
    return ", ".join([*named, *([f"and {len(counts) - _SHOWN} more"] if len(counts) > _SHOWN else [])])


def plain(text: object) -> str:
    """Return a word in capitals without blanks, dashes and quotes, as `TECHNOLOGIES` has it."""
    return re.sub(r"[\s\-_+\"]", "", str(text)).upper()


def _technologies(rows: pd.DataFrame, model: Rules) -> pd.Series[Any]:
    """Return the technology of each cell, that of the plan where the file says none; what is not known stays itself."""
    said = [model.technology if pd.isna(one) else TECHNOLOGIES.get(plain(one), str(one)) for one in rows[TECHNOLOGY]]
    return pd.Series(said, index=rows.index, dtype="object")


def _counted(reasons: pd.Series[Any], severity: str, record: Record) -> list[Issue]:
    """Return one remark per reason: how many cells, the first of them."""
    found = []
    for reason, rows in reasons[reasons != ""].groupby(reasons):
        rule = f"{len(rows):,} of {len(reasons):,} cells, the first in this row, are not used: {reason}"
        more = {"severity": severity, "done": "Set aside.", "code": "cells_set_aside"}
        found.append(fault(record, rule, row=rows.index[0], **more))
    return found


def _unnamed(rows: pd.DataFrame, record: Record) -> list[Issue]:
    codes = _codes(rows)
    found = _networks(codes[codes != ""])
    if not found:
        return []
    rule, done = "networks names every network whose cells count", "Their cells are left out; name them to use them."
    return [fault(record, rule, value=found, severity="warning", done=done, code="unnamed_network")]


def _no_radio(cells: Cells, model: Rules, record: Record) -> list[Issue]:
    """Return that the technology is the plan's word, where the file has none for some cell."""
    without = int(cells.rows[TECHNOLOGY].isna().sum())
    if not without:
        return []
    rule = f"the file says of each cell its technology; {without:,} of {len(cells.rows):,} do not"
    done = f"They were taken for {model.technology}, the plan's technology."
    return [fault(record, rule, column=TECHNOLOGY, severity="warning", done=done, code="no_technology")]
