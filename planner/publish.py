"""Writes one publication, whole or not at all: a staging folder beside, checksums, fsync, rename, then `current`."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import json
import logging
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import geopandas as gpd
import pandas as pd
import pyproj

from layers.gdal import pyogrio
from planner import exports, tables
from planner.errors import LimitError, PublicationError
from planner.lock import FolderLock
from planner.products import (
    CONTEXT,
    CONTEXT_LAYERS,
    CURRENT,
    GEOGRAPHIC_TABLES,
    MANIFEST,
    OPTIONAL_TABLES,
    TABLES,
    Column,
    FileEntry,
    InputEntry,
    Manifest,
    Publication,
    expand,
    open_publication,
)

LOG = logging.getLogger("planner")
STAGING: Final = ".staging-"
_LEFTOVER: Final = re.compile(r"^\.(?:staging-.+|current)-(\d+)$")
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SHEETS: Final = (
    "villages",
    "communes",
    "sites",
    "assignments",
    "coverage",
    "doubtful",
    "operator_requests",
    "actions",
    "scenarios",
    "fairness",
    "waves",
    "alternatives",
)


def utc_text(now: dt.datetime) -> str:
    """Return a time as ``YYYY-MM-DDThh:mm:ssZ``; a time without an offset is refused."""
    if now.tzinfo is None:
        message = "the time of a publication needs an offset from UTC"
        raise ValueError(message)
    return now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def publication_id(
    *, now: dt.datetime, inputs: Sequence[InputEntry], plan: Mapping[str, Any], seed: int, code_version: str
) -> str:
    """Return ``<YYYYMMDDThhmmssZ>-<8 hex>``: when, and the start of sha256 over all that decides the numbers.

    Parameters
    ----------
    now : datetime
        With an offset; seconds count.
    inputs : sequence of InputEntry
        Their layers and checksums count, in any order.
    plan : mapping
        The plan as JSON can hold it.
    seed : int
    code_version : str
    """
    parts = {
        "inputs": sorted([i.layer, i.sha256] for i in inputs),
        "plan": plan,
        "seed": seed,
        "code": code_version,
    }
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


@contextmanager
def _disk(what: str) -> Iterator[None]:
    """Turn the disk's refusal to write `what` into a sentence."""
    try:
        yield
    except OSError as error:
        why = "the disk is full" if error.errno in _FULL else (error.strerror or str(error))
        message = f"{what} could not be written: {why}; nothing was published, what was in force stays in force"
        raise LimitError(message) from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, pyogrio.errors.FieldError) as error:
        message = f"{what} could not be written: {error}; nothing was published, what was in force stays in force"
        raise LimitError(message) from error


def _sync(path: Path) -> None:
    """Ask the disk to keep a file or a folder before anything relies on it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _alive(pid: int) -> bool:
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Staging:
    """A publication in the making; a context manager that holds the lock of the ``published/`` folder.

    Leaving the block without `commit`, by an error or by Ctrl-C, removes the folder and leaves ``current`` as it
    was. What a killed run left behind is swept by the next one.

    Parameters
    ----------
    published : Path
        The folder of publications, made where it does not exist.
    header : Manifest
        All but the list of files. Its `indicators` and `pillars` stand for ``*`` in the contract's columns.
    held : FolderLock, optional
        The folder's lock, when the caller holds it already.

    Raises
    ------
    BusyError
        When another run holds the lock.
    LimitError
        When the disk does not take what is written.
    """

    def __init__(self, published: Path, *, header: Manifest, held: FolderLock | None = None) -> None:
        self.published = published
        self.header = header.model_copy(update={"files": []})
        self.now = dt.datetime.fromisoformat(header.now).astimezone(dt.UTC)
        self.path = published / f"{STAGING}{header.id}-{os.getpid()}"
        self._frames: dict[str, pd.DataFrame] = {}
        self._own = ExitStack()
        self._lock = None if held is not None else FolderLock(published)

    def __enter__(self) -> Self:
        with _disk(str(self.published)), ExitStack() as entered:
            if self._lock is not None:
                entered.enter_context(self._lock)
            self._sweep()
            self.path.mkdir()
            self._own = entered.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            shutil.rmtree(self.path, ignore_errors=True)
        finally:
            self._own.close()

    def _sweep(self) -> None:
        """Remove what killed runs left; the lock is held, and a living process's folder is spared all the same."""
        for left in sorted(self.published.iterdir()):
            match = _LEFTOVER.match(left.name)
            if match is None or _alive(int(match.group(1))):
                continue
            LOG.info("removing %s, left by a run that was killed", left.name)
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)

    def _columns(self, name: str) -> list[Column]:
        return expand(
            {**TABLES, **OPTIONAL_TABLES}[name], indicators=self.header.indicators, pillars=list(self.header.pillars)
        )

    def write_table(self, name: str, frame: pd.DataFrame) -> None:
        """Check one table against the contract and write it as (Geo)Parquet.

        Parameters
        ----------
        name : str
            In `planner.products.TABLES` or `planner.products.OPTIONAL_TABLES`.
        frame : DataFrame or GeoDataFrame
            Any row order; geometry in EPSG:4326.

        Raises
        ------
        PublicationError
            Naming the table, row, column and rule that does not hold.
        """
        columns = [c for c in self._columns(name) if not c.optional or c.name in frame.columns]
        starred = {f"{i}_status": "*_status" for i in self.header.indicators}
        prepared = tables.prepare(frame, columns, table=name, pillars=list(self.header.pillars), starred=starred)
        with _disk(f"{name}.parquet"):
            tables.write_parquet(prepared, columns, path=self.path / f"{name}.parquet")
        self._frames[name] = prepared

    def write_context(self, layer: str, frame: gpd.GeoDataFrame) -> None:
        """Add to ``context.gpkg`` what maps draw behind the data; columns other than the geometry are kept.

        Parameters
        ----------
        layer : str
            In `planner.products.CONTEXT_LAYERS`.
        frame : GeoDataFrame
            EPSG:4326; rows in the order in which they are drawn.

        Raises
        ------
        PublicationError
            When the layer is unknown or in another CRS.
        """
        if layer not in CONTEXT_LAYERS:
            message = f"no context layer '{layer}' (there are: {', '.join(CONTEXT_LAYERS)})"
            raise PublicationError(message)
        if frame.crs != pyproj.CRS(tables.CRS):
            message = f"context layer '{layer}' must be in {tables.CRS}"
            raise PublicationError(message)
        with _disk(CONTEXT):
            exports.add_layer(frame, path=self.path / CONTEXT, layer=layer, now=self.now)

    def write_text(self, path: str, text: str) -> None:
        """Write a text file of the publication, UTF-8 with LF line ends.

        Parameters
        ----------
        path : str
            Relative to the publication, with ``/``, for example ``maps/need.html``.
        text : str

        Raises
        ------
        PublicationError
            When the path leads outside.
        """
        self.write_bytes(path, text.encode())

    def write_bytes(self, path: str, content: bytes) -> None:
        """Write a file of the publication as it is; see `write_text`."""
        target = (self.path / path).resolve()
        if not target.is_relative_to(self.path.resolve()) or target == self.path.resolve():
            message = f"'{path}' is not a file inside the publication"
            raise PublicationError(message)
        with _disk(path):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def publication(self) -> Publication:
        """Return what stands so far, for maps to be drawn from; its list of files is still empty."""
        self._write_manifest(self.header)
        return Publication(self.path)

    def commit(self) -> Path:
        """Put the publication in force: exports, checksums, fsync, one rename, then ``current``.

        Returns
        -------
        Path
            The folder in force. Where the same id stands already it is verified and kept.

        Raises
        ------
        PublicationError
            When a table is missing, or the id stands already with damaged files or with other results.
        LimitError
            When the disk is full.
        """
        if missing := [name for name in TABLES if name not in self._frames]:
            message = f"the publication is not whole: {', '.join(missing)} not written"
            raise PublicationError(message)
        self._write_exports()
        target = self.published / self.header.id
        with _disk(f"publication {self.header.id}"):
            final = self.header.model_copy(update={"files": self._entries()})
            if target.exists():
                _verify_same(target, final)
            else:
                self._write_manifest(final)
                self._sync_all()
                self.path.rename(target)
                _sync(self.published)
            switch(self.published, self.header.id)
        return target

    def _write_exports(self) -> None:
        """Write ``plan.gpkg``, ``plan.xlsx`` and ``villages.csv`` from the tables."""
        columns = {
            name: [c for c in self._columns(name) if not c.optional or c.name in self._frames[name].columns]
            for name in (*TABLES, *OPTIONAL_TABLES)
            if name in self._frames
        }
        layers = {name: gpd.GeoDataFrame(self._frames[name]) for name in GEOGRAPHIC_TABLES}
        with _disk("plan.gpkg"):
            exports.write_gpkg(layers, columns, path=self.path / "plan.gpkg", now=self.now)
        sheets: dict[str, pd.DataFrame] = {name: self._frames[name] for name in _SHEETS if name in self._frames}
        with _disk("plan.xlsx"):
            about = _about(self.header)
            exports.write_xlsx(sheets, columns, path=self.path / "plan.xlsx", now=self.now, about=about)
        with _disk("villages.csv"):
            exports.write_csv(self._frames["villages"], columns["villages"], path=self.path / "villages.csv")

    def _files(self) -> list[Path]:
        return sorted(p for p in self.path.rglob("*") if p.is_file() and p.relative_to(self.path) != Path(MANIFEST))

    def _entries(self) -> list[FileEntry]:
        found = [FileEntry(path=p.relative_to(self.path).as_posix(), sha256=_sha256(p)) for p in self._files()]
        return sorted(found, key=lambda entry: entry.path)

    def _write_manifest(self, manifest: Manifest) -> None:
        text = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1, allow_nan=False)
        with _disk(MANIFEST):
            (self.path / MANIFEST).write_text(f"{text}\n", encoding="utf-8", newline="\n")

    def _sync_all(self) -> None:
        for file in [*self._files(), self.path / MANIFEST]:
            _sync(file)
        for folder in sorted(p for p in self.path.rglob("*") if p.is_dir()):
            _sync(folder)
        _sync(self.path)


def stage(published: Path, *, header: Manifest, held: FolderLock | None = None) -> Staging:
    """Return the staging folder of a new publication, to be used in a ``with`` block; see `Staging`."""
    return Staging(published, header=header, held=held)


def _about(manifest: Manifest) -> list[tuple[str, str]]:
    """Return what the workbook's first sheet says: title, id, time, flags, warnings, sources."""
    lines = [("title", manifest.title), ("publication", manifest.id), ("time", manifest.now)]
    lines += [("flag", flag) for flag in manifest.flags]
    lines += [("label", text) for text in manifest.label]
    lines += [("warning", text) for text in manifest.warnings]
    for entry in manifest.inputs:
        parts = (entry.layer, entry.title, entry.producer, entry.licence, entry.data_date or "", entry.file)
        lines.append(("source", " · ".join(part for part in parts if part)))
    return lines


def _verify_same(target: Path, final: Manifest) -> None:
    """Check that the publication that stands is whole and equals what was computed again.

    GeoPackages are equal by row, not by byte, and a search stopped by the clock may end elsewhere: neither counts.
    """
    standing = open_publication(target)
    if damaged := standing.damaged_files():
        found = ", ".join(damaged)
        message = f"{target}: this publication stands already and is damaged ({found}); move it away and run again"
        raise PublicationError(message)
    if final.solver is not None and final.solver.status == "time_limit":
        LOG.warning("%s stands already and is kept; its search ended at the time limit", target.name)
        return
    before = {e.path: e.sha256 for e in standing.manifest.files if not e.path.endswith(".gpkg")}
    after = {e.path: e.sha256 for e in final.files if not e.path.endswith(".gpkg")}
    if before != after:
        differing = sorted(p for p in before.keys() | after.keys() if before.get(p) != after.get(p))
        message = (
            f"{target}: this publication stands already, and the same inputs, plan and seed gave other files now "
            f"({', '.join(differing)}); it is kept as it was. Give the run another time with --now."
        )
        raise PublicationError(message)
    LOG.info("%s stands already, was verified and is kept", target.name)


def switch(published: Path, name: str) -> None:
    """Make `name` the publication in force in one step; the caller holds the folder's lock."""
    beside = published / f".{CURRENT}-{os.getpid()}"
    beside.write_text(f"{name}\n", encoding="utf-8")
    _sync(beside)
    beside.replace(published / CURRENT)
    _sync(published)
