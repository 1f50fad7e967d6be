"""/v1/publications: what can be asked for with ``?publication=``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import answers
from api.dependencies import problems, spoken, store_of
from api.queries import NoQuery
from api.schemas import PublicationsAnswer
from planner.products import Manifest

router = APIRouter(prefix="/v1/publications", tags=["publications"])


@router.get("", response_model=PublicationsAnswer, responses=problems(503))
async def publications(request: Request, query: Annotated[NoQuery, Query()]) -> Response:  # noqa: ARG001 - refuses parameters
    """List all publications of the folder, newest first."""
    store = store_of(request)
    snapshot = store.current()
    found = await store.manifests()
    language = spoken(request, snapshot)
    answer = {
        **answers.of_publication(snapshot, language),
        "publications": [_summary(manifest, snapshot.id) for manifest in found],
    }
    # no ETag: the list changes without the publication in force changing
    headers = {"Cache-Control": "no-store", "Content-Language": language, "Vary": "Accept-Language"}
    return Response(answers.encode(answer), headers=headers, media_type=answers.JSON)


def _summary(manifest: Manifest, in_force: str) -> dict[str, object]:
    names = {"id", "title", "language", "now", "data_date", "counts", "warnings", "not_computed"}
    return {**manifest.model_dump(include=names), "in_force": manifest.id == in_force}
