"""Citizens' reports as a file for the next run: the ledger of the service, frozen.

The service keeps reports in a database of its own; a run never reads that. `export` writes what a run may know of them,
the columns of `products.DISPUTES`: no text, no key, no time of sending.
"""

from __future__ import annotations

import errno
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from planner import tables
from planner.errors import LimitError, PlanError
from planner.products import DISPUTES, DISPUTES_DECIMALS, DISPUTES_TABLE


def export(database: str, *, out: Path) -> int:
    """Write all reports of a ledger into a Parquet file and return how many there are.

    Parameters
    ----------
    database : str
        The service's database: the path of an SQLite file, or a URL ``sqlite:///…`` or ``postgresql://…``.
    out : Path
        File to write, ``*.parquet``; one that stands there is replaced in one step, when the new one is whole.

    Notes
    -----
    Rows are sorted by tracking id and positions have three decimals: the same reports are the same bytes, whatever
    database held them. A report whose position was deleted after its time keeps its village and has no position.

    Raises
    ------
    PlanError
        When the database is missing, refuses, or holds no reports' table, or when `out` cannot be written.
    LimitError
        When the disk is full.
    """
    _target(out, database)
    frame = _rows(database)
    beside = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        tables.write_parquet(frame, list(DISPUTES), path=beside)
        beside.replace(out)
    except OSError as error:
        message = f"{out}: {error.strerror or error}; nothing was written"
        raise (LimitError if error.errno == errno.ENOSPC else PlanError)(message) from None
    finally:
        beside.unlink(missing_ok=True)
    return len(frame)


def _target(out: Path, database: str) -> None:
    """Refuse a file that a run could not read, or that is the ledger itself."""
    if out.suffix.lower() != ".parquet":
        message = f"{out}: the file of reports ends in .parquet, for example disputes.parquet"
        raise PlanError(message)
    if not out.absolute().parent.is_dir():
        message = f"{out}: the folder {out.absolute().parent} does not exist; make it first"
        raise PlanError(message)
    if out.is_dir() or out.absolute() == Path(database).absolute():
        message = f"{out}: a file is to be written here; choose another name"
        raise PlanError(message)


def _rows(database: str) -> pd.DataFrame:
    """Return the reports, by tracking id."""
    import sqlalchemy as sa  # noqa: PLC0415 - only this command and `publish` talk to a database

    table = sa.table(DISPUTES_TABLE, *(sa.column(column.name) for column in DISPUTES))
    with _connected(database) as connection:
        found = connection.execute(sa.select(table)).mappings().all()
    rows = sorted((_plain(row) for row in found), key=lambda row: str(row["dispute_id"]))
    return pd.DataFrame(rows, columns=[column.name for column in DISPUTES])


def _plain(row: Any) -> dict[str, object]:
    """Return a report in the kinds of its columns: days as ISO text, positions rounded whoever wrote them."""
    plain: dict[str, object] = {}
    for column in DISPUTES:
        value = row[column.name]
        if value is None:
            plain[column.name] = None
        elif column.kind == "number":
            plain[column.name] = round(float(value), DISPUTES_DECIMALS) if column.unit == "degrees" else float(value)
        else:
            plain[column.name] = str(value)
    return plain


@contextmanager
def _connected(database: str) -> Iterator[Any]:
    """Open a database for one reading; what it says becomes a sentence without its password."""
    import sqlalchemy as sa  # noqa: PLC0415 - as above

    engine = _engine(_url(database))
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table(DISPUTES_TABLE):
                message = (
                    f"{_shown(database)}: no table '{DISPUTES_TABLE}'; this is no database of the service's reports"
                )
                raise PlanError(message)
            yield connection
    except sa.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        message = f"{_shown(database)}: cannot be read ({reason}); nothing was written"
        raise PlanError(message) from None
    finally:
        engine.dispose()


def _url(database: str) -> Any:
    import sqlalchemy as sa  # noqa: PLC0415 - as above

    try:
        return sa.make_url(database) if "://" in database else sa.URL.create("sqlite", database=database)
    except sa.exc.ArgumentError:
        message = "the URL of a database looks like postgresql://user:password@host:port/database"
        raise PlanError(message) from None


def _engine(url: Any) -> Any:
    """Return an engine; an SQLite file must stand already, since opening one would make it."""
    import sqlalchemy as sa  # noqa: PLC0415 - as above

    kind = url.get_backend_name()
    if kind == "sqlite":
        file = Path(url.database or "")
        if not file.is_file():
            message = (
                f"{file}: there is no such file; the service keeps reports in disputes.db beside its published folder"
            )
            raise PlanError(message)
        read_only = {"mode": "ro", "uri": "true"}
        return sa.create_engine(sa.URL.create("sqlite", database=file.absolute().as_uri(), query=read_only))
    if kind != "postgresql":
        message = (
            f"'{kind}' is no database of reports; give an SQLite file, or postgresql://user:password@host/database"
        )
        raise PlanError(message)
    try:
        return sa.create_engine(url.set(drivername="postgresql+psycopg"))
    except ImportError as error:
        message = (
            f"PostgreSQL needs the extra 'postgis' of this package: pip install '.[postgis]' ({error.name} is missing)"
        )
        raise PlanError(message) from None


def _shown(database: str) -> str:
    """Return a database's name without its password."""
    shown: str = _url(database).render_as_string(hide_password=True) if "://" in database else database
    return shown
