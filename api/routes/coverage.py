"""GET and POST /v1/coverage: what is known at a point."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import answers, asked, texts
from api.asked import documented
from api.dependencies import reads, snapshot_of, spoken
from api.faults import swapped
from api.language import Language
from api.queries import PointBody, PointQuery, Read
from api.routes.villages import village_answer
from api.schemas import CoverageAnswer
from api.snapshot import Snapshot

router = APIRouter(prefix="/v1/coverage", tags=["coverage"])


@router.get("", response_model=CoverageAnswer, responses=reads(), openapi_extra=documented(PointQuery))
async def coverage(request: Request) -> Response:
    """Answer what coverage and support a place has: 200 for every point, outside the area the status says so."""
    query = asked.query(request, PointQuery)
    snapshot = await snapshot_of(request, query.publication)
    return _answer(request, snapshot, query.lon, query.lat)


@router.post("", response_model=CoverageAnswer, responses=reads(413, 415), openapi_extra=documented(Read, PointBody))
async def coverage_of_position(request: Request) -> Response:
    """Answer the same question for a person's own position, which then stands in no log."""
    query = asked.query(request, Read)
    point = await asked.body(request, PointBody)
    snapshot = await snapshot_of(request, query.publication)
    response = _answer(request, snapshot, point.lon, point.lat)
    response.headers["Cache-Control"] = "no-store"
    return response


def _answer(request: Request, snapshot: Snapshot, lon: float, lat: float) -> Response:
    return answers.respond(request, snapshot, at(snapshot, lon, lat, spoken(request, snapshot)))


def at(snapshot: Snapshot, lon: float, lat: float, language: Language) -> bytes:
    """Return the encoded answer for a point (degrees, WGS 84).

    Raises
    ------
    ProblemError
        When the point lies outside and would lie inside with its two numbers exchanged.
    """
    village = snapshot.village_places.at(lon, lat)
    if village is not None:
        return snapshot.encoded(("coverage", village, language), lambda: _in_village(snapshot, village, language))
    commune = snapshot.commune_places.at(lon, lat)
    if commune is not None:
        return snapshot.encoded(("between", commune, language), lambda: _between(snapshot, commune, language))
    if snapshot.commune_places.at(lat, lon) is not None:
        raise swapped()
    return snapshot.encoded(("outside", language), lambda: _outside(snapshot, language))


def _in_village(snapshot: Snapshot, unit_id: str, language: Language) -> dict[str, Any]:
    answer = village_answer(snapshot, unit_id, language)
    return {"status": answer["coverage_status"], "resolution": "village", **answer}


def _between(snapshot: Snapshot, commune_id: str, language: Language) -> dict[str, Any]:
    """Answer for a point of a commune that no village holds: what is known is the commune's, the coverage is not."""
    row = snapshot.communes[commune_id]
    return {
        **answers.of_row(snapshot, row, language),
        "status": "unknown",
        "resolution": "commune",
        **row,
        "status_text": texts.STATUS["unknown"][language],
        "next_step": texts.NEXT_STEP["between_villages"][language],
        "map": answers.map_address(snapshot),
    }


def _outside(snapshot: Snapshot, language: Language) -> dict[str, Any]:
    return {
        **answers.of_publication(snapshot, language),
        "status": "outside_area",
        "resolution": None,
        "unit_id": None,
        "status_text": texts.STATUS["outside_area"][language],
        "next_step": texts.NEXT_STEP["outside_area"][language],
        "map": answers.map_address(snapshot),
    }
