"""QGIS, without a screen, reads the service and the database. QGIS comes with the system's Python (python3-qgis)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from planner import postgis
from tests.api.server import serve

pytestmark = [pytest.mark.soak, pytest.mark.qgis]
READER = Path(__file__).with_name("qgis_reader.py")


def read(tmp_path, provider, source):
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(tmp_path),
        "LANG": "C.UTF-8",
    }  # fmt: skip
    command = ["/usr/bin/python3", str(READER), provider, source, "unit_id"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)
    assert '"valid"' in done.stdout, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def check(found, publication):
    assert found["valid"]
    villages = publication.villages
    assert found["ids"] == sorted(villages["unit_id"])
    assert found["kind"] == 2  # polygons
    assert {"name", "need_class", "score", "rank", "flags"} <= set(found["fields"])
    assert found["in_box"] == [min(villages["unit_id"])]
    assert found["white_spots"] == ["v13", "v23", "v33"]


def test_qgis_reads_the_service(tiny, tmp_path):
    with serve(tiny.path.parent) as server:
        source = f"restrictToRequestBBOX='1' srsname='OGC:CRS84' typename='villages' url='{server.url}/ogc'"
        check(read(tmp_path, "OAPIF", source), tiny)


@pytest.mark.postgres
def test_qgis_reads_the_database(tiny, tmp_path, postgres_url):
    schema = "planner_qgis"
    postgis.publish(tiny, url=postgres_url, schema=schema)
    url = sa.make_url(postgres_url)
    try:
        source = (
            f"dbname='{url.database}' host={url.host} port={url.port} user='{url.username}' password='{url.password}' "
            f'key=\'unit_id\' estimatedmetadata=false srid=4326 type=Polygon table="{schema}"."villages" (geometry)'
        )
        check(read(tmp_path, "postgres", source), tiny)
    finally:
        engine = sa.create_engine(url.set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        engine.dispose()
