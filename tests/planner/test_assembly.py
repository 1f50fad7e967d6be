"""Joins, sums and means by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planner import assembly
from tests import tiny_world


def part(**columns) -> pd.DataFrame:
    ids = list(tiny_world.villages()["unit_id"])
    return pd.DataFrame({"unit_id": ids[::-1], "flags": [()] * len(ids)} | columns)


def test_flags_are_the_sorted_union_by_row():
    assert assembly.merge_flags([("b",), ()], [("a", "b"), ()]) == [("a", "b"), ()]


def test_a_weighted_mean_leaves_out_the_unknown():
    values, weights = pd.Series([1.0, np.nan, 0.0, np.nan]), pd.Series([1.0, 5.0, 3.0, 2.0])
    found = assembly.weighted_mean(values, weights, pd.Series(["a", "a", "a", "b"]))
    assert found["a"] == pytest.approx(0.25)
    assert np.isnan(found["b"])


def test_villages_are_joined_by_id_whatever_the_order():
    parts = [part(**{name: range(16)}) for name in ("people", "covered", "rates", "support")]
    rows = assembly.join_villages(tiny_world.villages(), *parts)
    assert list(rows["unit_id"]) == sorted(rows["unit_id"])
    assert rows.set_index("unit_id").loc["v33", "people"] == 0
    assert rows.set_index("unit_id").loc["v00", "support"] == 15


def test_a_part_with_a_village_missing_or_twice_is_refused():
    good = [part(**{name: range(16)}) for name in ("covered", "rates", "support")]
    short = part(people=range(16)).iloc[1:]
    with pytest.raises(ValueError, match="15 rows for 16 villages"):
        assembly.join_villages(tiny_world.villages(), short, *good)
    twice = pd.concat([short, short.iloc[:1]])
    with pytest.raises(ValueError, match="one row per village"):
        assembly.join_villages(tiny_world.villages(), twice, *good)


def test_degrees_are_lat_lon_of_the_same_point():
    villages = tiny_world.villages()
    found = assembly.degrees(villages["x_m"], villages["y_m"], crs=tiny_world.CRS)
    expected = villages.set_geometry(villages.centroid).to_crs("EPSG:4326").geometry
    assert found["lat"].to_numpy() == pytest.approx(expected.y.to_numpy(), abs=1e-7)
    assert found["lon"].to_numpy() == pytest.approx(expected.x.to_numpy(), abs=1e-7)


def test_communes_add_their_villages_up():
    villages = pd.DataFrame(
        {
            "unit_id": ["v00", "v01"],
            "commune_id": ["k00", "k00"],
            "data_date": ["2025-07-01", "2024-01-01"],
            "flags": [("synthetic",), ()],
            "covered_share": [1.0, np.nan],
            "x_rate": [0.5, 0.25],
            "need_class": ["skills_gap", "unknown"],
            "assigned_site_id": [None, "t1"],
            "usable_probability": [0.5, 0.9],
        }
    )
    for column in assembly.SUMMED:
        villages[column] = pd.array([10, None if column == "need_people" else 30], dtype="Int64")
    scores = pd.DataFrame({"score": [7.0], "rank": [1]}, index=["k00"])
    found = assembly.commune_table(tiny_world.communes(), villages, scores=scores, indicators=["x"]).set_index(
        "unit_id"
    )
    row = found.loc["k00"]
    assert (row["villages"], row["eligible_people"], row["need_people"]) == (2, 40, 10)
    assert row["covered_share"] == 1.0
    assert row["x_rate"] == pytest.approx((0.5 * 10 + 0.25 * 30) / 40)
    assert (row["data_date"], row["flags"]) == ("2024-01-01", ("synthetic",))
    assert (row["need_class"], row["served_people"], row["served_share"]) == ("skills_gap", 0, 0.0)
    assert row["usable_probability"] == pytest.approx((0.5 * 10 + 0.9 * 30) / 40)
    empty = found.loc["k11"]
    assert empty["villages"] == 0
    assert pd.isna(empty["need_people"])
    assert pd.isna(empty["score"])
    assert empty["need_class"] == "unknown"
    assert pd.isna(empty["served_people"])
    assert pd.isna(empty["served_share"])
    assert found.crs.to_epsg() == 4326


def test_a_communes_class_is_that_of_most_of_its_people_in_need_and_served_people_are_those_of_villages_with_a_team():
    villages = pd.DataFrame(
        {
            "unit_id": list("abcdefg"),
            "commune_id": ["k00", "k00", "k00", "k01", "k01", "k10", "k11"],
            "data_date": "2025-07-01",
            "flags": [()] * 7,
            "covered_share": 1.0,
            "need_class": ["skills_gap", "white_spot", "skills_gap", "served", "served", "unknown", "weak_spot"],
            "assigned_site_id": ["t1", None, None, None, "t1", "t1", "t1"],
        }
    )
    for column in assembly.SUMMED:
        villages[column] = pd.array([40, 60, 30, 0, 0, None, 8], dtype="Int64")
    scores = pd.DataFrame({"score": [], "rank": []})
    found = assembly.commune_table(tiny_world.communes(), villages, scores=scores, indicators=[]).set_index("unit_id")
    assert found["need_class"].to_dict() == {"k00": "skills_gap", "k01": "served", "k10": "unknown", "k11": "weak_spot"}
    assert found["served_people"].fillna(-1).to_dict() == {"k00": 40, "k01": 0, "k10": -1, "k11": 8}
    assert found["served_share"].fillna(-1).to_dict() == {"k00": 40 / 130, "k01": -1, "k10": -1, "k11": 1.0}


def test_a_score_that_lacks_a_pillar_says_so():
    rows = pd.DataFrame({"unit_id": ["a", "b", "c"], "flags": [("x",), (), ()]})
    table = pd.DataFrame(
        {
            "score": [50.0, 60.0, np.nan],
            "contribution_p": [20.0, np.nan, np.nan],
            "contribution_q": [30.0, 60.0, np.nan],
        }
    )
    found = assembly.with_scores(rows, table, ranking=["p", "q"])
    assert list(found["flags"]) == [("x",), ("partial_score",), ()]
    assert list(assembly.with_scores(rows, table, ranking=["q"])["flags"]) == [("x",), (), ()]


def test_an_outline_out_of_communes_that_overlap_is_their_union():
    communes = tiny_world.communes()
    wider = communes.geometry.copy()
    wider.iloc[0] = wider.iloc[0].buffer(100, join_style="mitre")  # reaches 100 m into its neighbours, and outside
    given = communes.set_geometry(wider)
    islands = tiny_world.communes().iloc[:0]
    found = assembly.context_layers(communes=given, outline=None, roads=None, places=None, islands=islands)["outline"]
    area = found.to_crs(tiny_world.CRS).geometry.area.iloc[0]
    # the whole square, and outside it a strip of 100 m in the west (4,200 m long) and one in the south (4,100 m)
    assert area == pytest.approx(8_000**2 + 100 * 4_200 + 100 * 4_100, rel=1e-5)
