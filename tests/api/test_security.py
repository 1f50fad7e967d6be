from __future__ import annotations

import logging

import httpx
import numpy as np
import pytest

from api.main import create_app
from api.settings import Settings
from tests.api.client import Client, answer, problem

READS = [
    "/",
    "/docs",
    "/openapi.json",
    "/health/live",
    "/health/ready",
    "/maps/need.html",
    "/metrics",
    "/ogc/collections/villages/items",
    "/v1/communes",
    "/v1/communes/k00",
    "/v1/coverage?lat=1&lon=1",
    "/v1/deployments",
    "/v1/publications",
    "/v1/teams/nearest?lat=1&lon=1",
    "/v1/villages",
    "/v1/villages/v00",
]


@pytest.mark.parametrize("url", READS)
def test_head_is_get_without_the_body(client, url):
    get, head = client.get(url), client.request("HEAD", url)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    if url == "/metrics":  # counts this very request
        return
    assert head.headers["content-length"] == get.headers["content-length"]
    plain = client.request("HEAD", url, headers={"Accept-Encoding": "identity"})
    assert plain.headers["content-length"] == str(len(get.content))
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize("url", READS)
def test_every_answer_carries_its_headers(client, url):
    for method in ("GET", "HEAD", "OPTIONS", "DELETE"):
        headers = client.request(method, url).headers
        assert len(headers["x-request-id"]) == 24
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("url", [u for u in READS if u.startswith("/v1") and "publications" not in u])
def test_a_client_that_has_the_answer_gets_304(client, tiny, url):
    first = client.get(url)
    assert answer(first)["publication"] == tiny.manifest.id == first.headers["x-publication"]
    again = client.get(url, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    english = client.get(url, headers={"If-None-Match": first.headers["etag"], "Accept-Language": "en"})
    assert english.status_code == 200  # another language is another answer


def test_a_plain_request_id_is_kept_and_a_hostile_one_is_not(client):
    assert (
        client.get("/health/live", headers={"X-Request-ID": "portal-7.a_b"}).headers["x-request-id"] == "portal-7.a_b"
    )
    for hostile in ("a b", "x" * 65, "<script>", ""):
        assert client.get("/health/live", headers={"X-Request-ID": hostile}).headers["x-request-id"] != hostile


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "POST", "BREW"])
def test_other_methods_are_405_with_allow(client, method):
    response = client.request(method, "/v1/communes")
    problem(response, 405, "wrong-method")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


def test_options_names_all_methods_of_the_address(client):
    assert client.request("OPTIONS", "/v1/coverage").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert client.request("OPTIONS", "/v1/coverage").status_code == 204
    assert client.request("OPTIONS", "/nowhere").status_code == 404


@pytest.mark.parametrize(
    ("url", "headers", "status", "kind"),
    [
        ("/v1/villages?q=" + "a" * 20_000, {}, 414, "too-long"),
        ("/v1/villages/" + "a" * 20_000, {}, 414, "too-long"),
        ("/v1/villages", {"X-Long": "a" * 40_000}, 431, "headers-too-large"),
        ("/v1/villages", {f"X-{i}": "a" * 50 for i in range(800)}, 431, "headers-too-large"),
        ("/v1/villages?q=%ff%fe", {}, 400, "bad-request"),
        ("/v1/villages?q=%00", {}, 400, "bad-parameter"),
        ("/v1/villages?" + "&".join(f"a{i}=1" for i in range(60)), {}, 400, "bad-request"),
        ("/v1/villages?q=a&%71=b", {}, 400, "bad-parameter"),
        ("/v1/nothing", {}, 404, "not-found"),
    ],
)
def test_limits(client, url, headers, status, kind):
    problem(client.get(url, headers=headers), status, kind)


def test_a_huge_body_is_refused_before_and_while_it_is_read(client):
    problem(client.post("/v1/coverage", content=b" " * 300_000), 413, "too-large")

    async def chunks():
        for _ in range(300):
            yield b" " * 1_000

    problem(
        client.post("/v1/coverage", content=chunks(), headers={"Content-Type": "application/json"}), 413, "too-large"
    )


def test_a_failure_is_a_500_that_says_nothing(tiny, monkeypatch, caplog):
    app = create_app(Settings(published=tiny.path.parent))
    inner = "inner 12.34"
    monkeypatch.setattr(app.state.store, "current", lambda: (_ for _ in ()).throw(RuntimeError(inner)))
    with Client(app) as client, caplog.at_level(logging.ERROR, logger="planner.api"):
        response = client.get("/v1/coverage?lat=12.345678&lon=108.5")
        body = problem(response, 500, "internal")
    assert inner not in response.text
    assert body["request_id"] in caplog.text
    assert "12.345678" not in caplog.text  # a position is in no log


def test_other_sites_may_read_only_when_they_are_named(tiny):
    settings = Settings(published=tiny.path.parent, cors_origins=("https://portal.example.vn",))
    with Client(create_app(settings)) as client:
        named = client.get("/v1/communes", headers={"Origin": "https://portal.example.vn"})
        other = client.get("/v1/communes", headers={"Origin": "https://evil.example"})
        assert named.headers["access-control-allow-origin"] == "https://portal.example.vn"
        assert "access-control-allow-origin" not in other.headers
        preflight = client.request(
            "OPTIONS",
            "/v1/coverage",
            headers={
                "Origin": "https://portal.example.vn",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            },
        )
        assert preflight.status_code == 200
        assert "x-request-id" in preflight.headers


ADDRESSES = ["/v1/coverage", "/v1/villages", "/v1/villages/", "/v1/communes/", "/v1/teams/nearest", "/maps/", "/"]
PIECES = [
    "..", "%2e%2e%2f", "%00", "%0d%0aX-Evil:1", "'", '"', "<script>", "${jndi:ldap://x}", "{{7*7}}", "%ff", "%c0%ae", "😀",
    "lat=NaN", "lon=1e999", "lat=12&lon=", "bbox=1,2,3,4,5", "q=%25%25", "limit=-1", "cursor=____", "publication=%2e%2e",
    "&", "=", "?", ";", "%", "a" * 3000, "lat[]=1", "lat=12,7", "need_class=white_spot' OR '1'='1",
]  # fmt: skip


def test_hostile_requests_are_refused_and_never_break_anything(client):
    numbers = np.random.Generator(np.random.PCG64(7))
    seen = set()
    for _ in range(2_000):
        address = ADDRESSES[numbers.integers(len(ADDRESSES))]
        pieces = [PIECES[i] for i in numbers.integers(len(PIECES), size=numbers.integers(1, 5))]
        url = address + ("?" if numbers.random() < 0.7 else "") + "".join(pieces)
        try:
            response = client.get(url.replace("\n", ""))
        except httpx.InvalidURL:
            continue
        seen.add(response.status_code)
        assert response.status_code < 500, url
        assert "x-evil" not in response.headers
        if response.status_code >= 400:
            assert response.headers["content-type"] == "application/problem+json", url
    assert {400, 404} <= seen
