"""How many requests a client may send: a bucket of tokens each, by the address that a trusted proxy names."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.types import Scope

from api.language import header

MAX_CLIENTS: Final = 10_000
"""Buckets that are kept; the one that was silent longest makes room."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Networks = tuple[Network, ...]


class RateLimiter:
    """One bucket of tokens per client.

    Parameters
    ----------
    per_second : float
        Tokens that flow in; 0 lets everybody pass.
    burst : int
        Tokens that a bucket holds.
    trusted : tuple of networks
        Proxies whose ``X-Forwarded-For`` is believed. What they send on nobody's behalf is not counted.
    clock : callable
        Seconds of a clock that never goes back.
    """

    def __init__(self, *, per_second: float, burst: int, trusted: Networks, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._trusted = Trusted(trusted)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, scope: Scope) -> float:
        """Take a token for a request and return 0, or return after how many seconds there will be one."""
        client = None if self._per_second == 0 else client_of(scope, self._trusted)
        return 0.0 if client is None else self.take(client, per_second=self._per_second, burst=self._burst)

    def take(self, name: str, *, per_second: float, burst: float) -> float:
        """Take a token from the bucket called `name` and return 0, or return after how many seconds there will be one."""
        now = self._clock()
        tokens, at = self._buckets.pop(name, (burst, now))
        tokens = min(burst, tokens + (now - at) * per_second)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / per_second
        self._buckets[name] = (tokens - 1 if wait == 0 else tokens, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return wait


class Trusted:
    """The machines whose word is believed.

    Parameters
    ----------
    networks : tuple of networks
    """

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._known: dict[str, bool] = {}

    def __contains__(self, address: object) -> bool:
        """Tell whether `address`, a text, lies in one of the networks; what is no address does not."""
        text = str(address)
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= MAX_CLIENTS:
                self._known.clear()
            found = self._known[text] = self._lies(text)
        return found

    def _lies(self, text: str) -> bool:
        try:
            known = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(known in network for network in self._networks)


def client_of(scope: Scope, trusted: Trusted) -> str | None:
    """Return the client of a request; None when it is a trusted machine itself.

    The header is read from the right, as each proxy appends whom it heard: the first address that is not a trusted
    proxy is the client, whatever stands left of it. An IPv6 client is its /64, which is one subscriber.
    """
    peer = scope.get("client")
    if peer is None:
        return None
    if peer[0] not in trusted:
        return bucket(peer[0])
    heard = header(scope, b"x-forwarded-for")
    if not heard:
        return None
    parts = reversed(heard.split(","))
    return next((bucket(address) for part in parts if (address := part.strip()) and address not in trusted), None)


def bucket(address: str) -> str:
    """Return the name of a client's bucket."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"  # one bucket for all that cannot be read
    return str(known) if known.version == 4 else str(ipaddress.ip_network(f"{known}/64", strict=False))
