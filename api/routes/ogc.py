"""OGC API - Features at /ogc: Part 1 Core and GeoJSON, Part 2 systems, queryables of Part 3."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import SkipJsonSchema
from starlette.responses import Response

from api import answers, asked, cursors, features
from api.asked import documented
from api.collections import IDS, TITLES, Collection, Name, queryables, schema
from api.crs import CRS84, SYSTEMS
from api.cursors import Cursor
from api.dependencies import reads, settings_of, snapshot_of, spoken
from api.errors import bad_parameter, unknown_id
from api.language import header
from api.queries import MAX_FEATURES, FeatureQuery, ItemsQuery, Read
from api.snapshot import Snapshot

router = APIRouter(prefix="/ogc", tags=["ogc"])

GEOJSON: Final = "application/geo+json"
SCHEMA: Final = "application/schema+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
QUERYABLES: Final = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
CONFORMANCE: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
)
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:]+\](:[0-9]{1,5})?")


def _responses(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": {"type": "object"}}}}, **reads()}


@router.get("", responses=_responses(answers.JSON), openapi_extra=documented(Read), response_class=Response)
async def ogc(request: Request) -> Response:
    """Show the way to the collections."""
    query = asked.query(request, Read)
    snapshot = await snapshot_of(request, query.publication)
    base = base_address(request)
    links = [
        _link(base, "self", answers.JSON, "this page"),
        _link(f"{base}/api", "service-desc", OPENAPI, "OpenAPI"),
        _link(f"{base.removesuffix('/ogc')}/docs", "service-doc", "text/html", "reference"),
        _link(f"{base}/conformance", "conformance", answers.JSON, "conformance"),
        _link(f"{base}/collections", "data", answers.JSON, "collections"),
    ]
    content = {"title": snapshot.manifest.title, "description": "OGC API - Features", "links": links}
    return answers.respond(request, snapshot, answers.encode(content))


@router.get("/", include_in_schema=False)
async def ogc_slash(request: Request) -> Response:
    """Answer clients that append a slash."""
    return await ogc(request)


@router.get("/conformance", responses=_responses(answers.JSON), openapi_extra=documented(Read), response_class=Response)
async def conformance(request: Request) -> Response:
    """List what is conformed to."""
    query = asked.query(request, Read)
    snapshot = await snapshot_of(request, query.publication)
    return answers.respond(request, snapshot, answers.encode({"conformsTo": CONFORMANCE}))


@router.get("/api", responses=_responses(OPENAPI), openapi_extra=documented(Read), response_class=Response)
async def definition(request: Request) -> Response:
    """Describe this part of the service alone, in the version of OpenAPI that GIS clients read."""
    query = asked.query(request, Read)
    snapshot = await snapshot_of(request, query.publication)
    body = answers.encode(_definition(request.app.openapi(), base_address(request)))
    return answers.respond(request, snapshot, body, media_type=OPENAPI)


@router.get("/collections", responses=_responses(answers.JSON), openapi_extra=documented(Read), response_class=Response)
async def all_collections(request: Request) -> Response:
    """List the collections."""
    query = asked.query(request, Read)
    snapshot = await snapshot_of(request, query.publication)
    base = base_address(request)
    found = await asyncio.to_thread(lambda: [_described(request, snapshot, c) for c in snapshot.collections.values()])
    links = [_link(f"{base}/collections", "self", answers.JSON, "collections")]
    content = {"links": links, "crs": list(SYSTEMS), "collections": found}
    return answers.respond(request, snapshot, answers.encode(content))


@router.get(
    "/collections/{collection_id}",
    responses=_responses(answers.JSON),
    openapi_extra=documented(Read),
    response_class=Response,
)
async def one_collection(request: Request, collection_id: str) -> Response:
    """Describe a collection."""
    query = asked.query(request, Read)
    snapshot = await snapshot_of(request, query.publication)
    collection = _collection(snapshot, collection_id)
    content = await asyncio.to_thread(_described, request, snapshot, collection)
    return answers.respond(request, snapshot, answers.encode(content))


@router.get(
    "/collections/{collection_id}/queryables",
    responses=_responses(SCHEMA),
    openapi_extra=documented(Read),
    response_class=Response,
)
async def collection_queryables(request: Request, collection_id: str) -> Response:
    """Name the properties that features can be asked for by."""
    query = asked.query(request, Read)
    snapshot = await snapshot_of(request, query.publication)
    collection = _collection(snapshot, collection_id)
    content = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base_address(request)}/collections/{collection.name}/queryables",
        "type": "object",
        "title": TITLES[collection.name][spoken(request, snapshot)],
        "properties": {column.name: schema(column) for column in queryables(collection.name)},
        "additionalProperties": False,
    }
    return answers.respond(request, snapshot, answers.encode(content), media_type=SCHEMA)


@router.get(
    "/collections/{collection_id}/items/{feature_id}",
    responses=_responses(GEOJSON),
    openapi_extra=documented(FeatureQuery),
    response_class=Response,
)
async def feature(request: Request, collection_id: str, feature_id: str) -> Response:
    """Answer one feature."""
    query = asked.query(request, FeatureQuery)
    snapshot = await snapshot_of(request, query.publication)
    collection = _collection(snapshot, collection_id)
    position = collection.positions.get(feature_id)
    if position is None:
        raise unknown_id(feature_id, en="feature", vi="đối tượng")
    crs = SYSTEMS[query.crs or CRS84]
    encoded = await asyncio.to_thread(collection.feature, position, crs)
    where = f"{base_address(request)}/collections/{collection.name}"
    links = [
        _link(f"{where}/items/{feature_id}", "self", GEOJSON, "this feature"),
        _link(where, "collection", answers.JSON, "collection"),
    ]
    body = encoded[:-1] + b',"links":' + answers.encode(links) + b"}"
    return answers.respond(request, snapshot, body, media_type=GEOJSON, content_crs=crs.uri)


def _items(name: Name) -> Callable[[Request], Awaitable[Response]]:
    """Return the route of the items of a collection: each has its own properties to ask by."""
    model = items_model(name)

    async def items(request: Request) -> Response:
        query = asked.query(request, model)
        cursor = _cursor(query)
        snapshot = await snapshot_of(request, cursor.publication if cursor else query.publication)
        collection = snapshot.collections[name]
        crs = SYSTEMS[query.crs or CRS84]
        body = await asyncio.to_thread(_page, request, collection, query, cursor.offset if cursor else 0, snapshot.id)
        return answers.respond(request, snapshot, body, media_type=GEOJSON, content_crs=crs.uri)

    items.__doc__ = f"List the features of {name}, page by page; by box, date and any of their properties."
    return items


class _Property(BaseModel):
    """Types of properties that can be asked for, by kind of column."""

    number: Annotated[float, Field(allow_inf_nan=False)] | SkipJsonSchema[None] = None
    whole: int | SkipJsonSchema[None] = None
    text: Annotated[str, Field(max_length=200)] | SkipJsonSchema[None] = None


def items_model(name: Name) -> type[ItemsQuery]:
    """Return the parameters of a collection's items: the common ones, and one per queryable."""
    fields: dict[str, Any] = {}
    for column in queryables(name):
        kind = _Property.model_fields.get(column.kind, _Property.model_fields["text"])
        fields[column.name] = (kind.annotation, Field(None, description=column.meaning))
    return create_model(f"{name.title()}ItemsQuery", __base__=ItemsQuery, **fields)


for _name in IDS:
    router.add_api_route(
        f"/collections/{_name}/items",
        _items(_name),
        name=f"{_name}_items",
        responses=_responses(GEOJSON),
        openapi_extra=documented(items_model(_name)),
        response_class=Response,
    )


def _page(request: Request, collection: Collection, query: ItemsQuery, start: int, publication: str) -> bytes:
    properties = query.model_dump(include={c.name for c in queryables(collection.name)}, exclude_none=True)
    found = features.select(collection, query, properties)
    shown = found[start : start + min(query.limit, MAX_FEATURES)]
    where = f"{base_address(request)}/collections/{collection.name}"
    links = [
        _link(_with(request, f"{where}/items", {}), "self", GEOJSON, "this page"),
        _link(where, "collection", answers.JSON, "collection"),
    ]
    following = start + len(shown)
    if following < len(found):
        cursor = Cursor(publication, _question(query), following)
        links.append(_link(_with(request, f"{where}/items", {"cursor": str(cursor)}), "next", GEOJSON, "next page"))
    about = {"numberMatched": len(found), "numberReturned": len(shown), "links": links}
    return features.page(collection, shown, SYSTEMS[query.crs or CRS84], about)


def _question(query: ItemsQuery) -> str:
    return cursors.question(query.model_dump(exclude={"cursor", "limit", "publication", "crs"}))


def _cursor(query: ItemsQuery) -> Cursor | None:
    """Return where the list goes on; a cursor of another question or publication is refused."""
    if query.cursor is None:
        return None
    cursor = cursors.parse(query.cursor)
    if cursor is None:
        raise unknown_id(query.cursor, en="cursor", vi="con trỏ")
    if cursor.question != _question(query) or query.publication not in (None, cursor.publication):
        raise bad_parameter(name="cursor", en="belongs to another list", vi="thuộc về một danh sách khác")
    return cursor


def _collection(snapshot: Snapshot, name: str) -> Collection:
    found = snapshot.collections.get(name)
    if found is None:
        raise unknown_id(name, en="collection", vi="bộ dữ liệu")
    return found


def _described(request: Request, snapshot: Snapshot, collection: Collection) -> dict[str, Any]:
    """Return what a client should know before it asks for features."""
    where = f"{base_address(request)}/collections/{collection.name}"
    bounds, interval = features.bounds(collection), collection.interval()
    extent: dict[str, Any] = {}
    if bounds is not None:
        extent["spatial"] = {"bbox": [bounds], "crs": CRS84}
    if interval is not None:
        extent["temporal"] = {"interval": [[f"{day}T00:00:00Z" for day in interval]]}
    return {
        "id": collection.name,
        "title": TITLES[collection.name][spoken(request, snapshot)],
        "itemType": "feature",
        "extent": extent,
        "crs": list(SYSTEMS),
        "storageCrs": CRS84,
        "links": [
            _link(where, "self", answers.JSON, "collection"),
            _link(f"{where}/items", "items", GEOJSON, "features"),
            _link(f"{where}/queryables", QUERYABLES, SCHEMA, "queryables"),
        ],
    }


def _definition(document: dict[str, Any], base: str) -> dict[str, Any]:
    """Return the paths under /ogc as OpenAPI 3.0, whose schemas of answers are plain objects."""
    paths = {
        path.removeprefix("/ogc") or "/": _plain(path_item)
        for path, path_item in document["paths"].items()
        if path.startswith("/ogc")
    }
    info = {key: document["info"][key] for key in ("title", "description", "version")}
    return {"openapi": "3.0.3", "info": info, "servers": [{"url": base}], "paths": paths}


def _plain(path_item: dict[str, Any]) -> dict[str, Any]:
    operation = path_item["get"]
    kept = {key: operation[key] for key in ("operationId", "summary", "description", "parameters") if key in operation}
    responses = {
        status: {
            "description": response["description"],
            **(
                {"content": {media: {"schema": {"type": "object"}} for media in response["content"]}}
                if "content" in response
                else {}
            ),
        }
        for status, response in operation["responses"].items()
    }
    return {"get": {**kept, "responses": responses}}


def base_address(request: Request) -> str:
    """Return the whole address of /ogc: as set, else as the client addressed it when that is a plain host name."""
    public = settings_of(request).public_url
    if public is None:
        host = header(request.scope, b"host")
        scheme = request.scope["scheme"]
        server = request.scope.get("server") or ("127.0.0.1", 80)
        known = host if _HOST.fullmatch(host) else f"{server[0]}:{server[1]}"
        public = f"{scheme}://{known}{request.scope.get('root_path', '')}"
    return f"{public.rstrip('/')}/ogc"


def _with(request: Request, address: str, changes: dict[str, str]) -> str:
    """Return `address` with the query of the request, changed."""
    given = dict(parse_qsl(request.scope["query_string"].decode("utf-8"), keep_blank_values=True))
    query = urlencode({**given, **changes})
    return f"{address}?{query}" if query else address


def _link(href: str, rel: str, media_type: str, title: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media_type, "title": title}
