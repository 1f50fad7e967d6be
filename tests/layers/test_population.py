from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import population
from layers.catalog import Record
from layers.crosswalk import Crosswalk
from layers.errors import LayerError
from tests import tiny_world

KNOWN = ["k00", "k01"]


def _load(record, **columns):
    return population.load(record, columns=columns, level="commune", unit_ids=KNOWN)


def test_counts_are_whole_people_in_the_order_of_ids(csv):
    layer = _load(csv("code,n,x", "k01,7,a", "k00,1650,b"), unit_id="code", people="n")
    assert layer.frame.to_dict("list")["people"] == [1650, 7]
    assert layer.frame["people"].dtype == "int64"
    assert list(layer.frame.columns) == ["unit_id", "people", "data_date"]
    assert layer.rows_read == 2


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        (["k00,-1", "k01,5"], "negative", "row 1, column 'people': found '-1'; a count is not below 0"),
        (["k00,1.5", "k01,5"], "not_whole", "found '1.5'; a count is a whole number"),
        (["k00,", "k01,5"], "empty", "a value is needed here"),
        (["k00,about 5", "k01,5"], "not_number", "a number is expected"),
        (["k00,1.29", "k01,2.154"], "lost_zeros", "this one lost its last zeros"),
        (["k00,5", "k00,5", "k01,5"], "repeated_id", "found 'k00'; an id is used once"),
        (["k00,5", "k01,5", "k02,5"], "unknown_id", "found 'k02'; the id is that of a commune of this plan"),
        (["k00,5"], "missing_unit", "found 'k01'; every commune has a row"),
    ],
)
def test_each_fault_stops_with_file_row_column_value_and_rule(csv, rows, code, words):
    with pytest.raises(LayerError) as caught:
        _load(csv("unit_id,people", *rows))
    assert code in {i.code for i in caught.value.issues}
    assert words in str(caught.value)
    assert str(caught.value).startswith("table.csv")


def test_nobody_is_a_count(csv):
    assert _load(csv("unit_id,people", "k00,0", "k01,5")).frame["people"].tolist() == [0, 5]


def _people(**counts):
    return pd.DataFrame({"unit_id": list(counts), "people": list(counts.values()), "data_date": tiny_world.DATE})


def test_people_are_spread_by_hamlet_with_ties_by_id():
    villages = tiny_world.villages()
    villages.loc[villages["unit_id"] == "v11", "hamlets"] = 3  # k00: v00 1, v01 1, v10 1, v11 3
    found = population.spread_equal(_people(k00=10, k01=4, k10=5, k11=0), villages).set_index("unit_id")
    # quotas 10/6 = 1.67, 1.67, 1.67 and 5: parts 1, 1, 1, 5 and two left for the first two ids
    assert found.loc[["v00", "v01", "v10", "v11"], "people"].tolist() == [2, 2, 1, 5]
    assert found.loc[["v20", "v21", "v30", "v31"], "people"].tolist() == [2, 1, 1, 1]
    assert found.loc[["v22", "v33"], "people"].tolist() == [0, 0]
    assert set(found["flags"]) == {("population_spread",)}


def test_a_commune_as_its_own_village_counts_once():
    villages = tiny_world.villages().assign(hamlets=0)
    found = population.spread_equal(_people(k00=8, k01=8, k10=8, k11=8), villages)
    assert found["people"].tolist() == [2] * 16


def test_people_are_never_lost():
    villages = tiny_world.villages()
    with pytest.raises(LayerError, match=r"k99.*at least one village"):
        population.spread_equal(_people(k00=1, k01=1, k10=1, k11=1, k99=1), villages)
    with pytest.raises(LayerError, match=r"k11.*count of people"):
        population.spread_equal(_people(k00=1, k01=1, k10=1), villages)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 100_000), min_size=4, max_size=4), st.lists(st.integers(0, 9), min_size=16, max_size=16))
def test_every_commune_keeps_its_people(counts, hamlets):
    villages = tiny_world.villages().assign(hamlets=hamlets).sample(frac=1, random_state=1)
    table = _people(**dict(zip(("k00", "k01", "k10", "k11"), counts, strict=True)))
    found = population.spread_equal(table, villages)
    assert found["unit_id"].is_monotonic_increasing
    of_commune = found["people"].groupby(found["unit_id"].map(villages.set_index("unit_id")["commune_id"])).sum()
    assert of_commune.tolist() == counts


@pytest.mark.real
def test_the_real_population_is_kept_to_the_person(real_data, record_of):
    record = record_of(real_data / "population/daklak_communes_population_2025.csv")
    codes = pd.read_csv(record.path, dtype=str)["code"]
    columns = {"unit_id": "code", "people": "population_2025"}
    layer = population.load(record, columns=columns, level="commune", unit_ids=codes)
    assert (len(layer.frame), layer.frame["people"].sum()) == (102, 3_346_853)


@pytest.mark.real
def test_the_real_dirty_table_is_refused_with_its_words(real_data, record_of):
    record = record_of(real_data / "adversarial/derived/communes_duplicates_conflicts.csv")
    with pytest.raises(LayerError, match="used once"):
        population.load(
            record, columns={"unit_id": "code", "people": "population_2025"}, level="commune", unit_ids=["22015"]
        )


NAMED = pd.DataFrame({"unit_id": ["k00", "k01"], "name": ["Xã Tân Hoà", "Phường 1"]})


def test_rows_are_joined_by_name_where_they_have_no_code(csv):
    record = csv("tên,n", "P. 01,7", "tân hòa,1650")
    layer = population.load(
        record, columns={"name": "tên", "people": "n"}, level="commune", unit_ids=KNOWN, named=NAMED
    )
    assert layer.frame[["unit_id", "people"]].to_dict("list") == {"unit_id": ["k00", "k01"], "people": [1650, 7]}
    assert [i.code for i in layer.issues] == ["matched"]


def test_a_code_goes_before_the_name_and_a_doubtful_row_stops_the_people(csv):
    record = csv("code,tên,n", "k01,whatever,7", ",Nowhere,1650")
    with pytest.raises(LayerError) as caught:
        population.load(
            record, columns={"unit_id": "code", "name": "tên", "people": "n"}, level="commune", unit_ids=KNOWN,
            named=NAMED,
        )  # fmt: skip
    assert [(i.code, i.severity) for i in caught.value.issues] == [
        ("matched", "info"),
        ("not_matched", "warning"),
        ("missing_unit", "error"),
    ]


def _former():
    rows = [("o1", "Xã Cũ 1", "H", "k00", 1.0, 1.0, 1.0), ("o2", "Xã Cũ 2", "H", "k00", 0.25, 0.2, 0.5)]
    rows.append(("o2", "Xã Cũ 2", "H", "k01", 0.75, 0.5, 0.8))
    columns = ["old_id", "old_name", "parent", "new_id", "share", "low", "high"]
    table = pd.DataFrame(rows, columns=columns).assign(source="a law", date="2025-07-01")
    return Crosswalk(Record(layer="crosswalk", file="x"), "2025-06", table)


@pytest.mark.parametrize("by_name", [True, False])
def test_people_of_former_communes_are_moved_to_the_person(csv, by_name):
    record = csv("code,name,people", *([",xã cũ 2,7", ",Xã Cũ 1,100"] if by_name else ["o2,a,7", "o1,b,100"]))
    former = _former()
    columns, named = ({}, former.units()) if by_name else ({"unit_id": "code"}, None)
    layer = population.load(record, columns=columns, level="commune", unit_ids=KNOWN, named=named, former=former)
    assert layer.frame["people"].tolist() == [102, 5]
    assert list(layer.frame.columns) == ["unit_id", "people", "data_date"]
    told = [i for i in layer.issues if i.code == "split_share"]
    assert [i.value for i in told] == ["Xã Cũ 2", "Xã Cũ 2"]
    assert "25% (20% to 50%)" in told[0].rule


@pytest.mark.parametrize(
    ("rows", "known", "code"),
    [(["o1,5"], KNOWN, "missing_unit"), (["o1,5", "o2,1", "k00,3"], KNOWN, "unknown_id"),
     (["o1,5", "o2,1"], ["k00"], "other_province")],
)  # fmt: skip
def test_people_of_former_communes_are_never_lost(csv, rows, known, code):
    with pytest.raises(LayerError) as caught:
        population.load(csv("unit_id,people", *rows), columns={}, level="commune", unit_ids=known, former=_former())
    assert [i.code for i in caught.value.issues if i.severity == "error"] == [code]


class TestWeighted:
    def people(self, total=100):
        return pd.DataFrame({"unit_id": ["k00"], "people": [total]})

    def villages(self, *hamlets):
        return pd.DataFrame(
            {"unit_id": [f"v{i}" for i in range(len(hamlets))], "commune_id": "k00", "hamlets": list(hamlets)}
        )

    def spread(self, weights, *, total=100, hamlets=None):
        villages = self.villages(*(hamlets or [1] * len(weights)))
        given = pd.Series(weights, index=villages["unit_id"], dtype="float64")
        return population.spread_weighted(self.people(total), villages, given)

    def test_people_follow_the_weight_to_the_person(self):
        found, equal = self.spread([1, 1, 1], total=10)
        assert found["people"].tolist() == [4, 3, 3]
        assert self.spread([3, 0, 1])[0]["people"].tolist() == [75, 0, 25]
        assert set(found["flags"]) == {("population_weighted",)}
        assert equal == ()

    def test_a_missing_weight_is_the_mean_per_hamlet(self):
        found, _ = self.spread([10, None, 30], hamlets=[1, 2, 3])
        assert found["people"].tolist() == [17, 33, 50]  # 40 over 4 hamlets: 20 of 60 for the two of v1

    @pytest.mark.parametrize("weights", [[0, 0], [None, None]])
    def test_without_any_weight_people_are_spread_equally_and_that_is_said(self, weights):
        found, equal = self.spread(weights, hamlets=[3, 1])
        assert found["people"].tolist() == [75, 25]
        assert set(found["flags"]) == {("population_spread",)}
        assert equal == ("k00",)

    @settings(deadline=None, max_examples=50)
    @given(
        total=st.integers(0, 10**6),
        weights=st.lists(st.one_of(st.none(), st.floats(0, 1e9)), min_size=1, max_size=12),
    )
    def test_people_are_conserved(self, total, weights):
        found, _ = self.spread(weights, total=total)
        assert found["people"].sum() == total
        assert (found["people"] >= 0).all()
