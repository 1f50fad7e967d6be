"""/health/live and /health/ready, for whoever watches the service."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import answers, asked
from api.asked import documented
from api.dependencies import problems, store_of
from api.queries import NoQuery
from api.schemas import Live, Ready

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", response_model=Live, responses=problems(), openapi_extra=documented(NoQuery))
async def live(request: Request) -> Response:
    """Tell that the process answers."""
    asked.query(request, NoQuery)
    return _response(200, {"status": "live"})


@router.get(
    "/ready",
    response_model=Ready,
    responses={**problems(), 503: {"model": Ready, "description": "Nothing can be served"}},
    openapi_extra=documented(NoQuery),
)
async def ready(request: Request) -> Response:
    """Tell which publication is served, and which one was refused and why."""
    asked.query(request, NoQuery)
    store = store_of(request)
    refusal, served = store.refusal, store.served
    content = {
        "status": "not_ready" if served is None else "ready",
        "publication": None if served is None else served.id,
        "refused": None if refusal is None else {"publication": refusal.id, "reason": refusal.reason},
    }
    return _response(503 if served is None else 200, content)


def _response(status: int, content: dict[str, Any]) -> Response:
    return Response(answers.encode(content), status, {"Cache-Control": "no-store"}, answers.JSON)
