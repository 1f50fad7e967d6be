"""The score: by hand, and the laws that make a rank fair."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import scoring

EVEN = {"connectivity": 1.0, "adoption": 1.0, "access": 1.0}
CUTOFF = 120.0
COLUMNS = {"connectivity": "covered_share", "adoption": "x_rate", "access": "support_minutes"}


def frame(rows):
    """(covered share, rate, minutes or a status) per village, None where unknown."""
    access = [r[2] for r in rows]
    return pd.DataFrame(
        {
            "covered_share": np.array([r[0] for r in rows], dtype=float),
            "x_rate": np.array([r[1] for r in rows], dtype=float),
            "support_minutes": np.array([m if isinstance(m, (int, float)) else None for m in access], dtype=float),
            "support_status": [m if isinstance(m, str) else "unknown" if m is None else "reached" for m in access],
        },
        index=[f"v{i}" for i in range(len(rows))],
    )


def score(rows, weights=EVEN):
    villages = rows if isinstance(rows, pd.DataFrame) else frame(rows)
    return scoring.score(villages, weights=weights, adoption="x", cutoff_minutes=CUTOFF)


def test_by_hand():
    found = score([(1.0, 0.8, 0), (0.5, 0.6, 30), (0.0, 0.4, "unreachable")])
    # Without signal 0, ½, 1; not adopted 0.2, 0.4, 0.6; minutes 0, 30, 120: scaled 0, ½, 1; 0, ½, 1; 0, ¼, 1.
    assert found.score.tolist() == pytest.approx([0.0, 100 * (0.5 + 0.5 + 0.25) / 3, 100.0])
    assert found.rank.tolist() == [3, 2, 1]
    assert found.contributions.loc["v1"].tolist() == pytest.approx([100 / 6, 100 / 6, 100 / 12])
    assert found.weights == pytest.approx({"connectivity": 1 / 3, "adoption": 1 / 3, "access": 1 / 3})
    assert found.sentences == ()
    assert found.table().columns.tolist() == [
        "score",
        "rank",
        "contribution_connectivity",
        "contribution_adoption",
        "contribution_access",
    ]


def test_a_declared_full_coverage_ranks_nobody_and_says_so():
    found = score([(1.0, 0.5, 10), (1.0, 0.5, 60)], {"connectivity": 2.0, "adoption": 1.0, "access": 1.0})
    assert found.weights == {"connectivity": 0.0, "adoption": 0.0, "access": 1.0}
    assert found.score.tolist() == [0.0, 100.0]
    assert found.contributions["contribution_connectivity"].tolist() == [0.0, 0.0]
    coverage, adoption = found.sentences
    assert coverage.en == (
        "'Share without signal' is the same (0 %) in all 2 villages with data: it ranks nobody and has weight 0."
    )
    assert coverage.vi == (
        "“Tỷ lệ không có sóng” bằng nhau (0 %) ở cả 2 thôn có số liệu, nên không xếp hạng được thôn nào; trọng số 0."
    )
    assert "50 %" in adoption.en


def test_a_pillar_without_data_weighs_nothing_and_says_so():
    found = score([(1.0, None, 10), (0.5, None, 60)])
    assert found.weights["adoption"] == 0.0
    assert found.score.tolist() == [0.0, 100.0]
    assert "known of no village" in found.sentences[0].en
    assert "không thôn nào có số liệu" in found.sentences[0].vi


def test_a_missing_value_renormalises_that_village_alone():
    found = score([(1.0, 0.8, 0), (0.5, None, 30), (0.0, 0.4, 120)])
    assert found.score.tolist() == pytest.approx([0.0, 100 * (0.5 + 0.25) / 2, 100.0])
    assert math.isnan(found.contributions.loc["v1", "contribution_adoption"])
    assert found.weights["adoption"] == pytest.approx(1 / 3)
    assert "unknown in 1 of 3 villages" in found.sentences[0].en


def test_nothing_known_is_no_score_and_not_the_best_one():
    found = score([(1.0, 0.8, 0), (None, None, None), (0.0, 0.4, 120)])
    assert math.isnan(found.score["v1"])
    assert found.rank.tolist() == [2, pd.NA, 1]
    assert found.contributions.loc["v1"].isna().all()
    assert "1 villages have no score" in found.sentences[-1].en


def test_nothing_that_ranks_at_all():
    found = score([(1.0, 0.5, 10), (1.0, 0.5, 10)])
    assert found.score.isna().all()
    assert found.rank.isna().all()
    assert set(found.weights.values()) == {0.0}
    assert "no scores and no ranks" in found.sentences[-1].en


def test_ties_share_the_smaller_rank():
    found = score([(0.5, 0.5, 10), (0.5, 0.5, 10), (1.0, 1.0, 0), (0.0, 0.0, 120)])
    assert found.rank.tolist() == [2, 2, 4, 1]


def test_a_pillar_of_weight_0_gives_nothing_and_no_sentence():
    found = score([(1.0, 0.5, 10), (0.5, 0.2, 10)], {"connectivity": 1.0, "adoption": 1.0, "access": 0.0})
    assert found.sentences == ()
    assert found.contributions["contribution_access"].tolist() == [0.0, 0.0]


def test_numbers_are_written_as_each_language_writes_them():
    found = score(pd.concat([frame([(0.0625, 0.5, 7.5)] * 1_500)]))
    coverage, _, access, _ = found.sentences
    assert "(93,75 %) ở cả 1.500 thôn" in coverage.vi
    assert "(93.75 %) in all 1,500 villages" in coverage.en
    assert "(7,5 phút)" in access.vi
    assert "(7.5 minutes)" in access.en


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"conectivity": 1.0}, "no pillar 'conectivity'"),
        ({"connectivity": -1.0}, "from 0 upwards"),
        ({"connectivity": math.nan}, "from 0 upwards"),
        ({"connectivity": 0.0}, "above 0"),
        ({}, "above 0"),
    ],
)
def test_refuses_weights(weights, message):
    with pytest.raises(ValueError, match=message):
        score([(1.0, 0.5, 10)], weights)


def test_refuses_a_value_outside_its_range():
    with pytest.raises(ValueError, match=r"without_signal_share = -0\.5"):
        score([(1.5, 0.5, 10)])


def test_commune_score_is_weighted_by_need():
    villages = frame([(1.0, 0.8, 0), (0.0, 0.4, 120), (0.5, 0.6, 60), (None, None, None), (0.0, 0.4, 120)]).assign(
        unit_id=["e", "d", "c", "b", "a"],
        commune_id=["k1", "k1", "k2", "k2", "k3"],
        need_people=pd.array([300, 100, 0, None, None], dtype="Int64"),
        eligible_people=pd.array([1000, 1000, 10, 99, 7], dtype="Int64"),
    )
    found = scoring.commune_scores(villages, score(villages))
    # k1: 300 people at 0 and 100 at 100. k2: no need, so its one scored village by eligible people. k3: need unknown.
    assert found["score"].to_dict() == pytest.approx({"k1": 25.0, "k2": 50.0, "k3": 100.0})
    assert found["rank"].to_dict() == {"k1": 3, "k2": 2, "k3": 1}


def test_a_commune_without_people_or_scores_has_no_score():
    villages = frame([(1.0, 0.8, 0), (0.0, 0.4, 120), (None, None, None)]).assign(
        unit_id=["a", "b", "c"],
        commune_id=["k1", "k2", "k3"],
        need_people=pd.array([0, 5, 5], dtype="Int64"),
        eligible_people=pd.array([0, 5, 5], dtype="Int64"),
    )
    found = scoring.commune_scores(villages, score(villages))
    assert found["score"].isna().tolist() == [True, False, True]
    assert found["rank"].tolist() == [pd.NA, 1, pd.NA]


# Laws. Values on a coarse grid make ties, vanishing spreads and moving ends common; free floats the rest.
share = st.one_of(st.none(), st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.floats(0, 1))
minutes = st.one_of(
    st.none(),
    st.sampled_from([0, 30, 60, 120]),
    st.floats(0, CUTOFF),
    st.sampled_from(["unreachable", "beyond_cutoff"]),
)
worlds = st.lists(st.tuples(share, share, minutes), min_size=1, max_size=7)
some_weights = st.fixed_dictionaries({p: st.sampled_from([0.1, 1.0, 3.0, 10.0]) for p in EVEN})


@settings(deadline=None, max_examples=150)
@given(rows=worlds, weights=some_weights)
def test_contributions_add_to_the_score_between_0_and_100(rows, weights):
    found = score(rows, weights)
    total = found.contributions.sum(axis=1, min_count=1)
    assert (total.isna() == found.score.isna()).all()
    assert total.dropna().tolist() == pytest.approx(found.score.dropna().tolist(), abs=1e-9)
    assert found.score.dropna().between(0, 100 + 1e-9).all()
    assert sum(found.weights.values()) == pytest.approx(1.0) or found.score.isna().all()


@settings(deadline=None, max_examples=100)
@given(rows=worlds, weights=some_weights, data=st.data())
def test_the_order_of_rows_changes_nothing(rows, weights, data):
    villages = frame(rows)
    order = data.draw(st.permutations(range(len(rows))))
    first, second = score(villages, weights), score(villages.iloc[order], weights)
    pd.testing.assert_frame_equal(first.table(), second.table().loc[villages.index], check_exact=True)
    assert first.sentences == second.sentences


@settings(deadline=None, max_examples=100)
@given(rows=worlds, weights=some_weights, factor=st.sampled_from([0.001, 0.3, 2.0, 7.0, 1e6]))
def test_scaled_weights_change_nothing(rows, weights, factor):
    first, second = score(rows, weights), score(rows, {p: factor * w for p, w in weights.items()})
    assert first.rank.equals(second.rank)
    pd.testing.assert_frame_equal(first.table(), second.table(), rtol=0, atol=1e-9)


@settings(deadline=None, max_examples=100)
@given(rows=worlds, weights=some_weights, constant=st.sampled_from([0.0, 0.3, 1.0]))
def test_a_constant_indicator_changes_nothing(rows, weights, constant):
    without = {p: w for p, w in weights.items() if p != "adoption"}
    first, second = score(rows, without), score(frame(rows).assign(x_rate=constant), weights)
    assert first.rank.equals(second.rank)
    assert first.score.tolist() == pytest.approx(second.score.tolist(), abs=1e-9, nan_ok=True)


def worse_than(pillar, old, data):
    """A worse or equal value of the same pillar, or None when `old` is unknown and the pillar is not access."""
    if pillar != "access":
        return None if old is None else data.draw(st.one_of(st.sampled_from([0.0, old]), st.floats(0, old)))
    if old is None or isinstance(old, str):
        return data.draw(st.sampled_from(["unreachable", "beyond_cutoff"]))
    return data.draw(st.one_of(st.sampled_from(["unreachable", 120, old]), st.floats(old, CUTOFF)))


@settings(deadline=None, max_examples=600)
@given(rows=worlds, weights=some_weights, data=st.data())
def test_more_need_never_improves_a_rank(rows, weights, data):
    position = data.draw(st.integers(0, len(rows) - 1))
    pillar = data.draw(st.sampled_from(list(EVEN)))
    at = list(EVEN).index(pillar)
    worse = [list(r) for r in rows]
    worse[position][at] = worse_than(pillar, rows[position][at], data)
    before, after = score(rows, weights), score(worse, weights)
    old, new = before.rank.iloc[position], after.rank.iloc[position]
    if pd.isna(new):
        # It may lose its rank only when nothing that is known of it tells anybody apart any more.
        assert pd.isna(old) or after.workings.places.iloc[position].isna().all()
    else:
        assert pd.isna(old) or new <= old


def test_the_village_that_ends_the_scale_moves_and_keeps_its_place():
    # Nobody knows how far v0 is; v2 alone is near. When it moves as far as v1, the indicator vanishes.
    rows = [(0.3, 0.2, None), (0.9, 0.1, 60), (0.5, 0.9, 10)]
    weights = {"connectivity": 0.1, "adoption": 0.1, "access": 10.0}
    before, after = score(rows, weights), score([*rows[:2], (0.5, 0.9, 60)], weights)
    assert after.rank["v2"] <= before.rank["v2"]
