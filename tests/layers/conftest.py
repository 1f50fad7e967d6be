"""Records of files that a test has just written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from layers.catalog import Record


@pytest.fixture
def record_of():
    """Return a record of a file; its layer is called after the file."""

    def make(path: Path, **more: object) -> Record:
        return Record(layer=path.stem, file=path.name, path=path, data_date=dt.date(2025, 7, 1), **more)

    return make


@pytest.fixture
def csv(tmp_path, record_of):
    """Write lines as a CSV file and return its record."""

    def write(*lines: str, name: str = "table.csv", encoding: str = "utf-8") -> Record:
        path = tmp_path / name
        path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
        return record_of(path)

    return write
