"""Age groups as people write them, and how many of a unit are 14 and over."""

from __future__ import annotations

import pytest

from layers import ages
from layers.ages import Group
from layers.errors import LayerError


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("0-4", 0, 5),
        ("5–13", 5, 14),
        ("tuoi_14_17", 14, 18),
        ("Từ 18 đến 59 tuổi", 18, 60),
        ("60 tuổi trở lên", 60, None),
        ("80+", 80, None),
        ("≥ 60", 60, None),
        ("Dưới 14 tuổi", 0, 14),
        ("<5", 0, 5),
        ("14 - dưới 18", 14, 18),
        ("age_0_13", 0, 14),
        ("dân số 0-4", 0, 5),
        ("7", 7, 8),
    ],
)
def test_groups_as_people_write_them(text, low, high):
    assert ages.group(text) == Group(low, high)


@pytest.mark.parametrize("text", ["name", "unit_id", "2025-09-05", "9-5", "Tổng số", "nam 0-4", "2025", ""])
def test_what_is_no_group(text):
    assert ages.group(text) is None


def load(record, *, units=("a", "b"), **columns):
    return ages.load(record, columns=columns, level="village", unit_ids=units)


def test_a_table_that_splits_at_14_says_it_exactly(csv):
    layer = load(csv("ma,0-4,5-13,14-17,18+", "a,10,20,5,65", "b,0,0,0,7"), unit_id="ma")
    assert layer.frame[["unit_id", "people", "eligible"]].to_numpy().tolist() == [["a", 100, 70], ["b", 7, 7]]
    assert [issue.code for issue in layer.issues] == []


def test_a_group_across_14_is_interpolated_and_told(csv):
    layer = load(csv("unit_id,0-9,10-19,20+", "a,100,50,50", "b,0,10,0"))
    assert layer.frame["eligible"].tolist() == [80, 6]  # six of ten years are 14 and over
    assert [issue.code for issue in layer.issues] == ["age_interpolated"]
    assert "60%" in layer.issues[0].done


def test_a_row_per_unit_and_group(csv):
    lines = [f"{unit},{group},{people}" for unit in "ab" for group, people in (("0-13", 30), ("14+", 70))]
    layer = load(csv("unit_id,age,people", *lines))
    assert layer.frame["eligible"].tolist() == [70, 70]
    assert layer.frame["people"].tolist() == [100, 100]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["unit_id,0-4,10+", "a,1,1", "b,1,1"], "follow on each other"),
        (["unit_id,0-14,14+", "a,1,1", "b,1,1"], "follow on each other"),
        (["unit_id,5-13,14+", "a,1,1", "b,1,1"], "begin at 0"),
        (["unit_id,0-13,14-80", "a,1,1", "b,1,1"], "end with one and over"),
        (["unit_id,0-9,10+", "a,1,1", "b,1,1"], "narrower groups"),
        (["unit_id,name", "a,1", "b,1"], "found: none"),
        (["unit_id,0-13,tuoi_0_13,14+", "a,1,1,1", "b,1,1,1"], "stands once"),
        (["unit_id,0-13,14+", "a,1,", "b,1,1"], "value is needed"),
        (["unit_id,0-13,14+", "a,1,-1", "b,1,1"], "not below 0"),
        (["unit_id,0-13,14+", "a,1,1"], "has a row"),
        (["unit_id,0-13,14+", "a,1,1", "b,1,1", "c,1,1"], "id is that of"),
        (["unit_id,0-13,14+", "a,1,1", "b,1,1", "b,1,1"], "used once"),
        (["unit_id,age,people", "a,0-13,1", "a,old,1"], "written as 0-4"),
        (["unit_id,age,people", "a,0-13,1", "a,0-13,1"], "one row per age group"),
        (["unit_id,age", "a,0-13"], "people"),
        (["unit_id,age,people", "a,0-13,1", "a,14+,1", "b,0-13,1"], "value is needed"),
    ],
)
def test_faults_are_named(csv, lines, said):
    with pytest.raises(LayerError, match=said):
        load(csv(*lines))
