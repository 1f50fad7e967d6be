from __future__ import annotations

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import crosswalk, matching
from layers.catalog import Record, crosswalk_folder
from layers.crosswalk import STEP_COLUMNS, Crosswalk, load
from layers.errors import LayerError

# a and b went to N whole, c was divided between N and M, d went nowhere that anyone tells; a came from a1 and a2.
STEPS = [
    ("2019", "a1", "Xã A1", "H", "a", "1", "1", "1", "law 1", ""),
    ("2019", "a2", "Xã A2", "H", "a", "1", "1", "1", "law 1", ""),
    ("2019", "b", "Xã B", "H", "b", "1", "1", "1", "law 1", ""),
    ("2019", "c", "Xã C", "H", "c", "1", "1", "1", "law 1", ""),
    ("2019", "e", "Xã E", "H", "", "", "", "", "unknown", ""),
    ("2025-06", "a", "Xã A", "H", "N", "1", "1", "1", "law 2", "2025-07-01"),
    ("2025-06", "b", "Xã B", "H", "N", "1", "1", "1", "law 2", "2025-07-01"),
    ("2025-06", "c", "Xã C", "H", "M", "0.75", "0.5", "0.8", "law 2", "2025-07-01"),
    ("2025-06", "c", "Xã C", "H", "N", "0.25", "0.2", "0.5", "law 2", "2025-07-01"),
    ("2025-06", "d", "Xã D", "H", "", "", "", "", "unknown", ""),
]


def _write(folder, steps):
    frame = pd.DataFrame(steps, columns=list(STEP_COLUMNS))
    frame.to_csv(folder / "steps.csv", index=False)
    sha256 = hashlib.sha256((folder / "steps.csv").read_bytes()).hexdigest()
    source = {"producer": "Tests", "licence": "CC0-1.0", "url": ""}
    record = {"file": "steps.csv", "title": "T", "date": "2025-07-01", "sha256": sha256, "sources": [source]}
    (folder / "catalog.json").write_text(json.dumps({"records": [record]}))
    return folder


@pytest.fixture
def folder(tmp_path):
    return _write(tmp_path, STEPS)


@pytest.fixture
def last(folder):
    return load("2025-06", folder=folder)


def _people(**counts):
    return pd.DataFrame({"unit_id": list(counts), "people": list(counts.values())})


def test_people_of_a_divided_unit_are_shared_out_to_the_person(last):
    moved = crosswalk.people(_people(a=10, b=5, c=7), last)
    assert moved.frame.to_dict("list") == {"unit_id": ["M", "N"], "people": [5, 17]}  # 5.25 and 1.75 of 7: 5 and 2
    assert moved.shared == ("M", "N")
    assert moved.incomplete == {}


def test_a_divided_unit_has_no_default(last):
    assert last.successors("c") == (("M", 0.75, 0.5, 0.8), ("N", 0.25, 0.2, 0.5))
    assert last.successors("a") == (("N", 1.0, 1.0, 1.0),)


def test_where_no_source_says_it_is_unknown(last):
    assert last.successors("d") == ()
    assert last.table.set_index("old_id").loc["d", "source"] == "unknown"
    record = Record(layer="population", file="p.csv")
    figures = _people(a=1, d=4)
    (issue,) = crosswalk.lost(figures, last, column="code", record=record)
    assert (issue.code, issue.value, issue.severity) == ("unknown_step", "d", "error")


def test_two_steps_are_composed(folder):
    older = load("2019", folder=folder)
    assert older.successors("a1") == (("N", 1.0, 1.0, 1.0),)
    assert older.successors("c") == (("M", 0.75, 0.5, 0.8), ("N", 0.25, 0.2, 0.5))
    assert older.successors("e") == ()
    assert older.table.set_index("old_id").loc["a2", "source"] == "law 1; law 2"
    assert sorted(older.units()["unit_id"]) == ["a1", "a2", "b", "c", "e"]


def test_a_way_that_is_lost_in_a_later_step_is_lost(tmp_path):
    steps = [*STEPS, ("2019", "f", "Xã F", "H", "d", "1", "1", "1", "law 1", "")]
    assert load("2019", folder=_write(tmp_path, steps)).successors("f") == ()


def test_a_commune_that_lacks_a_former_unit_is_unknown_and_not_too_small(last):
    moved = crosswalk.people(_people(a=10, c=8), last)
    assert moved.frame.to_dict("list") == {"unit_id": ["M"], "people": [6]}
    assert moved.incomplete == {"N": ("Xã B",)}


def test_adopters_never_exceed_people_and_unknown_stays_unknown(last):
    figures = pd.DataFrame(
        {"unit_id": ["a", "b", "c"], "numerator": [3.0, np.nan, 1.0], "denominator": [4.0, 6.0, 2.0]}
    )
    frame = crosswalk.adoption(figures, last).frame.set_index("unit_id")
    assert frame.loc["M"].tolist() == [1.0, 2.0]
    assert np.isnan(frame.loc["N", "numerator"])
    assert frame.loc["N", "denominator"] == 10.0


def test_only_units_whose_successors_are_all_in_the_plan_are_published(last):
    assert set(last.of({"N"})["old_id"]) == {"a", "b"}
    assert set(last.of({"N", "M"})["old_id"]) == {"a", "b", "c"}
    assert last.divided() == {"M", "N"}


def test_another_province_is_told(last):
    (issue,) = crosswalk.foreign(last, ["N"], record=Record(layer="population", file="p.csv"))
    assert (issue.code, issue.value) == ("other_province", "M")
    assert crosswalk.foreign(last, ["M", "N", "O"], record=Record(layer="x", file="x")) == []


@pytest.mark.parametrize("share", ["0.8", "0.4"])
def test_shares_that_do_not_add_up_or_leave_their_bounds_are_refused(tmp_path, share):
    steps = [(*s[:5], share, *s[6:]) if s[4] == "M" else s for s in STEPS]
    with pytest.raises(LayerError, match="shares lie within their bounds"):
        load("2025-06", folder=_write(tmp_path, steps))


def test_other_bytes_than_the_record_names_are_refused(folder):
    with (folder / "steps.csv").open("a") as stream:
        stream.write("\n")
    with pytest.raises(LayerError, match="its bytes differ"):
        load("2025-06", folder=folder)


@st.composite
def _worlds(draw):
    """Return a crosswalk with shares over up to four communes, and figures of each former unit."""
    rows, figures = [], []
    for old in range(draw(st.integers(1, 6))):
        weights = draw(st.lists(st.integers(1, 1000), min_size=1, max_size=4))
        for new, weight in enumerate(weights):
            share = weight / sum(weights)
            rows.append((f"o{old}", "x", "p", f"n{(old + new) % 5}", share, share, share, "s", ""))
        people = draw(st.integers(0, 100_000))
        figures.append((f"o{old}", draw(st.integers(0, people)), people))
    columns = ["old_id", "old_name", "parent", "new_id", "share", "low", "high", "source", "date"]
    world = Crosswalk(Record(layer="crosswalk", file="x"), "2025-06", pd.DataFrame(rows, columns=columns))
    return world, pd.DataFrame(figures, columns=["unit_id", "numerator", "denominator"])


@settings(deadline=None, max_examples=80)
@given(_worlds())
def test_people_are_conserved_through_any_crosswalk(world):
    steps, figures = world
    moved = crosswalk.people(figures.rename(columns={"denominator": "people"}), steps)
    assert moved.frame["people"].sum() == figures["denominator"].sum()
    adopted = crosswalk.adoption(figures, steps).frame
    assert adopted["numerator"].sum() == figures["numerator"].sum()
    assert adopted["denominator"].sum() == figures["denominator"].sum()
    assert (adopted["numerator"] <= adopted["denominator"]).all()


SHIPPED = load("2025-06")
SPLIT = {
    "22024": {"22015", "22045"},  # Phường 9
    "22228": {"22207", "22222"},  # Xã Ea Bia
    "22225": {"22225", "22237"},  # Xã Ea Bar
    "22246": {"22240", "22261"},  # Phường Hòa Hiệp Bắc
    "22252": {"22240", "22255"},  # Xã Hòa Bình 1
    "22312": {"22015", "22303"},  # Xã Hòa Trị
    "22315": {"22015", "22319"},  # Xã Hòa An
    "24550": {"24544", "24561"},  # Xã Ea BHốk
}


def test_the_shipped_steps_are_those_of_the_province():
    assert SHIPPED.table["old_id"].nunique() == 286
    assert load("2019").table["old_id"].nunique() == 296
    assert SHIPPED.table["new_id"].nunique() == load("2019").table["new_id"].nunique() == 102
    divided = SHIPPED.table[SHIPPED.table["share"] < 1]
    assert {old: set(rows["new_id"]) for old, rows in divided.groupby("old_id")} == SPLIT
    assert SHIPPED.table["source"].ne("").all()


def test_the_shipped_intervals_are_true_intervals():
    divided = SHIPPED.table[SHIPPED.table["share"] < 1]
    assert (divided["low"] < divided["high"]).all()
    assert np.allclose(divided.groupby("old_id")["share"].sum(), 1)


def test_the_record_names_the_bytes_and_licences():
    record = json.loads((crosswalk_folder() / "catalog.json").read_text(encoding="utf-8"))["records"][0]
    assert record["sha256"] == hashlib.sha256((crosswalk_folder() / "steps.csv").read_bytes()).hexdigest()
    assert all(s["producer"] and s["licence"] and len(s["sha256"]) == 64 for s in record["sources"])
    assert "Tran Ngoc Minh Hieu" in (crosswalk_folder() / "README.md").read_text(encoding="utf-8")


@pytest.mark.real
def test_the_census_of_2019_joins_by_name_and_keeps_its_people(real_data):
    census = pd.read_csv(real_data / "population/census2019_communes_daklak_phuyen.csv", dtype="str")
    older = load("2019")
    rows = pd.DataFrame({"name": census["ward_title"] + " " + census["ward"], "parent": census["district"]})
    found = matching.match(rows, older.units())
    assert found.reasons == {}
    figures = pd.DataFrame({"unit_id": found.unit_ids, "people": census["total"].astype("int64")})
    moved = crosswalk.people(figures, older)
    assert moved.frame["people"].sum() == 1_869_322 + 872_964
    assert len(moved.frame) == 102
    assert moved.incomplete == {}


@pytest.mark.real
def test_the_steps_agree_with_the_polygons_of_2009(real_data):
    """Another source than the tables: in which commune of 2025 most of each polygon lies."""
    polygons = pd.read_parquet(
        real_data / "boundaries/legacy_communes_2009_clean.parquet",
        columns=["commune_vn", "district_vn", "code_2025", "population_2019"],
    )
    older = load("2019")
    rows = polygons[["commune_vn", "district_vn"]].set_axis(["name", "parent"], axis=1)
    found = matching.match(rows, older.units())
    assert len(found.reasons) <= 2  # Hòa Bình 2 is Phú Thứ, Cư Yang was written Cư Jang
    for row, old in found.unit_ids.dropna().items():
        successors = older.successors(old)
        assert max(successors, key=lambda s: s[1])[0] == polygons.loc[row, "code_2025"], polygons.loc[row].to_dict()


@pytest.mark.real
def test_all_102_names_of_the_dirty_table_join(real_data):
    folder = real_data / "population"
    dirty = pd.read_csv(folder / "daklak_sapnhap_raw_2025-07-17.csv", dtype="str")
    truth = pd.read_csv(folder / "daklak_communes_population_2025.csv", dtype="str")
    units = truth[["code", "full_name"]].set_axis(["unit_id", "name"], axis=1)
    for names in (dirty["tenhc"], dirty["loai"] + " " + dirty["tenhc"]):
        found = matching.match(pd.DataFrame({"name": names}), units)
        assert found.counts() == {"name": 102, "set_aside": 0}
        merged = dirty["truocsapnhap"].set_axis(found.unit_ids).str.replace("’", "'")
        official = truth.set_index("code")["merged_from"].str.replace("’", "'")
        same = merged.sort_index() == official.sort_index()
        assert same.mean() > 0.9  # what they were merged from, in the words of the same law
