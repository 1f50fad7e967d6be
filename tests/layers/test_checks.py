from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from layers import checks
from layers.catalog import Record
from layers.errors import Issue, LayerError
from layers.schema import ADOPTION_RULES, POPULATION_RULES, TEAM_RULES

RECORD = Record(layer="population", file="people.csv", data_date=dt.date(2025, 7, 1))


def _take(columns=None, *, rules=POPULATION_RULES, **cells):
    source = pd.DataFrame(cells, dtype="object")
    source.index = pd.RangeIndex(1, len(source) + 1, name="row")
    return checks.take(source, columns=columns or {}, rules=rules, record=RECORD, also=("lon",))


def _told(taken):
    return [(i.row, i.column, i.value, i.code) for i in taken.issues]


def test_only_the_schemas_columns_come_back_under_our_names():
    taken = _take({"unit_id": "code", "people": "pop"}, code=["007"], pop=["5"], other=["x"], people=["9"])
    assert list(taken.frame.columns) == ["unit_id", "people", "area_km2", "data_date"]
    assert taken.frame.loc[1, ["unit_id", "people", "data_date"]].tolist() == ["007", 5.0, dt.date(2025, 7, 1)]
    assert pd.isna(taken.frame.loc[1, "area_km2"])
    assert taken.issues == ()


def test_a_missing_column_is_told_with_the_nearest_one():
    with pytest.raises(LayerError) as caught:
        _take({"people": "population"}, unit_id=["1"], populaton=["5"])
    assert "'population'" in str(caught.value)
    assert "Did you mean 'populaton'?" in str(caught.value)


def test_every_missing_column_is_told():
    with pytest.raises(LayerError) as caught:
        _take(x=["1"])
    assert [i.column for i in caught.value.issues] == ["unit_id", "people"]


def test_a_mapped_optional_column_must_be_there():
    with pytest.raises(LayerError, match="'opening'"):
        _take({"hours": "opening"}, rules=TEAM_RULES, site_id=["t"], name=["T"])
    assert _take(rules=TEAM_RULES, site_id=["t"], name=["T"]).frame["hours"].isna().all()


def test_a_column_that_the_layer_does_not_know_is_refused():
    with pytest.raises(LayerError, match="Did you mean 'people'"):
        _take({"peple": "n"}, unit_id=["1"], people=["5"], n=["5"])
    assert _take({"lon": "x"}, unit_id=["1"], people=["5"]).issues == ()


def test_every_fault_of_every_row_is_told_once():
    taken = _take(unit_id=["1", "1", None, "a/b", "4"], people=["-5", "1.5", "many", None, "2e9"])
    assert sorted(_told(taken), key=lambda t: (t[0], t[3])) == [
        (1, "people", "-5", "negative"),
        (1, "unit_id", "1", "repeated_id"),
        (2, "people", "1.5", "not_whole"),
        (2, "unit_id", "1", "repeated_id"),
        (3, "unit_id", None, "empty"),
        (3, "people", "many", "not_number"),
        (4, "unit_id", "a/b", "bad_id"),
        (4, "people", None, "empty"),
        (5, "people", "2000000000", "too_many"),
    ]
    assert len(taken.issues) == 9
    assert all(i.layer == "population" and i.file == "people.csv" and i.severity == "error" for i in taken.issues)


@pytest.mark.parametrize("unit", ["=1+1", "-1", "@x", "a;b", "..", "x" * 65, "a\tb", "<b>", "a/b", "", " "])
def test_an_id_is_safe_in_a_path_a_list_and_a_spreadsheet(unit):
    assert len(_take(unit_id=[unit], people=["1"]).issues) == 1


@pytest.mark.parametrize("unit", ["24259", "00123", "24259-001", "k00", "Buôn A.1", "x_1:2"])
def test_usual_ids_pass(unit):
    assert _take(unit_id=[unit], people=["1"]).issues == ()


def test_a_nullable_count_may_be_missing_but_not_wrong():
    taken = _take(rules=ADOPTION_RULES, unit_id=["1", "2"], numerator=[None, "-1"], denominator=["", "5"])
    assert _told(taken) == [(2, "numerator", "-1", "negative")]


def test_dates_come_from_the_mapped_column_or_the_record():
    taken = _take({"data_date": "when"}, unit_id=["1", "2", "3"], people=["1"] * 3, when=["2024-01-02", None, "soon"])
    assert taken.frame["data_date"].tolist() == [dt.date(2024, 1, 2), None, None]
    assert _told(taken) == [(3, "when", "soon", "not_date")]
    with pytest.raises(LayerError, match="'when'"):
        _take({"data_date": "when"}, unit_id=["1"], people=["1"])


def test_the_order_of_day_and_month_is_told_with_the_severity_of_the_doubt():
    ids = {"unit_id": ["1", "2"], "people": ["1"] * 2}
    taken = _take({"data_date": "when"}, **ids, when=["01/07/2025", "25/12/2024"])
    assert taken.frame["data_date"].tolist() == [dt.date(2025, 7, 1), dt.date(2024, 12, 25)]
    assert [(i.code, i.severity, i.value) for i in taken.issues] == [("date_order", "info", "01/07/2025")]
    doubtful = _take({"data_date": "when"}, **ids, when=["01/07/2025", "2025-07-01"])
    assert [(i.code, i.severity) for i in doubtful.issues] == [("date_order", "warning")]
    assert doubtful.frame["data_date"].tolist() == [dt.date(2025, 7, 1)] * 2


def test_a_table_without_rows_has_no_faults():
    assert len(_take(unit_id=[], people=[]).frame) == 0


def test_unknown_ids_come_with_the_nearest_known_one():
    found = pd.Series(["24259", "24295", None, "x"], index=[1, 2, 3, 4], dtype="str")
    issues = checks.unknown_ids(found, known=["24259", "22015"], column="code", what="a commune", record=RECORD)
    assert [(i.row, i.value, i.done) for i in issues] == [(2, "24295", "Did you mean '24259'?"), (4, "x", "")]


def test_a_flood_of_one_fault_is_counted():
    many = [checks.fault(RECORD, "rule", row=n) for n in range(checks.MAX_ISSUES_PER_RULE + 5)]
    told = checks.capped(many)
    assert len(told) == checks.MAX_ISSUES_PER_RULE + 1
    assert told[-1].rule == "5 more rows break this rule: rule"
    assert told[-1].row is None
    assert checks.capped(many[:3]) == many[:3]


def test_warnings_pass_and_errors_stop_with_all_that_was_found():
    warning = Issue(layer="x", file="y", rule="z", severity="warning")
    assert checks.stop_on_errors([warning]) == (warning,)
    with pytest.raises(LayerError) as caught:
        checks.stop_on_errors([warning, Issue(layer="x", file="y", rule="e")])
    assert len(caught.value.issues) == 2


def test_rows_set_aside_come_as_found_with_row_and_reason():
    source = pd.DataFrame({"a": ["x", "y"], "geometry": [1, 2]}, index=pd.RangeIndex(1, 3, name="row"))
    aside = checks.set_aside(source, pd.Series([False, True], index=source.index), reason="no geometry")
    assert aside.to_dict("records") == [{"row": 2, "a": "y", "reason": "no geometry"}]


def test_a_layer_needs_a_row():
    with pytest.raises(LayerError, match="at least one row"):
        checks.require_rows(pd.DataFrame(), record=RECORD)


def test_an_issue_can_be_written_as_json():
    issue = checks.fault(RECORD, "rule", row=np.int64(3))
    assert json.loads(json.dumps(issue.as_dict()))["row"] == 3
