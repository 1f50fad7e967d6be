"""GET and POST /v1/coverage, POST /v1/coverage/batch: what is known at a point, or at a thousand."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from api import answers, asked, faults, points
from api.asked import documented
from api.dependencies import reads, snapshot_of, spoken
from api.errors import ProblemError, described
from api.faults import swapped
from api.language import Language
from api.queries import BatchBody, BatchPoint, PointBody, PointQuery, Read
from api.schemas import BatchAnswer, CoverageAnswer
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
    return _answer(request, snapshot, point.lon, point.lat)


@router.post("/batch", response_model=BatchAnswer, responses=reads(413, 415), openapi_extra=documented(Read, BatchBody))
async def coverage_of_many(request: Request) -> Response:
    """Answer for up to a thousand points in their order; a point that is at fault gets its problem, the others answers."""
    query = asked.query(request, Read)
    batch = await asked.body(request, BatchBody)
    snapshot = await snapshot_of(request, query.publication)
    language = spoken(request, snapshot)
    results = _results(snapshot, batch.points, language)
    body = answers.encode({**answers.of_publication(snapshot, language), "results": results})
    return answers.respond(request, snapshot, body)


def _answer(request: Request, snapshot: Snapshot, lon: float, lat: float) -> Response:
    place = points.locate(snapshot, lon, lat)
    return answers.respond(request, snapshot, points.answer(snapshot, place, spoken(request, snapshot)))


def _results(snapshot: Snapshot, given: list[Any], language: Language) -> list[dict[str, Any]]:
    checked = [_checked(item) for item in given]
    good = {i: point for i, point in enumerate(checked) if isinstance(point, BatchPoint)}
    found = points.locate_each(snapshot, [p.lon for p in good.values()], [p.lat for p in good.values()])
    places = dict(zip(good, found, strict=True))
    return [
        {"index": i, "id": _id(given[i]), **_result(point, places.get(i), snapshot, language)}
        for i, point in enumerate(checked)
    ]


def _id(item: object) -> str | None:
    """Return the id to hand back, also with a problem."""
    found = item.get("id") if isinstance(item, dict) else None
    return found[:100] if isinstance(found, str) else None


def _checked(item: object) -> BatchPoint | ProblemError:
    try:
        return BatchPoint.model_validate(item, strict=True)
    except ValidationError as error:
        return faults.problem(error, BatchPoint, "body", item if isinstance(item, dict) else {})


def _result(
    point: BatchPoint | ProblemError, place: points.Place | None, snapshot: Snapshot, language: Language
) -> dict[str, Any]:
    """Return the answer or the problem of one point; a sound point without a place has its coordinates swapped."""
    if isinstance(point, ProblemError):
        return {"answer": None, "problem": described(point, language)}
    if place is None:
        return {"answer": None, "problem": described(swapped(), language)}
    return {"answer": points.part(snapshot, place, language), "problem": None}
