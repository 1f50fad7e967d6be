"""What is known at a point: which unit holds it, and the answer of that unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

import orjson

from api import answers, texts, units
from api.faults import swapped
from api.language import LANGUAGES, Language
from api.places import Places
from api.snapshot import Snapshot

MAX_PREPARED: Final = 5_000
"""Villages up to which answers are encoded before the first question: a tenth of a second and 20 MB for 2,000."""


class Place(NamedTuple):
    """The unit that holds a point.

    Parameters
    ----------
    resolution : {"village", "commune", "outside"}
        ``commune`` for a point of a commune that no village holds.
    unit_id : str
        Its id, empty outside.
    """

    resolution: Literal["village", "commune", "outside"]
    unit_id: str


OUTSIDE = Place("outside", "")


def locate(snapshot: Snapshot, lon: float, lat: float) -> Place:
    """Return the place of a point (degrees, WGS 84).

    Raises
    ------
    ProblemError
        When the point lies outside and would lie inside with its two numbers exchanged.
    """
    village = snapshot.village_places.at(lon, lat)
    if village is not None:
        return Place("village", village)
    commune = snapshot.commune_places.at(lon, lat)
    if commune is not None:
        return Place("commune", commune)
    if snapshot.commune_places.at(lat, lon) is not None:
        raise swapped()
    return OUTSIDE


def locate_each(snapshot: Snapshot, lons: Sequence[float], lats: Sequence[float]) -> list[Place | None]:
    """Return the places of many points at once; None for a point whose two numbers are swapped."""
    found: list[Place | None] = [OUTSIDE] * len(lons)
    looks: tuple[tuple[Places, Literal["village", "commune"] | None], ...] = (
        (snapshot.village_places, "village"),
        (snapshot.commune_places, "commune"),
        (snapshot.commune_places, None),
    )
    for places, resolution in looks:
        left = [i for i, place in enumerate(found) if place is OUTSIDE]
        x, y = [lons[i] for i in left], [lats[i] for i in left]
        inside = places.at_each(x, y) if resolution is not None else places.at_each(y, x)
        for i, unit_id in zip(left, inside, strict=True):
            if unit_id is not None:
                found[i] = Place(resolution, unit_id) if resolution is not None else None
    return found


def answer(snapshot: Snapshot, place: Place, language: Language) -> bytes:
    """Return the whole encoded answer for a place: what all answers share, and its own part."""
    return snapshot.opening + _encoded(snapshot, place, language)[1:]


def part(snapshot: Snapshot, place: Place, language: Language) -> orjson.Fragment:
    """Return the encoded answer for a place without what a batch says once for all."""
    return orjson.Fragment(_encoded(snapshot, place, language))


def prepare(snapshot: Snapshot) -> None:
    """Encode the answers of all villages, so that the first questions need not wait for it."""
    if len(snapshot.villages) <= MAX_PREPARED:
        for language in LANGUAGES:
            for unit_id in snapshot.villages:
                _encoded(snapshot, Place("village", unit_id), language)


def _encoded(snapshot: Snapshot, place: Place, language: Language) -> bytes:
    return snapshot.encoded(("part", *place, language), lambda: content(snapshot, place, language))


def content(snapshot: Snapshot, place: Place, language: Language) -> dict[str, Any]:
    """Return the answer for a place, without what all answers share."""
    makers = {"village": _in_village, "commune": _between, "outside": _outside}
    return makers[place.resolution](snapshot, place.unit_id, language)


def _in_village(snapshot: Snapshot, unit_id: str, language: Language) -> dict[str, Any]:
    found = units.of_village(snapshot, unit_id, language)
    return {"status": found["coverage_status"], "resolution": "village", **found}


def _between(snapshot: Snapshot, commune_id: str, language: Language) -> dict[str, Any]:
    """Answer for a point of a commune that no village holds: what is known is the commune's, the coverage is not."""
    row = snapshot.communes[commune_id]
    return {
        "status": "unknown",
        "resolution": "commune",
        **answers.about_row(row, language),
        **row,
        "status_text": texts.STATUS["unknown"][language],
        "next_step": texts.NEXT_STEP["between_villages"][language],
        "map": answers.map_address(snapshot, language, unit_id=commune_id),
        **answers.contradicting(snapshot, language, village=False),
    }


def _outside(snapshot: Snapshot, _: str, language: Language) -> dict[str, Any]:
    return {
        "status": "outside_area",
        "resolution": None,
        **answers.about_publication(snapshot, language),
        "unit_id": None,
        "status_text": texts.STATUS["outside_area"][language],
        "next_step": texts.NEXT_STEP["outside_area"][language],
        "map": answers.map_address(snapshot, language),
        "how_to_dispute": None,
        "dispute_address": None,
    }
