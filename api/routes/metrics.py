"""/metrics, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from api import asked, observed
from api.asked import documented
from api.dependencies import observer_of, problems
from api.queries import NoQuery

router = APIRouter(prefix="/metrics", tags=["health"])


@router.get("", response_class=PlainTextResponse, responses=problems(), openapi_extra=documented(NoQuery))
async def metrics(request: Request) -> Response:
    """Count requests by route, method and status, their times, and name the publication that is served."""
    asked.query(request, NoQuery)
    body = observer_of(request).metrics()
    return Response(body, headers={"Cache-Control": "no-store", "Content-Type": observed.MEDIA_TYPE})
