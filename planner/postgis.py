"""A publication as tables of a PostGIS database: one transaction, keys, indexes, comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from planner.errors import PlanError, PublicationError
from planner.products import GEOGRAPHIC_TABLES, OPTIONAL_TABLES, TABLES, Column, Publication, expand
from planner.tables import KEYS

SCHEMA: Final = "planner"
INDEXED: Final = {"villages": ("commune_id", "need_class"), "assignments": ("site_id",), "sites": ("unit_id",)}
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def publish(publication: Publication, *, url: str, schema: str = SCHEMA) -> dict[str, int]:
    """Write every table of a publication into a database, all or nothing; what stood there is replaced.

    Parameters
    ----------
    publication : Publication
        Whole: a damaged one is refused.
    url : str
        ``postgresql://user:password@host:port/database``; the database has the extension PostGIS.
    schema : str
        Lower-case name; made where it is missing.

    Returns
    -------
    dict of str to int
        Rows by table.

    Raises
    ------
    PlanError
        When the URL or schema is not of its form, the driver is not installed, or the server refuses.
    PublicationError
        When files of the publication differ from its manifest.
    """
    try:
        import sqlalchemy as sa  # noqa: PLC0415 - only this command talks to a database
    except ImportError as error:
        raise _absent(error) from None
    if not _NAME.fullmatch(schema):
        message = f"schema {schema!r}: lower-case letters, digits and _ only, a letter first"
        raise PlanError(message)
    if damaged := publication.damaged_files():
        message = f"{publication.manifest.id}: damaged ({', '.join(damaged)}); nothing was written"
        raise PublicationError(message)
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
            rows = {name: _write(publication, name, connection, schema) for name in _tables(publication)}
            _say(connection, f"SCHEMA {schema}", f"{publication.manifest.title} · {publication.manifest.id}")
    except sa.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        message = f"the database refused: {reason}; nothing was written"
        raise PlanError(message) from None
    finally:
        engine.dispose()
    return rows


def _tables(publication: Publication) -> list[str]:
    """Return the tables that this publication holds; earlier ones and other plans have fewer."""
    return [name for name in (*TABLES, *OPTIONAL_TABLES) if (publication.path / f"{name}.parquet").is_file()]


def _absent(error: ImportError) -> PlanError:
    return PlanError(
        f"PostGIS needs the extra 'postgis' of this package: pip install '.[postgis]' ({error.name} is missing)"
    )


def _engine(url: str) -> Any:
    import sqlalchemy as sa  # noqa: PLC0415 - as above

    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        message = "the URL of a database looks like postgresql://user:password@host:port/database"
        raise PlanError(message) from None
    if not parsed.drivername.startswith("postgresql"):
        message = f"'{parsed.drivername}' is no PostGIS database; give postgresql://user:password@host:port/database"
        raise PlanError(message)
    try:
        return sa.create_engine(parsed.set(drivername="postgresql+psycopg"))
    except ImportError as error:
        raise _absent(error) from None


def _write(publication: Publication, name: str, connection: Any, schema: str) -> int:
    manifest = publication.manifest
    frame = publication.table(name)
    columns = expand(
        (TABLES | OPTIONAL_TABLES)[name],
        indicators=manifest.indicators,
        pillars=list(manifest.pillars),
        present=frozenset(frame.columns),
    )
    types = _types(columns, frame)
    lists = [c.name for c in columns if c.kind == "list"]
    if name in GEOGRAPHIC_TABLES:
        # geopandas copies text, so a list goes as the server's own literal
        frame = frame.assign(**{c: frame[c].map(_literal) for c in lists})
        # one type per table: GIS clients open a layer of mixed ones badly
        typed = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=_multi(frame.geometry), crs=frame.crs)
        typed.to_postgis(name, connection, schema=schema, if_exists="replace", index=False, dtype=types)
    else:
        frame = frame.assign(**{c: frame[c].map(list) for c in lists})
        frame.to_sql(name, connection, schema=schema, if_exists="replace", index=False, dtype=types)
    _finish(connection, schema, name, columns)
    return len(frame)


def _literal(values: Sequence[str]) -> str:
    """Return a list of texts as PostgreSQL writes an array."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in values)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def _multi(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    import shapely  # noqa: PLC0415 - as above

    if not (geometry.geom_type == "MultiPolygon").any():
        return geometry
    parts = [shapely.multipolygons(shapely.get_parts([g])) for g in geometry]
    return gpd.GeoSeries(parts, index=geometry.index, crs=geometry.crs)


def _types(columns: list[Column], frame: pd.DataFrame) -> dict[str, Any]:
    from sqlalchemy import ARRAY, BigInteger, Double, Text  # noqa: PLC0415 - as above

    kinds = {"text": Text(), "date": Text(), "number": Double(), "whole": BigInteger(), "list": ARRAY(Text())}
    return {c.name: kinds[c.kind] for c in columns if c.name in frame.columns}


def _finish(connection: Any, schema: str, name: str, columns: list[Column]) -> None:
    import sqlalchemy as sa  # noqa: PLC0415 - as above

    key = ", ".join(f'"{column}"' for column in KEYS[name])
    connection.execute(sa.text(f'ALTER TABLE {schema}."{name}" ADD PRIMARY KEY ({key})'))
    for column in INDEXED.get(name, ()):
        connection.execute(sa.text(f'CREATE INDEX ON {schema}."{name}" ("{column}")'))
    for one in columns:
        unit = f" [{one.unit}]" if one.unit else ""
        _say(connection, f'COLUMN {schema}."{name}"."{one.name}"', f"{one.meaning}{unit}")


def _say(connection: Any, what: str, text: str) -> None:
    """Attach a comment; the text is quoted, since COMMENT takes no parameters."""
    import sqlalchemy as sa  # noqa: PLC0415 - as above

    quoted = text.replace("\x00", "").replace("'", "''").replace(":", "\\:")
    connection.execute(sa.text(f"COMMENT ON {what} IS '{quoted}'"))
