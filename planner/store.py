"""Finished stages kept between runs: written whole or not at all, checked before they are read. Imports errors only.

The store belongs to one person on one machine (a cache folder of theirs), never to a workspace that may have come by
mail or on a stick: what it holds is unpickled.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle  # nosec B403 - see the class: only files that this user alone may write are read
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LOG = logging.getLogger("planner")

LIMIT_BYTES: Final = 2 << 30
"""Of all that is kept; beyond it what was not used for longest goes."""
SUFFIX: Final = ".stage"
NOTE: Final = ".note"
_SHA256: Final = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True)
class Found:
    """A stage's result that was kept."""

    value: Any


def default_folder() -> Path | None:
    """Return where stages are kept: PLANNER_CACHE, else the user's cache folder; None where PLANNER_CACHE is empty."""
    named = os.environ.get("PLANNER_CACHE")
    if named is not None:
        return Path(named) if named else None
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "service-coverage-planner"


def open_store(folder: Path | None = None, *, limit_bytes: int = LIMIT_BYTES) -> Store | None:
    """Return the store of this user; None, and a line in the log, where none can be had.

    Parameters
    ----------
    folder : Path, optional
        `default_folder` when None.
    limit_bytes : int
    """
    folder = folder or default_folder()
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = folder.stat()
    except OSError as error:
        LOG.warning("no stage is kept: %s: %s", folder, error.strerror)
        return None
    if about.st_uid != os.geteuid() or stat.S_IMODE(about.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        LOG.warning("no stage is kept: others may write to %s; make it yours alone, or set PLANNER_CACHE", folder)
        return None
    return Store(folder, limit_bytes=limit_bytes)


class Store:
    """Results by key, each in a file of its own.

    Pickle runs what a file tells it to: the folder must be one that only its user may write, which `open_store` sees
    to. Every file begins with the SHA-256 of the rest; what does not match is as good as absent.

    Parameters
    ----------
    folder : Path
    limit_bytes : int
    """

    def __init__(self, folder: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes

    def has(self, key: str) -> bool:
        """Whether something is kept under a key."""
        return (self.folder / f"{key}{SUFFIX}").is_file()

    def get(self, key: str) -> Found | None:
        """Return what is kept under a key; None when nothing is, or when it cannot be relied on."""
        file = self.folder / f"{key}{SUFFIX}"
        try:
            data = file.read_bytes()
            os.utime(file)
        except OSError:
            return None
        if hashlib.sha256(data[_SHA256:]).digest() != data[:_SHA256]:
            LOG.warning("%s is damaged and is computed anew", file.name)
            return None
        return Found(pickle.loads(memoryview(data)[_SHA256:]))  # noqa: S301  # nosec B301 - a file of this user's own, whole

    def put(self, key: str, value: object) -> None:
        """Keep a result; a disk that does not take it costs only the time of computing it again."""
        payload = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        self._write(f"{key}{SUFFIX}", hashlib.sha256(payload).digest() + payload)

    def note(self, key: str) -> str | None:
        """Return a short text kept under a key."""
        try:
            return (self.folder / f"{key}{NOTE}").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def write_note(self, key: str, text: str) -> None:
        """Keep a short text under a key."""
        self._write(f"{key}{NOTE}", text.encode())

    def _write(self, name: str, data: bytes) -> None:
        beside = self.folder / f".{name}-{os.getpid()}"
        try:
            with beside.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(self.folder / name)
        except OSError as error:
            LOG.warning("a stage could not be kept: %s", error.strerror)
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    def prune(self) -> None:
        """Delete what was not used for longest until the rest fits into the limit, and what killed runs left."""
        files = []
        for file in self.folder.iterdir():
            with suppress(OSError):
                about = file.stat()
                files.append((about.st_mtime, about.st_size, file))
        total = sum(size for _, size, _ in files)
        for _, size, file in sorted(files):
            if total <= self.limit_bytes:
                return
            with suppress(OSError):
                file.unlink()
                total -= size
