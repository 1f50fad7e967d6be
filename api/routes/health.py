"""/health/live and /health/ready, for whoever watches the service."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import answers
from api.dependencies import problems, store_of
from api.queries import NoQuery
from api.schemas import Live, Ready

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", response_model=Live, responses=problems())
async def live(query: Annotated[NoQuery, Query()]) -> Response:  # noqa: ARG001 - refuses parameters
    """Tell that the process answers."""
    return _response(200, {"status": "live"})


@router.get(
    "/ready",
    response_model=Ready,
    responses={**problems(), 503: {"model": Ready, "description": "Nothing can be served"}},
)
async def ready(request: Request, query: Annotated[NoQuery, Query()]) -> Response:  # noqa: ARG001 - refuses parameters
    """Tell which publication is served, and which one was refused and why."""
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
