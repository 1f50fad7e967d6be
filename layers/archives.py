"""Zip files opened within limits: what they unpack to is measured, not believed."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from layers import checks
from layers.catalog import Record
from layers.errors import LayerError, UnsafeFileError
from layers.limits import MEGABYTE

SHAPEFILE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SMALL_BYTES: Final = MEGABYTE
"""A file within an archive that unpacks to less is no bomb, whatever its ratio."""
_CHUNK_BYTES: Final = 1 << 16
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
)


@contextmanager
def opened(path: Path, record: Record) -> Iterator[zipfile.ZipFile]:
    """Open a zip file whose contents are within the limits of the plan.

    Parameters
    ----------
    path : Path
    record : Record
        Names the file in messages and has the limits.

    Yields
    ------
    ZipFile

    Raises
    ------
    LayerError
        When it cannot be unpacked, also within the block.
    UnsafeFileError
        When it is beyond the limits, or a file within is larger than the archive says.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _require_small(archive, record)
            yield archive
    except _DAMAGED as error:
        rule = f"the zip file cannot be unpacked: {error}"
        raise LayerError(
            checks.fault(record, rule, code="damaged_zip", done="Pack it again, without a password.")
        ) from None


@contextmanager
def shapefile(path: Path, record: Record) -> Iterator[Path]:
    """Unpack the one Shapefile of a zip file under names of our own, so that no member can write elsewhere.

    Raises
    ------
    LayerError
        When there is none, or several.
    UnsafeFileError
        As for `opened`.
    """
    with opened(path, record) as archive, tempfile.TemporaryDirectory() as folder:
        members = {PurePosixPath(m.filename): m for m in archive.infolist() if not _is_clutter(m)}
        shapes = [name for name in members if name.suffix.lower() == ".shp"]
        if len(shapes) != 1:
            rule = "a zip file holds one Shapefile"
            value = f"{len(shapes)} .shp files" + (f": {', '.join(map(str, shapes[:5]))}" if shapes else "")
            done = "Pack each Shapefile (.shp, .shx, .dbf, .prj) as a zip file of its own."
            raise LayerError(checks.fault(record, rule, value=value, done=done, code="not_one_shapefile"))
        for name, member in members.items():
            suffix = name.suffix.lower()
            if name.with_suffix("") == shapes[0].with_suffix("") and suffix in SHAPEFILE_PARTS:
                with archive.open(member) as source, (Path(folder) / f"layer{suffix}").open("wb") as target:
                    shutil.copyfileobj(source, target)
        yield Path(folder) / "layer.shp"


def document(path: Path, record: Record) -> bytes:
    """Return the one KML document of a KMZ archive.

    Raises
    ------
    LayerError
        When there is none, or several: which of them is meant is not guessed.
    """
    with opened(path, record) as archive:
        found = [m for m in archive.infolist() if m.filename.lower().endswith(".kml") and not _is_clutter(m)]
        if len(found) != 1:
            rule = "a KMZ file holds one KML document"
            value = f"{len(found)} .kml files" + (f": {', '.join(m.filename for m in found[:5])}" if found else "")
            done = "Save each document as a KML file of its own."
            raise LayerError(checks.fault(record, rule, value=value, done=done, code="not_one_document"))
        return archive.read(found[0])


def _is_clutter(member: zipfile.ZipInfo) -> bool:
    """Return whether a member is what macOS adds to an archive, or a folder."""
    name = PurePosixPath(member.filename)
    return _is_folder(member) or member.filename.startswith("__MACOSX/") or name.name.startswith("._")


def _is_folder(member: zipfile.ZipInfo) -> bool:
    """Return whether a member is no file; one without a name is none either, which the library does not expect."""
    return not member.filename or member.filename.endswith("/")


def _require_small(archive: zipfile.ZipFile, record: Record) -> None:
    members, limits = archive.infolist(), record.limits
    size = sum(member.file_size for member in members)
    if size > limits.unpacked_mb * MEGABYTE:
        raise UnsafeFileError(
            checks.beyond(record, "unpacked_mb", f"{size / MEGABYTE:,.1f} MB", "a zip file unpacks to")
        )
    if len(members) > limits.zip_entries:
        raise UnsafeFileError(checks.beyond(record, "zip_entries", f"{len(members):,} files", "a zip file holds"))
    for member in members:
        ratio = member.file_size / max(member.compress_size, 1)
        if ratio > limits.zip_ratio and member.file_size > _SMALL_BYTES:
            value = f"{ratio:,.0f} times ({member.filename[:80]})"
            what = "a file within a zip file unpacks to"
            raise UnsafeFileError(checks.beyond(record, "zip_ratio", value, what, unit="times its packed size"))
        _require_honest(archive, member, record)


def _require_honest(archive: zipfile.ZipFile, member: zipfile.ZipInfo, record: Record) -> None:
    """Refuse a member that unpacks to more than the archive says: another reader would not stop there."""
    if member.compress_type != zipfile.ZIP_DEFLATED or _is_folder(member) or member.flag_bits & 1:
        return
    left, stream = member.file_size, zlib.decompressobj(-zlib.MAX_WBITS)
    for chunk in _packed(archive, member):
        data = chunk
        while data and not stream.eof:
            left -= len(stream.decompress(data, _CHUNK_BYTES))
            if left < 0:
                rule = "a file within a zip file has the size that the archive states"
                value = f"{member.filename[:80]}: more than {member.file_size:,} bytes"
                raise UnsafeFileError(checks.fault(record, rule, value=value, code="zip_size"))
            data = stream.unconsumed_tail


def _packed(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the packed bytes of a member; a `ZipInfo` without a CRC is not asked for it."""
    stored = zipfile.ZipInfo(member.filename)
    stored.header_offset, stored.orig_filename = member.header_offset, member.orig_filename
    stored.flag_bits, stored.compress_type = member.flag_bits, zipfile.ZIP_STORED
    stored.compress_size = stored.file_size = member.compress_size
    with archive.open(stored) as source:
        while chunk := source.read(_CHUNK_BYTES):
            yield chunk
