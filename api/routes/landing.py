"""/ and /docs: what this is and how to use it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api import asked, pages
from api.asked import documented
from api.dependencies import problems, store_of
from api.landing import CSP
from api.landing import landing as landing_page
from api.language import VARY, language_of
from api.queries import NoQuery
from api.routes.ogc import base_address

router = APIRouter(include_in_schema=True, tags=["pages"])
_HEADERS: Final = {"Content-Security-Policy": pages.CSP, "Vary": VARY, "Cache-Control": "no-cache"}


@router.get("/", response_class=HTMLResponse, responses=problems(503), openapi_extra=documented(NoQuery))
async def landing(request: Request) -> Response:
    """Show what this is, the maps, and examples to copy."""
    asked.query(request, NoQuery)
    store = store_of(request)
    served = store.served
    language = language_of(request.scope, "vi" if served is None else served.language)
    headers = {**_HEADERS, "Content-Language": language}
    if served is None:
        return HTMLResponse(pages.nothing(language), 503, headers)
    base = base_address(request).removesuffix("/ogc")
    body = landing_page(served, language, base=base, refused=store.refusal is not None)
    return HTMLResponse(body, 200, {**headers, "Content-Security-Policy": CSP})


@router.get("/docs", response_class=HTMLResponse, include_in_schema=False, openapi_extra=documented(NoQuery))
async def docs(request: Request) -> Response:
    """Show every operation of the API on a page that loads nothing from elsewhere."""
    asked.query(request, NoQuery)
    language = language_of(request.scope, "vi")
    body = pages.reference(request.app.openapi(), language)
    return HTMLResponse(body, 200, {**_HEADERS, "Content-Language": language})
