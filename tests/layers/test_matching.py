from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.catalog import Record
from layers.matching import identify, match

UNITS = pd.DataFrame(
    [
        ("c1", "Xã Tân Lập", "Huyện Krông Búk", "d1"),
        ("c2", "Phường Tân Lập", "Thành phố Buôn Ma Thuột", "d2"),
        ("c3", "Xã Ea H'leo", "Huyện Ea H'leo", "d3"),
        ("c4", "Xã Xuân Thọ 1", "Thị xã Sông Cầu", "d4"),
        ("c5", "Xã Xuân Thọ 2", "Thị xã Sông Cầu", "d4"),
        ("c6", "Xã Ea Bá", "Huyện Sông Hinh", "d5"),
        ("c7", "Xã Đắk Phơi", "Huyện Lắk", "d6"),
        ("c8", "Xã Hòa Xuân Đông", "Thị xã Đông Hòa", "d7"),
        ("c9", "Xã Hòa Xuân Nam", "Thị xã Đông Hòa", "d7"),
    ],
    columns=["unit_id", "name", "parent", "parent_id"],
)


def _match(*names, **columns):
    return match(pd.DataFrame({"name": list(names), **columns}), UNITS)


def _one(name, **columns):
    found = _match(name, **{k: [v] for k, v in columns.items()})
    return found.unit_ids.iloc[0], found.rules.iloc[0]


@pytest.mark.parametrize(
    ("name", "unit", "rule"),
    [
        ("Ea H’Leo", "c3", "name"),
        ("phường tân lập", "c2", "name"),
        ("Ea Ba", "c6", "name_without_diacritics"),
        ("XuanTho1", "c4", "name_without_diacritics"),
        ("Đắk Phơii", "c7", "likeness"),
        ("Hòa Xuânn Nam", "c9", "likeness"),
    ],
)
def test_a_name_is_found_by_the_strictest_rule_that_fits(name, unit, rule):
    assert _one(name) == (unit, rule)


def test_a_code_goes_before_the_name():
    assert _one("Xã Ea Bá", unit_id="c7") == ("c7", "code")
    assert _one("Xã Ea Bá", unit_id=None) == ("c6", "name")


def test_a_code_that_is_none_is_a_fault_and_not_a_reason_to_look_at_the_name():
    found = _match("Xã Ea Bá", unit_id=["c99"])
    assert found.unit_ids.isna().all()
    assert "'c99' is none" in found.reasons[0]


def test_one_name_of_two_units_is_set_aside_with_both():
    found = _match("Tân Lập")
    assert found.candidates[0] == ("c1", "c2")
    assert "several have it" in found.reasons[0]


@pytest.mark.parametrize("parent", ["Krông Búk", "H. Krông Búk", "KrôngBúk", "d1", "huyện krong buk"])
def test_the_parent_settles_it(parent):
    assert _one("Tân Lập", parent=parent) == ("c1", "name")


def test_a_name_is_not_found_outside_its_parent():
    found = _match("Ea Bá", parent=["Huyện Lắk"])
    assert found.unit_ids.isna().all()
    assert found.candidates[0] == ()


def test_two_rows_of_one_name_are_both_set_aside():
    found = _match("Ea Bá", "Xã Ea Bá", "EA BÁ")
    assert found.unit_ids.tolist() == [None, "c6", None]  # the kind told the second one apart
    found = _match("Ea Bá", "EA BÁ")
    assert found.unit_ids.isna().all()
    assert set(found.candidates.values()) == {("c6",)}


def test_numbers_are_never_alike():
    found = match(pd.DataFrame({"name": ["Xuân Thọ 1"]}), UNITS[UNITS["unit_id"] == "c5"])
    assert found.unit_ids.isna().all()
    assert found.candidates[0] == ("c5",)


def test_short_names_and_close_seconds_are_left_to_a_person():
    assert _match("Ea Bo").candidates[0][0] == "c6"
    near = match(
        pd.DataFrame({"name": ["Hòa Xuân Đang"]}),
        pd.DataFrame({"unit_id": ["a", "b"], "name": ["Hòa Xuân Đong", "Hòa Xuân Đeng"]}),
    )
    assert near.unit_ids.isna().all()
    assert near.candidates[0] == ("a", "b")


def test_an_exact_name_is_not_lost_to_a_likeness_that_comes_first():
    found = _match("Đắk Phơii", "Đắk Phơi")
    assert found.unit_ids.tolist() == [None, "c7"]


def test_what_was_done_is_told():
    rows = pd.DataFrame({"name": ["Ea H’Leo", "Đắk Phơii", "Tân Lập"]}, index=pd.Index([1, 2, 3], name="row"))
    record = Record(layer="population", file="p.csv")
    kept, issues, aside = identify(rows, UNITS, columns={"name": "tên"}, record=record)
    assert kept["unit_id"].to_dict() == {1: "c3", 2: "c7"}
    assert [(i.code, i.severity, i.row) for i in issues] == [
        ("matched", "info", None),
        ("matched_by_likeness", "warning", 2),
        ("not_matched", "warning", 3),
    ]
    assert "1 by likeness, 1 by name; 1 set aside" in issues[0].rule
    assert "candidates: Xã Tân Lập (c1), Phường Tân Lập (c2)" in issues[2].done
    assert aside[["row", "name"]].to_dict("list") == {"row": [3], "name": ["Tân Lập"]}


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([*UNITS["name"], "Tân Lập", "Ea Ba", "Hòa Xuân", "Đắk Phơii", "?"]), max_size=12))
def test_every_row_is_matched_or_set_aside_and_no_unit_is_given_twice(names):
    found = match(pd.DataFrame({"name": pd.Series(names, dtype="str")}), UNITS)
    given_units = found.unit_ids.dropna()
    assert given_units.is_unique
    assert len(given_units) + len(found.reasons) == len(names)
    assert set(found.reasons) == set(found.candidates)
