from __future__ import annotations

import hashlib
import json

import pytest

from api.main import create_app
from api.settings import Settings
from planner.products import MANIFEST
from tests.api.client import Client, problem


def test_a_map_is_served_byte_for_byte(client, tiny):
    response = client.get("/maps/need.html")
    assert response.status_code == 200
    assert response.content == (tiny.path / "maps" / "need.html").read_bytes()
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    assert "frame-ancestors 'self'" in policy


def test_the_portal_may_embed_it_when_it_is_named(tiny):
    settings = Settings(published=tiny.path.parent, frame_ancestors=("https://portal.example.vn",))
    with Client(create_app(settings)) as client:
        policy = client.get("/maps/need.html").headers["content-security-policy"]
        assert policy.endswith("frame-ancestors https://portal.example.vn")
        assert "frame-ancestors 'none'" in client.get("/v1/communes").headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/maps/",
        "/maps/absent.html",
        "/maps/..%2Fmanifest.json",
        "/maps/%2e%2e/manifest.json",
        "/maps/....//manifest.json",
        "/maps/..%5Cmanifest.json",
        "/maps//etc/passwd",
        "/maps/%2Fetc%2Fpasswd",
        "/maps/need.html%00.png",
        "/maps/need.html/",
        "/maps/../villages.parquet",
        "/manifest.json",
        "/villages.csv",
    ],
)
def test_nothing_else_is_served(client, path):
    assert client.get(path).status_code == 404


def test_a_file_that_is_not_in_the_manifest_does_not_exist(own, published, tiny):
    (published / tiny.manifest.id / "maps" / "extra.html").write_text("<p>not published</p>")
    problem(own.get("/maps/extra.html"), 404, "not-found")


def test_a_map_that_changed_on_the_disk_is_not_served(own, published, tiny):
    (published / tiny.manifest.id / "maps" / "need.html").write_text("<script>changed</script>")
    problem(own.get("/maps/need.html"), 503, "damaged-publication")


def test_a_client_that_has_the_map_gets_304(client):
    etag = client.get("/maps/need.html").headers["etag"]
    again = client.get("/maps/need.html", headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again.content == b""


def test_every_file_of_the_manifest_can_be_had(client, tiny):
    for name in [entry.path for entry in tiny.manifest.files] + ["manifest.json"]:
        response = client.get(f"/published/{tiny.manifest.id}/{name}")
        assert response.status_code == 200, name
        assert response.content == (tiny.path / name).read_bytes()
        assert "immutable" in response.headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["", "absent.csv", "%2E%2E/%2E%2E/current", "..%2Fcurrent", "maps/..%2F..%2Fcurrent", "maps"]
)
def test_no_other_file_can(client, tiny, path):
    assert client.get(f"/published/{tiny.manifest.id}/{path}").status_code == 404
    problem(client.get(f"/published/nothing/{path}"), 404, "unknown-id")


def test_the_index_leads_to_the_page_of_its_publication(own, published, tiny):
    problem(own.get("/index.html"), 404, "not-found")
    folder = published / tiny.manifest.id
    (folder / "index.html").write_text("<p>index</p>")
    manifest = json.loads((folder / MANIFEST).read_text())
    digest = hashlib.sha256(b"<p>index</p>").hexdigest()
    manifest["files"].append({"path": "index.html", "sha256": digest})
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with Client(create_app(Settings(published=published))) as client:
        response = client.get("/index.html")
        assert response.status_code == 307
        assert response.headers["location"] == f"published/{tiny.manifest.id}/index.html"
        assert client.get(f"/{response.headers['location']}").text == "<p>index</p>"
