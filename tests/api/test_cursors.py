from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from api.cursors import Cursor, parse, question


@given(st.text(max_size=40), st.text(max_size=12), st.integers(1, 10**9))
@settings(deadline=None, max_examples=50)
def test_a_cursor_comes_back_as_it_went(publication, asked, offset):
    cursor = Cursor(publication, asked, offset)
    assert parse(str(cursor)) == cursor


@given(st.text(alphabet="ABCDEFabcdef0123456789-_", max_size=60))
@settings(deadline=None, max_examples=200)
def test_what_nobody_handed_out_is_no_cursor(text):
    found = parse(text)
    assert found is None or found.offset > 0


def test_filters_that_are_not_given_do_not_count():
    assert question({"q": None, "bbox": "1"}) == question({"bbox": "1"})
    assert question({"q": "1"}) != question({"bbox": "1"})
