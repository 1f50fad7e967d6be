"""/v1/villages: one village with all its numbers, and lists of them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import answers, asked, cursors, names, units
from api.asked import documented
from api.cursors import Cursor
from api.dependencies import reads, snapshot_of, spoken
from api.errors import ProblemError, bad_parameter, unknown_id
from api.queries import Read, VillagesQuery, box
from api.records import Row
from api.schemas import VillageAnswer, VillagesAnswer
from api.snapshot import Snapshot

router = APIRouter(prefix="/v1/villages", tags=["villages"])


@router.get("", response_model=VillagesAnswer, responses=reads(), openapi_extra=documented(VillagesQuery))
async def villages(request: Request) -> Response:
    """List villages by name, commune, class of need and box; by id, or best name first when a name is asked for."""
    query = asked.query(request, VillagesQuery)
    cursor = _cursor(query)
    snapshot = await snapshot_of(request, cursor.publication if cursor else query.publication)
    start = cursor.offset if cursor else 0
    found = select(snapshot, query)
    page = found[start : start + query.limit]
    following = start + len(page)
    more = Cursor(snapshot.id, _question(query), following) if following < len(found) else None
    answer = {
        **answers.of_publication(snapshot, spoken(request, snapshot)),
        "total": len(found),
        "next_cursor": None if more is None else str(more),
        "villages": page,
    }
    return answers.respond(request, snapshot, answers.encode(answer))


@router.get("/{unit_id}", response_model=VillageAnswer, responses=reads(), openapi_extra=documented(Read))
async def village(request: Request, unit_id: str) -> Response:
    """Answer one village: numbers, coverage per operator, nearest team, next step."""
    query = asked.query(request, Read)
    snapshot = await snapshot_of(request, query.publication)
    if unit_id not in snapshot.villages:
        raise unknown_id(unit_id, en="village", vi="thôn")
    language = spoken(request, snapshot)
    body = snapshot.encoded(("village", unit_id, language), lambda: units.village(snapshot, unit_id, language))
    return answers.respond(request, snapshot, body)


def select(snapshot: Snapshot, query: VillagesQuery) -> list[Row]:
    """Return the villages that a query asks for, in the order of the answer.

    Raises
    ------
    ProblemError
        When the commune is not one of the publication.
    """
    if query.commune_id is not None and query.commune_id not in snapshot.communes:
        raise unknown_id(query.commune_id, en="commune", vi="xã, phường")
    rows = list(snapshot.villages.values())
    if query.q is not None:
        rows = [rows[i] for i in names.search(snapshot.village_names, query.q)]
    wanted = {name: value for name in ("commune_id", "need_class") if (value := getattr(query, name)) is not None}
    rows = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    if query.bbox is not None:
        inside = snapshot.village_places.touching(box(query.bbox))
        rows = [row for row in rows if row["unit_id"] in inside]
    return rows


def _question(query: VillagesQuery) -> str:
    return cursors.question(query.model_dump(include={"q", "commune_id", "need_class", "bbox"}))


def _cursor(query: VillagesQuery) -> Cursor | None:
    """Return where the list goes on; a cursor of another question or publication is refused."""
    if query.cursor is None:
        return None
    cursor = cursors.parse(query.cursor)
    if cursor is None:
        raise unknown_id(query.cursor, en="cursor", vi="con trỏ")
    if cursor.question != _question(query):
        raise bad_parameter(
            name="cursor",
            en="belongs to a list with other filters",
            vi="thuộc về một danh sách khác",
        )
    if query.publication not in (None, cursor.publication):
        raise ProblemError(
            kind="bad-parameter",
            en=f"'cursor' belongs to publication {cursor.publication}; leave 'publication' out.",
            vi=f"'cursor' thuộc về bản công bố {cursor.publication}; hãy bỏ 'publication'.",
        )
    return cursor
