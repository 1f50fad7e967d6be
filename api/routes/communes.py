"""/v1/communes: the communes with their sums and scores."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import answers, asked, units
from api.asked import documented
from api.dependencies import reads, snapshot_of, spoken
from api.errors import unknown_id
from api.language import Language
from api.queries import Read
from api.schemas import CommuneAnswer, CommunesAnswer, MergedAnswer
from api.snapshot import Snapshot

router = APIRouter(prefix="/v1/communes", tags=["communes"])


@router.get("", response_model=CommunesAnswer, responses=reads(), openapi_extra=documented(Read))
async def communes(request: Request) -> Response:
    """List all communes, by id."""
    query = asked.query(request, Read)
    snapshot = await snapshot_of(request, query.publication)
    language = spoken(request, snapshot)
    return answers.respond(
        request, snapshot, snapshot.encoded(("communes", language), lambda: _all(snapshot, language))
    )


@router.get(
    "/{commune_id}", response_model=CommuneAnswer | MergedAnswer, responses=reads(), openapi_extra=documented(Read)
)
async def commune(request: Request, commune_id: str) -> Response:
    """Answer one commune with all its numbers; a former one with the communes that its people live in today."""
    query = asked.query(request, Read)
    snapshot = await snapshot_of(request, query.publication)
    about = units.commune if commune_id in snapshot.communes else units.merged
    if commune_id not in snapshot.communes and commune_id not in snapshot.former:
        raise unknown_id(commune_id, en="commune", vi="xã, phường")
    language = spoken(request, snapshot)
    body = snapshot.encoded(("commune", commune_id, language), lambda: about(snapshot, commune_id, language))
    return answers.respond(request, snapshot, body)


def _all(snapshot: Snapshot, language: Language) -> dict[str, Any]:
    return {**answers.of_publication(snapshot, language), "communes": list(snapshot.communes.values())}
