"""Who asks: the client's key, its scopes, its own rate and its day's quota."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from starlette.types import Scope

from api.errors import ProblemError
from api.language import header
from api.limits import RateLimiter
from planner import keys
from planner.errors import PlanError
from planner.keys import Key, KeyRing

log = logging.getLogger("planner.api")

LOOK_SECONDS: Final = 1.0
"""How often the file is looked at."""
BURST_SECONDS: Final = 2.0
"""A key may spend so many seconds' requests at once."""


class Access:
    """The keys of a service's clients.

    Parameters
    ----------
    file : Path
        Written by ``planner keys``; read anew when it changes, and left as it was known when it is damaged.
    monotonic : callable
        Seconds of a clock that never goes back.
    clock : callable
        Returns the time, UTC.
    """

    def __init__(self, file: Path, *, monotonic: Callable[[], float], clock: Callable[[], dt.datetime]) -> None:
        self._file = file
        self._monotonic = monotonic
        self._clock = clock
        self._ring = KeyRing()
        self._seen: tuple[int, int] | None = None
        self._looked_at = float("-inf")
        self._spent: dict[str, tuple[dt.date, int]] = {}

    def of(self, scope: Scope) -> Key | None:
        """Return the key that a request carries; None when it carries none of ours.

        Raises
        ------
        ProblemError
            401 when it looks like one and is unknown, expired or revoked.
        """
        scheme, _, given = header(scope, b"authorization").partition(" ")
        token = given.strip()
        if scheme.lower() != "bearer" or not token.startswith(f"{keys.PREFIX}_"):
            return None
        found = self._current().find(token, now=self._clock())
        if found is None:
            raise no_key(
                en="This key is unknown, expired or revoked.",
                vi="Khoá này không có, đã hết hạn hoặc đã bị thu hồi.",
            )
        return found

    def wait_s(self, key: Key, limiter: RateLimiter) -> float:
        """Count a request of a key and return 0, or return after how many seconds it may ask again."""
        now = self._clock()
        day, spent = self._spent.get(key.key_id, (now.date(), 0))
        spent = spent if day == now.date() else 0
        if key.per_day is not None and spent >= key.per_day:
            tomorrow = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)
            return (tomorrow - now).total_seconds()
        wait = limiter.take(
            f"key {key.key_id}", per_second=key.per_second, burst=max(1.0, key.per_second * BURST_SECONDS)
        )
        if wait == 0:
            self._spent[key.key_id] = (now.date(), spent + 1)
        return wait

    def accepts_reports(self) -> bool:
        """Tell whether any client has a key to send reports."""
        now = self._clock()
        return any("reports" in key.scopes and key.active(now) for key in self._current().keys)

    def _current(self) -> KeyRing:
        now = self._monotonic()
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            self._look()
        return self._ring

    def _look(self) -> None:
        try:
            about = self._file.stat()
        except OSError:
            self._ring, self._seen = KeyRing(), None
            return
        seen = (about.st_mtime_ns, about.st_ino)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._ring = keys.read(self._file)
        except PlanError as error:
            log.error("%s; the keys known before stay", error)  # noqa: TRY400 - the sentence says it all


def no_key(*, en: str, vi: str) -> ProblemError:
    """Return the 401."""
    return ProblemError(kind="no-key", en=en, vi=vi, headers={"WWW-Authenticate": "Bearer"})
