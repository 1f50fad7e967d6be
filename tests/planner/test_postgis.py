"""A publication in a real PostGIS database, read back."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import sqlalchemy as sa

from planner import cli, postgis
from planner.errors import PlanError, PublicationError
from planner.products import OPTIONAL_TABLES, TABLES
from planner.tables import KEYS
from tests.tiny_publication import publish_tiny


@pytest.fixture
def publication(tmp_path):
    return publish_tiny(tmp_path / "published")


@pytest.fixture
def engine(postgres_url):
    made = sa.create_engine(sa.make_url(postgres_url).set(drivername="postgresql+psycopg"))
    yield made
    with made.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA IF EXISTS planner CASCADE"))
    made.dispose()


@pytest.mark.postgres
def test_what_is_read_back_is_what_was_published(publication, postgres_url, engine):
    rows = postgis.publish(publication, url=postgres_url)
    assert rows == {name: len(publication.table(name)) for name in (*TABLES, *OPTIONAL_TABLES)}
    again = gpd.read_postgis("SELECT * FROM planner.villages ORDER BY unit_id", engine, geom_col="geometry")
    assert again.crs.to_epsg() == 4326
    villages = publication.villages
    assert list(again["name"]) == list(villages["name"])
    assert again["covered_share"].tolist() == pytest.approx(villages["covered_share"].tolist(), nan_ok=True)
    assert [tuple(f) for f in again["flags"]] == [tuple(f) for f in villages["flags"]]
    assert again.geometry.to_numpy()[0].equals(villages.geometry.to_numpy()[0])


@pytest.mark.postgres
def test_keys_indexes_and_comments_stand(publication, postgres_url, engine):
    postgis.publish(publication, url=postgres_url)
    inspector = sa.inspect(engine)
    for table, key in KEYS.items():
        assert inspector.get_pk_constraint(table, schema="planner")["constrained_columns"] == list(key)
    comments = {c["name"]: c["comment"] for c in inspector.get_columns("villages", schema="planner")}
    assert comments["need_people"].endswith("[people]")
    with engine.connect() as connection:
        spatial = connection.execute(
            sa.text("SELECT count(*) FROM pg_indexes WHERE schemaname = 'planner' AND indexdef LIKE '%USING gist%'")
        ).scalar()
    assert spatial == 4


@pytest.mark.postgres
def test_a_second_publication_replaces_the_first_and_a_failure_changes_nothing(
    publication, postgres_url, engine, monkeypatch
):
    postgis.publish(publication, url=postgres_url)

    lost = sa.exc.OperationalError("x", {}, ConnectionError("connection lost"))

    def fail(*_arguments):
        raise lost

    monkeypatch.setattr(postgis, "_finish", fail)
    with pytest.raises(PlanError, match="connection lost; nothing was written"):
        postgis.publish(publication, url=postgres_url)
    monkeypatch.undo()
    assert len(pd.read_sql("SELECT * FROM planner.villages", engine)) == 16
    assert postgis.publish(publication, url=postgres_url)["villages"] == 16


@pytest.mark.postgres
def test_the_command_says_what_was_written(publication, postgres_url, engine, capsys):
    assert cli.main(["publish", str(publication.path), "--postgis", postgres_url]) == 0
    assert "16 villages" in capsys.readouterr().out
    assert engine is not None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("not a url", "looks like postgresql://"),
        ("sqlite:///x.db", "'sqlite' is no PostGIS database"),
        ("postgresql://nobody:x@127.0.0.1:1/none", "the database refused"),
    ],
)
def test_a_wrong_database_is_a_sentence_without_the_password(url, expected, publication):
    with pytest.raises(PlanError, match=expected) as stopped:
        postgis.publish(publication, url=url)
    assert ":x@" not in str(stopped.value)


def test_a_hostile_schema_or_a_damaged_publication_is_refused(publication):
    with pytest.raises(PlanError, match="lower-case letters"):
        postgis.publish(publication, url="postgresql://x/y", schema='a"; DROP TABLE x; --')
    (publication.path / "villages.csv").write_text("x", encoding="utf-8")
    with pytest.raises(PublicationError, match=r"villages\.csv"):
        postgis.publish(publication, url="postgresql://x/y")


def test_a_list_of_texts_is_the_servers_literal():
    assert postgis._literal(["A", 'b"c', "d\\e"]) == '{"A","b\\"c","d\\\\e"}'
    assert postgis._literal([]) == "{}"
