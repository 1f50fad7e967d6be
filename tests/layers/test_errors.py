from __future__ import annotations

import pytest

from layers.errors import CrsError, Issue, LayerError, PlanningError, UnsafeFileError

FULL = Issue(
    layer="population",
    file="people.csv",
    row=3,
    column="people",
    value="-5",
    rule="a count is not below 0",
    done="Mend it.",
)


def test_an_issue_reads_as_a_sentence_with_file_row_column_value_and_rule():
    assert str(FULL) == "people.csv, row 3, column 'people': found '-5'; a count is not below 0. Mend it."


def test_what_an_issue_does_not_know_it_does_not_say():
    assert str(Issue(layer="roads", file="", rule="the file is missing")) == "roads: the file is missing."


def test_an_issue_as_a_dictionary_keeps_the_order_of_its_fields():
    found = FULL.as_dict()
    assert list(found)[:3] == ["layer", "file", "rule"]
    assert found["severity"] == "error"


def test_a_layer_error_carries_every_issue():
    error = LayerError([FULL, Issue(layer="x", file="y", rule="z")])
    assert len(error.issues) == 2
    assert str(error).count("\n") == 1
    assert LayerError(FULL).issues == (FULL,)


def test_a_layer_error_without_an_issue_is_a_slip_of_ours():
    with pytest.raises(ValueError, match="at least one"):
        LayerError([])


@pytest.mark.parametrize("kind", [LayerError, CrsError, UnsafeFileError])
def test_every_error_of_a_layer_ends_with_status_1(kind):
    assert issubclass(kind, PlanningError)
    assert kind(FULL).status == 1
