"""The question that is asked all the time, answered before the framework looks at it.

Finding the route, solving its (empty) dependencies and keeping its exit stacks take the framework longer than the whole
answer takes. Here the same function is called with the same request; everything else goes the usual way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import ProblemError, from_domain, response
from planner.errors import PlanningError

Endpoint = Callable[[Request], Awaitable[Response]]


class Shortcut:
    """Answers GET on some addresses itself.

    Parameters
    ----------
    app : ASGI application
        What answers everything else.
    routers : iterable of APIRouter
        Where the routes are.
    paths : collection of str
        Addresses without a variable part, whose functions take the request and nothing else.

    Raises
    ------
    LookupError
        When the framework knows no such route: the way round it would be taken in silence, and slower.
    """

    def __init__(self, app: ASGIApp, *, routers: Iterable[APIRouter], paths: Iterable[str]) -> None:
        wanted = set(paths)
        self.app = app
        self._routes = {
            route.path: route
            for router in routers
            for route in router.routes
            if isinstance(route, APIRoute) and route.path in wanted and "GET" in (route.methods or ())
        }
        if absent := sorted(wanted - self._routes.keys()):
            message = f"no route answers GET on {', '.join(absent)}"
            raise LookupError(message)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if route is None:
            await self.app(scope, receive, send)
            return
        scope["route"] = route
        answer = await _answer(route.endpoint, Request(scope, receive))
        await answer(scope, receive, send)


async def _answer(endpoint: Endpoint, request: Request) -> Response:
    try:
        return await endpoint(request)
    except ProblemError as error:
        return response(error, request.scope)
    except PlanningError as error:
        return response(from_domain(error), request.scope)
