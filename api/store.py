"""The publication in force and a few older ones; a new one is verified beside and takes over in one assignment."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api import points
from api import snapshot as snapshots
from api.errors import ProblemError, not_ready
from api.service import Service
from api.settings import Settings
from api.snapshot import Snapshot
from planner.errors import PublicationError
from planner.products import MANIFEST, Manifest, current_id, read_manifest

log = logging.getLogger("planner.api")

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A publication that was named as the one in force but cannot be served.

    Parameters
    ----------
    id : str
        Its id, empty when ``current`` names none.
    reason : str
        For a person.
    at_s : float
        Clock reading of the last try, seconds of `time.monotonic`.
    """

    id: str
    reason: str
    at_s: float


class Store:
    """Snapshots of one ``published/`` folder.

    A reader takes the reference once and keeps it for its whole answer; nothing it holds ever changes.

    Parameters
    ----------
    settings : Settings
        Where the folder is, how often to look, how much to keep.
    accepts_reports : callable, optional
        Tells whether any client has a key to send reports; without it none has but the holder of the write key.
    """

    def __init__(self, settings: Settings, *, accepts_reports: Callable[[], bool] = lambda: False) -> None:
        self._settings = settings
        self._accepts_reports = accepts_reports
        self._current: Snapshot | None = None
        self._refusal: Refusal | None = None
        self._older: OrderedDict[str, Snapshot] = OrderedDict()
        self._manifests: dict[str, Manifest] = {}
        self._lock = asyncio.Lock()

    @property
    def refusal(self) -> Refusal | None:
        """Why what ``current`` names is not served; None when all is well."""
        return self._refusal

    @property
    def served(self) -> Snapshot | None:
        """The snapshot that answers now; None before the first publication."""
        return self._current

    def current(self) -> Snapshot:
        """Return the snapshot in force; raises the 503 problem when there is none."""
        if self._current is None:
            raise not_ready()
        return self._current

    async def get(self, publication: str | None) -> Snapshot:
        """Return the snapshot of `publication`, of the one in force when None; an older one is verified once.

        Raises
        ------
        ProblemError
            404 when there is no such publication.
        PublicationError
            When it is damaged.
        """
        served = self.current()
        if publication is None or publication == served.id:
            return served
        if publication in self._older:
            return self._kept(publication)
        folder = self._folder(publication)
        async with self._lock:  # one at a time: a rush for the same id reads it once
            if publication in self._older:
                return self._kept(publication)
            if not await asyncio.to_thread((folder / MANIFEST).is_file):
                raise _unknown(publication)
            return self._keep(await asyncio.to_thread(snapshots.load, folder, service=self._service()))

    async def manifests(self) -> list[Manifest]:
        """Return the manifests of all publications of the folder, newest first; damaged ones are left out."""
        return await asyncio.to_thread(self._list)

    def open(self) -> None:
        """Look at ``current`` before the first request, so that a fresh process can answer at once. Blocks."""
        self._swap(self._look())

    async def refresh(self) -> None:
        """Look at ``current`` once, off the event loop; swap when it names another sound publication."""
        self._swap(await asyncio.to_thread(self._look))

    async def watch(self) -> None:
        """Call `refresh` for ever, every `poll_seconds`."""
        while True:
            await asyncio.sleep(self._settings.poll_seconds)
            try:
                await self.refresh()
            except Exception:
                log.exception("the published folder could not be looked at; what is served stays")

    def _look(self) -> Snapshot | Refusal | None:
        """Return what is to be served from now on, why it cannot be, or None when nothing changed."""
        try:
            wanted = current_id(self._settings.published)
        except PublicationError as error:
            return self._refusal_of("", error)
        served = self._current
        if served is not None and wanted == served.id:
            return served
        if self._waits(wanted):
            return None
        try:
            return self._older.get(wanted) or self._prepared(self._settings.published / wanted)
        except PublicationError as error:
            return self._refusal_of(wanted, error)

    def _service(self) -> Service:
        settings = self._settings
        reports = settings.write_key is not None or self._accepts_reports()
        return Service(base=(settings.public_url or "").rstrip("/"), accepts_reports=reports)

    def _prepared(self, folder: Path) -> Snapshot:
        """Return a snapshot that can answer at once."""
        found = snapshots.load(folder, service=self._service())
        points.prepare(found)
        return found

    def _swap(self, found: Snapshot | Refusal | None) -> None:
        if isinstance(found, Refusal):
            self._refuse(found)
        elif found is not None:
            self._refusal = None
            before, self._current = self._current, found
            if before is not found:
                log.info("serving %s", found.id)
                if before is not None:
                    self._keep(before)

    def _refusal_of(self, publication: str, error: PublicationError) -> Refusal:
        """Return why, without where the folder lies on this machine: /health/ready is for everybody."""
        folder = str(self._settings.published)
        reason = str(error).replace(folder + os.sep, "").replace(folder, "the published folder")
        return Refusal(publication, reason, time.monotonic())

    def _waits(self, wanted: str) -> bool:
        refused = self._refusal
        return (
            refused is not None
            and refused.id == wanted
            and time.monotonic() - refused.at_s < self._settings.retry_seconds
        )

    def _refuse(self, refusal: Refusal) -> None:
        before, served = self._refusal, self._current
        if before is None or (before.id, before.reason) != (refusal.id, refusal.reason):
            still = served.id if served is not None else "nothing"
            log.error("refused %s: %s; serving %s", refusal.id or "-", refusal.reason, still)
        self._refusal = refusal

    def _folder(self, publication: str) -> Path:
        if _ID.fullmatch(publication) is None:
            raise _unknown(publication)
        return self._settings.published / publication

    def _kept(self, publication: str) -> Snapshot:
        self._older.move_to_end(publication)
        return self._older[publication]

    def _keep(self, fresh: Snapshot) -> Snapshot:
        self._older[fresh.id] = fresh
        self._older.move_to_end(fresh.id)
        while len(self._older) > self._settings.older_publications:
            self._older.popitem(last=False)
        return fresh

    def _list(self) -> list[Manifest]:
        found = {}
        for folder in sorted(self._settings.published.iterdir()):
            if _ID.fullmatch(folder.name) and (folder / MANIFEST).is_file():
                try:  # a publication never changes: its manifest is read once
                    found[folder.name] = self._manifests.get(folder.name) or read_manifest(folder)
                except PublicationError as error:
                    log.warning("not listed: %s", error)
        self._manifests = found
        return sorted(found.values(), key=lambda manifest: (manifest.now, manifest.id), reverse=True)


def _unknown(publication: str) -> ProblemError:
    return ProblemError(
        kind="unknown-id",
        en=f"There is no publication '{publication[:100]}' here; /v1/publications lists them.",
        vi=f"Không có bản công bố '{publication[:100]}'; xem danh sách ở /v1/publications.",
    )
