"""Why a village stands where it stands: by hand, and that a way out leads out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import contrast, scoring
from planner.framework import Framework
from planner.indicators.base import Attribute

WEIGHTS = {"connectivity": 1.0, "adoption": 1.0, "access": 2.0}
CUTOFF = 120.0


def world(rows):
    """(commune, x km, covered share, rate, minutes) per village."""
    found = pd.DataFrame(rows, columns=["commune_id", "km", "covered_share", "x_rate", "support_minutes"])
    for column in ("covered_share", "x_rate", "support_minutes"):
        found[column] = found[column].astype("float64")
    status = found["support_minutes"].notna().map({True: "reached", False: "unknown"})
    return found.assign(
        unit_id=[f"v{i:02d}" for i in range(len(rows))], x_m=found["km"] * 1000.0, y_m=0.0, support_status=status
    )


def explained(villages, weights=WEIGHTS, **chosen):
    scores = scoring.score(
        villages, weights=weights, adoption="x", cutoff_minutes=CUTOFF, framework=Framework(**chosen)
    )
    return scores, contrast.explanations(villages, scores).set_index("unit_id")


ROWS = [
    ("a", 0, 0.0, 0.5, 60),  # worst
    ("a", 9, 0.5, 0.5, 60),  # better, same commune, far
    ("b", 1, 1.0, 0.5, 0),  # better, near, another commune
    ("b", 30, 0.75, 0.5, 30),
    ("c", 12, 0.6, 0.5, 59),
    ("c", 12, None, None, None),  # no score
]


def test_the_nearest_that_does_better_is_of_the_same_commune_where_there_is_one():
    _, found = explained(world(ROWS))
    assert found["better_unit_id"].fillna("-").to_dict() == {
        "v00": "v01",
        "v01": "v04",
        "v02": "-",
        "v03": "v02",
        "v04": "v02",
    }
    assert found["better_km"].fillna(-1).tolist() == [9.0, 3.0, -1, 29.0, 11.0]
    # connectivity weighs 1 of 3 (adoption ranks nobody): half of the scale is 100 / 6 points
    assert found.loc["v00", ["difference_connectivity", "difference_adoption", "difference_access"]].tolist() == (
        pytest.approx([100 / 6, 0.0, 0.0])
    )


def test_the_way_out_is_the_smallest_part_of_an_indicator_s_range():
    villages = world([("a", i, 1 - i / 10, 0.5, 10 * i) for i in range(11)])
    scores, found = explained(villages)
    assert (found["way_out"] != "not_needed").to_numpy().nonzero()[0].tolist() == [9, 10]
    row = found.loc["v10"]
    assert (row["way_out"], row["way_out_indicator"], row["way_out_unit"]) == (
        "one_indicator",
        "support_minutes",
        "minutes",
    )
    # two of eleven are the worst tenth: 80 points stand first outside, so 20 points are to go, at 2/3 point a minute
    assert (row["way_out_from"], row["way_out_to"]) == (100.0, pytest.approx(70.0, abs=1e-4))
    assert scores.score[8] == pytest.approx(80.0)


def test_a_way_out_may_need_more_than_one_indicator():
    villages = world([("a", i, 1.0, 1.0, 0) for i in range(9)] + [("a", 9, 0.0, 0.0, 100)])
    _, found = explained(villages, {"connectivity": 1.0, "adoption": 1.0, "access": 1.0})
    assert found.loc["v09", "way_out"] == "none_alone"
    assert found.loc["v09", ["way_out_indicator", "way_out_to"]].isna().all()


def test_without_scores_there_is_nothing_to_explain():
    _, found = explained(world([("a", i, 1.0, 1.0, 5) for i in range(3)]))
    assert found.empty
    assert [c for c in found if c.startswith("difference_")] == [f"difference_{p}" for p in WEIGHTS]


def test_all_alike_is_all_not_needed_or_nowhere_to_go():
    _, found = explained(world([("a", 0, 0.5, 0.5, 5), ("a", 1, 0.5, 0.5, 5), ("a", 2, 0.5, 0.4, 5)]))
    assert found["better_unit_id"].fillna("-").tolist() == ["-", "-", "v01"]


share = st.one_of(st.none(), st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.floats(0, 1))
rows = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 9), share, share, st.one_of(st.none(), st.floats(0, CUTOFF))),
    min_size=2,
    max_size=25,
)
choices = st.fixed_dictionaries(
    {
        "normalisation": st.sampled_from(["min_max", "goalposts", "z_score", "percentile"]),
        "aggregation": st.sampled_from(["arithmetic", "geometric", "harmonic"]),
    }
)


@settings(deadline=None, max_examples=60)
@given(rows=rows, chosen=choices)
def test_the_nearest_is_what_looking_at_each_one_finds(rows, chosen):
    villages = world(rows)
    scores, found = explained(villages, **chosen)
    for i, row in villages.iterrows():
        if pd.isna(scores.rank[i]):
            assert row["unit_id"] not in found.index
            continue
        better = villages[(scores.rank > scores.rank[i]).fillna(value=False).to_numpy(dtype=bool)]
        near = better[better["commune_id"] == row["commune_id"]]
        pool = near if len(near) else better
        got = found.loc[row["unit_id"], "better_unit_id"]
        if pool.empty:
            assert pd.isna(got)
        else:
            away = (pool["x_m"] - row["x_m"]).abs()
            assert got == pool.loc[away.idxmin(), "unit_id"]


@settings(deadline=None, max_examples=60)
@given(rows=rows, chosen=choices)
def test_a_way_out_leads_out_and_nothing_much_less_would(rows, chosen):
    villages = world(rows)
    scores, found = explained(villages, **chosen)
    pillars = {"without_signal_share": "connectivity", "not_adopted_share": "adoption", "support_minutes": "access"}
    for unit_id, row in found[found["way_out"] == "one_indicator"].iterrows():
        i = villages.index[villages["unit_id"] == unit_id][0]
        name = row["way_out_indicator"]
        outside = scores.score[scores.rank > np.ceil(0.1 * scores.rank.notna().sum() - 1e-9)]
        place = scores.workings.scales[name].moved(np.array([row["way_out_to"]]))
        moved = scores.workings.places.loc[[i]].assign(**{pillars[name]: place})
        assert scores.workings.score(moved)[0] < outside.max()
        assert row["way_out_to"] < row["way_out_from"]


def test_a_way_out_counts_the_weights_inside_a_pillar():
    """Two attributes of one pillar, one weighing three times the other: what is said to lead out does, and not less."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"attribute_a": rng.random(20).round(3), "attribute_b": rng.random(20).round(3)})
    frame = frame.assign(unit_id=[f"v{i:02d}" for i in range(20)], commune_id="k", x_m=np.arange(20.0), y_m=0.0)
    frame = frame.assign(covered_share=np.nan, support_minutes=np.nan, support_status="unknown")
    framework = Framework(normalisation="goalposts", goalposts={"a": (0, 1), "b": (0, 1)}, inside={"a": 3})
    found = scoring.score(
        frame,
        weights={"vulnerability": 1},
        adoption="x",
        cutoff_minutes=120.0,
        attributes=[Attribute("a"), Attribute("b")],
        framework=framework,
    )
    assert found.score.tolist() == pytest.approx((75 * frame["attribute_a"] + 25 * frame["attribute_b"]).tolist())
    table = contrast.explanations(frame, found).set_index("unit_id")
    ways = table[table["way_out"] == "one_indicator"]
    assert len(ways)
    third = found.score.sort_values(ascending=False).iloc[2]
    for unit, row in ways.iterrows():
        village = frame.set_index("unit_id").loc[unit]
        values = {"a": village["attribute_a"], "b": village["attribute_b"], row["way_out_indicator"]: row["way_out_to"]}
        points = 75 * values["a"] + 25 * values["b"]
        assert points < third
        assert points == pytest.approx(third, abs=1e-3)
