"""/v1/publications: what can be asked for with ``?publication=``."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import answers, asked
from api.asked import documented
from api.dependencies import problems, spoken, store_of
from api.language import VARY
from api.queries import NoQuery
from api.schemas import PublicationsAnswer
from planner.products import Manifest

router = APIRouter(prefix="/v1/publications", tags=["publications"])


@router.get("", response_model=PublicationsAnswer, responses=problems(503), openapi_extra=documented(NoQuery))
async def publications(request: Request) -> Response:
    """List all publications of the folder, newest first."""
    asked.query(request, NoQuery)
    store = store_of(request)
    snapshot = store.current()
    found = await store.manifests()
    language = spoken(request, snapshot)
    answer = {
        **answers.of_publication(snapshot, language),
        "publications": [_summary(manifest, snapshot.id) for manifest in found],
    }
    # no ETag: the list changes without the publication in force changing
    headers = {"Cache-Control": "no-store", "Content-Language": language, "Vary": VARY}
    return Response(answers.encode(answer), headers=headers, media_type=answers.JSON)


def _summary(manifest: Manifest, in_force: str) -> dict[str, object]:
    names = {"id", "title", "language", "now", "data_date", "counts", "warnings", "not_computed"}
    return {**manifest.model_dump(include=names), "in_force": manifest.id == in_force}
