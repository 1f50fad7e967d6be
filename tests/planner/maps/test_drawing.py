"""What is carried into a page: short numbers that are shown as the table's own would be, texts kept once."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.maps import drawing, style
from planner.products import Publication
from tests.planner.maps.reading import changed, column


@settings(deadline=None, max_examples=300)
@given(st.floats(0, 1), st.sampled_from(["share", "points", "minutes"]))
def test_a_carried_number_is_shown_as_the_number_itself(value: float, unit: str) -> None:
    value *= {"share": 1, "points": 100, "minutes": 300}[unit]
    factor = 10 ** drawing.SHOWN[unit]
    assert math.floor(drawing.carried(value, unit) * factor + 0.5) == math.floor(value * factor + 0.5)


@pytest.mark.parametrize(
    ("value", "unit", "kept"),
    [
        (0.5, "share", 0.5),
        (0.12341234, "share", 0.1234),
        (0.12345678, "share", 0.12345678),
        (0.0804996, "share", 0.0804996),
        (3.0, "points", 3),
    ],
)
def test_by_hand(value: float, unit: str, kept: float) -> None:
    assert drawing.carried(value, unit) == kept


def test_repeated_texts_are_kept_once(publication: Publication) -> None:
    table = drawing.prepare(publication).villages["table"]
    assert set(table["need_class"]) == {"values", "codes"}
    assert isinstance(table["unit_id"], list)
    assert column(table, "need_class") == list(publication.villages["need_class"])


def test_islands_stand_where_the_publication_places_them_and_anywhere_if_it_does_not(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = publication.context("islands")
    found = drawing.prepare(publication).islands
    assert [(lat, lon) for _, lat, lon in found] == [(p.y, p.x) for p in placed.geometry]
    empty = placed.iloc[:0]
    monkeypatch.setattr(Publication, "context", lambda _self, _layer: empty)
    assert drawing.prepare(changed(publication)).islands == style.ISLANDS
