"""Attributes: numbers per unit, unknown is not zero, every fault told."""

import pytest

from layers import attributes
from layers.catalog import Record
from layers.errors import LayerError


def load(folder, text, **more):
    path = folder / "poverty.csv"
    path.write_text(text, encoding="utf-8")
    record = Record(layer="attributes.poverty", file="poverty.csv", path=path)
    chosen = {"columns": {"unit_id": "id"}, "value": "poor", "level": "village", "unit_ids": ["a", "b", "c"]}
    return attributes.load(record, **{**chosen, **more})


def test_an_empty_cell_and_a_missing_row_are_unknown_and_told(tmp_path):
    layer = load(tmp_path, "id,poor,other\nb,-0.5,x\na,,y\n")
    assert layer.frame["unit_id"].tolist() == ["a", "b"]
    assert layer.frame["value"].fillna(9).tolist() == [9, -0.5]
    assert [(i.severity, i.rule) for i in layer.issues] == [("info", "2 of 3 units have no value")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("id,pour\na,1\n", "missing_column"),
        ("id,poor\na,1\na,2\n", "repeated_id"),
        ("id,poor\nd,1\n", "unknown_id"),
        ("id,poor\na,many\n", "not_number"),
        ("id,poor\na,1e12\n", "too_large"),
    ],
)
def test_every_fault_is_told(tmp_path, text, code):
    with pytest.raises(LayerError) as caught:
        load(tmp_path, text)
    assert code in {issue.code for issue in caught.value.issues}


def test_a_standard_error_is_read_where_the_file_has_one(tmp_path):
    assert load(tmp_path, "id,poor\na,1\n").frame["standard_error"].isna().all()
    named = {"columns": {"unit_id": "id", "standard_error": "se"}}
    assert load(tmp_path, "id,poor,se\na,1,0.2\n", **named).frame["standard_error"].tolist() == [0.2]
    for text, code in (("id,poor,se\na,1,-0.2\n", "negative"), ("id,poor\na,1\n", "missing_column")):
        with pytest.raises(LayerError) as caught:
            load(tmp_path, text, **named)
        assert code in {issue.code for issue in caught.value.issues}
