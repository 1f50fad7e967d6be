"""POST /v1/disputes and /v1/disputes/{dispute_id}: what citizens saw, and what became of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import hmac
import re
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import answers, asked, points, texts
from api.access import no_key
from api.asked import documented
from api.dependencies import ledger_of, problems, settings_of, snapshot_of, spoken, store_of, takes_reports
from api.errors import ProblemError, bad_header, unknown_id
from api.language import VARY, Language, header
from api.ledger import Entry, Report
from api.queries import DisputeBody, NoQuery
from api.schemas import DisputeAnswer
from api.snapshot import Snapshot

router = APIRouter(prefix="/v1/disputes", tags=["disputes"])

_KEY: Final = re.compile(r"[A-Za-z0-9._:-]{8,128}")
_POST: Final = {
    **documented(NoQuery, DisputeBody),
    "security": [{"writeKey": []}],
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "the same report under the same key is stored once",
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{8,128}$"},
        }
    ],
}


@router.post(
    "",
    status_code=201,
    response_model=DisputeAnswer,
    responses={
        200: {"model": DisputeAnswer, "description": "Stored before under this key"},
        **problems(401, 404, 409, 413, 415, 503),
    },
    openapi_extra=_POST,
)
async def dispute(request: Request) -> Response:
    """Accept a report; 201 comes when it is on the disk, with a tracking id. Needs the write key."""
    _authorised(request)
    asked.query(request, NoQuery)
    key = _idempotency_key(request)
    body = await asked.body(request, DisputeBody)
    snapshot = await snapshot_of(request, None)
    ledger = ledger_of(request)
    report = _report(snapshot, body, today=ledger.today())
    entry, new = await asyncio.to_thread(ledger.add, report, key=key)
    return await _answer(request, snapshot, entry, status=201 if new else 200)


@router.get(
    "/{dispute_id}", response_model=DisputeAnswer, responses=problems(404, 503), openapi_extra=documented(NoQuery)
)
async def dispute_state(request: Request, dispute_id: str) -> Response:
    """Tell what became of a report; who has its tracking id may ask."""
    asked.query(request, NoQuery)
    snapshot = await snapshot_of(request, None)
    # where nobody has a key nothing was ever stored: no database is made just to look into it
    stored = takes_reports(request.app.state)
    entry = await asyncio.to_thread(ledger_of(request).find, dispute_id) if stored else None
    if entry is None:
        raise unknown_id(dispute_id, en="report", vi="phản ánh")
    return await _answer(request, snapshot, entry, status=200)


def _authorised(request: Request) -> None:
    """Let a request pass that has a key for reports, or the write key; the comparison takes as long for any wrong one."""
    given_key = request.scope["state"].get("key")
    if given_key is not None and "reports" in given_key.scopes:
        return
    scheme, _, given = header(request.scope, b"authorization").partition(" ")
    key = settings_of(request).write_key
    known = key is not None and hmac.compare_digest(given.strip().encode(), key.get_secret_value().encode())
    if known and scheme.lower() == "bearer":
        return
    raise no_key(
        en="Send 'Authorization: Bearer <key>' with a key for reports; a service that has made none accepts none.",
        vi="Hãy gửi 'Authorization: Bearer <khoá>' với khoá để gửi phản ánh; dịch vụ chưa cấp khoá thì không nhận phản ánh.",
    )


def _idempotency_key(request: Request) -> str | None:
    given = header(request.scope, b"idempotency-key")
    if given and _KEY.fullmatch(given) is None:
        raise bad_header(
            name="Idempotency-Key",
            en="has 8 to 128 letters, digits or . _ : -",
            vi="gồm 8 đến 128 chữ, số hoặc . _ : -",
        )
    return given or None


def _report(snapshot: Snapshot, body: DisputeBody, *, today: dt.date) -> Report:
    """Return the report with the village that holds its exact position, which is then forgotten."""
    # a day later than UTC's is today east of here
    if body.seen_date > today + dt.timedelta(days=1):
        raise ProblemError(kind="in-the-future", en="'seen_date' is after today.", vi="'seen_date' sau ngày hôm nay.")
    place = points.locate(snapshot, body.lon, body.lat)
    if place.resolution != "village":
        raise ProblemError(
            kind="unknown-place",
            en="No village of the publication holds this point.",
            vi="Không thôn nào trong bản công bố chứa điểm này.",
        )
    return Report(unit_id=place.unit_id, **body.model_dump())


async def _answer(request: Request, snapshot: Snapshot, entry: Entry, *, status: int) -> Response:
    language = spoken(request, snapshot)
    considered = await _considered(request, entry.dispute_id)
    body = answers.encode(_content(snapshot, entry, considered, language))
    headers = {
        "Cache-Control": "no-store",
        "Content-Language": language,
        "Vary": VARY,
        "X-Publication": snapshot.id,
    }
    if status == 201:
        headers["Location"] = f"/v1/disputes/{entry.dispute_id}"
    return Response(body, status, headers, answers.JSON)


async def _considered(request: Request, dispute_id: str) -> str | None:
    """Return the first publication whose manifest names the report."""
    manifests = await store_of(request).manifests()
    return next((m.id for m in reversed(manifests) if dispute_id in m.disputes), None)


def _content(snapshot: Snapshot, entry: Entry, considered: str | None, language: Language) -> dict[str, Any]:
    state = "received" if considered is None else "considered"
    return {
        **answers.of_publication(snapshot, language),
        "dispute_id": entry.dispute_id,
        "state": state,
        "considered_in": considered,
        "received_at": entry.received_at,
        "unit_id": entry.unit_id,
        "operator": entry.operator,
        "technology": entry.technology,
        "seen": entry.seen,
        "seen_date": entry.seen_date.isoformat(),
        "state_text": texts.DISPUTE[state][language],
    }
