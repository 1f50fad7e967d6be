"""Parameters of the requests as models: unknown names are refused, and every limit stands in /openapi.json."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from api.crs import CrsUri
from api.places import BBox
from api.schemas import NeedClass

MAX_LIMIT: Final = 1_000
MAX_TEAMS: Final = 10
MAX_POINTS: Final = 1_000
MAX_FEATURES: Final = 10_000
CURSOR: Final = r"^[A-Za-z0-9_-]{8,300}$"

_LON: Final = r"-?(180(\.0{1,20})?|(1[0-7][0-9]|[0-9]{1,2})(\.[0-9]{1,20})?)"
_LAT: Final = r"-?(90(\.0{1,20})?|[0-8]?[0-9](\.[0-9]{1,20})?)"


def _plain(value: object) -> object:
    """Refuse what Python reads as a number and nobody else does, like ``1_0``; let pydantic see the rest."""
    return "not a number" if isinstance(value, str) and "_" in value else value


Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, description="latitude, degrees, WGS 84")]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, description="longitude, degrees, WGS 84")]
PublicationId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        description="id of an older publication to answer from; without it the one in force answers",
    ),
]


class Read(BaseModel):
    """What every read accepts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    publication: PublicationId | SkipJsonSchema[None] = None


class NoQuery(BaseModel):
    """For addresses that accept no parameter."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PointQuery(Read):
    """A point."""

    lat: Annotated[Latitude, BeforeValidator(_plain)]
    lon: Annotated[Longitude, BeforeValidator(_plain)]


class PointBody(BaseModel):
    """A person's own position: in the body, so that no log and no browser history keeps it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lat: Latitude
    lon: Longitude


class BatchPoint(PointBody):
    """One point of a batch; ``id`` comes back with its answer."""

    id: Annotated[str, Field(max_length=100)] | None = None


class BatchBody(BaseModel):
    """Up to a thousand points. Each is checked on its own, so that one at fault does not spoil the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    points: Annotated[
        list[Any],
        Field(min_length=1, max_length=MAX_POINTS),
        WithJsonSchema(
            {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_POINTS,
                "items": {
                    "anyOf": [
                        BatchPoint.model_json_schema(),
                        {"description": "anything else is answered with its problem, at its place in the list"},
                    ]
                },
            }
        ),
    ]


class DisputeBody(PointBody):
    """What somebody saw at a place. The position is rounded to three decimals before it is stored."""

    operator: Annotated[str, Field(pattern=r"^[\w .&/-]{1,60}$", description="mobile operator, or 'any'")]
    technology: Literal["2G", "3G", "4G", "5G"] = "4G"
    seen: Literal["no_signal", "weak_signal", "signal"]
    seen_date: Annotated[dt.date, Field(description="day on which it was seen, today at the latest")]
    rsrp_dbm: Annotated[float, Field(ge=-160, le=-20, allow_inf_nan=False)] | None = None
    text: Annotated[str, Field(max_length=500, description="in one's own words; deleted with the position")] | None = (
        None
    )


class TeamsQuery(PointQuery):
    """A point and how many teams."""

    n: int = Field(3, ge=1, le=MAX_TEAMS, description="at most so many teams")
    planned: bool = Field(default=False, description="also sites that the plan adds; no team stands there yet")


class VillagesQuery(Read):
    """Which villages, and how many on a page."""

    q: (
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=100,
                pattern=r"^[^\x00-\x1f\x7f]*$",
                description="part of a name, with or without diacritics; best matches first",
            ),
        ]
        | SkipJsonSchema[None]
    ) = None
    commune_id: Annotated[str, Field(min_length=1, max_length=100)] | SkipJsonSchema[None] = None
    need_class: NeedClass | SkipJsonSchema[None] = None
    bbox: (
        Annotated[
            str,
            Field(
                pattern=f"^{_LON},{_LAT},{_LON},{_LAT}$",
                description="two corners as lon,lat,lon,lat in degrees: villages that touch the box; "
                "a first longitude above the second crosses the antimeridian",
            ),
        ]
        | SkipJsonSchema[None]
    ) = None
    limit: int = Field(100, ge=1, le=MAX_LIMIT, description="villages on a page")
    cursor: (
        Annotated[
            str,
            Field(
                pattern=CURSOR,
                description="'next_cursor' of the page before; it stays with that page's publication",
            ),
        ]
        | SkipJsonSchema[None]
    ) = None


_NUMBER: Final = r"-?[0-9]{1,9}(\.[0-9]{1,20})?"
_TIME: Final = (
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?"
)


class FeatureQuery(Read):
    """How a single feature is wanted."""

    crs: CrsUri | SkipJsonSchema[None] = Field(None, description="system of the coordinates of the answer")


class ItemsQuery(FeatureQuery):
    """Which features, and how many on a page; properties of the collection stand beside these."""

    bbox: (
        Annotated[
            str,
            Field(
                pattern=f"^{_NUMBER}(,{_NUMBER}){{3}}((,{_NUMBER}){{2}})?$",
                description="four numbers, or six with heights that are passed over; in the axis order of bbox-crs",
            ),
        ]
        | SkipJsonSchema[None]
    ) = None
    bbox_crs: CrsUri | SkipJsonSchema[None] = Field(None, alias="bbox-crs", description="system of bbox")
    datetime: (
        Annotated[
            str,
            Field(
                pattern=f"^({_TIME}|({_TIME}|\\.\\.)?/({_TIME}|\\.\\.)?)$",
                description="date of the data: an instant, or an interval that may be open (..) at either end",
            ),
        ]
        | SkipJsonSchema[None]
    ) = None
    limit: int = Field(100, ge=1, description=f"features on a page; above {MAX_FEATURES} means {MAX_FEATURES}")
    cursor: (
        Annotated[str, Field(pattern=CURSOR, description="set by the link to the next page")] | SkipJsonSchema[None]
    ) = None


def box(text: str) -> BBox:
    """Return the box of a ``bbox`` parameter that matched its pattern, the smaller latitude first."""
    west, south, east, north = (float(part) for part in text.split(","))
    return west, min(south, north), east, max(south, north)
