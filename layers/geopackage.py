"""What a GeoPackage says of its geometries before GDAL turns curves into lines and drops measures."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

_ENVELOPE_BYTES: Final = (0, 32, 48, 48, 64, 0, 0, 0)
"""By the envelope code of the flags (OGC 12-128, 2.1.3)."""
_CURVES: Final = {
    8: "CircularString",
    9: "CompoundCurve",
    10: "CurvePolygon",
    11: "MultiCurve",
    12: "MultiSurface",
    13: "Curve",
    14: "Surface",
}
"""Types of well-known binary (ISO 13249-3) that are not simple features."""
_MEASURED: Final = (2, 3)
_INDEX: Final = re.compile(
    r"(?!\s*create\s+virtual)|\s*create\s+virtual\s+table\s.*\susing\s+rtree\b", re.IGNORECASE | re.DOTALL
)


def foreign_parts(path: Path) -> tuple[str, ...]:
    """Return the names of virtual tables that are no spatial index: they may lead to other files or run code.

    Parameters
    ----------
    path : Path
        A GeoPackage; opened read-only.

    Returns
    -------
    tuple of str
        Sorted; empty where the file cannot be asked, which its reader will tell.
    """
    asked = "SELECT name, sql FROM sqlite_master WHERE lower(sql) LIKE '%virtual%'"
    try:
        with closing(_opened(path)) as database:
            return tuple(sorted(str(name) for name, sql in database.execute(asked) if not _INDEX.match(str(sql))))
    except (sqlite3.Error, UnicodeDecodeError):  # the second: a message that quotes damaged names
        return ()


def flattened(path: Path, layer: str) -> tuple[str, ...]:
    """Return the names of the kinds of geometry that reading changes: curves, and ``M`` for measures.

    Parameters
    ----------
    path : Path
        A GeoPackage; opened read-only.
    layer : str
        Its table.

    Returns
    -------
    tuple of str
        Sorted; empty where nothing changes, or where the file cannot be asked.
    """
    try:
        with closing(_opened(path)) as database:
            return tuple(sorted(set(_names(database, layer))))
    except (sqlite3.Error, UnicodeDecodeError):  # the second: a message that quotes damaged names
        return ()


def _opened(path: Path) -> sqlite3.Connection:
    """Open a file read-only; text that is no UTF-8 is read with what it has."""
    database = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    database.text_factory = lambda data: data.decode(errors="replace")
    return database


def _names(database: sqlite3.Connection, layer: str) -> Iterator[str]:
    asked = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?"
    for (column,) in database.execute(asked, (layer,)).fetchall():
        table, name = (text.replace('"', '""') for text in (layer, str(column)))
        for (blob,) in database.execute(f'SELECT substr("{name}", 1, 77) FROM "{table}"'):  # noqa: S608 - quoted names # nosec B608
            kind = _type_of(blob)
            if kind % 1000 in _CURVES:
                yield _CURVES[kind % 1000]
            if kind // 1000 in _MEASURED:
                yield "M"


def _type_of(blob: object) -> int:
    """Return the type of the well-known binary behind the header of a GeoPackage geometry; 0 when there is none."""
    if not isinstance(blob, bytes) or len(blob) < 8:
        return 0
    start = 8 + _ENVELOPE_BYTES[(blob[3] >> 1) & 7]
    order = blob[start : start + 1]
    return int.from_bytes(blob[start + 1 : start + 5], "little" if order == b"\x01" else "big")
