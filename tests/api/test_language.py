from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.language import preferred


@pytest.mark.parametrize(
    ("wanted", "default", "found"),
    [
        ("en", "vi", "en"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "en", "vi"),
        ("en;q=0.3, vi;q=0.7", "en", "vi"),
        ("fr, de;q=0.5", "vi", "vi"),
        ("fr, en;q=0.1", "vi", "en"),
        ("*", "en", "en"),
        ("vi;q=0, *;q=0.5", "vi", "en"),
        ("EN-gb", "vi", "en"),
        ("en;q=banana", "vi", "vi"),
        ("en;q=7", "vi", "vi"),
        ("en;q=0", "en", "en"),
        (";;;,,q=", "vi", "vi"),
    ],
)
def test_the_preferred_language(wanted, default, found):
    assert preferred(wanted, default) == found


@given(st.text(max_size=300), st.sampled_from(["vi", "en"]))
@settings(deadline=None, max_examples=100)
def test_any_header_gets_a_language(wanted, default):
    assert preferred(wanted, default) in {"vi", "en"}
