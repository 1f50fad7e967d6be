"""Hostile requests on the sockets of a real server: every one is answered 4xx, none hangs, and the service goes on."""

from __future__ import annotations

import http.client
from collections import Counter
from contextlib import closing

import httpx
import pytest

from tests.api import hostile
from tests.api.server import serve

KEY = "a-key-of-the-portal"


@pytest.fixture(scope="module")
def server(tiny):
    with serve(tiny.path.parent, PLANNER_WRITE_KEY=KEY, PLANNER_HEAD_SECONDS="2") as found:
        yield found


def port(server) -> int:
    return int(server.url.rsplit(":", 1)[1])


@pytest.mark.parametrize("count", [210, pytest.param(10_500, marks=pytest.mark.soak)])
def test_every_hostile_request_is_answered_4xx(server, count):
    wrong = []
    seen: Counter[tuple[str, int]] = Counter()
    for kind, content in hostile.requests(count, seed=count):
        answer = hostile.send(port(server), content)
        status = int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0
        seen[kind, status] += 1
        if (
            not 400 <= status < 500
            or b"application/problem+json" not in answer
            or b"x-evil" in answer.lower().split(b"\r\n\r\n")[0]
        ):
            wrong.append((kind, status, content[:200], answer[:200]))
    assert wrong[:5] == []
    assert {kind for kind, _ in seen} == {kind.__name__ for kind in hostile.KINDS}
    assert {status for _, status in seen} >= {400, 401, 404, 405, 413, 414, 415, 431}
    assert httpx.get(f"{server.url}/health/ready").json()["status"] == "ready"


def test_a_head_that_never_ends_is_refused_before_it_fills_the_memory(server):
    flood = b"GET /v1/communes HTTP/1.1\r\nHost: x\r\n" + b"".join(
        b"X-%d: %s\r\n" % (i, b"a" * 100) for i in range(50_000)
    )
    answer = hostile.send(port(server), flood)
    assert b" 431 " in answer.split(b"\r\n")[0] or answer == b""  # hung up on while it was still sending


@pytest.mark.parametrize("beginning", [b"", b"GET /v1/comm", b"GET /v1/communes HTTP/1.1\r\nHost: x\r\nX-Slow: a"])
def test_a_head_that_does_not_arrive_is_not_waited_for(server, beginning):
    assert b" 408 " in hostile.send(port(server), beginning).split(b"\r\n")[0]


def test_a_connection_may_ask_again_and_again(server):
    with closing(http.client.HTTPConnection("127.0.0.1", port(server), timeout=20)) as connection:
        for _ in range(3):
            connection.request("GET", "/health/live")
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b'{"status":"live"}')
