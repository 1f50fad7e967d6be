"""Hostile requests on the sockets of a real server: every one is answered 4xx, none hangs, and the service goes on."""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import NamedTuple

import httpx
import pytest

from tests.api import hostile
from tests.api.server import serve

KEY = "a-key-of-the-portal"
CLIENTS = 5
HUNG_UP = 0


@pytest.fixture(scope="module")
def server(tiny):
    with serve(tiny.path.parent, PLANNER_WRITE_KEY=KEY, PLANNER_HEAD_SECONDS="2") as found:
        yield found


def port(server) -> int:
    return int(server.url.rsplit(":", 1)[1])


@pytest.mark.parametrize("count", [2_100, pytest.param(10_500, marks=pytest.mark.soak)])
def test_every_hostile_request_is_answered_4xx(server, count):
    """Never 5xx, never silence; where the server keeps the connection, the next answer on it is the right one."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        found = [
            one for half in clients.map(partial(attack, port(server), count // CLIENTS), range(CLIENTS)) for one in half
        ]
    assert len(found) == count
    assert [one for one in found if one.fault][:5] == []
    assert {one.kind for one in found} == {kind.__name__ for kind in hostile.KINDS}
    assert {one.status for one in found} >= {400, 401, 404, 405, 413, 414, 415, 431}
    assert {one.kind for one in found if one.status == HUNG_UP} <= hostile.LONGER_THAN_READ
    assert httpx.get(f"{server.url}/health/ready").json()["status"] == "ready"


class Attack(NamedTuple):
    kind: str
    status: int
    fault: str


def attack(port: int, count: int, seed: int) -> list[Attack]:
    """Send hostile requests one after another and judge each answer."""
    with closing(hostile.Attacker(port)) as attacker:
        return [judged(attacker, kind, content) for kind, content in hostile.requests(count, seed=seed)]


def judged(attacker: hostile.Attacker, kind: str, content: bytes) -> Attack:
    answer = attacker.ask(content)
    head = answer.partition(b"\r\n\r\n")[0]
    status = int(head[9:12]) if head.startswith(b"HTTP/1.1 ") else HUNG_UP
    said = f"{content[:200]!r} -> {answer[:300]!r}"
    if status == HUNG_UP:
        return Attack(kind, status, "" if kind in hostile.LONGER_THAN_READ and not answer else said)
    good = 400 <= status < 500 and b"application/problem+json" in head and b"x-evil" not in head.lower()
    if good and attacker.connected:
        next_one = attacker.ask(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        good = next_one.startswith(b"HTTP/1.1 200 ") and next_one.endswith(b'\r\n\r\n{"status":"live"}')
    return Attack(kind, status, "" if good else said)


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
