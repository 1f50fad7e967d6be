"""The questions, and how an answer becomes a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from api.main import create_app
from api.places import places
from api.settings import Settings
from planner.products import MANIFEST, Publication
from tests.api.client import Client

FOLDER = Path(__file__).parent
HEADERS = (
    "allow", "cache-control", "content-language", "content-type", "location", "retry-after", "www-authenticate",
    "x-publication",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One question.

    Parameters
    ----------
    name : str
        Of the file.
    url : str
        ``{v13}`` stands for ``lat=…&lon=…`` of the point of village v13, ``{received}`` and ``{considered}`` for the
        tracking id of a report that no publication, or one, names.
    beside : str, optional
        A village whose area is not known for this question: its place is then only the commune's.
    """

    name: str
    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    beside: str = ""


KEY = "a-key-of-the-portal"
AUTHORIZED = {"Authorization": f"Bearer {KEY}"}
EN = {"Accept-Language": "en"}
INSIDE = {"lat": 12.68, "lon": 108.26}
REPORT = {**INSIDE, "operator": "A", "technology": "4G", "seen": "no_signal", "seen_date": "2025-12-31"}
CASES = (
    Case("coverage-covered", "/v1/coverage?{v00}"),
    Case("coverage-covered-en", "/v1/coverage?{v00}", headers=EN),
    Case("coverage-partial", "/v1/coverage?{v12}"),
    Case("coverage-not-covered", "/v1/coverage?{v13}"),
    Case("coverage-unknown", "/v1/coverage?{v22}"),
    Case("coverage-suppressed", "/v1/coverage?{v33}"),
    Case("coverage-unreachable", "/v1/coverage?{v23}"),
    Case("coverage-beyond-cutoff", "/v1/coverage?{v30}"),
    Case("coverage-access-gap", "/v1/coverage?{v21}"),
    Case("coverage-skills-gap", "/v1/coverage?{v20}"),
    Case("coverage-between-villages", "/v1/coverage?{v13}", beside="v13"),
    Case("coverage-between-villages-en", "/v1/coverage?{v13}", headers=EN, beside="v13"),
    Case("coverage-outside-area", "/v1/coverage?lat=48.85&lon=2.35"),
    Case("coverage-position", "/v1/coverage", "POST", body=INSIDE),
    Case(
        "coverage-batch",
        "/v1/coverage/batch",
        "POST",
        body={"points": [{**INSIDE, "id": "a"}, {"lat": 91, "lon": 300}]},
    ),
    Case("village", "/v1/villages/v12"),
    Case("villages-page", "/v1/villages?limit=2"),
    Case("villages-search", "/v1/villages?q=thon%2000"),
    Case("villages-nothing", "/v1/villages?q=nowhere"),
    Case("communes", "/v1/communes"),
    Case("commune", "/v1/communes/k11"),
    Case("commune-merged", "/v1/communes/x2"),
    Case("teams-found", "/v1/teams/nearest?{v11}"),
    Case("teams-none-near", "/v1/teams/nearest?{v23}"),
    Case("teams-outside-area", "/v1/teams/nearest?lat=48.85&lon=2.35"),
    Case("deployments", "/v1/deployments"),
    Case("publications", "/v1/publications"),
    Case("dispute-accepted", "/v1/disputes", "POST", AUTHORIZED, REPORT),
    Case("dispute-received", "/v1/disputes/{received}"),
    Case("dispute-received-en", "/v1/disputes/{received}", headers=EN),
    Case("dispute-considered", "/v1/disputes/{considered}"),
    Case("dispute-considered-en", "/v1/disputes/{considered}", headers=EN),
    Case("problem-no-key", "/v1/disputes", "POST", body=REPORT),
    Case("problem-unknown-place", "/v1/disputes", "POST", AUTHORIZED, {**REPORT, "lat": 48.85, "lon": 2.35}),
    Case("problem-in-the-future", "/v1/disputes", "POST", AUTHORIZED, {**REPORT, "seen_date": "2999-01-01"}),
    Case("problem-unknown-dispute", "/v1/disputes/absent"),
    Case("health-live", "/health/live"),
    Case("health-ready", "/health/ready"),
    Case("problem-missing-parameter", "/v1/coverage?lat=12.7"),
    Case("problem-unknown-parameter", "/v1/coverage?lat=12.7&lng=108.2", headers=EN),
    Case("problem-bad-value", "/v1/villages?need_class=blue&limit=0"),
    Case("problem-swapped", "/v1/coverage?lat=108.26&lon=12.68"),
    Case("problem-repeated-parameter", "/v1/coverage?lat=1&lat=2&lon=3"),
    Case("problem-bad-body", "/v1/coverage", "POST", body={"lat": "12", "lon": 108}),
    Case("problem-unknown-village", "/v1/villages/v99"),
    Case("problem-unknown-publication", "/v1/communes?publication=20200101T000000Z-00000000", headers=EN),
    Case("problem-wrong-method", "/v1/communes", "DELETE"),
    Case("problem-wrong-media-type", "/v1/coverage", "POST", {"Content-Type": "text/plain"}, "lat=1"),
    Case("problem-nothing-there", "/v1/nothing"),
)


def application(publication: Publication) -> FastAPI:
    """Return the application that answers: one that accepts reports."""
    return create_app(Settings(published=publication.path.parent, write_key=KEY))


def ask(client: Client, publication: Publication, case: Case) -> dict[str, Any]:
    """Return the request and the answer of a case, as its file holds them."""
    with _address(client, publication, case.url) as url, _without(client, case.beside):
        body = {"content": case.body} if isinstance(case.body, str) else {"json": case.body} if case.body else {}
        response = client.request(case.method, url, headers={"X-Request-ID": "contract", **case.headers}, **body)
    request = {"method": case.method, "url": url, "headers": case.headers, "body": case.body}
    found = {
        "request": {name: value for name, value in request.items() if value},
        "status": response.status_code,
        "headers": {name: response.headers[name] for name in HEADERS if name in response.headers},
        "body": response.json(),
    }
    return _timeless(found)


@contextmanager
def _address(client: Client, publication: Publication, url: str) -> Iterator[str]:
    """Fill in what a case's address stands for; the publication that names a report is there for this question only."""
    for unit_id in publication.villages["unit_id"]:
        if f"{{{unit_id}}}" in url:
            row = publication.village(unit_id)
            url = url.replace(f"{{{unit_id}}}", f"lat={row['lat']:.6f}&lon={row['lon']:.6f}")
    if "{" not in url:
        yield url
        return
    tracking = client.post("/v1/disputes", json=REPORT, headers=AUTHORIZED).json()["dispute_id"]
    later = publication.path.with_name("20260201T000000Z-00000000")
    try:
        if "{considered}" in url:
            later.mkdir()
            content = json.loads((publication.path / MANIFEST).read_text(encoding="utf-8"))
            named = {**content, "id": later.name, "now": "2026-02-01T00:00:00Z", "disputes": [tracking]}
            (later / MANIFEST).write_text(json.dumps(named), encoding="utf-8")
        yield url.replace("{received}", tracking).replace("{considered}", tracking)
    finally:
        shutil.rmtree(later, ignore_errors=True)


@contextmanager
def _without(client: Client, unit_id: str) -> Iterator[None]:
    """Answer as if the area of a village were not known."""
    store = client.app.state.store
    served = store.current()
    if unit_id:
        frame = served.publication.villages
        store._current = replace(served, village_places=places(frame[frame["unit_id"] != unit_id]))
    try:
        yield
    finally:
        store._current = served


def _timeless(found: dict[str, Any]) -> dict[str, Any]:
    """Replace tracking ids and times of receipt, which no two runs share."""
    body = found["body"]
    if "dispute_id" not in body:
        return found
    as_text = (
        json.dumps(found).replace(body["dispute_id"], "0" * 32).replace(body["received_at"], "2026-01-01T08:00:00Z")
    )
    timeless: dict[str, Any] = json.loads(as_text)
    return timeless


def text(answer: dict[str, Any]) -> str:
    """Return the text of a file."""
    return json.dumps(answer, ensure_ascii=False, indent=1) + "\n"
