"""/v1/teams/nearest and /v1/deployments: where teams are, and where the plan puts new ones."""

from __future__ import annotations

from itertools import islice
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import answers, asked
from api.asked import documented
from api.dependencies import reads, snapshot_of, spoken
from api.faults import swapped
from api.language import Language
from api.queries import Read, TeamsQuery
from api.schemas import DeploymentsAnswer, TeamsAnswer
from api.snapshot import Snapshot

router = APIRouter(prefix="/v1", tags=["teams"])


@router.get("/teams/nearest", response_model=TeamsAnswer, responses=reads(), openapi_extra=documented(TeamsQuery))
async def nearest_teams(request: Request) -> Response:
    """Name the teams nearest to the village that holds the point, of the ten sites that the publication keeps for it."""
    query = asked.query(request, TeamsQuery)
    snapshot = await snapshot_of(request, query.publication)
    unit_id = snapshot.village_places.at(query.lon, query.lat)
    if unit_id is None and snapshot.village_places.at(query.lat, query.lon) is not None:
        raise swapped()
    language = spoken(request, snapshot)
    answer = _outside(snapshot, language) if unit_id is None else _near(snapshot, unit_id, query, language)
    return answers.respond(request, snapshot, answers.encode(answer))


@router.get("/deployments", response_model=DeploymentsAnswer, responses=reads(), openapi_extra=documented(Read))
async def deployments(request: Request) -> Response:
    """List the sites of the plan with the villages they serve, and what the siting model proved."""
    query = asked.query(request, Read)
    snapshot = await snapshot_of(request, query.publication)
    language = spoken(request, snapshot)
    body = snapshot.encoded(("deployments", language), lambda: _deployments(snapshot, language))
    return answers.respond(request, snapshot, body)


def _near(snapshot: Snapshot, unit_id: str, query: TeamsQuery, language: Language) -> dict[str, Any]:
    row = snapshot.villages[unit_id]
    found = list(islice(answers.teams(snapshot, unit_id, standing=None if query.planned else True), query.n))
    return {
        **answers.of_row(snapshot, row, language),
        "status": "found" if found else "none_near",
        "unit_id": unit_id,
        "support_minutes": row["support_minutes"],
        "support_status": row["support_status"],
        "teams": found,
    }


def _outside(snapshot: Snapshot, language: Language) -> dict[str, Any]:
    return {
        **answers.of_publication(snapshot, language),
        "status": "outside_area",
        "unit_id": None,
        "support_minutes": None,
        "support_status": None,
        "teams": [],
    }


def _deployments(snapshot: Snapshot, language: Language) -> dict[str, Any]:
    solver = snapshot.manifest.solver
    return {
        **answers.of_publication(snapshot, language),
        "solver": None if solver is None else solver.model_dump(),
        "sites": [{**site, "villages": snapshot.served.get(site_id, [])} for site_id, site in snapshot.sites.items()],
    }
