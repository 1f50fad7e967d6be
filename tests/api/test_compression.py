from __future__ import annotations

import gzip
import hashlib
import json

import pytest

from api.compression import SMALLEST, accepts
from api.main import create_app
from api.settings import Settings
from tests.api.client import Client


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("GZIP", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("br", False),
        ("", False),
    ],
)
def test_what_a_client_accepts(wanted, found):
    assert accepts(wanted) is found


def ask(client, url, encoding):
    return client.get(url, headers={"Accept-Encoding": encoding})


@pytest.mark.parametrize("url", ["/v1/villages", "/v1/communes", "/ogc/collections/villages/items", "/", "/docs"])
def test_large_answers_are_packed_and_say_the_same(client, url):
    packed, plain = ask(client, url, "gzip"), ask(client, url, "identity")
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.content == plain.content
    assert packed.headers["content-type"] == plain.headers["content-type"]
    for response in (packed, plain):
        assert "Accept-Encoding" in response.headers["vary"]


def test_small_answers_are_not(client):
    response = ask(client, "/health/live", "gzip")
    assert len(response.content) < SMALLEST
    assert "content-encoding" not in response.headers


def test_a_packed_file_has_a_weak_etag_that_still_matches(published, tiny):
    page = b"<!doctype html>" + b"<p>map</p>" * 20_000
    folder = published / tiny.manifest.id
    (folder / "maps" / "need.html").write_bytes(page)
    manifest = json.loads((folder / "manifest.json").read_text())
    for entry in manifest["files"]:
        if entry["path"] == "maps/need.html":
            entry["sha256"] = hashlib.sha256(page).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with Client(create_app(Settings(published=published))) as client:
        packed = ask(client, "/maps/need.html", "gzip")
        assert packed.content == page
        assert packed.headers["etag"].startswith("W/")
        assert packed.headers["content-length"] == str(len(gzip.compress(page, 5, mtime=0)))
        again = client.get("/maps/need.html", headers={"If-None-Match": packed.headers["etag"]})
        assert again.status_code == 304
