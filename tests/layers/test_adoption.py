from __future__ import annotations

import pandas as pd
import pytest

from layers import adoption
from layers.catalog import Record
from layers.crosswalk import Crosswalk
from layers.errors import LayerError
from layers.schema import ADOPTION

KNOWN = ["v00", "v01", "v02"]


def _load(record, *, level="village", unit_ids=tuple(KNOWN), **columns):
    return adoption.load(record, columns=columns, indicator="vneid_issued", level=level, unit_ids=unit_ids)


def test_counts_with_an_unknown_that_stays_unknown(csv):
    layer = _load(csv("unit_id,used,of", "v01,,100", "v00,80,100"), numerator="used", denominator="of")
    assert list(layer.frame.columns) == list(ADOPTION)
    assert layer.frame["unit_id"].tolist() == ["v00", "v01"]
    assert layer.frame["numerator"].tolist()[0] == 80.0
    assert layer.frame["numerator"].isna().tolist() == [False, True]
    assert set(layer.frame["indicator"]) == {"vneid_issued"}
    assert set(layer.frame["level"]) == {"village"}
    assert [(i.severity, i.rule) for i in layer.issues] == [("info", "1 of 3 units have no row")]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("v00,101,100", "rate_above_1"),
        ("v00,-1,100", "negative"),
        ("v00,0.5,100", "not_whole"),
        ("v00,5,many", "not_number"),
        ("v09,5,100", "unknown_id"),
        (",5,100", "empty"),
    ],
)
def test_faults_stop(csv, row, code):
    with pytest.raises(LayerError) as caught:
        _load(csv("unit_id,numerator,denominator", row))
    assert [i.code for i in caught.value.issues if i.severity == "error"] == [code]


def test_a_rate_above_one_is_told_with_both_numbers(csv):
    with pytest.raises(LayerError, match=r"row 1, column 'used': found '101 of 100'; a rate is at most 1"):
        _load(csv("unit_id,used,denominator", "v00,101,100"), numerator="used")


def test_all_of_all_is_a_rate_of_one_and_nobody_of_nobody_is_kept(csv):
    assert len(_load(csv("unit_id,numerator,denominator", "v00,5,5", "v01,0,0")).frame) == 2


def test_a_repeated_unit_stops(csv):
    with pytest.raises(LayerError, match="used once"):
        _load(csv("unit_id,numerator,denominator", "v00,5,9", "v00,5,9"))


def test_a_province_is_one_row_without_a_unit(csv):
    layer = _load(csv("numerator,denominator", "2045508,2597500"), level="province", unit_ids=None)
    assert layer.frame.iloc[0][["unit_id", "level", "numerator"]].tolist() == ["province", "province", 2045508.0]
    for rows in ([], ["1,2", "1,2"]):
        with pytest.raises(LayerError, match="one row"):
            _load(csv("numerator,denominator", *rows), level="province", unit_ids=None)


def test_a_numerator_without_a_denominator_is_told(csv):
    record = csv("unit_id,numerator,denominator", "a,5,", "b,0,0", "c,1,2", "d,,4")
    layer = adoption.load(record, columns={}, indicator="x", level="village", unit_ids=list("abcd"))
    assert [(i.row, i.severity) for i in layer.issues if i.code == "no_denominator"] == [(1, "warning"), (2, "warning")]


def _former():
    rows = [("o1", "Xã Cũ 1", "H", "k00", 1.0, 1.0, 1.0), ("o2", "Xã Cũ 2", "H", "k00", 0.5, 0.2, 0.6)]
    rows += [("o2", "Xã Cũ 2", "H", "k01", 0.5, 0.4, 0.8), ("o3", "Xã Cũ 3", "H", "k01", 1.0, 1.0, 1.0)]
    columns = ["old_id", "old_name", "parent", "new_id", "share", "low", "high"]
    table = pd.DataFrame(rows, columns=columns).assign(source="a law", date="2025-07-01")
    return Crosswalk(Record(layer="crosswalk", file="x"), "2025-06", table)


def test_a_commune_is_unknown_when_one_of_its_former_communes_has_no_row(csv):
    former = _former()
    layer = adoption.load(
        csv("name,numerator,denominator", "cũ 1,3,4", "Cũ 2,1,2"),
        columns={},
        indicator="x",
        level="commune",
        unit_ids=["k00", "k01"],
        named=former.units(),
        former=former,
    )
    assert layer.frame[["unit_id", "numerator", "denominator"]].to_numpy().tolist() == [["k00", 4.0, 5.0]]
    assert [(i.code, i.value) for i in layer.issues if i.code == "incomplete"] == [("incomplete", "k01")]
