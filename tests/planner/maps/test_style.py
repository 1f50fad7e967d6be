"""Classes hold their values, words exist in both languages, colours can be told apart."""

from __future__ import annotations

import mapclassify
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.maps import style

NUMBERS = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=60)


class TestQuantileBounds:
    @settings(deadline=None, max_examples=100)
    @given(NUMBERS, st.integers(0, 3))
    def test_every_value_lies_within_ascending_bounds(self, values: list[float], decimals: int) -> None:
        bounds = style.quantile_bounds(pd.Series(values), decimals=decimals)
        assert bounds[0] <= min(values)
        assert bounds[-1] >= max(values) - 1e-9 * max(values)
        assert bounds == sorted(bounds)
        assert 2 <= len(bounds) <= 6

    def test_as_mapclassify_does_where_nothing_is_rounded(self) -> None:
        values = np.random.Generator(np.random.PCG64(3)).random(500)
        found = style.quantile_bounds(pd.Series(values), decimals=12)
        assert found[1:] == pytest.approx(mapclassify.Quantiles(values, k=5).bins, abs=1e-11)

    def test_by_hand(self) -> None:
        assert style.quantile_bounds(pd.Series([0.0, 10, 20, 30, 40, 50, np.nan])) == [0, 10, 20, 30, 40, 50]

    def test_one_value_is_one_class_and_none_is_none(self) -> None:
        assert style.quantile_bounds(pd.Series([7.0, 7.0])) == [7.0, 7.0]
        assert style.quantile_bounds(pd.Series([np.nan])) == []


@pytest.mark.parametrize(
    ("people", "bounds"),
    [
        ([0, 0, 10, 20, 30, 40, 50, 60, None], [0, 1, 20, 30, 40, 50, 60]),
        ([0, 7, 7], [0, 1, 7]),
        ([1, 1], [0, 1, 1]),
        ([0, 0], [0, 1]),
        ([None], [0, 1]),
    ],
)
def test_nobody_in_need_is_a_class_of_its_own(people: list[int | None], bounds: list[float]) -> None:
    scale = style.people_scale(pd.DataFrame({"need_people": pd.array(people, dtype="Int64")}))
    assert scale.bounds == bounds
    assert scale.colours[0] == style.NO_PEOPLE
    assert len(scale.colours) == len(bounds) - 1


def test_both_languages_say_everything() -> None:
    both = style.words()
    assert list(both) == ["vi", "en"]
    assert both["vi"].keys() == both["en"].keys()
    assert all(text.strip() for words in both.values() for text in words.values())


def test_the_gravest_notice_comes_first() -> None:
    assert style.notices(["area_weighted", "stale", "synthetic"], "en") == [
        "SYNTHETIC DATA, do not decide by it",
        "some data are stale",
    ]


def test_shades_span_a_sequence() -> None:
    assert style.shades("need", 5) == list(style.SEQUENCES["need"])
    assert style.shades("need", 2) == [style.SEQUENCES["need"][0], style.SEQUENCES["need"][-1]]
    assert style.shades("need", 1) == [style.SEQUENCES["need"][2]]
    assert style.shades("need", 0) == []
    with pytest.raises(ValueError, match="5 colours, not 6"):
        style.shades("need", 6)


def brightness(colour: str) -> float:
    """Relative luminance (WCAG 2): what is left of a colour without its hue."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("name", list(style.SEQUENCES))
def test_a_sequence_can_be_told_apart_without_colour(name: str) -> None:
    light = [brightness(c) for c in style.SEQUENCES[name]]
    steps = np.diff(light)
    assert (steps < 0).all() or (steps > 0).all()
    assert np.abs(steps).min() > 0.03


def test_islands_are_named_as_the_law_names_them() -> None:
    assert [label for label, _, _ in style.ISLANDS] == [
        "Quần đảo Hoàng Sa (Việt Nam)",
        "Quần đảo Trường Sa (Việt Nam)",
    ]
