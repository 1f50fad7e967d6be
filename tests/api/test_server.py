"""The service as it really runs: a process, sockets, a publication that changes under load."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import threading
from collections import Counter
from contextlib import closing

import httpx
import pytest

from api.main import create_app
from api.settings import Settings
from planner.products import CURRENT, MANIFEST
from tests.api.client import Client
from tests.api.server import serve

URLS = (
    "/v1/coverage?lat=12.68&lon=108.26",
    "/v1/villages?limit=5",
    "/v1/villages/v12",
    "/v1/communes",
    "/v1/deployments",
)
WHOLE = tuple(url.replace("limit=5", "limit=100") for url in URLS)
"""The same, without a cursor, which holds the id of its publication in a form of its own."""
SWITCHES = 12


def expected(publication, urls=URLS) -> dict[str, bytes]:
    """The answers of one publication, from an application of its own."""
    with Client(create_app(Settings(published=publication.path.parent))) as client:
        return {url: client.get(url).content for url in urls}


def put(published, name):
    (published / "current.new").write_text(name + "\n")
    (published / "current.new").replace(published / CURRENT)


def wait_for(client, name):
    """Ask until `name` is served; bounded by the time-out of the test."""
    while client.get("/health/ready").json()["publication"] != name:
        pass


@pytest.fixture
def both(published, publish_later, tiny, later):
    """A folder with two sound publications and one damaged; answers by publication."""
    publish_later()
    put(published, tiny.path.name)
    (published / "20300101T000000Z-00000000").mkdir()
    (published / "20300101T000000Z-00000000" / "manifest.json").write_text("{}")
    return {publication.path.name: expected(publication) for publication in (tiny, later)}


def test_publications_change_under_load_without_one_wrong_answer(published, both):
    wrong: list[object] = []
    asked = [0, 0, 0]
    seen: set[str] = set()
    over = threading.Event()

    def ask(worker: int, url: str) -> None:
        with httpx.Client(base_url=url) as client:
            while not over.is_set():
                path = URLS[asked[worker] % len(URLS)]
                response = client.get(path)
                name = response.headers.get("x-publication", "")
                seen.add(name)
                asked[worker] += 1
                if response.status_code != 200 or response.content != both[name][path]:
                    wrong.append((path, response.status_code, name))

    with serve(published, PLANNER_POLL_SECONDS="0.02") as server, httpx.Client(base_url=server.url) as client:
        threads = [threading.Thread(target=ask, args=(i, server.url)) for i in range(len(asked))]
        for thread in threads:
            thread.start()
        names = list(both)
        for i in range(SWITCHES):
            put(published, names[(i + 1) % 2])
            wait_for(client, names[(i + 1) % 2])
            put(published, "20300101T000000Z-00000000")
        over.set()
        for thread in threads:
            thread.join()
        ready = client.get("/health/ready").json()
    assert wrong == []
    assert seen == set(both)
    assert min(asked) > SWITCHES
    assert ready["publication"] in both


@pytest.mark.soak
@pytest.mark.parametrize("workers", [1, 2])
def test_a_minute_of_publications_every_second(published, tiny, workers):
    """Sixty publications with ids of their own, each in force for a second; every answer is whole and of one of them."""
    plain = expected(tiny, WHOLE)
    content = json.loads((tiny.path / MANIFEST).read_text(encoding="utf-8"))
    names = [f"20270101T0000{second:02d}Z-{second:08x}" for second in range(60)]
    over = threading.Event()
    wrong: list[object] = []
    asked: Counter[str] = Counter()

    def ask(url: str, path: str) -> None:
        with httpx.Client(base_url=url) as client:
            while not over.is_set():
                response = client.get(path)
                name = response.headers.get("x-publication", "")
                asked[name] += 1
                if response.status_code != 200 or response.content != plain[path].replace(
                    tiny.path.name.encode(), name.encode()
                ):
                    wrong.append((path, response.status_code, name))

    with serve(published, "--workers", str(workers)) as server:
        threads = [threading.Thread(target=ask, args=(server.url, path)) for path in WHOLE]
        for thread in threads:
            thread.start()
        for name in names:
            folder = shutil.copytree(tiny.path, published / name)
            (folder / MANIFEST).write_text(json.dumps({**content, "id": name}), encoding="utf-8")
            put(published, name)
            over.wait(1.0)  # never set here: a second
        over.set()
        for thread in threads:
            thread.join()
        log = server.stop()
    assert wrong == []
    assert set(asked) <= {tiny.path.name, *names}
    assert len(asked) >= 30  # a busy machine may not see every one in its second
    assert "Traceback" not in log


def test_what_is_asked_while_the_service_stops_is_answered_and_no_log_holds_a_position(published):
    body = b'{"lat": 12.654321, "lon": 108.123456}'
    head = f"POST /v1/coverage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    with serve(published, "--timeout-graceful-shutdown", "60", PLANNER_ACCESS_LOG="true") as server:
        with httpx.Client(base_url=server.url) as client:
            client.get("/v1/coverage?lat=12.654321&lon=108.123456")
            client.get("/v1/coverage?lat=12.654321&lon=oops")
        with closing(socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), timeout=60)) as late:
            late.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
            assert late.recv(100).startswith(b"HTTP/1.1 100 ")  # it waits for the body now
            server.process.send_signal(signal.SIGTERM)
            server.wait_for("Shutting down")
            late.sendall(body)
            answer = b"".join(iter(lambda: late.recv(65_536), b""))
        log = server.stop()
        assert server.process.returncode in (0, -signal.SIGTERM)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"}")
    lines = [json.loads(line[line.index("{") :]) for line in log.splitlines() if '"event":"request"' in line]
    assert [line["status"] for line in lines if line["route"] == "/v1/coverage"] == [200, 400, 200]
    assert "Traceback" not in log
    assert "654321" not in log
    assert "123456" not in log


def test_several_workers_follow_the_publication_count_together_and_keep_positions_out_of_their_logs(published, both):
    count, names = 60, list(both)
    variables = {"PLANNER_POLL_SECONDS": "0.02", "PLANNER_ACCESS_LOG": "true"}
    with (
        serve(published, "--workers", "2", whole=True, **variables) as server,
        httpx.Client(base_url=server.url, headers={"Connection": "close"}) as client,  # any of the workers may answer
    ):
        for _ in range(count):
            client.get("/v1/coverage?lat=12.654321&lon=108.123456")
        for name in (names[1], names[0]):
            put(published, name)
            seen = []
            while seen[-8:] != [name] * 8:
                seen.append(client.get("/health/ready").json()["publication"])
            assert set(seen) <= set(names)
        found = client.get("/metrics").text
        log = server.stop()
    line = 'planner_requests_total{method="GET",route="/v1/coverage",status="200"}'
    assert f"{line} {count}.0" in found
    assert found.count("planner_publication_info{") == 1
    assert log.count('"route":"/v1/coverage"') == count
    assert "654321" not in log
    assert "123456" not in log
    assert log.count("Started server process") == 2
