"""Which methods an address answers, for ``Allow`` and OPTIONS (RFC 9110, 9.3.7 and 10.2.1)."""

from __future__ import annotations

from collections.abc import Iterable
from re import Pattern
from typing import NamedTuple

from fastapi import APIRouter
from starlette.routing import Route


class Methods:
    """The methods of every address of some routers.

    Parameters
    ----------
    routers : iterable of APIRouter
        All routers of the application; HEAD and OPTIONS are answered wherever GET or anything is.
    """

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        routes = [route for router in routers for route in router.routes if isinstance(route, Route)]
        self._addresses = [_Address(route.path_regex, frozenset(route.methods or ())) for route in routes]

    def allowed(self, path: str) -> str:
        """Return the value of ``Allow`` for a path; empty when nothing is there."""
        found: set[str] = set()
        for address in self._addresses:
            if address.pattern.match(path):
                found |= address.methods
        if not found:
            return ""
        return ", ".join(sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set())))


class _Address(NamedTuple):
    pattern: Pattern[str]
    methods: frozenset[str]
