"""Requests that mean harm, as bytes on a socket, each of which must be answered 4xx: without end, from a seed."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import numpy as np

Numbers = np.random.Generator

TRAVERSAL = (
    "..",
    "%2e%2e",
    "..%2f..",
    "%2e%2e%2f",
    "....//",
    "..\\",
    "%252e%252e",
    "%00",
    "etc",
    "passwd",
    "C:",
    "~root",
)
INJECTION = (
    "' OR '1'='1", "1; DROP TABLE disputes--", "{{7*7}}", "${jndi:ldap://x/a}", "<script>alert(1)</script>", "$(id)", "`id`",
    "%0d%0aX-Evil:%201", "../../x", '"><img src=x onerror=a>', "*)(uid=*", "=cmd|'/c calc'!A1", "\u202e", "😀",
)  # fmt: skip
NOT_NUMBERS = ("NaN", "nan", "Infinity", "-inf", "1e999", "0x10", "1_0", "१२", "--1", "", "12,7", "1e", "+", "%20")
FILES = (
    "/maps/",
    "/published/x/",
    "/v1/villages/",
    "/v1/communes/",
    "/v1/disputes/",
    "/ogc/collections/",
    "/docs/",
    "/",
)
TYPED = ("need_class", "bbox", "limit", "publication", "cursor", "unknown")
BAD_UTF8 = ("%ff", "%c0%ae", "%ed%a0%80", "%80abc", "%f8%88%80%80%80")
METHODS = ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND")


def _pick(numbers: Numbers, options: tuple[str, ...]) -> str:
    return options[int(numbers.integers(len(options)))]


def _get(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def _post(path: str, body: bytes, kind: str = "application/json") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _quoted(text: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "".join(f"%{b:02x}" for b in c.encode()) for c in text)


def traversal(numbers: Numbers) -> bytes:
    steps = "/".join(_pick(numbers, TRAVERSAL) for _ in range(int(numbers.integers(1, 8))))
    return _get(_pick(numbers, FILES) + steps)


def injection(numbers: Numbers) -> bytes:
    return _get(f"/v1/villages?{_pick(numbers, TYPED)}={_quoted(_pick(numbers, INJECTION))}")


def injected_id(numbers: Numbers) -> bytes:
    return _get(
        _pick(numbers, ("/v1/villages/", "/v1/communes/", "/v1/disputes/")) + _quoted(_pick(numbers, INJECTION))
    )


def injected_filter(numbers: Numbers) -> bytes:
    name = _pick(numbers, ("rank", "score", "datetime", "crs", "limit"))
    return _get(f"/ogc/collections/villages/items?{name}={_quoted(_pick(numbers, INJECTION))}")


def no_number(numbers: Numbers) -> bytes:
    return _get(f"/v1/coverage?lat={_quoted(_pick(numbers, NOT_NUMBERS))}&lon=108.26")


def no_number_in_a_body(numbers: Numbers) -> bytes:
    value = _pick(numbers, ("NaN", "Infinity", "-Infinity", "1e999", '"12"', "null", "[1]", "true", "{}"))
    return _post("/v1/coverage", f'{{"lat": {value}, "lon": 108.26}}'.encode())


def deep(numbers: Numbers) -> bytes:
    depth = int(numbers.integers(1_000, 100_000))
    opening, closing = (b"[", b"]") if numbers.random() < 0.5 else (b'{"a":', b"}")
    path = _pick(numbers, ("/v1/coverage", "/v1/coverage/batch"))
    return _post(path, (opening * depth + b"1" + closing * depth)[:250_000])


def huge_body(numbers: Numbers) -> bytes:
    size = int(numbers.integers(262_145, 10**12))
    head = f"POST /v1/coverage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
    return head.encode() + b"[" * 1_000


def huge_chunks(numbers: Numbers) -> bytes:
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    head = (
        b"POST /v1/coverage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    return head + chunk * int(numbers.integers(9, 14))


def too_many_points(numbers: Numbers) -> bytes:
    return _post("/v1/coverage/batch", json.dumps({"points": [1] * int(numbers.integers(1_001, 5_000))}).encode())


def bad_utf8(numbers: Numbers) -> bytes:
    return _get(f"/v1/villages?q={_pick(numbers, BAD_UTF8)}")


def bad_utf8_in_a_body(numbers: Numbers) -> bytes:
    junk = numbers.bytes(int(numbers.integers(1, 200)))
    return _post("/v1/coverage", b'{"lat": "\xff\xfe' + junk + b'", "lon": 1}')


def junk(numbers: Numbers) -> bytes:
    return b"\x16\x03" + numbers.bytes(int(numbers.integers(20, 500))) + b"\r\n\r\n"


def header_flood(numbers: Numbers) -> bytes:
    lines = b"".join(b"X-%d: %s\r\n" % (i, b"a" * 40) for i in range(int(numbers.integers(900, 4_000))))
    return b"GET /v1/communes HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n"


def long_header(numbers: Numbers) -> bytes:
    return (
        b"GET /v1/communes HTTP/1.1\r\nHost: x\r\nX-Long: "
        + b"a" * int(numbers.integers(40_000, 400_000))
        + b"\r\n\r\n"
    )


def long_address(numbers: Numbers) -> bytes:
    return _get("/v1/villages?q=" + "a" * int(numbers.integers(16_400, 40_000)))


def smuggled(numbers: Numbers) -> bytes:
    second = _pick(
        numbers, ("Content-Length: 5", "Transfer-Encoding: chunked", "Content-Length: -1", "Content-Length: 1x")
    )
    return f"POST /v1/coverage HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n{second}\r\n\r\n0\r\n\r\nGET /x".encode()


def no_http(numbers: Numbers) -> bytes:
    line = _pick(
        numbers, ("GET", "GET / HTTP/9.9", "GET  /  HTTP/1.1", "get / HTTP/1.1", "HELO x", "GET /\x00 HTTP/1.1", "\t")
    )
    return f"{line}\r\nHost: x\r\nA B: c\r\n\r\n".encode()


def wrong_method(numbers: Numbers) -> bytes:
    target = _pick(numbers, ("/v1/coverage", "/v1/communes", "/ogc", "/health/live", "/maps/need.html"))
    return f"{_pick(numbers, METHODS)} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def wrong_type(numbers: Numbers) -> bytes:
    kind = _pick(
        numbers,
        ("text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"),
    )
    return _post("/v1/coverage", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', kind)


def no_key(numbers: Numbers) -> bytes:
    key = _quoted(_pick(numbers, INJECTION))
    return f"POST /v1/disputes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 0\r\n\r\n".encode()


KINDS: tuple[Callable[[Numbers], bytes], ...] = (
    traversal, injection, injected_id, injected_filter, no_number, no_number_in_a_body, deep, huge_body, huge_chunks,
    too_many_points, bad_utf8, bad_utf8_in_a_body, junk, header_flood, long_header, long_address, smuggled, no_http,
    wrong_method, wrong_type, no_key,
)  # fmt: skip


LONGER_THAN_READ = frozenset({"huge_body", "huge_chunks", "header_flood", "long_header"})
"""Refused before they are whole: who is still sending then may meet a closed connection before the answer reaches him."""


def requests(count: int, *, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield `count` requests of all kinds in turn, each with the name of its kind."""
    numbers = np.random.Generator(np.random.PCG64(seed))
    for i in range(count):
        kind = KINDS[i % len(KINDS)]
        yield kind.__name__, kind(numbers)


class Attacker:
    """A client that keeps its connection for as long as the server does.

    Parameters
    ----------
    port : int
        Of a server on this machine.
    seconds : float
        What waits longer for a byte has met a server that hangs: TimeoutError.
    """

    def __init__(self, port: int, *, seconds: float = 20.0) -> None:
        self._port = port
        self._seconds = seconds
        self._socket: socket.socket | None = None

    @property
    def connected(self) -> bool:
        """Whether the server has kept the connection after its last answer."""
        return self._socket is not None

    def ask(self, content: bytes) -> bytes:
        """Return the whole answer; empty when the server hangs up without a word."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=self._seconds)
        with suppress(ConnectionError):  # it has answered and hung up while we were still sending
            self._socket.sendall(content)
        found, whole = self._answer(self._socket)
        head = found.partition(b"\r\n\r\n")[0].lower()
        if not whole or b"\r\nconnection: close" in head:
            self.close()
        return found

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @staticmethod
    def _answer(connection: socket.socket) -> tuple[bytes, bool]:
        """Return what comes, and whether it is as long as it says; every answer to these says how long it is."""
        found = b""
        with suppress(ConnectionError):
            while chunk := connection.recv(65_536):
                found += chunk
                head, end, body = found.partition(b"\r\n\r\n")
                length = re.search(rb"\r\ncontent-length: (\d+)", head.lower())
                if end and length is not None and len(body) >= int(length.group(1)):
                    return found, True
        return found, False


def send(port: int, content: bytes) -> bytes:
    """Return what a server on this machine answers to a connection's first bytes."""
    with closing(Attacker(port)) as attacker:
        return attacker.ask(content)
