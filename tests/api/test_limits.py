from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.limits import MAX_CLIENTS, RateLimiter, Trusted, client_of
from api.main import create_app
from api.settings import Settings
from tests.api.client import Client, problem

PROXIES = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("10.0.0.0/24"), ipaddress.ip_network("::1/128"))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def scope(peer, forwarded=None):
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    return {"client": None if peer is None else (peer, 1234), "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # a stranger's word is not believed
        ("127.0.0.1", None, None),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # what the client itself put first
        ("127.0.0.1", "198.51.100.1, 10.0.0.9", "198.51.100.1"),
        ("127.0.0.1", "10.0.0.8, 10.0.0.9", None),
        ("127.0.0.1", "<script>", "unknown"),
        ("::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::99", None, "2001:db8:1:2::/64"),
        (None, "198.51.100.1", None),
    ],
)
def test_who_the_client_is(peer, forwarded, client):
    assert client_of(scope(peer, forwarded), Trusted(PROXIES)) == client


def limiter(clock, per_second=2.0, burst=3):
    return RateLimiter(per_second=per_second, burst=burst, trusted=PROXIES, clock=clock)


def test_a_burst_then_so_many_per_second():
    clock = Clock()
    limits = limiter(clock)
    stranger = scope("203.0.113.7")
    assert [limits.wait_s(stranger) for _ in range(4)] == [0, 0, 0, 0.5]
    assert limits.wait_s(scope("203.0.113.8")) == 0  # another client has a bucket of its own
    clock.now = 0.5
    assert limits.wait_s(stranger) == 0
    assert limits.wait_s(stranger) == 0.5
    clock.now = 1000.0
    assert [limits.wait_s(stranger) for _ in range(4)] == [0, 0, 0, 0.5]


def test_trusted_machines_and_a_limit_of_zero_let_pass():
    assert {limiter(Clock()).wait_s(scope("127.0.0.1")) for _ in range(50)} == {0.0}
    everybody = limiter(Clock(), per_second=0.0)
    assert {everybody.wait_s(scope("203.0.113.7")) for _ in range(50)} == {0.0}


def test_memory_is_bounded():
    limits = limiter(Clock())
    for i in range(MAX_CLIENTS + 500):
        limits.wait_s(scope(f"203.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"))
    assert len(limits._buckets) == MAX_CLIENTS


@given(st.lists(st.floats(0, 2), min_size=1, max_size=60))
@settings(deadline=None, max_examples=50)
def test_never_more_than_the_rate_and_the_burst(pauses):
    clock = Clock()
    limits = limiter(clock)
    passed = 0
    for pause in pauses:
        clock.now += pause
        passed += limits.wait_s(scope("203.0.113.7")) == 0
    assert passed <= 3 + 2.0 * clock.now + 1e-6


def test_a_client_that_asks_too_often_gets_429(tiny):
    settings_ = Settings(published=tiny.path.parent, rate_per_second=0.001, rate_burst=3)
    stranger = {"X-Forwarded-For": "203.0.113.7"}
    with Client(create_app(settings_)) as client:
        for _ in range(3):
            assert client.get("/v1/communes", headers=stranger).status_code == 200
        refused = client.get("/v1/communes", headers=stranger)
        problem(refused, 429, "too-many")
        assert int(refused.headers["retry-after"]) > 900
        assert client.get("/health/live", headers=stranger).status_code == 200
        assert client.get("/v1/communes").status_code == 200
