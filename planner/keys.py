"""Keys of the service's clients: what each may do and how often, in one small file that holds no key itself.

`planner keys` writes the file, the service reads it. A key is shown once, when it is made; the file keeps its SHA-256,
which is enough for 256 random bits. Imports nothing of ours but errors.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from planner.errors import BusyError, PlanError, UnknownIdError

Scope = Literal["read", "reports"]
SCOPES: Final[tuple[Scope, ...]] = ("read", "reports")
PREFIX: Final = "pk"
FILE: Final = "keys.json"


class Key(BaseModel):
    """One client.

    Parameters
    ----------
    key_id : str
        Public; in lists, and to revoke it.
    name : str
        Whose it is.
    scopes : tuple of {"read", "reports"}
        ``read`` gives reads their own rate, ``reports`` lets citizens' reports be sent.
    sha256 : str
        Of the whole key.
    per_second : float
        Requests in the long run; twice as many at once.
    per_day : int, optional
        Requests per day, UTC.
    created, expires, revoked : str, optional
        Times, UTC, ISO 8601.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    per_second: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    per_day: Annotated[int, Field(gt=0)] | None = None
    created: str
    expires: str | None = None
    revoked: str | None = None

    def active(self, now: dt.datetime) -> bool:
        """Tell whether it opens anything at `now` (UTC)."""
        return self.revoked is None and (self.expires is None or now < dt.datetime.fromisoformat(self.expires))


class KeyRing(BaseModel):
    """All keys of a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: tuple[Key, ...] = ()

    def find(self, token: str, *, now: dt.datetime) -> Key | None:
        """Return the active key that `token` is; None for any other text. Takes as long for any wrong one of an id."""
        prefix, _, rest = token.partition("_")
        key_id = rest.partition("_")[0]
        known = next((key for key in self.keys if prefix == PREFIX and key.key_id == key_id), None)
        if known is None or not hmac.compare_digest(known.sha256, _digest(token)):
            return None
        return known if known.active(now) else None


def read(file: Path) -> KeyRing:
    """Return the keys of a file; none when there is no file.

    Raises
    ------
    PlanError
        When the file is damaged.
    """
    try:
        return KeyRing.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return KeyRing()
    except (ValidationError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not written by `planner keys`"
        message = f"{file}: the file of keys cannot be read ({reason})"
        raise PlanError(message) from None


def add(
    file: Path,
    *,
    name: str,
    scopes: tuple[Scope, ...],
    per_second: float,
    per_day: int | None,
    days: int | None,
    now: dt.datetime,
) -> tuple[Key, str]:
    """Make a key and return it with the text that its client sends, which is kept nowhere.

    Parameters
    ----------
    file : Path
        Made where it is missing, readable by its owner alone.
    name, scopes, per_second, per_day
        As in `Key`.
    days : int, optional
        After how many days it expires.
    now : datetime
        UTC.

    Raises
    ------
    PlanError
        When the file or a value is at fault.
    BusyError
        When another command writes the file.
    """
    key_id = secrets.token_hex(4)
    token = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"
    expires = None if days is None else _iso(now + dt.timedelta(days=days))
    try:
        key = Key(
            key_id=key_id,
            name=name,
            scopes=tuple(dict.fromkeys(scopes)),
            sha256=_digest(token),
            per_second=per_second,
            per_day=per_day,
            created=_iso(now),
            expires=expires,
        )
    except ValidationError as error:
        first = error.errors()[0]
        message = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise PlanError(message) from None
    _write(file, KeyRing(keys=(*read(file).keys, key)))
    return key, token


def revoke(file: Path, key_id: str, *, now: dt.datetime) -> Key:
    """Close a key for ever and return it; the service knows within a second or two.

    Raises
    ------
    UnknownIdError
        When the file holds no such key.
    """
    ring = read(file)
    known = next((key for key in ring.keys if key.key_id == key_id), None)
    if known is None:
        message = f"{file}: no key '{key_id}' (there are: {', '.join(key.key_id for key in ring.keys) or 'none'})"
        raise UnknownIdError(message)
    closed = known if known.revoked is not None else known.model_copy(update={"revoked": _iso(now)})
    _write(file, KeyRing(keys=tuple(closed if key is known else key for key in ring.keys)))
    return closed


def _write(file: Path, ring: KeyRing) -> None:
    """Replace the file in one step; its beginning beside it keeps a second command out."""
    beside = file.with_name(f"{file.name}.new")
    content = json.dumps(ring.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        message = f"{beside}: another command writes the keys; if none does, delete this file and try again"
        raise BusyError(message) from None
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(file)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def _iso(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).replace(microsecond=0).isoformat()
