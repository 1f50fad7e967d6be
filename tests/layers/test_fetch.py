from __future__ import annotations

import gzip
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import geopandas as gpd
import pytest

from layers import catalog, fetch
from layers.errors import LayerError
from tools.pin_official import content


class Upstream(BaseHTTPRequestHandler):
    files: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []
    how: ClassVar[dict[str, str]] = {}

    def do_GET(self):
        self.asked.append(self.path)
        how, body = self.how.get(self.path, ""), self.files.get(self.path)
        if how == "redirect":
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            return
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        if how == "gzip":
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body) + (100 if how == "cut" else 0)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def upstream():
    Upstream.files, Upstream.asked, Upstream.how = {}, [], {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/raw/"
    server.shutdown()
    server.server_close()
    thread.join()


def put(name: str, body: bytes) -> fetch.PinnedFile:
    """Lay a file on the server and return its pin."""
    Upstream.files[f"/raw/wards/{name}"] = body
    return fetch.PinnedFile(f"wards/{name}", len(body), hashlib.sha256(body).hexdigest())


def commune(code: str, west: float) -> bytes:
    ring = [[west, 12.0], [west + 1, 12.0], [west + 1, 13.0], [west, 13.0], [west, 12.0]]
    said = {"code": code, "name": "Ea H'Leo", "nameEn": "Ea H'Leo", "fullName": "Xã Ea H'Leo", "areaKm2": 340.06}
    feature = {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]}, "properties": said}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False).encode()


def test_files_arrive_whole_and_only_once(upstream, tmp_path):
    pins = [put("a.geojson", b"first"), put("b.geojson", b"second" * 50_000)]
    told = []
    found = fetch.fetch(pins, tmp_path / "new", base_url=upstream, on_file=lambda *said: told.append(said))
    assert [f.read_bytes() for f in found] == [b"first", b"second" * 50_000]
    assert told == [(1, 2, "a.geojson"), (2, 2, "b.geojson")]
    fetch.fetch(pins, tmp_path / "new", base_url=upstream)
    assert len(Upstream.asked) == 2
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["a.geojson", "b.geojson"]


def test_a_packed_answer_is_unpacked(upstream, tmp_path):
    pin = put("a.geojson", b"x" * 10_000)
    Upstream.how["/raw/wards/a.geojson"] = "gzip"
    assert fetch.fetch([pin], tmp_path, base_url=upstream)[0].read_bytes() == b"x" * 10_000


def test_a_damaged_file_that_stands_is_fetched_again(upstream, tmp_path):
    pin = put("a.geojson", b"right")
    (tmp_path / "a.geojson").write_bytes(b"wrong")
    assert fetch.fetch([pin], tmp_path, base_url=upstream)[0].read_bytes() == b"right"


@pytest.mark.parametrize(
    ("body", "words"), [(b"wrong", "sha256"), (b"too long a body", "5 bytes"), (b"cut", "sha256"), (b"", "sha256")]
)
def test_other_bytes_are_refused_and_nothing_is_kept(upstream, tmp_path, body, words):
    good, pin = put("a.geojson", b"whole"), put("b.geojson", b"right")
    Upstream.files["/raw/wards/b.geojson"] = body
    with pytest.raises(LayerError, match=words):
        fetch.fetch([good, pin], tmp_path, base_url=upstream)
    assert [p.name for p in tmp_path.iterdir()] == ["a.geojson"]


def test_a_bomb_is_not_unpacked_beyond_the_pinned_size(upstream, tmp_path):
    pin = put("a.geojson", b"right")
    Upstream.files["/raw/wards/a.geojson"] = b"\0" * 50_000_000
    Upstream.how["/raw/wards/a.geojson"] = "gzip"
    with pytest.raises(LayerError, match="5 bytes"):
        fetch.fetch([pin], tmp_path, base_url=upstream)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("how", "words"), [("redirect", "302"), ("cut", "cannot be read")])
def test_redirects_and_broken_connections_are_told(upstream, tmp_path, how, words):
    pin = put("a.geojson", b"right")
    Upstream.how["/raw/wards/a.geojson"] = how
    with pytest.raises(LayerError, match=words):
        fetch.fetch([pin], tmp_path, base_url=upstream)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_names_its_address(upstream, tmp_path):
    with pytest.raises(LayerError, match=r"wards/none\.geojson.*404"):
        fetch.fetch([fetch.PinnedFile("wards/none.geojson", 1, "0" * 64)], tmp_path, base_url=upstream)


def test_no_server_is_told(tmp_path):
    pin = fetch.PinnedFile("a.geojson", 5, "0" * 64)
    with pytest.raises(LayerError, match="Check the network"):
        fetch.fetch([pin], tmp_path, base_url="http://127.0.0.1:1/")


@pytest.mark.parametrize("base_url", ["file:///etc/", "ftp://127.0.0.1/", "/etc"])
def test_only_http_is_fetched_from(tmp_path, base_url):
    with pytest.raises(LayerError, match="http"):
        fetch.fetch([], tmp_path, base_url=base_url)


def test_the_communes_become_one_file(upstream, tmp_path):
    pins = fetch.Pins(upstream, "MIT", (put("2_b.geojson", commune("2", 109)), put("1_a.geojson", commune("1", 108))))
    out = fetch.official_boundaries(tmp_path, pins=pins)
    frame = gpd.read_parquet(out)
    assert list(frame["code"]) == ["1", "2"]
    assert list(frame.columns) == ["code", "name", "full_name", "name_en", "area_km2", "geometry"]
    assert frame["full_name"][0] == "Xã Ea H'Leo"
    assert frame.geometry[0].bounds == (108, 12, 109, 13)
    assert frame.crs == "EPSG:4326"


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"features": []}', b'{"features": [{"properties": {}}]}'])
def test_a_file_of_another_form_is_named(tmp_path, body):
    file = tmp_path / "x.geojson"
    file.write_bytes(body)
    with pytest.raises(LayerError, match=r"x\.geojson.*one feature"):
        fetch.assemble([file], tmp_path / "out.parquet")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"path": "../x"}, "relative path"),
        ({"path": "/etc/passwd"}, "relative path"),
        ({"path": "a/../../x"}, "relative path"),
        ({"sha256": "abc"}, "sha256"),
        ({"bytes": 0}, "bytes"),
        ({"bytes": 10**12}, "bytes"),
        ({"bytes": "many"}, "cannot be read"),
    ],
)
def test_a_list_at_fault_is_told(tmp_path, change, words):
    entry = {"path": "a/b.geojson", "bytes": 5, "sha256": "0" * 64} | change
    file = tmp_path / "pins.json"
    file.write_text(json.dumps({"base_url": "https://example.org/", "licence": "", "files": [entry]}))
    with pytest.raises(LayerError, match=words):
        fetch.read_pins(file)


def test_two_files_of_one_name_are_refused(tmp_path):
    entries = [{"path": f"{d}/b.geojson", "bytes": 5, "sha256": "0" * 64} for d in "xy"]
    file = tmp_path / "pins.json"
    file.write_text(json.dumps({"base_url": "https://example.org/", "licence": "", "files": entries}))
    with pytest.raises(LayerError, match="different names"):
        fetch.read_pins(file)


def test_the_shipped_list_has_the_102_communes_of_one_commit():
    pins = fetch.read_pins(catalog.boundaries_folder() / "official.json")
    shipped = gpd.read_parquet(catalog.boundaries_folder() / "daklak_communes_2025_approx.parquet")
    assert [f.name.split("_")[0] for f in pins.files] == sorted(shipped["code"])
    assert pins.base_url.endswith("/cd58063299585146ded3981f2272946ef19ced54/")
    assert len({f.sha256 for f in pins.files}) == 102


@pytest.mark.real
def test_the_pinned_bytes_give_the_real_communes(upstream, tmp_path, real_data):
    real = gpd.read_parquet(real_data / "boundaries" / "daklak_communes_2025.parquet").sort_values("code")
    pins = fetch.read_pins(catalog.boundaries_folder() / "official.json")
    for pinned, row in zip(pins.files, real.to_dict("records"), strict=True):
        Upstream.files[f"/raw/{pinned.path}"] = content(row)
    out = fetch.official_boundaries(tmp_path, pins=pins, base_url=upstream)
    found = gpd.read_parquet(out)
    assert list(found["full_name"]) == list(real["full_name"])
    assert (found.geometry.to_wkb().to_numpy() == real.geometry.to_wkb().to_numpy()).all()
