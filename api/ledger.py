"""Citizens' reports: kept in a database of the service's own, durable before they are acknowledged.

A report keeps the village, the position at three decimals and what was seen; no name, no address, no device. After
`keep_days` the position and the text are deleted. The pipeline never reads this database: reports are exported into a
file, and a publication names the ids that it took into account.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, SQLAlchemyError

from api.errors import LedgerError, ProblemError
from planner.products import DISPUTES_DECIMALS, DISPUTES_TABLE

Clock = Callable[[], dt.datetime]

_METADATA: Final = sa.MetaData()
DISPUTES: Final = sa.Table(
    DISPUTES_TABLE,
    _METADATA,
    sa.Column("dispute_id", sa.String(32), primary_key=True),
    sa.Column("received_at", sa.String(20), nullable=False, index=True),
    sa.Column("unit_id", sa.Text, nullable=False),
    sa.Column("operator", sa.Text, nullable=False),
    sa.Column("technology", sa.Text, nullable=False),
    sa.Column("seen", sa.Text, nullable=False),
    sa.Column("seen_date", sa.Date, nullable=False),
    sa.Column("rsrp_dbm", sa.Float),
    sa.Column("lat", sa.Float),
    sa.Column("lon", sa.Float),
    sa.Column("text", sa.Text),
    sa.Column("idempotency_sha256", sa.String(64), unique=True),
    sa.Column("content_sha256", sa.String(64)),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a citizen saw.

    Parameters
    ----------
    unit_id : str
        Village that holds the place.
    operator, technology : str
        What the report is about.
    seen : str
        ``no_signal``, ``weak_signal`` or ``signal``.
    seen_date : date
        When.
    rsrp_dbm : float, optional
        A measurement, dBm.
    lat, lon : float
        Degrees, WGS 84; kept at three decimals.
    text : str, optional
        In the citizen's words.
    """

    unit_id: str
    operator: str
    technology: str
    seen: str
    seen_date: dt.date
    rsrp_dbm: float | None
    lat: float
    lon: float
    text: str | None

    def kept(self) -> dict[str, Any]:
        """Return the columns that are stored."""
        columns = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return columns | {"lat": round(self.lat, DISPUTES_DECIMALS), "lon": round(self.lon, DISPUTES_DECIMALS)}


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored report, as far as its sender may see it again."""

    dispute_id: str
    received_at: str
    unit_id: str
    operator: str
    technology: str
    seen: str
    seen_date: dt.date


class Ledger:
    """The database of reports.

    Parameters
    ----------
    url : str
        SQLAlchemy URL; ``postgresql://`` is spoken to by psycopg, SQLite is put into write-ahead mode with full
        synchronisation.
    keep_days : int
        After how long positions and texts are deleted.
    clock : callable
        Returns the time, UTC.
    """

    def __init__(self, url: str, *, keep_days: int, clock: Clock) -> None:
        self._url = url
        self._keep_days = keep_days
        self._clock = clock
        self._engine: sa.Engine | None = None
        self._opening = threading.Lock()

    def today(self) -> dt.date:
        """Return the day, UTC."""
        return self._clock().date()

    def add(self, report: Report, *, key: str | None) -> tuple[Entry, bool]:
        """Store a report and return its entry once it is durable, and whether it is a new one.

        Parameters
        ----------
        report : Report
        key : str, optional
            Idempotency key: the same report under the same key is stored once, however often it is sent.

        Raises
        ------
        ProblemError
            409 when the key was used for another report.
        LedgerError
            When the database does not answer.
        """
        kept = report.kept()
        row = kept | {
            "dispute_id": secrets.token_hex(16),
            "received_at": self._clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "idempotency_sha256": None if key is None else _digest(key.encode()),
            "content_sha256": _digest(orjson.dumps(kept)),
        }
        with self._begin() as connection:
            if key is not None and (known := self._under(connection, row)) is not None:
                return known, False
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(DISPUTES), row)
            except IntegrityError:  # the same key at the same moment: the other one was first
                known = self._under(connection, row)
                if known is None:
                    raise
                return known, False
        return _entry(row), True

    def find(self, dispute_id: str) -> Entry | None:
        """Return a report by its tracking id; None when there is none."""
        with self._begin() as connection:
            found = (
                connection.execute(sa.select(DISPUTES).where(DISPUTES.c.dispute_id == dispute_id)).mappings().first()
            )
        return None if found is None else _entry(dict(found))

    def forget(self) -> int:
        """Delete positions, texts and keys of reports older than `keep_days`; return of how many."""
        limit = (self._clock() - dt.timedelta(days=self._keep_days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        personal = ("lat", "lon", "text", "idempotency_sha256", "content_sha256")
        old = (DISPUTES.c.received_at < limit) & sa.or_(*(DISPUTES.c[name].is_not(None) for name in personal))
        with self._begin() as connection:
            result = connection.execute(sa.update(DISPUTES).where(old).values(dict.fromkeys(personal)))
        return int(result.rowcount)

    def close(self) -> None:
        """Give the connections back."""
        if self._engine is not None:
            self._engine.dispose()

    def _under(self, connection: sa.Connection, row: dict[str, Any]) -> Entry | None:
        """Return what is stored under the key of `row`; None when nothing is."""
        query = sa.select(DISPUTES).where(DISPUTES.c.idempotency_sha256 == row["idempotency_sha256"])
        found = connection.execute(query).mappings().first()
        if found is None:
            return None
        if found["content_sha256"] != row["content_sha256"]:
            raise ProblemError(
                kind="key-reused",
                en="This idempotency key was used for another report; use a new one for a new report.",
                vi="Khoá chống lặp này đã dùng cho một phản ánh khác; hãy dùng khoá mới.",
            )
        return _entry(dict(found))

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        """One transaction; what the database says goes to the log without a report's content."""
        try:
            with self._opened().begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            message = f"the database of reports: {error}"
            raise LedgerError(message) from error

    def _opened(self) -> sa.Engine:
        with self._opening:
            if self._engine is None:
                self._engine = self._open()
            return self._engine

    def _open(self) -> sa.Engine:
        # parameters of a failed statement are a person's report: they are kept out of every message
        engine = sa.create_engine(_spoken(self._url), hide_parameters=True, pool_pre_ping=True)
        if engine.dialect.name == "sqlite":
            _durable(engine)
        try:
            _METADATA.create_all(engine)
        except (IntegrityError, ProgrammingError, OperationalError):  # another worker makes it at this very moment
            _METADATA.create_all(engine)
        return engine


def _spoken(url: str) -> sa.URL:
    """Return a URL with the driver that is installed here, where it names none."""
    parsed = sa.make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def _durable(engine: sa.Engine) -> None:
    """Let SQLite acknowledge only what is on the disk, and take its write lock at the start of a transaction."""

    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")

    sa.event.listen(engine, "connect", connected)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**{name: row[name] for name in Entry.__dataclass_fields__})


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
