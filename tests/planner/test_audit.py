"""The audit by hand, against SciPy, and what it keeps quiet about."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from planner import audit, scoring
from planner.framework import Framework
from planner.indicators.base import Attribute

COUNT = 40
GENERATOR = np.random.Generator(np.random.PCG64(np.random.SeedSequence([7])))
NOISE = GENERATOR.random((COUNT, 3))


def world(**columns):
    found = pd.DataFrame(
        {
            "unit_id": [f"v{i:02d}" for i in range(COUNT)],
            "name": [f"Thôn {i}" for i in range(COUNT)],
            "commune_name": "Xã A",
            "covered_share": NOISE[:, 0],
            "x_rate": NOISE[:, 1],
            "support_minutes": 100 * NOISE[:, 2],
            "support_status": "reached",
            "need_people": pd.array(range(COUNT), dtype="Int64"),
        }
    )
    return found.assign(**columns)


def audited(villages, weights=None, **more):
    given = weights or {"connectivity": 1.0, "adoption": 1.0, "access": 1.0}
    scores = scoring.score(villages, weights=given, adoption="x", cutoff_minutes=120.0, **more)
    return scores, audit.audit(scores, villages)


def english(sentences):
    return [s.en for s in sentences]


def test_effective_weights_are_squared_correlations():
    scores, found = audited(world())
    squared = {
        p: stats.pearsonr(scores.workings.places[p], scores.score).statistic ** 2 for p in scores.workings.places
    }
    assert found.effective_weights == pytest.approx({p: v / sum(squared.values()) for p, v in squared.items()})
    assert sum(found.effective_weights.values()) == pytest.approx(1)


def test_two_pillars_that_say_the_same_are_counted_twice():
    _, found = audited(world(x_rate=NOISE[:, 0] ** 3))
    twice = "'Share without signal' and 'Share that has not adopted' order the villages almost alike"
    assert [s for s in english(found.findings) if s.startswith(twice) and "counted twice, in two pillars" in s]


def test_indicators_that_cancel_each_other_are_named():
    _, found = audited(world(x_rate=1 - NOISE[:, 0]))
    assert any("in opposite ways (rank correlation -1.00)" in s for s in english(found.findings))


def test_two_attributes_that_say_the_same_are_one_too_many():
    columns = {"attribute_poor": NOISE[:, 0], "attribute_school": -2 * NOISE[:, 0]}
    attributes = (Attribute("poor"), Attribute("school", direction="lower_is_worse"))
    scores, found = audited(
        world(covered_share=NOISE[:, 1], **columns), {"connectivity": 1.0, "vulnerability": 1.0}, attributes=attributes
    )
    assert any(
        s.startswith("'poor' and 'school'") and "one of the two is redundant" in s for s in english(found.findings)
    )
    assert scores.weights == {"connectivity": 0.5, "vulnerability": 0.5}


def test_a_pillar_that_decides_nothing_is_named_and_its_weight_is_not_what_it_says():
    nearly = np.where(np.arange(COUNT) == 0, 0.0, 1.0)
    _, found = audited(
        world(x_rate=nearly), {"connectivity": 1.0, "adoption": 0.03}, framework=Framework(normalisation="min_max")
    )
    said = english(found.findings)
    assert any(s.startswith("Without 'Share that has not adopted' the order") for s in said)
    assert any("'Share that has not adopted' has a weight of 3 %, but makes" in s for s in said)


def test_independent_pillars_of_equal_weight_are_nothing_to_remark_on():
    _, found = audited(world())
    assert not [s for s in english(found.findings) if "order the villages almost" in s or "decides nothing" in s]


def test_few_villages_are_no_ground_for_a_correlation():
    _, found = audited(world(x_rate=NOISE[:, 0]).head(9))
    assert found.findings == ()
    assert found.effective_weights == {}


def test_the_label_names_what_ranks_nobody_and_what_ranks_are_not_for():
    _, found = audited(world(covered_share=1.0))
    said = english(found.label)
    assert "Of no use for ranking in these data: 'Share without signal'." in said
    assert any("follow campaigns" in s for s in said)
    assert any("not for judging staff" in s for s in said)
    assert said[0].startswith("The ranks come without intervals here")


def test_the_label_counts_who_is_surely_among_the_worst_tenth():
    villages = world(rank_low=np.arange(COUNT) + 1, rank_high=np.arange(COUNT) + 3)
    said = english(audited(villages)[1].label)
    assert said[0].startswith("The 90 % interval of a rank is 2 of 40 ranks wide")
    chance = np.where(np.arange(COUNT) < 2, 0.95, np.where(np.arange(COUNT) < 8, 0.35, 0.0))
    ends = {"rank_method_low": np.arange(COUNT) + 1, "rank_method_high": np.arange(COUNT) + 8}
    said = english(audited(villages.assign(worst_tenth_probability=chance, **ends))[1].label)
    assert said[1] == "Under other weights, normalisations and aggregations a rank moves within 7 ranks (median width)."
    assert said[2] == (
        "Surely among the worst (in 90 % of the draws or more): 2 villages; possibly (10 % or more): 8, for 4 places."
    )


def test_the_villages_where_score_and_people_disagree_most_are_told_in_words():
    weights = {"connectivity": 1.0}
    villages = world(covered_share=np.arange(COUNT) / COUNT)
    said = [s for s in english(audited(villages, weights)[1].label) if "by people in need" in s]
    assert len(said) == audit.DISAGREEING
    assert said[0] == "Thôn 0 (Xã A): rank 1 by score but 40 by people in need (0) - badly served, few people counted."
    assert said[1].startswith("Thôn 39 (Xã A): rank 40 by score but 1 by people in need (39) - better served")
    agree = world(covered_share=1 - np.arange(COUNT) / COUNT)
    assert not [s for s in english(audited(agree, weights)[1].label) if "by people in need" in s]


def test_no_score_is_no_fault():
    _, found = audited(world(covered_share=1.0, x_rate=1.0, support_minutes=5.0))
    assert found.effective_weights == {}
    assert found.findings == ()
