"""Equal content has equal digests, anything else another one; what is not known is refused."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from shapely.geometry import Point

from planner.digest import digest
from planner.sections.deploy import Deploy

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def table(**columns: object) -> pd.DataFrame:
    base: dict[str, object] = {
        "text": ["a", "bc", None],
        "flags": [("x",), (), ("y", "z")],
        "whole": pd.array([1, None, 3], dtype="Int64"),
        "share": [0.5, np.nan, 1.0],
    }
    return pd.DataFrame(base | columns)


@given(PLAIN, PLAIN)
def test_digests_are_equal_exactly_where_the_text_of_the_values_is(one: object, other: object):
    assert (digest(one) == digest(other)) == (repr(one) == repr(other) or _same(one, other))


def _same(one: object, other: object) -> bool:
    """Dictionaries are equal in any order of their keys; all else must look alike."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return repr(one) == repr(other)


@pytest.mark.parametrize(
    "changed",
    [
        {"text": ["a", "b", "c"]},
        {"text": ["ab", "c", None]},
        {"flags": [("x",), ("",), ("y", "z")]},
        {"whole": pd.array([1, 0, 3], dtype="Int64")},
        {"whole": pd.array([1, None, 3], dtype="Float64")},
        {"share": [0.5, 0.0, 1.0]},
        {"more": [1, 2, 3]},
    ],
)
def test_a_changed_cell_type_or_column_of_a_table_counts(changed: dict[str, object]):
    assert digest(table(**changed)) != digest(table())


def test_a_table_is_known_by_its_content_and_order():
    assert digest(table()) == digest(table().copy())
    assert digest(table().iloc[::-1]) != digest(table())
    assert digest(table().set_axis([5, 6, 7])) != digest(table())


def test_equal_texts_count_as_equal_whichever_object_holds_them():
    part = "ab"
    one, other = pd.DataFrame({"t": ["xab", "xab"]}), pd.DataFrame({"t": ["xab", "x" + part]})
    assert digest(one) == digest(other)


def test_geometries_count_with_their_reference_system():
    points = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[Point(1, 2), None], crs="EPSG:32649")
    assert digest(points) == digest(points.copy())
    assert digest(points) != digest(points.set_crs("EPSG:32648", allow_override=True))
    assert digest(points) != digest(points.assign(geometry=[Point(1, 2.0000001), None]).set_crs(points.crs))


def test_plan_sections_and_matrices_count():
    assert digest(Deploy()) == digest(Deploy())
    assert digest(Deploy(teams=59)) != digest(Deploy())
    matrix = sparse.csr_array(np.array([[0.0, 1.0], [2.0, 0.0]]))
    assert digest(matrix) != digest(matrix.T.tocsr())
    assert digest({"a", "b"}) == digest({"b", "a"})


def test_a_dataclass_counts_field_by_field():
    @dataclass(frozen=True)
    class Pair:
        day: dt.date
        values: np.ndarray

    one = Pair(dt.date(2025, 7, 1), np.arange(3))
    assert digest(one) == digest(Pair(dt.date(2025, 7, 1), np.arange(3)))
    assert digest(one) != digest(Pair(dt.date(2025, 7, 2), np.arange(3)))
    assert digest(one) != digest(Pair(dt.date(2025, 7, 1), np.arange(3.0)))


def test_what_is_not_known_is_refused_by_name():
    with pytest.raises(TypeError, match="object"):
        digest({"a": [object()]})


def test_another_process_finds_the_same_digest():
    code = "from planner.digest import digest; print(digest({'b': {'x', 'y', 'z'}, 'a': ('ả', 1.5)}))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert found == digest({"a": ("ả", 1.5), "b": {"x", "y", "z"}})
