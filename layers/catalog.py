"""A record per dataset: what it is, whose, under which licence, from when, with which bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from layers.errors import Issue
from layers.limits import DEFAULT, Limits


@dataclass(frozen=True, slots=True)
class Record:
    """What is known about one input before and after it is read.

    Parameters
    ----------
    layer : str
        Name in the plan, for example ``communes`` or ``coverage.viettel``.
    file : str
        Path as the plan gives it (``real:boundaries/x.parquet``), or ``synthetic`` for a generated layer.
    path : Path or None
        Where the bytes are; None for a generated layer.
    title, producer, url, licence : str
    data_date : date or None
        The day the data describe, not the day they were downloaded.
    sha256 : str
        Of the file's bytes; of the seed and parameters for a generated layer.
    crs : str
        CRS of the file, for example ``EPSG:4326``; empty for tables.
    synthetic : bool
        True where the numbers were generated and describe no real place.
    limits : Limits
        How large the file may be.
    """

    layer: str
    file: str
    path: Path | None = None
    title: str = ""
    producer: str = ""
    url: str = ""
    licence: str = ""
    data_date: date | None = None
    sha256: str = ""
    crs: str = ""
    synthetic: bool = False
    limits: Limits = DEFAULT


@dataclass(frozen=True, slots=True)
class Layer:
    """A checked table with its record and everything that was said about it on the way.

    Parameters
    ----------
    record : Record
    frame : DataFrame or GeoDataFrame
        Columns of `layers.schema`; geometries in the plan's metric CRS.
    rows_read : int
        Rows in the file before anything was set aside.
    issues : sequence of Issue
    set_aside : DataFrame
        Rows that were not used, as found, with the reason in a column ``reason``.
    left_out : int
        How many of them a rule of the plan leaves out, which is no fault of the file.
    """

    record: Record
    frame: pd.DataFrame
    rows_read: int
    issues: Sequence[Issue] = ()
    set_aside: pd.DataFrame = field(default_factory=pd.DataFrame)
    left_out: int = 0


def sha256_of(path: Path) -> str:
    """Return the hex SHA-256 of a file's bytes, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def boundaries_folder() -> Path:
    """Return the folder of the shipped province: inside an installed wheel, else beside the source.

    Raises
    ------
    FileNotFoundError
        When an installation carries neither.
    """
    return _shipped("boundaries")


def crosswalk_folder() -> Path:
    """Return the folder of the shipped steps from former communes to those of today; as `boundaries_folder`."""
    return _shipped("crosswalk")


def _shipped(name: str) -> Path:
    root = Path(__file__).resolve().parent.parent
    for folder in (root / "planner" / f"_{name}", root / "data" / name):
        if folder.is_dir():
            return folder
    message = f"the shipped {name} are missing from {root}; install the package again"
    raise FileNotFoundError(message)
