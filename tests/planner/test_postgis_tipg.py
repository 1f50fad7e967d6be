"""A publication in PostGIS as tipg serves it, a server of the field that knows nothing of ours."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager

import httpx
import pytest
import shapely
import sqlalchemy as sa
from fastapi import FastAPI
from tipg.collections import register_collection_catalog
from tipg.database import close_db_connection, connect_to_db
from tipg.factory import OGCFeaturesFactory
from tipg.settings import DatabaseSettings, PostgresSettings

from planner import postgis
from planner.products import GEOGRAPHIC_TABLES
from tests.tiny_publication import publish_tiny

SCHEMA = "planner_tipg"


@pytest.fixture
def publication(tmp_path, postgres_url):
    found = publish_tiny(tmp_path / "published")
    postgis.publish(found, url=postgres_url, schema=SCHEMA)
    yield found
    engine = sa.create_engine(sa.make_url(postgres_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
    engine.dispose()


@contextmanager
def tipg(url):
    """tipg over the schema, asked in this process."""
    app = FastAPI()
    app.include_router(OGCFeaturesFactory().router)
    with asyncio.Runner() as runner:
        runner.run(connect_to_db(app, schemas=[SCHEMA], settings=PostgresSettings(database_url=url)))
        runner.run(register_collection_catalog(app, db_settings=DatabaseSettings(schemas=[SCHEMA])))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tipg")
        try:
            yield lambda path, **query: runner.run(client.get(path, params=query)).raise_for_status().json()
        finally:
            runner.run(client.aclose())
            runner.run(close_db_connection(app))


@pytest.mark.postgres
def test_tipg_serves_what_was_published(publication, postgres_url):
    with tipg(postgres_url) as ask:
        found = {c["id"].removeprefix(f"{SCHEMA}.") for c in ask("/collections")["collections"]}
        assert found >= set(GEOGRAPHIC_TABLES)
        villages = ask(f"/collections/{SCHEMA}.villages/items", limit=100)
        assert villages["numberMatched"] == 16
        by_id = {f["properties"]["unit_id"]: f for f in villages["features"]}
        for _, row in publication.villages.iterrows():
            feature = by_id[row["unit_id"]]
            assert feature["properties"]["name"] == row["name"]
            assert feature["properties"]["flags"] == list(row["flags"])
            assert feature["properties"]["need_class"] == row["need_class"]
            served = shapely.geometry.shape(feature["geometry"]).normalize()
            assert shapely.equals_exact(
                served, row.geometry.normalize(), tolerance=1e-8
            )  # tipg rounds to nine decimals
        white = ask(f"/collections/{SCHEMA}.villages/items", need_class="white_spot")
        assert sorted(f["properties"]["unit_id"] for f in white["features"]) == ["v13", "v23", "v33"]
        row = publication.village("v11")
        box = ",".join(str(v) for v in (row["lon"] - 1e-3, row["lat"] - 1e-3, row["lon"] + 1e-3, row["lat"] + 1e-3))
        near = ask(f"/collections/{SCHEMA}.villages/items", bbox=box)
        assert [f["properties"]["unit_id"] for f in near["features"]] == ["v11"]
