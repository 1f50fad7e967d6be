"""One run at a time in a folder of publications. Imports errors only."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from planner.errors import BusyError

LOCK: Final = ".lock"


class FolderLock:
    """Holds a folder for one run; a context manager. The kernel frees it when the process ends, however it ends.

    Parameters
    ----------
    folder : Path
        Made where it does not exist.

    Raises
    ------
    BusyError
        On entering, when another run holds it; the message names its process.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = (self.folder / LOCK).open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            message = f"{self.folder}: another run works here (process {holder}); wait for it or stop it"
            raise BusyError(message) from None
        except OSError:
            file.close()
            raise
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
